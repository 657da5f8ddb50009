"""Recording orders: one or ten thousand by the same few statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.columns import columns
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id
from huitouke.service.customers.commands import mark_bought
from huitouke.service.orders.amounts import split
from huitouke.service.orders.catalogue import Catalogue
from huitouke.service.orders.commands.naming import also_name
from huitouke.service.orders.content import OrderInvalid, check, content_hash
from huitouke.service.orders.contract import NewLine, NewOrder
from huitouke.service.orders.queries import told_elsewhere

__all__ = ["OrderDiffers", "OrderInvalid", "record", "record_told"]

_MOMENT = "timestamptz"
# Each with the types of the columns that it is given.
_ORDERS = (
    """
INSERT INTO orders_order (id, source, number, customer_id, store, channel, currency, status,
  ordered_at, paid_at, goods_minor, discount_minor, tax_minor, shipping_minor, total_minor,
  paid_by_points_minor, paid_by_gift_card_minor, coupons, history, content_hash,
  recorded_at, actor)
SELECT id, source, number, customer_id, store, channel, currency,
  CASE WHEN paid_at IS NULL THEN 'pending' ELSE 'paid' END, ordered_at, paid_at, goods, off,
  tax, shipping, goods - off + shipping, points, gift_card, coupons::text[], history, content,
  %s, %s
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::uuid[], %b::text[], %b::text[],
  %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bigint[], %b::bigint[], %b::bigint[],
  %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::boolean[], %b::bytea[])
  AS new(id, source, number, customer_id, store, channel, currency, ordered_at, paid_at,
    goods, off, tax, shipping, points, gift_card, coupons, history, content)
WHERE NOT (%s AND EXISTS (SELECT FROM orders_order o
  WHERE o.customer_id = new.customer_id AND o.number = new.number AND o.source <> new.source
    AND o.history AND o.ordered_at BETWEEN new.ordered_at - interval '2 days'
    AND new.ordered_at + interval '2 days'))
ON CONFLICT (source, number) DO NOTHING
RETURNING id
""",
    f"uuid text text uuid text text text {_MOMENT} {_MOMENT}{6 * ' bigint'} text boolean bytea",
)
_LINES = (
    """
INSERT INTO orders_line (order_id, position, sku, name, category, brand, quantity_e3,
  amount_minor, discount_minor, tax_minor, net_minor, gift_card)
SELECT * FROM unnest(%b::uuid[], %b::integer[], %b::text[], %b::text[], %b::text[],
  %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
  %b::boolean[])
""",
    "uuid integer text text text text bigint bigint bigint bigint bigint boolean",
)
_PAYMENTS = (
    """
INSERT INTO orders_payment (order_id, place, kind, amount_minor, reference)
SELECT * FROM unnest(%b::uuid[], %b::integer[], %b::text[], %b::bigint[], %b::text[])
""",
    "uuid integer text bigint text",
)
_DELIVERIES = (
    """
INSERT INTO orders_delivery (order_id, promised_on, needed_on, shipped_at, delivered_at)
SELECT * FROM unnest(%b::uuid[], %b::date[], %b::date[], %b::timestamptz[],
  %b::timestamptz[])
""",
    "uuid date date timestamptz timestamptz",
)
_KNOWN = (
    """
SELECT o.source, o.number, o.id, o.content_hash, o.customer_id, o.paid_at
FROM unnest(%b::text[], %b::text[]) AS k(source, number)
CROSS JOIN LATERAL (
  SELECT * FROM orders_order o WHERE o.source = k.source AND o.number = k.number LIMIT 1
) AS o
""",
    "text text",
)
_FIRST = (
    """
SELECT c.id, r.bought_at
FROM unnest(%b::uuid[], %b::timestamptz[]) AS r(id, bought_at)
CROSS JOIN LATERAL (
  SELECT * FROM customers_customer k WHERE k.id = r.id LIMIT 1
) AS c
WHERE c.first_bought_at IS NULL OR c.first_bought_at > r.bought_at
""",
    "uuid timestamptz",
)
_PAID = (
    """
