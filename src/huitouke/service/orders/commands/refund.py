"""Refunds by line: the order is locked, and never more comes back than was paid."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.ids import new_id
from huitouke.service.orders.content import refund_hash
from huitouke.service.orders.contract import NewRefund
from huitouke.service.orders.models import Line, Order, Refund, RefundLine
from huitouke.service.orders.returning import line_back

__all__ = [
    "RefundBeforeOrder",
    "RefundDiffers",
    "RefundInvalid",
    "RefundTooLarge",
    "refund",
]

_TAKE = """
UPDATE orders_line l SET returned_e3 = l.returned_e3 + n.quantity_e3,
  refunded_minor = l.refunded_minor + n.amount_minor
FROM unnest(%b::integer[], %b::bigint[], %b::bigint[]) AS n(position, quantity_e3, amount_minor)
WHERE l.order_id = %s AND l.position = n.position
"""


class RefundBeforeOrder(ServiceError):
    """The order of the refund is not known, or not paid."""

    code = "orders.refund_before_order"
    status = 409
    says = N_("There is no paid order {number!r} of {source!r} to refund.")
    remedy = N_("Send the order first, then the refund again.")


class RefundDiffers(ServiceError):
    """The refund is known with other content."""

    code = "orders.refund_differs"
    status = 409
    says = N_("Refund {number!r} of {source!r} is known with other content.")
    remedy = N_("Give every refund an id of its own.")


class RefundTooLarge(Refused):
    """More would come back than is left."""

    code = "orders.refund_too_large"
    status = 409
    says = N_("Refund of order {number!r}: {field} asks for {asked}, but only {left} is left.")
    remedy = N_("Refund at most what is left.")


class RefundInvalid(ServiceError):
    """The refund names what the order does not have."""

    code = "orders.refund_invalid"
    says = N_("Refund of order {number!r}: {field} cannot be.")
    remedy = N_("Name lines of the order, each once, with amounts of 0 or more.")


class _Back(NamedTuple):
    """What comes back of one line."""

    position: int
    quantity_e3: int
    amount_minor: int


def refund(new: NewRefund, *, at: datetime, actor: Actor) -> Refund:
    """Give money back for an order, once per ``(source, source_id)``.

    Parameters
    ----------
    new
        The refund.
    at
        When this is written, the database's time.
    actor
        Who sent it.

    Returns
    -------
    Refund
        With its lines; the same for every repeat.

    Raises
    ------
    RefundBeforeOrder
        If the order is unknown or not paid.
    RefundDiffers
        If the refund is known with other content.
    RefundInvalid
        If it names a line twice or one that the order does not have.
    RefundTooLarge
        If more would come back than is left.
    """
    if new.at.tzinfo is None or not (new.source and new.source_id):
        raise RefundInvalid(number=new.order_number[:60], field="source, source_id, at")
    content = refund_hash(new)
    with transaction.atomic():
        order = (
            Order.objects.select_for_update()
            .filter(source=new.order_source, number=new.order_number)
            .first()
        )
        known = Refund.objects.filter(source=new.source, source_id=new.source_id).first()
        if known is not None:
            if bytes(known.content_hash) != content:
                raise RefundDiffers(source=new.source[:60], number=new.source_id[:60])
            return known
        if order is None or order.status == Order.Status.PENDING:
            raise RefundBeforeOrder(source=new.order_source[:60], number=new.order_number[:60])
        lines = list(Line.objects.filter(order=order).order_by("position"))
        back = _back(new, lines)
        shipping = _shipping(new, order)
        return _write(
            new, order=order, lines=lines, back=back, shipping=shipping, content=content,
            at=at, actor=actor,
        )  # fmt: skip


def _back(new: NewRefund, lines: list[Line]) -> list[_Back]:
    """Return what comes back of each line; refuse what is too much."""
    by_position = {line.position: line for line in lines}
    if not new.lines:
        return [
            _Back(line.position, _left_e3(line), _left_minor(line))
            for line in lines
            if _left_e3(line) or _left_minor(line)
        ]
    if len({position for position, _, _ in new.lines}) < len(new.lines):
        raise RefundInvalid(number=new.order_number[:60], field="lines.position")
    back = []
    for position, quantity_e3, amount_minor in new.lines:
        field = f"lines[{position}]"
        if position not in by_position or min(quantity_e3 or 0, amount_minor or 0) < 0:
            raise RefundInvalid(number=new.order_number[:60], field=field)
        one = _one(by_position[position], quantity_e3, amount_minor)
        left = (_left_e3(by_position[position]), _left_minor(by_position[position]))
        for name, asked, there in (
            (f"{field}.quantity_e3", one.quantity_e3, left[0]),
            (f"{field}.amount_minor", one.amount_minor, left[1]),
        ):
            if asked > there:
                raise RefundTooLarge(
                    number=new.order_number[:60], field=name, asked=asked, left=there
                )
        back.append(one)
    return back


def _one(line: Line, quantity_e3: int | None, amount_minor: int | None) -> _Back:
    if quantity_e3 is None and amount_minor is None:
        return _Back(line.position, _left_e3(line), _left_minor(line))
    if amount_minor is not None:
        return _Back(line.position, quantity_e3 or 0, amount_minor)
    now_e3 = quantity_e3 or 0
    return _Back(line.position, now_e3, line_back(line, quantity_e3=now_e3))


def _left_e3(line: Line) -> int:
    return line.quantity_e3 - line.returned_e3


def _left_minor(line: Line) -> int:
    return line.net_minor - line.refunded_minor


def _shipping(new: NewRefund, order: Order) -> int:
    left = order.shipping_minor - order.refunded_shipping_minor
    if order.status == Order.Status.CANCELLED:
        left = 0
    asked = left if new.shipping_minor is None else new.shipping_minor
    if asked < 0:
        raise RefundInvalid(number=order.number[:60], field="shipping_minor")
    if asked > left:
        raise RefundTooLarge(
            number=order.number[:60], field="shipping_minor", asked=asked, left=left
        )
    return asked


def _write(
    new: NewRefund,
    *,
    order: Order,
    lines: list[Line],
    back: list[_Back],
    shipping: int,
    content: bytes,
    at: datetime,
    actor: Actor,
) -> Refund:
    if not back and not shipping:
        raise RefundTooLarge(number=order.number[:60], field="lines", asked="*", left=0)
    amount = shipping + sum(each.amount_minor for each in back)
    made = Refund(
        id=new_id(),
        order=order,
        source=new.source,
        source_id=new.source_id,
        at=new.at,
        amount_minor=amount,
        shipping_minor=shipping,
        reason=new.reason,
        content_hash=content,
        recorded_at=at,
        actor=str(actor),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        # Another order took the id at this very moment.
        raise RefundDiffers(source=new.source[:60], number=new.source_id[:60]) from error
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=made,
            position=each.position,
            quantity_e3=each.quantity_e3,
            amount_minor=each.amount_minor,
        )
        for each in back
    )
    if back:
        with connection.cursor() as cursor:
            columns = [list(column) for column in zip(*back, strict=True)]
            cursor.execute(_TAKE, [*columns, order.id])
    order.refunded_minor += amount
    order.refunded_shipping_minor += shipping
    if order.status != Order.Status.CANCELLED:
        order.status = _status(lines, back)
    order.save(update_fields=["refunded_minor", "refunded_shipping_minor", "status"])
    return made


def _status(lines: list[Line], back: list[_Back]) -> Order.Status:
    """Say whether anything is left of the goods: money where there was any, else pieces."""
    money_left = sum(map(_left_minor, lines)) - sum(each.amount_minor for each in back)
    pieces_left = sum(map(_left_e3, lines)) - sum(each.quantity_e3 for each in back)
    costly = any(line.net_minor for line in lines)
    left = money_left if costly else pieces_left
    return Order.Status.PART_REFUNDED if left else Order.Status.REFUNDED
