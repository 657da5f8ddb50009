"""What customers bought in all: kept with every order, read for a page or asked for a list.

Triggers of the orders keep the sums in the transaction that writes the orders
(``sql/summary.sql``); :mod:`huitouke.service.orders.checks` computes them anew and compares.
Conditions are ``Q`` objects over ``customers_customer``: they can be joined, negated, counted.
A customer without a purchase fulfils none of them but ``orders_number(0, 0)``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from huitouke.service.orders.models import Spend

__all__ = [
    "NEWEST_FIRST",
    "NOTHING",
    "Bought",
    "bought",
    "first_ordered",
    "last_ordered",
    "orders_number",
    "spent",
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
    """Return the condition that the last order was made within a time.

    Parameters
    ----------
    begins, ends
        From (included) and until (excluded); none is no bound.
    """
    return _within("last_at", begins, ends)


def first_ordered(begins: datetime | None = None, ends: datetime | None = None) -> Q:
    """Return the condition that the first order was made within a time.

    Parameters
    ----------
    begins, ends
        From (included) and until (excluded); none is no bound.
    """
    return _within("first_at", begins, ends)


def orders_number(least: int = 0, most: int | None = None) -> Q:
    """Return the condition that somebody has so many orders, paid and not called off.

    Parameters
    ----------
    least, most
        Both included; no ``most`` is no bound.
    """
    bounds = Q()
    if least > 0:
        bounds &= Q(order_summary__orders__gte=least)
    if most is not None:
        bounds &= Q(order_summary__orders__lte=most)
    if least > 0 or most is None:
        return bounds
    return bounds | Q(order_summary__isnull=True)


def spent(currency: str, *, least: int | None = None, most: int | None = None) -> Q:
    """Return the condition that somebody paid so much and did not get it back.

    Parameters
    ----------
    currency
        Whose amounts count.
    least, most
        Of minor units, both included; none is no bound. Who never paid in this currency
        fulfils neither.
    """
    bounds: dict[str, Any] = {}
    if least is not None:
        bounds["spend_minor__gte"] = least
    if most is not None:
        bounds["spend_minor__lte"] = most
    whose = Spend.objects.filter(customer=OuterRef("pk"), currency=currency, **bounds)
    return Q(Exists(whose))


def _within(column: str, begins: datetime | None, ends: datetime | None) -> Q:
    name = f"order_summary__{column}"
    within = Q(**{f"{name}__isnull": False})
    if begins is not None:
        within &= Q(**{f"{name}__gte": begins})
    if ends is not None:
        within &= Q(**{f"{name}__lt": ends})
    return within
