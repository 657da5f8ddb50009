"""Questions about orders: what is kept, which one, whose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from huitouke.service.core.columns import columns
from huitouke.service.orders.amounts import part
from huitouke.service.orders.contract import KeptLine, KeptOrder, NewOrder
from huitouke.service.orders.models import Order, Product

__all__ = [
    "BY_CANCELLATION",
    "OrderPage",
    "any_paid",
    "any_there",
    "by_id",
    "by_number",
    "find",
    "kept",
    "of_customer",
    "placed",
    "products",
    "told_elsewhere",
]

#: Refunds that a cancellation made, to give back what was left.
BY_CANCELLATION = Q(source="huitouke", source_id__startswith="cancel:")

_ORDERS = """
SELECT o.id, o.number, o.customer_id, o.currency, o.store, o.channel, o.paid_at,
  o.coupons, o.source, o.history, o.status, o.total_minor, o.refunded_minor,
  o.shipping_minor, o.refunded_shipping_minor, o.paid_by_points_minor,
  o.paid_by_gift_card_minor
FROM orders_order o WHERE o.id = ANY(%b::uuid[])
"""
_LINES = """
SELECT l.order_id, l.position, l.sku, l.category, l.quantity_e3, l.net_minor, l.tax_minor,
  l.gift_card, l.brand, l.amount_minor, l.returned_e3, l.refunded_minor
FROM orders_line l WHERE l.order_id = ANY(%b::uuid[])
ORDER BY l.order_id, l.position
"""
# Numbers are used again, by other tills and in other years: the customer and the moment say
# that it is the same order.
_ELSEWHERE = """
SELECT k.place, o.id
FROM unnest(%b::integer[], %b::uuid[], %b::text[], %b::text[], %b::timestamptz[])
  AS k(place, customer, source, number, at)