UPDATE orders_order o SET status = 'paid', paid_at = n.paid_at
FROM unnest(%b::uuid[], %b::timestamptz[]) AS n(id, paid_at)
WHERE o.id = n.id AND o.status = 'pending'
RETURNING o.id
""",
    "uuid timestamptz",
)


class OrderDiffers(ServiceError):
    """The order is known with other content."""

    code = "orders.order_differs"
    status = 409
    says = N_("Order {number!r} of {source!r} is known with other content.")
    remedy = N_("An order never changes: send what changed as a refund or a new order.")


class _Known(NamedTuple):
    """What is stored of an order that came again."""

    id: UUID
    content: bytes
    customer_id: UUID | None
    paid_at: datetime | None


def record(orders: Sequence[NewOrder], *, at: datetime, actor: Actor) -> list[UUID]:
    """Record orders, with what they name of products, stores and channels.

    An order that is known with the same content is left as it is, except that a pending one
    becomes paid when it comes again with ``paid_at``. Whose first purchase it is, is noted
    with the customer. All or nothing.

    Parameters
    ----------
    orders
        Any number; a few thousand at a time are quickest.
    at
        When this is written, the database's time.
    actor
        Who sent them.

    Returns
    -------
    list[UUID]
        The id of each, in the order given.

    Raises
    ------
    OrderDiffers
        If source and number are known with other content or another customer.
    OrderInvalid
        If figures cannot be.
    """
    return _recorded(orders, at=at, actor=actor, but_history=False)[0]


def record_told(
    orders: Sequence[NewOrder], *, at: datetime, actor: Actor
) -> tuple[list[UUID], frozenset[int]]:
    """Record orders that a till tells, but for those that a file brought before.

    Parameters
    ----------
    orders, at, actor
        As for :func:`record`.

    Returns
    -------
    tuple
        The id of each, in the order given, and the places of those that are history; these
        are known by the till's name as well from here on.

    Raises
    ------
    OrderDiffers, OrderInvalid
        As for :func:`record`.
    """
    return _recorded(orders, at=at, actor=actor, but_history=True)


def _recorded(
    orders: Sequence[NewOrder], *, at: datetime, actor: Actor, but_history: bool
) -> tuple[list[UUID], frozenset[int]]:
    if not orders:
        return [], frozenset()
    for order in orders:
        check(order)
    hashes = [content_hash(order) for order in orders]
    ids = [new_id() for _ in orders]
    # One order of locking for everybody: two senders of the same orders never deadlock.
    places = sorted(range(len(orders)), key=lambda n: (orders[n].source, orders[n].number))
    rows = [_row(orders[n], key=ids[n], content=hashes[n]) for n in places]
    history: dict[int, UUID] = {}
    with transaction.atomic():
        found = _run(_ORDERS, rows, first=(at, str(actor)), last=(but_history,))
        fresh = {row[0] for row in found}
        if len(fresh) < len(orders):
            history = told_elsewhere(orders, history=True) if but_history else {}
            also_name([(orders[n].source, orders[n].number, key) for n, key in history.items()])
            known = _known(orders)
            ids, paid = _match(orders, ids=ids, hashes=hashes, known=known, history=history)
            _pay(orders, ids=ids, paid=paid)
            _mark([orders[place] for place in paid], actor=actor)
        new = [(key, order) for key, order in zip(ids, orders, strict=True) if key in fresh]
        _keep_parts(list(dict(new).items()))
        _mark([order for _, order in new], actor=actor)
    return ids, frozenset(history)


def _mark(orders: Sequence[NewOrder], *, actor: Actor) -> None:
    """Note who bought for the first time, or earlier than was known."""
    bought: dict[UUID, datetime] = {}
    for order in orders:
        if order.customer_id is not None and order.paid_at is not None:
            first = bought.get(order.customer_id, order.ordered_at)
            bought[order.customer_id] = min(first, order.ordered_at)
    # Most buyers bought before: one look, and nobody is locked.
    news = _run(_FIRST, bought.items())
    if news:
        mark_bought(news, actor=actor)


def _row(order: NewOrder, *, key: UUID, content: bytes) -> tuple[Any, ...]:
    return (
        key,
        order.source,
        order.number,
        order.customer_id,
        order.store,
        order.channel,
        order.currency,
        order.ordered_at,
        order.paid_at,
        sum(line.amount_minor for line in order.lines),
        order.discount_minor,
        order.tax_minor,
        order.shipping_minor,
        order.paid_by_points_minor,
        order.paid_by_gift_card_minor,
        _array(order.coupons),
        order.history,
        content,
    )


def _array(texts: Sequence[str]) -> str:
    """Return PostgreSQL's spelling of a text array: unnest takes no arrays of arrays."""
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return "{" + ",".join([f'"{text}"' for text in quoted]) + "}"


