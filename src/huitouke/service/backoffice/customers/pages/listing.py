"""The list of customers: search, filters, pages; the whole of it as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from huitouke.service.backoffice.acts import explain, may
from huitouke.service.backoffice.customers.contexts import ListPage, RowShown
from huitouke.service.backoffice.customers.filters import Asked, asked_of
from huitouke.service.backoffice.customers.naming import main_identity, name_of, named, public
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.segments.keeping import keeping_url
from huitouke.service.backoffice.segments.narrowing import as_conditions
from huitouke.service.core import clock
from huitouke.service.programme.people.conditions import Ground
from huitouke.service.programme.people.listing import (
    Count,
    Listing,
    Row,
    SearchTooWide,
    ground_of,
    opened,
)
from huitouke.service.programme.queries import waiting_adjustments
from huitouke.service.ui.pages import fragment, show

__all__ = ["customers", "row_shown", "tier_names"]


def tier_names(ground: Ground) -> dict[str, str]:
    """Return how tiers are called in the reader's language, by code.

    Parameters
    ----------
    ground
        Of ``listing.ground_of``.
    """
    tiers = None if ground.rulebook is None else ground.rulebook.now.definition.tiers
    if tiers is None:
        return {}
    return {
        each.code: named(each.name.model_dump(exclude_defaults=True)) for each in tiers.tiers
    }


def row_shown(row: Row, *, tiers: dict[str, str], door: str = "customer") -> RowShown:
    """Return a customer as lists show them.

    Parameters
    ----------
    row
        Of the domain's list.
    tiers
        Names of tiers by code.
    door
        Name of the page that opens the customer.
    """
    who = row.customer
    name = name_of(who)
    note = main_identity(who.identities.all())
    return RowShown(
        key=public(who),
        url=reverse(door, args=[public(who)]),
        name=name,
        note="" if note == name else note,
        state=who.stage,
        tier=tiers.get(row.tier, row.tier),
        points=row.points,
        bought=row.bought,
    )


def _page(request: HttpRequest, *, asked: Asked, ground: Ground, currency: str) -> ListPage:
    cursor = request.GET.get("after", "")
    url = reverse("customers")
    too_wide = ""
    try:
        found, count = opened(asked.narrowed, ground=ground, currency=currency, cursor=cursor)
    except SearchTooWide as error:
        found, count, too_wide = Listing((), ""), Count(None), explain(error)
    tiers = tier_names(ground)
    return ListPage(
        asked=asked,
        rows=tuple(row_shown(each, tiers=tiers) for each in found.rows),
        count=count.number or 0,
        counted=count.number is not None,
        more=count.more,
        next_url=f"{url}?{asked.query(after=found.cursor)}" if found.cursor else "",
        first_url=f"{url}?{asked.query()}" if cursor else "",
        clear_url=url,
        exports=may(request, "customers.export"),
        waiting=len(waiting_adjustments()) if may(request, "points.approve") else None,
        too_wide=too_wide,
        segment_url=_segment_url(request, asked),
    )


def _segment_url(request: HttpRequest, asked: Asked) -> str:
    """Return where the filters are kept as a segment; empty where they cannot be."""
    if not asked.chosen or asked.text or not may(request, "segments.write"):
        return ""
    return keeping_url(as_conditions(asked.chosen))


@needs("customers.read")
@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """Show the list; htmx gets its results alone.

    Parameters
    ----------
    request
        ``GET``; ``q`` and the filters' names narrow it, ``after`` leads on.
    """
    frame = frame_of(request)
    ground = ground_of(now=clock.now())
    asked = asked_of(request.GET, ground=ground)
    page = _page(request, asked=asked, ground=ground, currency=frame.shop.currency)
    here: Any = request
    if here.htmx:
        return fragment(request, component="backoffice.customer_list", frame=frame, page=page)
    template = "backoffice/customers/list.html"
    return show(
        request, template=template, page=page, frame=frame, status=503 if page.too_wide else 200
    )