CROSS JOIN LATERAL (
  SELECT o.id FROM orders_order o
  WHERE o.customer_id = k.customer
    AND o.ordered_at BETWEEN k.at - interval '2 days' AND k.at + interval '2 days'
    AND o.number = k.number AND o.source <> k.source AND (o.history OR NOT %b)
  ORDER BY abs(extract(epoch FROM o.ordered_at - k.at)), o.id LIMIT 1
) AS o
"""


def any_paid() -> bool:
    """Say whether anything was ever bought and paid for."""
    return Order.objects.filter(paid_at__isnull=False).exists()


def any_there() -> bool:
    """Say whether any order was ever told, paid for or not."""
    return Order.objects.exists()


def kept(order_ids: Iterable[UUID]) -> dict[UUID, KeptOrder]:
    """Return what the customers keep of orders after all refunds.

    Parameters
    ----------
    order_ids
        Any number.

    Returns
    -------
    dict[UUID, KeptOrder]
        Without those that are unknown; of a cancelled order nothing is kept.
    """
    return _read(order_ids, refunds=True)


def placed(order_ids: Iterable[UUID]) -> dict[UUID, KeptOrder]:
    """Return orders in the same shape as they were before any refund.

    Parameters
    ----------
    order_ids
        Any number.

    Returns
    -------
    dict[UUID, KeptOrder]
        Without those that are unknown.
    """
    return _read(order_ids, refunds=False)


def _read(order_ids: Iterable[UUID], *, refunds: bool) -> dict[UUID, KeptOrder]:
    wanted = list(set(order_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [wanted])
        orders = cursor.fetchall()
        cursor.execute(_LINES, [wanted])
        lines: dict[UUID, list[KeptLine]] = defaultdict(list)
        for row in cursor.fetchall():
            line = _line(row, refunds=refunds)
            if line is not None:
                lines[row[0]].append(line)
    return {row[0]: _order(row, tuple(lines[row[0]]), refunds=refunds) for row in orders}


def _line(row: tuple[Any, ...], *, refunds: bool) -> KeptLine | None:
    _, position, sku, category, quantity, net, tax, gift_card, brand, amount, *back = row
    if refunds:
        quantity, net = quantity - back[0], net - back[1]
        if not (quantity or net):
            return None
    return KeptLine(
        position=position,
        sku=sku,
        category=category,
        quantity_e3=quantity,
        amount_minor=net,
        tax_minor=part(tax, of=amount, kept=net),
        gift_card=gift_card,
        brand=brand,
    )


def _order(row: tuple[Any, ...], lines: tuple[KeptLine, ...], *, refunds: bool) -> KeptOrder:
    key, number, customer_id, currency, store, channel, paid_at, coupons, source, *rest = row
    history, status, total, refunded, shipping, refunded_shipping, points, card = rest
    left = total
    if refunds:
        left, shipping = total - refunded, shipping - refunded_shipping
        if status == Order.Status.CANCELLED:
            left, shipping, lines = 0, 0, ()
    return KeptOrder(
        id=key,
        number=number,
        customer_id=customer_id,
        currency=currency,
        store=store,
        channel=channel,
        paid_at=paid_at,
        lines=lines,
        shipping_minor=shipping,
        paid_by_points_minor=part(points, of=total, kept=left),
        paid_by_gift_card_minor=part(card, of=total, kept=left),
        coupons=tuple(coupons),
        source=source,
        history=history,
    )


def find(source: str, number: str) -> Order | None:
    """Return the order of a source and number, or None.

    Parameters
    ----------
    source, number
        What names it; an imported order also that under which a till told it later.
    """
    found = Order.objects.filter(source=source, number=number).first()
    if found is None:
        found = Order.objects.filter(aliases__source=source, aliases__number=number).first()
    return found


def told_elsewhere(orders: Sequence[NewOrder], *, history: bool = False) -> dict[int, UUID]:
    """Return which orders are known from another source already.

    The same order is one of the same number and customer, placed within two days.

    Parameters
    ----------
    orders
        As they would be recorded; those of nobody are never the same as another.
    history
        Look among imported orders only.

    Returns
    -------
    dict[int, UUID]
        By place in ``orders``: the order that is known, the nearest in time.
    """
    rows = [
        (place, order.customer_id, order.source, order.number, order.ordered_at)
        for place, order in enumerate(orders)
        if order.customer_id is not None
    ]
    if not rows:
        return {}
    types = "integer uuid text text timestamptz"
    with connection.cursor() as cursor:
        cursor.execute(_ELSEWHERE, [*columns(types, rows), history])
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class OrderPage:
    """Some orders of a customer, newest first.

    ``cursor`` gets the next page; None where this is the last.
    """

    orders: tuple[Order, ...]
    cursor: UUID | None


def of_customer(customer_id: UUID, *, cursor: UUID | None = None, limit: int = 50) -> OrderPage:
    """Return a customer's orders, newest first.

    Parameters
    ----------
    customer_id
        Whose.
    cursor
        The one that the page before gave; None: the newest.
    limit
        How many at most.
    """
    rows = Order.objects.filter(customer_id=customer_id).order_by("-ordered_at", "-id")
    if cursor is not None:
        last = Order.objects.filter(id=cursor, customer_id=customer_id).first()
        if last is None:
            return OrderPage((), None)
        older = Q(ordered_at__lt=last.ordered_at) | Q(ordered_at=last.ordered_at, id__lt=cursor)
        rows = rows.filter(older)
    found = tuple(rows[: limit + 1])
    more = len(found) > limit
    return OrderPage(found[:limit], found[limit - 1].id if more else None)


# From source to source through the index of orders, however many orders each has.
_BY_NUMBER = """
WITH RECURSIVE sources AS (
  (SELECT source FROM orders_order ORDER BY source LIMIT 1)
  UNION ALL
  SELECT (SELECT o.source FROM orders_order o WHERE o.source > s.source
          ORDER BY o.source LIMIT 1)
  FROM sources s WHERE s.source IS NOT NULL
)
SELECT o.id FROM sources s JOIN orders_order o ON o.source = s.source AND o.number = %s
ORDER BY o.recorded_at DESC, o.id LIMIT 20
"""


def by_number(number: str) -> list[Order]:
    """Return the orders of a number, whoever numbered them, the last recorded first.

    Parameters
    ----------
    number
        As it stands on a receipt.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_NUMBER, [number])
        ids = [row[0] for row in cursor.fetchall()]
    found = Order.objects.in_bulk(ids)
    return [found[key] for key in ids]


def by_id(order_id: UUID) -> Order | None:
    """Return an order with its lines and refunds at hand, or None.

    Parameters
    ----------
    order_id
        Which.
    """
    orders = Order.objects.prefetch_related("lines", "refunds__lines", "payments")
    return orders.filter(id=order_id).first()


def products(skus: Iterable[str]) -> dict[str, Product]:
    """Return what is known of products; those that are not known are left out.

    Parameters
    ----------
    skus
        Their numbers.
    """
    return Product.objects.in_bulk(list(skus))
