"""Who may open a page: every view of the staff's door says so, or it is not served.

``needs("customers.read")`` for a page that needs permissions, ``signed_in()`` for one that is
everybody's who works here, ``open_to_all(why)`` for the few on the way to signing in. The
guard hangs on the view: the service does not start while one address has none, and a test
walks all of them as every role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.cache import patch_cache_control, patch_vary_headers

from huitouke.language import N_
from huitouke.service.backoffice.account import lifetime, refusals, second_factor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.permissions import PERMISSIONS, allowed

__all__ = [
    "Door",
    "Guard",
    "Unguarded",
    "all_guarded",
    "allowances",
    "needs",
    "open_to_all",
    "signed_in",
    "views_of",
]

View = Callable[..., HttpResponse]


class Unguarded(ServiceError):
    """An address of the staff's door does not say who may open it."""

    code = "backoffice.unguarded"
    status = 500
    says = N_("The address {route} of the staff's door does not say who may open it.")
    remedy = N_("Give its view needs(…), signed_in() or open_to_all(…).")


@dataclass(frozen=True)
class Guard:
    """What a view asks of who comes.

    Parameters
    ----------
    permissions
        All of these; none: whoever is signed in.
    open_because
        Why anybody may come, signed in or not; empty: nobody who is not.
    before_second_factor
        Whether a person who must set up a second factor may come before they have.
    """

    permissions: frozenset[str] = frozenset()
    open_because: str = ""
    before_second_factor: bool = False


@dataclass(frozen=True)
class Door:
    """One address of the staff's door.

    Parameters
    ----------
    route
        As it is written in the list of addresses.
    name
        By which it is reversed.
    guard
        None where somebody forgot it.
    """

    route: str
    name: str
    guard: Guard | None


def needs(*permissions: str) -> Callable[[View], View]:
    """Let in who has all of these permissions; tell others in words.

    Parameters
    ----------
    *permissions
        Names of :data:`huitouke.service.core.permissions.PERMISSIONS`, at least one.

    Raises
    ------
    KeyError
        If there is no such permission, or none is named.

    Examples
    --------
    >>> @needs("customers.read")
    ... def page(request): ...
    >>> sorted(page.guard.permissions)
    ['customers.read']
    """
    for each in permissions or ("",):
        if each not in PERMISSIONS:
            raise KeyError(each)
    return _guarded(Guard(permissions=frozenset(permissions)))


def signed_in(*, before_second_factor: bool = False) -> Callable[[View], View]:
    """Let in everybody who works here.

    Parameters
    ----------
    before_second_factor
        Also those who must set up a second factor and have not yet.
    """
    return _guarded(Guard(before_second_factor=before_second_factor))


def open_to_all(because: str) -> Callable[[View], View]:
    """Let in anybody.

    Parameters
    ----------
    because
        Why, for who reads the list of addresses.
    """
    return _guarded(Guard(open_because=because))


def _guarded(guard: Guard) -> Callable[[View], View]:
    def mark(view: View) -> View:
        @wraps(view)
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = None if guard.open_because else _refusal(request, guard)
            response = view(request, *args, **kwargs) if refusal is None else refusal
            # What staff see is nobody else's, and a fragment is not the page.
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ("Cookie", "HX-Request"))
            return response

        inside.guard = guard  # type: ignore[attr-defined]
        return inside

    return mark


def _refusal(request: HttpRequest, guard: Guard) -> HttpResponse | None:
    """Return the answer to who may not come in, in the order in which it can be mended."""
    user = request.user
    if not user.is_authenticated or lifetime.over(request):
        return refusals.to_sign_in(request)
    if not guard.before_second_factor and second_factor.missing(user):
        return refusals.to_second_factor(request)
    lacking = guard.permissions - allowed(user.role)
    return refusals.not_permitted(request, lacking) if lacking else None


def allowances(request: HttpRequest) -> dict[str, frozenset[str]]:
    """Give templates what the reader may do: ``{% if "customers.write" in allowed %}``.

    Parameters
    ----------
    request
        Whose.
    """
    user = getattr(request, "user", None)
    role = user.role if user is not None and user.is_authenticated else ""
    return {"allowed": allowed(role)}


def views_of(patterns: list[URLPattern | URLResolver], *, under: str = "") -> Iterator[Door]:
    """Yield every address below a list of addresses.

    Parameters
    ----------
    patterns
        The list, e.g. ``backoffice.urls.urlpatterns``.
    under
        What stands before.
    """
    for each in patterns:
        route = under + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from views_of(each.url_patterns, under=route)
        else:
            guard = getattr(each.callback, "guard", None)
            yield Door(route=route, name=each.name or "", guard=guard)


def all_guarded(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return a list of addresses of which each is guarded; the service starts with no other.

    Parameters
    ----------
    patterns
        The addresses of the staff's door.

    Raises
    ------
    Unguarded
        If one was forgotten.
    """
    for door in views_of(patterns):
        if door.guard is None:
            raise Unguarded(route=door.route)
    return patterns
