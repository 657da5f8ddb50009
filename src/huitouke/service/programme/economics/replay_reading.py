"""A merchant's orders read for a replay: by customer, then by time, in chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.ledger.reporting import snapshot
from huitouke.service.orders.amounts import part
from huitouke.service.programme.economics.replay_referrals import Pair
from huitouke.service.programme.economics.replay_shapes import Back, Bought, Person
from huitouke.service.programme.rules.cart import Cart, CartLine

__all__ = [
    "LeftOut",
    "left_out",
    "members_without_orders",
    "orders_before",
    "orders_by_customer",
    "referred_pairs",
]

#: Orders per reading of lines: what is in memory at a time.
CHUNK = 1000
_NO_TAGS: frozenset[str] = frozenset()

# A merged customer's orders have moved; where they have not, the record they lead to counts.
_ORDERS = """
SELECT o.id, coalesce(c.merged_into_id, c.id), o.paid_at, o.store, o.channel, o.currency,
       o.shipping_minor, o.paid_by_points_minor, o.paid_by_gift_card_minor, o.coupons,
       o.refunded_minor, m.joined_at, c.birthday_on,
       (c.attributes -> 'tags')::text
FROM orders_order o
JOIN customers_customer c ON c.id = o.customer_id
LEFT JOIN programme_programme g ON g.code = %s
LEFT JOIN programme_membership m
  ON m.customer_id = coalesce(c.merged_into_id, c.id) AND m.programme_id = g.id
WHERE o.paid_at < %s AND o.currency = %s
"""
_COUNT = """
SELECT count(*) FROM orders_order o
WHERE o.customer_id IS NOT NULL AND o.paid_at < %s AND o.currency = %s
"""
_IN_ORDER = "ORDER BY 2, o.paid_at, o.id"
_OF_SOME = "AND coalesce(c.merged_into_id, c.id) = ANY(%s::uuid[])"
_NO_ORDERS = """
SELECT c.id, m.joined_at, c.birthday_on, (c.attributes -> 'tags')::text
FROM programme_membership m
JOIN programme_programme g ON g.id = m.programme_id
JOIN customers_customer c ON c.id = m.customer_id
WHERE g.code = %s AND m.joined_at < %s AND c.merged_into_id IS NULL
  AND NOT EXISTS (
    SELECT FROM orders_order o JOIN customers_customer b ON b.id = o.customer_id
    WHERE o.paid_at < %s AND o.currency = %s AND coalesce(b.merged_into_id, b.id) = c.id)
ORDER BY 1
"""
_PAIRS = """
SELECT r.id, coalesce(a.merged_into_id, a.id), coalesce(f.merged_into_id, f.id),
       r.created_at, r.state, r.flags
FROM programme_referral r
JOIN customers_customer a ON a.id = r.advocate_id
JOIN customers_customer f ON f.id = r.friend_id
WHERE r.programme = %s AND r.created_at < %s ORDER BY r.created_at, r.id
"""
_LINES = """
SELECT l.order_id, l.position, l.net_minor, l.sku, l.category, l.brand, l.quantity_e3,
       l.tax_minor, l.gift_card, l.amount_minor
FROM orders_line l WHERE l.order_id = ANY(%s::uuid[]) ORDER BY l.order_id, l.position
"""
_REFUNDS = """
SELECT r.order_id, r.at, r.shipping_minor,
       array_agg(x.position) FILTER (WHERE x.position IS NOT NULL),
       array_agg(x.quantity_e3) FILTER (WHERE x.position IS NOT NULL),
       array_agg(x.amount_minor) FILTER (WHERE x.position IS NOT NULL)
FROM orders_refund r LEFT JOIN orders_refundline x ON x.refund_id = r.id
WHERE r.order_id = ANY(%s::uuid[]) GROUP BY r.id ORDER BY r.at, r.id
"""
_LEFT_OUT = """
SELECT count(*) FILTER (WHERE o.customer_id IS NULL),
       count(*) FILTER (WHERE o.customer_id IS NOT NULL AND o.currency <> %s)
FROM orders_order o
WHERE o.paid_at < %s AND o.paid_at >= coalesce(%s::timestamptz, '-infinity')
"""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Paid orders of the period that no member can earn for.

    Parameters
    ----------
    nobody
        Without a customer.
    other_currency
        In a currency that the programme does not count.
    """

    nobody: int
    other_currency: int


