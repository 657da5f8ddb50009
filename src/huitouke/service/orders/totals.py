"""What customers bought in all, a whole page of them in one question."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

__all__ = ["NOTHING", "Bought", "bought"]

# Through the index of a customer's orders; what was called off or never paid is no purchase.
_BOUGHT = """
SELECT o.customer_id, count(*),
  coalesce(sum(o.total_minor - o.refunded_minor) FILTER (WHERE o.currency = %s), 0)::bigint,
  min(o.ordered_at), max(o.ordered_at),
  count(*) FILTER (WHERE o.refunded_minor > 0),
  coalesce(sum(o.refunded_minor) FILTER (WHERE o.currency = %s), 0)::bigint
FROM orders_order o
WHERE o.customer_id = ANY(%s::uuid[]) AND o.status NOT IN ('pending', 'cancelled')
GROUP BY o.customer_id
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """What one customer bought.

    Parameters
    ----------
    orders
        How many orders were paid and not called off.
    spend_minor
        What the customer paid for them and did not get back, in one currency.
    first_at, last_at
        When the first and the last of them were ordered.
    returns, returned_minor
        How many of them came back in whole or in part, and how much money that was.
    """

    orders: int = 0
    spend_minor: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    returns: int = 0
    returned_minor: int = 0


#: What somebody bought who never bought anything.
NOTHING = Bought()


def bought(customers: Collection[UUID], *, currency: str) -> dict[UUID, Bought]:
    """Return what customers bought; those who never bought are left out.

    Parameters
    ----------
    customers
        Ids of records of today: orders move with a merge.
    currency
        Whose amounts are summed; orders in another one are counted, their money is not.
    """
    if not customers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, [currency, currency, list(customers)])
        return {row[0]: Bought(*row[1:]) for row in cursor.fetchall()}
