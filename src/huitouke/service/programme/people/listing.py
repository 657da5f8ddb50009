"""The list of customers: found, narrowed, counted, page by page; who, tier, points, orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.core.patience import in_time
from huitouke.service.customers import queries as customers
from huitouke.service.customers.models import Customer
from huitouke.service.ledger.lists import spendable
from huitouke.service.orders.totals import NEWEST_FIRST, NOTHING, Bought, bought
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.people.conditions import Condition, Ground
from huitouke.service.programme.versions.queries import NothingPublished

__all__ = [
    "COUNTED_MOST",
    "Count",
    "Listing",
    "Narrowed",
    "Row",
    "SearchTooWide",
    "counted",
    "ground_of",
    "listed",
    "opened",
    "rows_of",
    "streamed",
]

#: A count goes no further: past it, "more than" is said.
COUNTED_MOST = 10_000
_COUNT_MS = 150
_LIST_MS = 5_000
# Of a file: who asks for one waits longer, and a late batch would break it off.
_FILE_MS = 30_000
_BATCH = 500


class SearchTooWide(ServiceError):
    """The filter looks through too much to be answered in time."""

    code = "programme.search_too_wide"
    status = 503
    says = N_("So few customers fit that the search took longer than {seconds} seconds.")
    remedy = N_("Take a filter away, or search for one customer by phone, card or name.")


@dataclass(frozen=True, slots=True)
class Row:
    """One customer of the list.

    Parameters
    ----------
    customer
        With identities at hand.
    tier
        Code of the tier in effect; empty without one.
    points
        Spendable now; none without an account.
    bought
        Orders, spend, first and last.
    """

    customer: Customer
    tier: str
    points: int | None
    bought: Bought


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; ``cursor`` leads on, empty at the end."""

    rows: tuple[Row, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are: exactly, at least so many, or not known in time (none)."""

    number: int | None
    more: bool = False


@dataclass(frozen=True)
class Narrowed:
    """What is asked for.

    Parameters
    ----------
    text
        Beginning of any identity or name, or a public id; empty: everybody.
    chosen
        Conditions, each with its value as the address carries it.
    """

    text: str = ""
    chosen: Sequence[tuple[Condition, str]] = ()


def ground_of(*, now: datetime, programme: str = "main", unit: str = "points") -> Ground:
    """Return what conditions need to know.

    Parameters
    ----------
    now
        The present moment.
    programme
        Code of the programme; one without rules has no tiers and no points.
    unit
        Code of the unit that is shown; the programme's first where it has none of this name.
    """
    try:
        rulebook = Rulebook.open(programme, at=now)
    except NothingPublished:
        return Ground(now, None, unit)
    known = unit if unit in rulebook.units else next(iter(sorted(rulebook.units)), unit)
    return Ground(now, rulebook, known)


def _found(narrowed: Narrowed, ground: Ground) -> QuerySet[Customer]:
    found = customers.everybody(narrowed.text, most=customers.MATCHES_MOST)
    for condition, value in narrowed.chosen:
        expression = condition.expression(value, ground)
        if expression is not None:
            found = found.filter(expression)
    return found


def listed(
    narrowed: Narrowed,
    *,
    ground: Ground,
    currency: str,
    cursor: str = "",
    limit: int = 50,
    milliseconds: int | None = None,
) -> Listing:
    """Return some customers, the newest first.

    Parameters
    ----------
    narrowed
        What is asked for.
    ground
        Of :func:`ground_of`.
    currency
        Whose amounts are summed.
    cursor
        Of the page before; empty: from the start.
    limit
        How many at most.
    milliseconds
        How long they may be looked for; None: as long as a page is waited for.

    Raises
    ------
    IdUnknown, CustomerUnknown
        If the cursor is none that a page gave.
    SearchTooWide
        If too few fit to be found in time.
    """
    found, limit_ms = _found(narrowed, ground), milliseconds or _LIST_MS
    order = _order(narrowed)
    known = order[0].removeprefix("-")
    if cursor:
        after = Customer.objects.filter(pk=private_id("cus", cursor)).first()
        if after is None:
            raise customers.CustomerUnknown(customer=cursor)
        # The bound by itself lets the index begin there; the rest sorts out one moment.
        found = found.filter(
            Q(**{f"{known}__lt": after.created_at}) | Q(pk__lt=after.pk),
            **{f"{known}__lte": after.created_at},
        )
    people = in_time(
        lambda: list(found.order_by(*order).prefetch_related("identities")[: limit + 1]),
        milliseconds=limit_ms,
    )
    if people is None:
        raise SearchTooWide(seconds=limit_ms // 1000)
    return _page(people, ground=ground, currency=currency, limit=limit)


def opened(
    narrowed: Narrowed, *, ground: Ground, currency: str, cursor: str = "", limit: int = 50
) -> tuple[Listing, Count]:
    """Return a page and how many there are; where few fit they are looked for once for both.

    Parameters
    ----------
    narrowed, ground, currency, cursor, limit
        As for :func:`listed`.

    Raises
    ------
    IdUnknown, CustomerUnknown
        If the cursor is none that a page gave.
    SearchTooWide
        If too few fit to be found in time.
    """
    if cursor or not narrowed.chosen:
        page = listed(narrowed, ground=ground, currency=currency, cursor=cursor, limit=limit)
        return page, counted(narrowed, ground=ground)
    rows = _found(narrowed, ground).order_by().values_list("created_at", "pk")
    found = in_time(lambda: list(rows[: COUNTED_MOST + 1]), milliseconds=_COUNT_MS)
    if found is None or len(found) > COUNTED_MOST:
        page = listed(narrowed, ground=ground, currency=currency, limit=limit)
        return page, Count(None if found is None else COUNTED_MOST, more=found is not None)
    first = [key for _, key in sorted(found, reverse=True)[: limit + 1]]
    people = Customer.objects.prefetch_related("identities").in_bulk(first)
    page = _page([people[key] for key in first], ground=ground, currency=currency, limit=limit)
    return page, Count(len(found))


def _order(narrowed: Narrowed) -> tuple[str, str]:
    buyers = any(condition.buyers(value) for condition, value in narrowed.chosen)
    return NEWEST_FIRST if buyers else ("-created_at", "-pk")


def _page(people: Sequence[Customer], *, ground: Ground, currency: str, limit: int) -> Listing:
    """Return a page of those who were found, one more than it shows where there are more."""
    shown = people[:limit]
    return Listing(
        rows=tuple(rows_of(shown, ground=ground, currency=currency)),
        cursor=public_id("cus", shown[-1].pk) if len(people) > limit else "",
    )


def counted(narrowed: Narrowed, *, ground: Ground) -> Count:
    """Return how many there are, as far as that is known in a moment.

    Parameters
    ----------
    narrowed, ground
        As for :func:`listed`.
    """
    found = _found(narrowed, ground).order_by().values("pk")[: COUNTED_MOST + 1]
    number = in_time(found.count, milliseconds=_COUNT_MS)
    if number is None:
        return Count(None)
    return Count(min(number, COUNTED_MOST), more=number > COUNTED_MOST)


def rows_of(people: Sequence[Customer], *, ground: Ground, currency: str) -> Iterator[Row]:
    """Yield customers with tier, points and orders, whatever their number in four questions.

    Parameters
    ----------
    people
        A page of them.
    ground, currency
        As for :func:`listed`.
    """
    ids = [each.pk for each in people]
    tiers: dict[UUID, str] = {}
    points: dict[UUID, int] = {}
    if ground.rulebook is not None:
        members = Membership.objects.filter(
            customer__in=ids, programme=ground.rulebook.programme, joined_at__isnull=False
        )
        tiers = dict(members.values_list("customer_id", "tier"))
        unit = ground.rulebook.units.get(ground.unit)
        points = {} if unit is None else spendable(ids, unit=unit)
    totals = bought(ids, currency=currency)
    for each in people:
        yield Row(
            customer=each,
            tier=tiers.get(each.pk, ""),
            points=points.get(each.pk),
            bought=totals.get(each.pk, NOTHING),
        )


def streamed(narrowed: Narrowed, *, ground: Ground, currency: str) -> Iterator[Row]:
    """Yield all customers that fit, a batch in memory at a time.

    Parameters
    ----------
    narrowed, ground, currency
        As for :func:`listed`; a batch is looked for longer than a page.

    Raises
    ------
    SearchTooWide
        If too few fit to be found in that time.
    """
    cursor = ""
    while True:
        page = listed(
            narrowed,
            ground=ground,
            currency=currency,
            cursor=cursor,
            limit=_BATCH,
            milliseconds=_FILE_MS,
        )
        yield from page.rows
        cursor = page.cursor
        if not cursor:
            return
