"""What only pages pay for: policy, sessions, forms, sign-in, messages, htmx, a reader.

Requests of machines (the API and health) pass each of these by, so that their way is as
short as it was before there were pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxMiddleware

from huitouke.service.ui.failures import MACHINES
from huitouke.service.ui.middleware import Reading

__all__ = [
    "Forms",
    "Frames",
    "Htmx",
    "Letters",
    "Messages",
    "Policy",
    "Readers",
    "Sessions",
    "SignedIn",
    "Uploads",
]

_FORM_BYTES = 65_536


class _OnlyPages:
    """Passes requests of machines on untouched."""

    if TYPE_CHECKING:
        get_response: Any

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)  # type: ignore[call-arg]
        self._straight = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(MACHINES):
            answer: HttpResponseBase = self._straight(request)
            return answer
        return super().__call__(request)  # type: ignore[misc, no-any-return]


class Policy(_OnlyPages, CSPMiddleware):
    """Tells browsers what a page may load: nothing from elsewhere, nothing inline."""


class Frames(_OnlyPages, XFrameOptionsMiddleware):
    """Tells old browsers, too, that no page may be framed."""


class Sessions(_OnlyPages, SessionMiddleware):
    """Opens the session."""


class Forms(_OnlyPages, CsrfViewMiddleware):
    """Refuses forms that do not come from our pages."""


class Letters:
    """Refuses what no keyboard writes and no column of the database takes: the letter 0.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Any) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        answer: HttpResponseBase = self._next(request)
        return answer

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, named: Mapping[str, object]
    ) -> None:
        """Look through address and form, after the form's mark was read.

        Parameters
        ----------
        request
            For any page.
        named
            What stands in the path.

        Raises
        ------
        BadRequest
            If such a letter is in it.
        """
        if request.path.startswith(MACHINES):
            return
        given = [each for values in request.GET.lists() for each in values[1]]
        if request.method == "POST":
            given += [each for values in request.POST.lists() for each in values[1]]
        if any("\x00" in str(each) for each in (*given, *named.values())):
            raise BadRequest


class SignedIn(_OnlyPages, AuthenticationMiddleware):
    """Says who is signed in."""


class Uploads:
    """Reads a large body only for somebody who is signed in.

    The mark against forged forms stands in the body, so that the body is read before a page
    could ask who comes.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Any) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, unless nobody is signed in and it is more than a form."""
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if (
            request.path == settings.UPLOAD_PATH
            and length > _FORM_BYTES
            and not request.user.is_authenticated
        ):
            return HttpResponseRedirect(reverse("account_login"))
        answer: HttpResponseBase = self._next(request)
        return answer


class Messages(_OnlyPages, MessageMiddleware):
    """Keeps what is to be said on the next page."""


class Htmx(_OnlyPages, HtmxMiddleware):
    """Says whether htmx asks, and sends it on as a whole page.

    A browser follows a redirect by itself, so htmx would put the page it leads to (the one
    to sign in, say) into the middle of this one.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Turn a redirect for htmx into a move of the page."""
        answer = super().__call__(request)
        if isinstance(answer, HttpResponseRedirectBase) and getattr(request, "htmx", False):
            moved = HttpResponseClientRedirect(answer.url)
            moved.cookies = answer.cookies
            return moved
        return answer


class Readers(_OnlyPages, Reading):  # type: ignore[misc]
    """Says who reads."""
