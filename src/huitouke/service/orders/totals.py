"""What customers bought in all: kept with every order, read for a page or asked for a list.

Triggers of the orders keep the sums in the transaction that writes the orders
(``sql/summary.sql``); :mod:`huitouke.service.orders.checks` computes them anew and compares.
What segments ask of them stands in :mod:`huitouke.service.orders.segmenting`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

__all__ = [
    "NEWEST_FIRST",
    "NOTHING",
    "Bought",
    "bought",
    "last_ordered",
]

_BOUGHT = """
SELECT s.customer_id, s.orders, coalesce(p.spend_minor, 0), s.first_at, s.last_at, s.returns,
  coalesce(p.returned_minor, 0)
FROM orders_summary s
LEFT JOIN orders_spend p ON p.customer_id = s.customer_id AND p.currency = %s
WHERE s.customer_id = ANY(%s::uuid[]) AND s.orders > 0
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


#: The order of a list of buyers, the newest customer first: beside a condition that only buyers
#: fulfil, it is walked through the summary's index, without a look at those who do not fit.
NEWEST_FIRST = ("-order_summary__known_at", "-order_summary__customer")
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
        cursor.execute(_BOUGHT, [currency, list(customers)])
        return {row[0]: Bought(*row[1:]) for row in cursor.fetchall()}


def last_ordered(begins: datetime | None = None, ends: datetime | None = None) -> Q:
    """Return the condition on customers that the last order was made within a time.

    Parameters
    ----------
    begins, ends
        From (included) and until (excluded); none is no bound. Who never bought fulfils none.
    """
    within = Q(order_summary__last_at__isnull=False)
    if begins is not None:
        within &= Q(order_summary__last_at__gte=begins)
    if ends is not None:
        within &= Q(order_summary__last_at__lt=ends)
    return within
