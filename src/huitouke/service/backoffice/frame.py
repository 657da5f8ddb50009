"""What stands around the pages of staff: who reads, and the ways that are open to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huitouke.language import N_, one_of
from huitouke.service.backoffice.account import lifetime, second_factor
from huitouke.service.core.models import Staff
from huitouke.service.core.permissions import ROLES, allowed
from huitouke.service.core.shop import shop
from huitouke.service.loop.place import settled
from huitouke.service.ui.frame import Frame, NavGroup, NavItem, Shop
from huitouke.service.ui.reader import current

__all__ = ["LANDS", "WAYS", "Way", "around_failure", "frame_of", "framed", "home"]

_NAME = "Huitouke"


@dataclass(frozen=True)
class Way:
    """One way to a page.

    Parameters
    ----------
    label
        English message.
    view
        Name of its address.
    icon
        Name of a Lucide icon.
    needs
        The permission without which it is not shown; empty: everybody's who is signed in.
    """

    label: str
    view: str
    icon: str
    needs: str = ""


#: Where those begin whose work does not show on the page of today, by role.
LANDS: dict[str, str] = {
    "care": "customers",
    "front_line": "till",
    "developer": "settings_webhooks",
}
#: In order, as the pages of staff show them.
WAYS: tuple[tuple[str, tuple[Way, ...]], ...] = (
    (
        "",
        (
            Way(N_("Today"), "staff_today", "sun"),
            Way(N_("All customers"), "customers", "users", needs="customers.read"),
            Way(N_("Segments"), "segments", "funnel", needs="segments.read"),
            Way(N_("Till"), "till", "scan-line", needs="till.use"),
        ),
    ),
    (
        N_("Insight"),
        (
            Way(N_("Findings"), "insight", "chart-line", needs="insight.read"),
            Way(N_("Lists"), "insight_lists", "list", needs="insight.read"),
            Way(N_("How far to believe"), "insight_models", "scale", needs="insight.read"),
            Way(N_("Analyses"), "insight_analyses", "history", needs="insight.read"),
        ),
    ),
    (
        N_("Programme"),
        (
            Way(N_("Rules and tiers"), "programme_home", "scroll-text", needs="programme.read"),
            Way(N_("Rewards"), "programme_rewards", "gift", needs="programme.read"),
            Way(N_("Coupons"), "programme_coupons", "ticket-percent", needs="programme.read"),
            Way(N_("Referrals"), "programme_referrals", "user-plus", needs="referrals.review"),
            Way(N_("Liability"), "programme_liability", "scale", needs="liability.read"),
        ),
    ),
    (
        N_("Data"),
        (Way(N_("Imports"), "imports", "file-up", needs="imports.run"),),
    ),
    (
        N_("Settings"),
        (
            Way(N_("My account"), "account_overview", "circle-user"),
            Way(N_("Shop"), "settings_shop", "store", needs="settings.shop"),
            Way(N_("Staff"), "staff_list", "users", needs="settings.staff"),
            Way(N_("Roles"), "settings_roles", "shield-check", needs="settings.staff"),
            Way(N_("API keys"), "settings_keys", "key-round", needs="settings.keys"),
            Way(N_("Webhooks"), "settings_webhooks", "webhook", needs="settings.webhooks"),
            Way(N_("Audit log"), "settings_audit", "scroll-text", needs="audit.read"),
            Way(N_("Health"), "settings_health", "heart-pulse", needs="settings.health"),
        ),
    ),
)


def frame_of(request: HttpRequest, *, here: str = "") -> Frame:
    """Return the frame of a page for who reads it.

    Parameters
    ----------
    request
        Of whoever reads.
    here
        Name of the address that the way beside the page is marked by; empty: its own.
    """
    person = getattr(request, "user", None)
    if not isinstance(person, Staff):
        return Frame(shop=_shop(), home=reverse("account_login"))
    may = allowed(person.role)
    groups = [
        NavGroup(
            label=label,
            items=tuple(
                NavItem(label=way.label, url=reverse(way.view), icon=way.icon)
                for way in ways
                if not way.needs or way.needs in may
            ),
        )
        for label, ways in WAYS
    ]
    role = ROLES.get(person.role)
    return Frame(
        shop=_shop(),
        nav=tuple(group for group in groups if group.items),
        here=reverse(here) if here else request.path,
        who=person.first_name or person.email,
        role=current().words.say(role.name) if role else "",
        home=reverse("staff_home"),
        account_url=reverse("account_overview"),
        sign_out_url=reverse("account_logout"),
    )


def around_failure(request: HttpRequest) -> Frame:
    """Return the frame of a refusal: the menu for who is signed in, else only the shop.

    Parameters
    ----------
    request
        Of anybody.
    """
    person = getattr(request, "user", None)
    if isinstance(person, Staff) and not (
        lifetime.over(request) or second_factor.missing(person)
    ):
        return frame_of(request)
    return Frame(shop=_shop(), home=reverse("account_login"))


def home(request: HttpRequest) -> HttpResponse:
    """Lead who comes in to where their work is.

    Parameters
    ----------
    request
        Of somebody who is signed in.
    """
    role = getattr(request.user, "role", "")
    return HttpResponseRedirect(reverse(LANDS.get(role, "staff_today")))


def _shop() -> Shop:
    """Return the shop as every page names it, with what it has to say of its data."""
    known, place, reader = shop(), settled(), current().words.language
    return Shop(
        name=one_of(known.names, language=reader) or _NAME,
        currency=place.currency,
        zone=place.zone,
        simulated=known.kind == "simulated",
        source=one_of(known.attribution, language=reader) if known.kind == "public" else "",
    )


def framed(request: HttpRequest) -> dict[str, Frame]:
    """Give templates of the staff's door their frame where the view gave none.

    Parameters
    ----------
    request
        Of whoever reads.
    """
    match = request.resolver_match
    ours = match is not None and match.route.startswith("staff/")
    return {"frame": frame_of(request)} if ours else {}
