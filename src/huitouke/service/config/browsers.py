"""What only pages pay for: policy, sessions, forms, sign-in, messages, htmx, a reader.

Requests of machines (the API and health) pass each of these by, so that their way is as
short as it was before there were pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxMiddleware

from huitouke.service.ui.failures import MACHINES
from huitouke.service.ui.middleware import Reading

__all__ = ["Forms", "Frames", "Htmx", "Messages", "Policy", "Readers", "Sessions", "SignedIn"]


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


class SignedIn(_OnlyPages, AuthenticationMiddleware):
    """Says who is signed in."""


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
