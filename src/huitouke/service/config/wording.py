"""Every refusal in one form: what Django or a library says in its words is told in ours."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from huitouke.language import N_
from huitouke.service.config.middleware import told
from huitouke.service.config.pages import AddressUnknown, Broken, NotPermitted, RequestBad
from huitouke.service.core.errors import ServiceError
from huitouke.service.ui.failures import for_people

__all__ = ["MethodNotAllowed", "Worded"]

_ERRORS: dict[int, type[ServiceError]] = {
    each.status: each for each in (RequestBad, NotPermitted, AddressUnknown, Broken)
}


class MethodNotAllowed(ServiceError):
    """The address is there, and not for this method."""

    code = "config.method_not_allowed"
    status = 405
    says = N_("This address does not answer {method}.")
    remedy = N_("Use one of: {allowed}.")


class Worded:
    """Turns an answer that refuses without problem details into one that has them.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and look at the answer; ``Allow`` is kept."""
        response = self._next(request)
        kind = response.get("Content-Type", "").partition(";")[0]
        # A developer's page of a failure stays; only a debug setting lets it out.
        if response.status_code < 400 or kind.endswith("json") or settings.DEBUG:
            return response
        if response.status_code == 405:
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            method = (request.method or "")[:20]
            worded = told(request, MethodNotAllowed(method=method, allowed=allowed))
            worded["Allow"] = allowed
            if for_people(request):
                for name, value in response.items():
                    worded.headers.setdefault(name, value)
            return worded
        if for_people(request):
            return response  # A page of ours: Django's handlers make no other.
        error = _ERRORS.get(response.status_code)
        return response if error is None else told(request, error())
