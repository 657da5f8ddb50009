"""Who may open a page: every view here says so, or the service does not start.

``members`` lets in who is signed in as a member and hands over who it is; there is no other
way to a person's data, so no address can name somebody else. ``anybody`` is for the few pages
on the way in. Both answer refusals as pages and keep answers out of every cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core import checks
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from huitouke.errors import HuitoukeError
from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers.queries import CustomerErased, CustomerUnknown
from huitouke.service.portal.shop import shop
from huitouke.service.portal.signing.sessions import Me, me_of
from huitouke.service.ui.failures import failure_page
from huitouke.service.ui.frame import Frame, NavGroup, NavItem
from huitouke.service.ui.reader import current

__all__ = [
    "anybody",
    "every_view_is_guarded",
    "frame_of",
    "guards_of",
    "inside",
    "members",
    "see",
    "words_of",
]

View = Callable[..., HttpResponse]

_WAYS = (
    ("my_home", N_("My card"), "credit-card"),
    ("my_rewards", N_("Redeem"), "gift"),
    ("my_history", N_("My history"), "history"),
    ("my_me", N_("Me"), "circle-user-round"),
)


def members(view: View) -> View:
    """Let in who is signed in, and hand over who it is: ``view(request, me, …)``."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        me = me_of(request)
        if me is None:
            return _kept_private(_to_sign_in(request))
        return _kept_private(_answered(request, lambda: view(request, me, *args, **kwargs)))

    guarded.open_because = ""  # type: ignore[attr-defined]
    return guarded


def anybody(because: str) -> Callable[[View], View]:
    """Let in anybody.

    Parameters
    ----------
    because
        Why, for who reads the list of addresses.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return _kept_private(_answered(request, lambda: view(request, *args, **kwargs)))

        guarded.open_because = because  # type: ignore[attr-defined]
        return guarded

    return mark


def _answered(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return act()
    except (CustomerErased, CustomerUnknown):
        return _to_sign_in(request)
    except ServiceError as error:
        return failure_page(request, error=error)


def _kept_private(response: HttpResponse) -> HttpResponse:
    if "Cache-Control" not in response:
        patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ("Cookie", "HX-Request"))
    return response


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page, and back here afterwards where that is a page."""
    there = resolve_url("my_sign_in")
    if request.method == "GET" and request.path != resolve_url("my_home"):
        there += "?" + urlencode({"next": request.get_full_path()})
    return see(there)


def inside(wanted: str) -> str:
    """Return an address of this door as it was wanted, or that of its first page.

    Parameters
    ----------
    wanted
        As it came from outside.
    """
    home = resolve_url("my_home")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    # Browsers read "\\" as "/", and take ".." out before they ask.
    plain = wanted.startswith(home) and "\\" not in wanted and ".." not in wanted
    return wanted if ours and plain else home


def see(there: str) -> HttpResponse:
    """Answer a form: look there (303).

    Parameters
    ----------
    there
        Address of ours.
    """
    answer = HttpResponseRedirect(there)
    answer.status_code = 303
    return answer


def words_of(error: HuitoukeError) -> str:
    """Return what an error says, in the reader's language.

    Parameters
    ----------
    error
        A refusal.
    """
    return current().words.say(error.says, **error.values)


def frame_of(request: HttpRequest, *, me: Me | None = None, who: str = "") -> Frame:
    """Return what stands around a page.

    Parameters
    ----------
    request
        Which page it is.
    me
        Who is signed in; None: nobody.
    who
        Their name.
    """
    home = resolve_url("my_home")
    if me is None:
        return Frame(shop=shop(), home=home)
    items = tuple(
        NavItem(label=label, url=resolve_url(name), icon=icon) for name, label, icon in _WAYS
    )
    return Frame(
        shop=shop(),
        nav=(NavGroup(items),),
        here=request.path,
        who=who,
        home=home,
        account_url=resolve_url("my_me"),
        sign_out_url=resolve_url("my_sign_out"),
    )


def guards_of(
    patterns: list[URLPattern | URLResolver], *, under: str = ""
) -> Iterator[tuple[str, str | None]]:
    """Yield every address with why it is open; empty for members only, None for forgotten.

    Parameters
    ----------
    patterns
        A list of addresses.
    under
        What stands before.
    """
    for each in patterns:
        route = under + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from guards_of(each.url_patterns, under=route)
        else:
            yield route, getattr(each.callback, "open_because", None)


def every_view_is_guarded(**_: object) -> list[checks.CheckMessage]:
    """Find addresses of the members' door that nobody guards; the service does not start."""
    from huitouke.service.portal.addresses import urlpatterns  # noqa: PLC0415 - imports this

    return [
        checks.Error(f"nobody guards {route}", id="portal.E001")
        for route, because in guards_of(urlpatterns)
        if because is None
    ]
