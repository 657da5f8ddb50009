"""Orders that were imported as history, counted for tiers where the rules say so.

They earn nothing. Each counts once, on the local day on which it was paid, with what is kept
of it when it is counted.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core.outbox import tell
from huitouke.service.orders import queries as orders
from huitouke.service.programme.events.carts import kept_cart
from huitouke.service.programme.events.reviews import locked_members, touched
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.rules.eligible import eligible_minor

__all__ = ["count_imported"]

_PAGE = 1_000
_NEW = """
SELECT o.id, m.customer_id FROM orders_order o
JOIN programme_membership m ON m.customer_id = o.customer_id AND m.programme_id = %b
  AND m.joined_at IS NOT NULL AND m.merged_into_id IS NULL
WHERE o.history AND o.paid_at IS NOT NULL AND o.id > %b
  AND NOT EXISTS (SELECT FROM programme_qualifying q
    WHERE q.membership_id = m.id AND q.source = 'history:' || o.id)
  AND NOT EXISTS (SELECT FROM programme_qualifying q
    WHERE q.membership_id = m.id AND starts_with(q.source, 'merge:')
      AND right(q.source, 44) = 'history:' || o.id)
ORDER BY o.id LIMIT %b
"""
_COUNT = """
INSERT INTO programme_qualifying (membership_id, "on", spend_minor, visits, points, unit,
  source, recorded_at)
SELECT membership, day, spend, (spend > 0)::integer, 0, '', 'history:' || number, %b
FROM unnest(%b::uuid[], %b::date[], %b::bigint[], %b::uuid[])
  AS n(membership, day, spend, number)
ON CONFLICT DO NOTHING
"""


def count_imported(rulebook: Rulebook, *, on: date, at: datetime) -> int:
    """Count imported orders of members that are not counted yet; members may rise by them.

    Parameters
    ----------
    rulebook
        Of the programme; nothing is done where its tiers do not count imported orders.
    on
        The local day.
    at
        The present moment.

    Returns
    -------
    int
        How many orders.
    """
    tiers = rulebook.now.definition.tiers
    if tiers is None or not tiers.imported_orders:
        return 0
    counted, last = 0, UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEW, [rulebook.programme, last, _PAGE])
            rows = cursor.fetchall()
        if not rows:
            return counted
        counted += _count(dict(rows), rulebook=rulebook, on=on, at=at)
        last = rows[-1][0]


@transaction.atomic
def _count(owners: dict[UUID, UUID], *, rulebook: Rulebook, on: date, at: datetime) -> int:
    """Enter one page of orders, and look at the tiers of those who placed them."""
    rules = rulebook.now
    members = locked_members(list(set(owners.values())), programme=rulebook.programme)
    by_customer = {member.person.id: member for member in members}
    kept = orders.kept(list(owners))
    rows = []
    for order, owner in owners.items():
        paid_at = kept[order].paid_at
        # A merge took the others along; the next run finds them.
        if owner in by_customer and paid_at is not None:
            cart = kept_cart(kept[order])
            spend = eligible_minor(cart, switches=rules.definition.eligible)
            rows.append((by_customer[owner].id, rules.day(paid_at), spend, order))
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 4
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [at, *columns])
    tell(touched(members, rulebook=rulebook, on=on))
    return len(rows)
