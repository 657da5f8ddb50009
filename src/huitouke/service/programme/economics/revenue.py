"""Contract liability by month of sale: the ledger's points put through IFRS 15."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db import connection

from huitouke.service.programme.economics.breakage import Breakage, Rate
from huitouke.service.programme.economics.cohorts import CohortBook
from huitouke.service.programme.economics.ifrs15 import (
    Allocation,
    Estimate,
    Release,
    allocate,
    release,
    stand_alone,
)
from huitouke.service.programme.economics.worth import Worth

__all__ = ["CohortRevenue", "revenue"]

# What members paid and the points it gave, both as they stand after returns.
_SALES = """
SELECT date_trunc('month', p.paid_at AT TIME ZONE %s)::date, sum(p.spend_minor)::bigint,
       coalesce(sum(e.points), 0)::bigint, count(*)
FROM programme_purchase p
JOIN programme_membership m ON m.id = p.membership_id
JOIN programme_programme g ON g.id = m.programme_id AND g.code = %s
LEFT JOIN LATERAL (
  SELECT sum(x.earned - x.taken)::bigint AS points FROM programme_orderearning x
  WHERE x.order_id = p.order_id AND x.unit = %s
) e ON true
WHERE p.paid_at < %s
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class CohortRevenue:
    """Sales of one month and the points they gave.

    Parameters
    ----------
    month
        First day of the local month.
    orders, points
        How many; points net of returns.
    allocation
        Of what members paid, between goods and points.
    release
        Where the revenue from points stands now.
    estimated
        False where too little is known: then all points are taken to be redeemed, which
        defers the most.
    """

    month: date
    orders: int
    points: int
    allocation: Allocation
    release: Release
    estimated: bool


def revenue(
    programme: str,
    *,
    unit: str,
    books: Sequence[CohortBook],
    breakage: Breakage,
    worth: Worth,
    until: datetime,
    zone: ZoneInfo,
) -> tuple[CohortRevenue, ...]:
    """Return the contract liability of every month of sales.

    Points that no sale gave (sign-up, birthday) are no material right of a contract and are
    left out. Points of a month's sales are taken to be redeemed like all points of that month.

    Parameters
    ----------
    programme, unit
        Codes.
    books, breakage
        Cohorts and their estimate.
    worth
        One point in money; without a face value there is nothing to allocate.
    until
        Sales before this.
    zone
        Whose months.
    """
    if worth.face is None:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_SALES, [zone.key, programme, unit, until])
        rows = cursor.fetchall()
    by_month = {book.month: book for book in books if not book.imported}
    rates = {cohort.month: cohort.rate for cohort in breakage.cohorts}
    found = []
    for month, paid, points, orders in rows:
        rate = rates.get(month, breakage.prior)
        book = by_month.get(month)
        if points <= 0 or book is None or book.exposed <= 0:
            continue
        found.append(
            _month(
                month,
                paid=paid,
                points=points,
                orders=orders,
                rate=rate,
                book=book,
                face=worth.face,
            )
        )
    return tuple(found)


def _month(
    month: date,
    *,
    paid: int,
    points: int,
    orders: int,
    rate: Rate,
    book: CohortBook,
    face: Fraction,
) -> CohortRevenue:
    redeemed = max(0, min(book.exposed, -book.points["redeem"]))
    share = Fraction(1) if rate.value is None else Fraction(rate.value).limit_denominator(10**6)
    used = points * redeemed // book.exposed
    expected = max(used, round(points * share))
    if book.left <= 0:
        # Nothing is open any more: what was not redeemed never will be.
        expected = used
    split = allocate(
        paid,
        goods_alone=paid,
        points_alone=stand_alone(
            points, value_minor=face, redemption=Fraction(expected, points)
        ),
    )
    return CohortRevenue(
        month=month,
        orders=orders,
        points=points,
        allocation=split,
        release=release(split.points_minor, estimates=[Estimate(used, expected)])[0],
        estimated=rate.value is not None or book.left <= 0,
    )
