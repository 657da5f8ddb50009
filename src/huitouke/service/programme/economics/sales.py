"""What members paid and the points it gave, as the books stood at a moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from huitouke.service.ledger import issue_months

__all__ = ["Sale", "sales_of"]

_ORDERS = """
FROM programme_purchase p
JOIN programme_membership m ON m.id = p.membership_id
JOIN programme_programme g ON g.id = m.programme_id AND g.code = %(programme)s
JOIN orders_order o ON o.id = p.order_id AND o.recorded_at < %(until)s
JOIN LATERAL (
  SELECT sum(x.earned)::bigint AS earned, sum(x.earned - x.taken)::bigint AS points,
         array_agg(x.op_key) AS keys
  FROM programme_orderearning x WHERE x.order_id = p.order_id AND x.unit = %(unit)s
) e ON e.earned > 0
"""
_MONTHS = """
SELECT date_trunc('month', p.paid_at AT TIME ZONE %(zone)s)::date,
       date_trunc('month', greatest(p.paid_at, o.recorded_at) AT TIME ZONE %(zone)s)::date,
"""
_LATER = """EXISTS (
  SELECT FROM orders_refund r WHERE r.order_id = p.order_id AND r.recorded_at >= %(until)s
)"""
# Only orders that gave points are part of a contract with a material right.
_SUMS = f"""
{_MONTHS} sum(p.spend_minor)::bigint, sum(e.points)::bigint, count(*)
{_ORDERS}
WHERE p.paid_at < %(until)s AND e.points > 0 AND NOT {_LATER}
GROUP BY 1, 2
"""
# What came back later: the facts that told of the order, and of returns before the moment.
_CHANGED = f"""
{_MONTHS} e.earned, e.keys,
       array(SELECT p.fact_key UNION ALL
             SELECT 'order.refunded:' || replace(replace(r.source, '%%', '%%25'), ':', '%%3A')
                    || ':' || r.source_id
             FROM orders_refund r
             WHERE r.order_id = p.order_id AND r.recorded_at < %(until)s)
{_ORDERS}
WHERE p.paid_at < %(until)s AND {_LATER}
"""  # noqa: S608 - all parts are ours
# The tiers' journal keeps what each fact added to the spend that counts, or took off.
_COUNTED = """
SELECT source, sum(spend_minor)::bigint FROM programme_qualifying
WHERE source = ANY (%s) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """Sales of one month that the books came to know in one month.

    Parameters
    ----------
    month
        First day of the local month in which they were paid.
    known
        First day of the local month in which they were recorded.
    paid_minor, points
        What members paid, and the points it gave, after the returns known by then.
    orders
        How many.
    """

    month: date
    known: date
    paid_minor: int
    points: int
    orders: int


def sales_of(
    programme: str, *, unit: str, number: int, until: datetime, zone: ZoneInfo
) -> list[Sale]:
    """Return what members paid for orders that gave points.

    What happened or became known later is left out, so that a period that was closed stays as
    it was.

    Parameters
    ----------
    programme, unit
        Codes.
    number
        The unit's number in the ledger.
    until
        Orders paid and recorded before this, after returns recorded before this.
    zone
        Whose months.
    """
    given: dict[str, str | datetime] = {
        "programme": programme, "unit": unit, "until": until, "zone": zone.key
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, given)
        sums = cursor.fetchall()
        cursor.execute(_CHANGED, given)
        changed = cursor.fetchall()
    found: dict[tuple[date, date], list[int]] = defaultdict(lambda: [0, 0, 0])
    for month, known, *amounts in [*sums, *_as_then(changed, number=number, until=until)]:
        for place, amount in enumerate(amounts):
            found[month, known][place] += amount
    return [Sale(*months, *amounts) for months, amounts in sorted(found.items())]


def _as_then(
    rows: list[tuple[Any, ...]], *, number: int, until: datetime
) -> list[tuple[Any, ...]]:
    """Return orders that came back later, with what was paid and given by then."""
    if not rows:
        return []
    keys, facts = ([key for row in rows for key in row[place]] for place in (3, 4))
    taken = issue_months.taken_back(number, keys=keys, until=until)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [facts])
        counted = dict(cursor.fetchall())
    return [
        (month, known, sum(counted.get(fact, 0) for fact in told), points, 1)
        for month, known, earned, own, told in rows
        if (points := earned - sum(taken.get(key, 0) for key in own)) > 0
    ]