def _run(
    statement: tuple[str, str],
    rows: Collection[tuple[Any, ...]],
    *,
    first: tuple[Any, ...] = (),
    last: tuple[Any, ...] = (),
) -> list[tuple[Any, ...]]:
    """Run a statement whose parameters are the columns of rows, of the types named."""
    sql, types = statement
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [*first, *columns(types, rows), *last])
        return cursor.fetchall() if cursor.description else []


def _known(orders: Sequence[NewOrder]) -> dict[tuple[str, str], _Known]:
    # A statement of its own: it sees what another sender committed while we waited.
    rows = _run(_KNOWN, {(order.source, order.number) for order in orders})
    return {
        (source, number): _Known(key, bytes(content), customer_id, paid_at)
        for source, number, key, content, customer_id, paid_at in rows
    }


def _match(
    orders: Sequence[NewOrder],
    *,
    ids: list[UUID],
    hashes: list[bytes],
    known: dict[tuple[str, str], _Known],
    history: dict[int, UUID],
) -> tuple[list[UUID], list[int]]:
    """Return each order's id as stored, and the places of those now paid."""
    stored, paid = [], []
    for place, order in enumerate(orders):
        if place in history:
            stored.append(history[place])
            continue
        there = known[order.source, order.number]
        stored.append(there.id)
        pays = there.paid_at is None and order.paid_at is not None
        same = (
            there.content == hashes[place]
            and there.customer_id == order.customer_id
            and (pays or there.paid_at == order.paid_at or order.paid_at is None)
        )
        if not same:
            raise OrderDiffers(source=order.source[:60], number=order.number[:60])
        if pays and there.id != ids[place]:
            paid.append(place)
    return stored, paid


def _pay(orders: Sequence[NewOrder], *, ids: list[UUID], paid: list[int]) -> None:
    moments = {ids[place]: orders[place].paid_at for place in paid}
    rows = _run(_PAID, moments.items())
    now_paid = {row[0] for row in rows}
    by_id = {ids[place]: orders[place] for place in paid}
    _run(_PAYMENTS, _payments([(key, by_id[key]) for key in now_paid]))


def _keep_parts(new: list[tuple[UUID, NewOrder]]) -> None:
    """Write lines, payments and deliveries of orders that are new, and what they name."""
    _run(_LINES, [row for key, order in new for row in _lines(key, order)])
    _run(_PAYMENTS, _payments(new))
    _run(
        _DELIVERIES,
        [
            (key, d.promised_on, d.needed_on, d.shipped_at, d.delivered_at)
            for key, order in new
            if (d := order.delivery) is not None
        ],
    )
    catalogue = Catalogue()
    for _, order in new:
        catalogue.add(order)
    catalogue.keep()


def _lines(key: UUID, order: NewOrder) -> list[tuple[Any, ...]]:
    amounts = [line.amount_minor for line in order.lines]
    off = split(order.discount_minor, weights=amounts) if order.discount_minor else None
    return [
        _line(key, line, net=amount - (off[place] if off else 0))
        for place, (line, amount) in enumerate(zip(order.lines, amounts, strict=True))
    ]


def _line(key: UUID, line: NewLine, *, net: int) -> tuple[Any, ...]:
    return (
        key,
        line.position,
        line.sku,
        line.name,
        line.category,
        line.brand,
        line.quantity_e3,
        line.amount_minor,
        line.discount_minor,
        line.tax_minor,
        net,
        line.gift_card,
    )


def _payments(orders: list[tuple[UUID, NewOrder]]) -> list[tuple[Any, ...]]:
    return [
        (key, place, payment.kind, payment.amount_minor, payment.reference)
        for key, order in orders
        for place, payment in enumerate(order.payments, start=1)
    ]
