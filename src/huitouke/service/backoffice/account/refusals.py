"""What is said to who may not come in: sign in, set up a second factor, ask an owner."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from huitouke.language import N_
from huitouke.service.backoffice.account.wording import say
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.permissions import PERMISSIONS, ROLES
from huitouke.service.ui.failures import failure_page

__all__ = [
    "PermissionMissing",
    "is_fragment",
    "not_permitted",
    "safe_path",
    "to_second_factor",
    "to_sign_in",
]


class PermissionMissing(ServiceError):
    """The reader's role lacks a permission."""

    code = "backoffice.permission_missing"
    status = 403
    says = N_("Your role is {role}; it does not let you {permission}.")
    remedy = N_("If your work needs it, ask an owner of the shop for another role.")


def is_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of a page.

    Parameters
    ----------
    request
        The request.
    """
    return request.headers.get("HX-Request") == "true"


def safe_path(url: str | None) -> str:
    r"""Return a path of this host that one may be sent to, or nothing.

    Parameters
    ----------
    url
        What a link or a header says; from anybody.

    Examples
    --------
    >>> safe_path("/staff/account?page=2")
    '/staff/account?page=2'
    >>> [safe_path(each) for each in ("//evil.example", "https://evil.example", "/\\evil")]
    ['', '', '']
    """
    wanted = url or ""
    inside = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
    return wanted if inside else ""


def _where(request: HttpRequest) -> str:
    """Return the page to come back to; a form that was sent is not sent again."""
    if is_fragment(request):
        given = urlsplit(request.headers.get("HX-Current-URL", ""))
        same = given.netloc == request.get_host()
        return safe_path(given._replace(scheme="", netloc="").geturl()) if same else ""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else ""


def _sent_to(request: HttpRequest, url: str) -> HttpResponse:
    if is_fragment(request):
        answer = HttpResponse()
        answer["HX-Redirect"] = url
        return answer
    return HttpResponseRedirect(url)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to sign in, and afterwards back to where they wanted.

    Parameters
    ----------
    request
        Of somebody who is not signed in.
    """
    back = safe_path(_where(request))
    query = f"?{urlencode({'next': back})}" if back else ""
    return _sent_to(request, reverse("account_login") + query)


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """Send somebody to set up the second factor that their role must have.

    Parameters
    ----------
    request
        Of somebody who is signed in.
    """
    return _sent_to(request, reverse("mfa_activate_totp"))


def not_permitted(request: HttpRequest, lacking: Iterable[str]) -> HttpResponse:
    """Tell somebody what their role does not let them do.

    Parameters
    ----------
    request
        Of somebody who is signed in.
    lacking
        Names of permissions.
    """
    role = ROLES.get(getattr(request.user, "role", ""))
    error = PermissionMissing(
        role=say(role.name) if role else "?",
        permission=say(PERMISSIONS[min(lacking)]),
    )
    return failure_page(request, error=error)
