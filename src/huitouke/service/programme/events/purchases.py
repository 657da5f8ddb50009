"""What was true when an order was paid, and what of it counts today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.core.columns import columns
from huitouke.service.programme.events.members import view_of
from huitouke.service.programme.events.standing import Gained
from huitouke.service.programme.rules.cart import MemberView, PeriodKey

__all__ = ["Bought", "Earning", "the_purchase", "write_return"]

_PURCHASE = """
SELECT p.order_id, p.membership_id, g.code, p.version, p.member::text, p.attributes::text,
  p.counted::text, p.spend_minor, p.visits, p.points, p.paid_at, p.returned
FROM programme_purchase p
JOIN programme_membership m ON m.id = p.membership_id
JOIN programme_programme g ON g.id = m.programme_id
WHERE p.order_id = %b
"""
_EARNINGS = """
SELECT rule, unit, earned, taken, op_key, waits_for FROM programme_orderearning
WHERE order_id = %b ORDER BY unit, rule
"""
_TAKE = """
UPDATE programme_orderearning e SET taken = n.taken
FROM unnest(%b::text[], %b::text[], %b::bigint[]) AS n(rule, unit, taken)
WHERE e.order_id = %b AND e.rule = n.rule AND e.unit = n.unit
"""
_RECKON = """
UPDATE programme_purchase SET counted = %b::jsonb, spend_minor = %b, visits = %b, points = %b,
  returned = %b
WHERE order_id = %b
"""
_FREE_USES = """
UPDATE programme_use u SET used = greatest(0, u.used - n.used)
FROM unnest(%b::text[], %b::text[], %b::bigint[]) AS n(rule, period, used)
WHERE u.membership_id = %b AND u.rule = n.rule AND u.period = n.period
"""
_FREE_DONE = """
DELETE FROM programme_done d USING unnest(%b::text[], %b::text[]) AS n(rule, period)
WHERE d.membership_id = %b AND d.rule = n.rule AND d.period = n.period
"""


@dataclass(frozen=True, slots=True)
class Earning:
    """What one rule gave for an order, and what was taken back of it."""

    rule: str
    unit: str
    earned: int
    taken: int
    op_key: str
    waits_for: str

    @property
    def worth(self) -> int:
        """What the member has of it today."""
        return self.earned - self.taken


@dataclass(frozen=True, slots=True)
class Bought:
    """An order that counts for a member."""

    order: UUID
    membership: UUID
    programme: str
    version: int
    member: MemberView
    attributes: dict[str, Any]
    uses: dict[PeriodKey, int]
    done: frozenset[PeriodKey]
    gained: Gained
    paid_at: datetime
    returned: bool
    earnings: tuple[Earning, ...]


def the_purchase(order: UUID) -> Bought | None:
    """Return what an order counts, or none if it counts for nobody.

    Parameters
    ----------
    order
        Its id; the caller holds the lock of its customer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASE, [order])
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(_EARNINGS, [order])
        earnings = tuple(Earning(*each) for each in cursor.fetchall())
    key, membership, code, version, member, attributes, counted, *rest = row
    spend, visits, points, paid_at, returned = rest
    counts = json.loads(counted)
    return Bought(
        key,
        membership,
        code,
        version,
        view_of(json.loads(member)),
        json.loads(attributes),
        {(rule, period): used for rule, period, used in counts.get("uses", ())},
        frozenset((rule, period) for rule, period in counts.get("done", ())),
        Gained(spend, visits, points),
        paid_at,
        returned,
        earnings,
    )


def write_return(
    bought: Bought,
    *,
    worth: Mapping[tuple[str, str], int],
    uses: Mapping[PeriodKey, int],
    done: Sequence[PeriodKey],
    gained: Gained,
    returned: bool,
) -> None:
    """Write what an order counts after a return; counters that it frees are freed.

    Parameters
    ----------
    bought
        As it was.
    worth
        What each (rule, unit) is worth now.
    uses, done, gained
        What the order counts now.
    returned
        Whether nothing of it is kept.
    """
    taken = [(e.rule, e.unit, e.earned - worth[e.rule, e.unit]) for e in bought.earnings]
    freed = [
        (*key, used - uses.get(key, 0))
        for key, used in sorted(bought.uses.items())
        if used > uses.get(key, 0)
    ]
    undone = sorted(bought.done.difference(done))
    counted = {
        "uses": [[*key, used] for key, used in sorted(uses.items()) if used],
        "done": [list(key) for key in done],
    }
    with connection.cursor() as cursor:
        if taken:
            cursor.execute(_TAKE, [*columns("text text bigint", taken), bought.order])
        if freed:
            cursor.execute(_FREE_USES, [*columns("text text bigint", freed), bought.membership])
        if undone:
            cursor.execute(_FREE_DONE, [*columns("text text", undone), bought.membership])
        cursor.execute(
            _RECKON,
            [
                json.dumps(counted),
                gained.spend_minor,
                gained.visits,
                gained.points,
                returned,
                bought.order,
            ],
        )
