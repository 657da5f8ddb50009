"""Contract liability by month of sale: the ledger's points put through IFRS 15.

The price of a sale is split once, by what was thought of its points when its month was closed
(IFRS 15, paragraph 88: stand-alone selling prices are not reallocated after the contract
began). What is thought of them later changes only when the points' part becomes revenue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

from huitouke.service.ledger import issue_months
from huitouke.service.ledger.issue_months import CohortMove
from huitouke.service.programme.economics.breakage import Breakage, estimate
from huitouke.service.programme.economics.cohorts import (
    CohortBook,
    books,
    life_now,
    to_cohorts,
)
from huitouke.service.programme.economics.ifrs15 import (
    Allocation,
    Estimate,
    Release,
    allocate,
    release,
    stand_alone,
)
from huitouke.service.programme.economics.sales import Sale, sales_of
from huitouke.service.programme.economics.worth import worth_of
from huitouke.service.programme.rules.calendar import add_months, start_of_day
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions import queries as versions

__all__ = ["CohortRevenue", "Scope", "View", "of_period", "recognised", "revenue", "standing"]


@dataclass(frozen=True, kw_only=True)
class CohortRevenue:
    """Sales of one month and the points they gave.

    Parameters
    ----------
    month
        First day of the local month.
    orders, points
        How many; points net of returns. Orders that gave no points are no part of it.
    allocation
        Of what members paid, between goods and points.
    release
        Where the revenue from points stands; ``revenue_minor`` is that of the period.
    estimated
        False where too little is known: then all points are taken to be redeemed, which
        defers the most.
    fixed
        False while the month in which the sales were recorded goes on: until it is closed the
        split between goods and points follows today's estimate, and from then on never changes
        but by returns.
    """

    month: date
    orders: int
    points: int
    allocation: Allocation
    release: Release
    estimated: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """Which points are looked at.

    Parameters
    ----------
    programme, unit
        Codes.
    number
        The unit's number in the ledger.
    zone
        Whose months.
    """

    programme: str
    unit: str
    number: int
    zone: ZoneInfo


@dataclass(frozen=True)
class View:
    """What is thought of points at a moment.

    Parameters
    ----------
    breakage
        How much of them is ever redeemed.
    face
        What one pays, in minor units; none where the rules do not say.
    """

    breakage: Breakage
    face: Fraction | None

    def share(self, month: date, *, life: int | None) -> Fraction | None:
        """Return the share of a month's points that is redeemed; none: cannot be told.

        Parameters
        ----------
        month
            Of issue.
        life
            Ages in which its points can be redeemed; none is without end.
        """
        value = self.breakage.of(month, life=life).value
        return None if value is None else Fraction(value).limit_denominator(10**6)


def revenue(
    here: Scope,
    *,
    moves: Sequence[CohortMove],
    sales: Sequence[Sale],
    now: View,
    until: datetime,
) -> tuple[CohortRevenue, ...]:
    """Return the contract liability of every month of sales.

    Points that no sale gave (sign-up, birthday) are no material right of a contract and are
    left out. Points of a month's sales are taken to be redeemed like all points of that month.

    Parameters
    ----------
    here
        Which points.
    moves
        What became of them.
    sales
        What members paid before the end, and the points it gave.
    now
        What is thought of them at the end.
    until
        The end.
    """
    through = until.astimezone(here.zone).date().replace(day=1)

    @cache
    def closed(month: date) -> View:
        return now if month >= through else _closed(here, moves=moves, month=month)

    return recognised(sales, known=books(moves), now=now, closed=closed, through=through)


def _closed(here: Scope, *, moves: Sequence[CohortMove], month: date) -> View:
    """Return what could be thought of points when a month was closed."""
    after = add_months(month, months=1)
    found = versions.in_force(here.programme, at=start_of_day(after, here.zone))
    return _view(
        here,
        known=books(moves, before=after),
        through=after,
        rules=None if found is None else found[1],
    )


def _view(
    here: Scope, *, known: Sequence[CohortBook], through: date, rules: Definition | None
) -> View:
    life = life_now(known, definition=rules, unit=here.unit, through=through)
    # The middle of an estimate does not depend on how often its interval is drawn.
    made = estimate(to_cohorts(known, through=through), life=life, count=1)
    return View(made, worth_of(rules, unit=here.unit, cost=None).face)


def standing(here: Scope, *, at: datetime) -> dict[date, Release]:
    """Return where the revenue from each month's points stood at a moment.

    Parameters
    ----------
    here
        Which points.
    at
        The moment.
    """
    moves = issue_months.cohort_moves(here.number, until=at, zone=here.zone.key)
    found = versions.in_force(here.programme, at=at)
    through = at.astimezone(here.zone).date().replace(day=1)
    now = _view(
        here, known=books(moves), through=through, rules=None if found is None else found[1]
    )
    sales = sales_of(
        here.programme, unit=here.unit, number=here.number, until=at, zone=here.zone
    )
    made = revenue(here, moves=moves, sales=sales, now=now, until=at)
    return {one.month: one.release for one in made}


def of_period(
    sales: Sequence[CohortRevenue], *, before: dict[date, Release]
) -> tuple[CohortRevenue, ...]:
    """Return the same with the revenue of the period alone.

    Parameters
    ----------
    sales
        As they stand at the end of the period.
    before
        Of :func:`standing`, at its beginning.
    """
    return tuple(
        replace(
            one,
            release=replace(
                one.release,
                revenue_minor=one.release.released_minor
                - (before[one.month].released_minor if one.month in before else 0),
            ),
        )
        for one in sales
    )


def recognised(
    sales: Sequence[Sale],
    *,
    known: Sequence[CohortBook],
    now: View,
    closed: Callable[[date], View],
    through: date,
) -> tuple[CohortRevenue, ...]:
    """Return what of the price of sales is revenue from points, and what is still owed.

    Parameters
    ----------
    sales
        By month of payment and of recording.
    known
        Points by month of issue.
    now
        What is thought of them at the end.
    closed
        What was thought of them when a month was closed.
    through
        First day of the month that is not complete yet.
    """
    by_month = {book.month: book for book in known if not book.imported}
    found = []
    for month in sorted({sale.month for sale in sales}):
        own = [sale for sale in sales if sale.month == month]
        book, points = by_month.get(month), sum(sale.points for sale in own)
        if points <= 0 or book is None or book.exposed <= 0:
            continue
        life = book.life
        parts = [
            _allocated(sale, view=closed(sale.known), face=now.face, life=life) for sale in own
        ]
        split = [part for part in parts if part is not None]
        if len(split) < len(parts):
            continue
        allocation, share = _sum(split), now.share(month, life=life)
        rest = _standing(book, points=points, share=share, through=through)
        found.append(
            CohortRevenue(
                month=month,
                orders=sum(sale.orders for sale in own),
                points=points,
                allocation=allocation,
                release=release(allocation.points_minor, estimates=[rest])[0],
                estimated=share is not None or rest.redeemed == rest.expected,
                fixed=all(sale.known < through for sale in own),
            )
        )
    return tuple(found)


def _allocated(
    sale: Sale, *, view: View, face: Fraction | None, life: int | None
) -> Allocation | None:
    """Return the split of a price as it was made; none where points have no price at all."""
    value = view.face if view.face is not None else face
    if value is None:
        return None
    share = view.share(sale.month, life=life)
    alone = stand_alone(
        sale.points, value_minor=value, redemption=Fraction(1) if share is None else share
    )
    return allocate(sale.paid_minor, goods_alone=sale.paid_minor, points_alone=alone)


def _sum(parts: Sequence[Allocation]) -> Allocation:
    return Allocation(
        price_minor=sum(part.price_minor for part in parts),
        goods_minor=sum(part.goods_minor for part in parts),
        points_minor=sum(part.points_minor for part in parts),
        goods_alone=sum((part.goods_alone for part in parts), Fraction(0)),
        points_alone=sum((part.points_alone for part in parts), Fraction(0)),
    )


def _standing(
    book: CohortBook, *, points: int, share: Fraction | None, through: date
) -> Estimate:
    """Return how many of the sales' points are redeemed, and how many will be."""
    redeemed = max(0, min(book.exposed, -book.points["redeem"]))
    used = points * redeemed // book.exposed
    if book.left - book.overdue(through) <= 0 and not book.points["held"]:
        # Nothing is open any more: what was not redeemed never will be.
        return Estimate(used, used)
    return Estimate(used, max(used, round(points * (Fraction(1) if share is None else share))))