def left_out(*, since: datetime | None, until: datetime, currency: str) -> LeftOut:
    """Return how many orders a replay does not look at.

    Parameters
    ----------
    since, until
        The period.
    currency
        The programme's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LEFT_OUT, [currency, until, since])
        return LeftOut(*cursor.fetchone())


def orders_before(until: datetime, *, currency: str) -> int:
    """Return how many orders a replay reads.

    Parameters
    ----------
    until
        Orders paid before this.
    currency
        The programme's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [until, currency])
        found: int = cursor.fetchone()[0]
    return found


def referred_pairs(programme: str, *, until: datetime) -> list[Pair]:
    """Return who brought whom before a moment.

    Parameters
    ----------
    programme
        Code of the programme.
    until
        Friends who came before this.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, [programme, until])
        return [
            Pair(key, advocate, friend, came_at, state, tuple(flags))
            for key, advocate, friend, came_at, state, flags in cursor.fetchall()
        ]


def members_without_orders(
    programme: str, *, until: datetime, currency: str
) -> Iterator[Person]:
    """Give every member who bought nothing before a moment.

    Parameters
    ----------
    programme, until, currency
        As for :func:`orders_by_customer`.
    """
    tags: dict[str, frozenset[str]] = {}
    with snapshot(), connection.chunked_cursor() as cursor:
        cursor.execute(_NO_ORDERS, [programme, until, until, currency])
        while rows := cursor.fetchmany(CHUNK):
            for customer, joined_at, born, labels in rows:
                yield Person(customer, joined_at, born, _tags(labels, known=tags))


def orders_by_customer(
    programme: str,
    *,
    until: datetime,
    currency: str,
    customers: Sequence[UUID] | None = None,
) -> Iterator[Bought]:
    """Give every paid order before a moment, customer after customer, each in order of time.

    Orders come through a cursor of the server, lines of a thousand orders at a time: memory
    does not grow with the number of orders.

    Parameters
    ----------
    programme
        Code of the programme whose members they are.
    until
        Orders paid before this.
    currency
        The programme's.
    customers
        Only theirs; none is everybody's.
    """
    tags: dict[str, frozenset[str]] = {}
    wanted = [] if customers is None else [list(customers)]
    asked = f"{_ORDERS}{_OF_SOME if wanted else ''} {_IN_ORDER}"
    with snapshot(), connection.chunked_cursor() as cursor:
        cursor.execute(asked, [programme, until, currency, *wanted])
        while rows := cursor.fetchmany(CHUNK):
            yield from _chunk(rows, tags=tags)


def _chunk(
    rows: Sequence[tuple[Any, ...]], *, tags: dict[str, frozenset[str]]
) -> Iterator[Bought]:
    lines = _lines([row[0] for row in rows])
    refunds = _refunds([row[0] for row in rows if row[10]])
    for row in rows:
        key, customer, paid_at, store, channel, currency, shipping, points, card, *rest = row
        coupons, _, joined_at, born, labels = rest
        person = Person(customer, joined_at, born, _tags(labels, known=tags))
        cart = Cart(
            lines=tuple(lines.get(key, ())),
            shipping_minor=shipping,
            paid_by_points_minor=points,
            paid_by_gift_card_minor=card,
            currency=currency,
            store=store,
            channel=channel,
            coupons=tuple(coupons),
        )
        yield Bought(person, paid_at, cart, tuple(refunds.get(key, ())))


def _tags(given: str | None, *, known: dict[str, frozenset[str]]) -> frozenset[str]:
    if given is None:
        return _NO_TAGS
    found = known.get(given)
    if found is None:
        labels = json.loads(given)
        listed = labels if isinstance(labels, list) else ()
        found = known[given] = frozenset(str(label) for label in listed)
    return found


def _lines(orders: list[UUID]) -> dict[UUID, list[CartLine]]:
    found: dict[UUID, list[CartLine]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [orders])
        for order, position, net, sku, category, brand, pieces, tax, gift, amount in cursor:
            line = CartLine(
                position=position,
                amount_minor=net,
                sku=sku,
                category=category,
                brand=brand,
                quantity_e3=pieces,
                tax_minor=part(tax, of=amount, kept=net) if tax else 0,
                gift_card=gift,
            )
            found.setdefault(order, []).append(line)
    return found


def _refunds(orders: list[UUID]) -> dict[UUID, list[Back]]:
    found: dict[UUID, list[Back]] = {}
    if not orders:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_REFUNDS, [orders])
        for order, at, shipping, positions, pieces, amounts in cursor.fetchall():
            lines = tuple(zip(positions or (), pieces or (), amounts or (), strict=True))
            found.setdefault(order, []).append(Back(at, lines, shipping))
    return found
