"""Who reads an answer: the language that a request asks for."""

from __future__ import annotations

from django.http import HttpRequest

from huitouke.language import Language, preferred

__all__ = ["language_of"]


def language_of(request: HttpRequest) -> Language:
    """Return the language of ours that the sender of a request likes best.

    Parameters
    ----------
    request
        With ``Accept-Language``; without it, Simplified Chinese.
    """
    return preferred(request.headers.get("Accept-Language", ""))
