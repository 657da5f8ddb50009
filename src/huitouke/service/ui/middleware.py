"""Every page is written for its reader."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from huitouke.service.ui.choosing import LANGUAGE_COOKIE, django_code, known_language, reader_of
from huitouke.service.ui.reader import reading

__all__ = ["Reading"]


class Reading:
    """Finds out who reads and has tags, filters and Django's own forms write for them.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on in its reader's language."""
        reader = reader_of(request, staff_language=self._of_staff(request))
        with reading(reader), translation.override(django_code(reader.language)):
            response = self._next(request)
        response.headers.setdefault("Content-Language", reader.tag)
        return response

    def _of_staff(self, request: HttpRequest) -> str:
        """Return the language of who is signed in; nobody is asked for where a cookie says."""
        if known_language(request.COOKIES.get(LANGUAGE_COOKIE, "")):
            return ""
        return str(getattr(getattr(request, "user", None), "language", ""))
