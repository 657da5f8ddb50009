"""Whether what is kept of orders is what the orders come to; mended where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

__all__ = ["differing", "mend"]

_DIFFERING = """
SELECT coalesce(k.customer_id, n.customer_id)
FROM (SELECT * FROM orders_summary WHERE orders <> 0 OR returns <> 0 OR first_at IS NOT NULL
  OR last_at IS NOT NULL) AS k
FULL JOIN orders_summary_anew n USING (customer_id)
WHERE (k.orders, k.returns, k.first_at, k.last_at)
  IS DISTINCT FROM (n.orders, n.returns, n.first_at, n.last_at)
UNION
SELECT coalesce(k.customer_id, n.customer_id)
FROM orders_spend k FULL JOIN orders_spend_anew n USING (customer_id, currency)
WHERE (k.spend_minor, k.returned_minor) IS DISTINCT FROM (n.spend_minor, n.returned_minor)
UNION
SELECT k.customer_id FROM orders_summary k JOIN customers_customer c ON c.id = k.customer_id
WHERE k.known_at <> c.created_at
ORDER BY 1
"""
_BATCH = 10_000


def differing() -> list[UUID]:
    """Return customers whose sums are not those of their orders; one statement, one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING)
        return [row[0] for row in cursor.fetchall()]


def mend(customers: Sequence[UUID]) -> None:
    """Make sums anew from the orders.

    Parameters
    ----------
    customers
        Whose.
    """
    for first in range(0, len(customers), _BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            part = list(customers[first : first + _BATCH])
            cursor.execute("SELECT orders_sum_up(%s::uuid[])", [part])
