"""What makes two orders the same order, and what an order must be to be one."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec

from huitouke.language import N_
from huitouke.service.core.bounds import LARGEST
from huitouke.service.core.errors import ServiceError
from huitouke.service.orders.contract import NewLine, NewOrder, NewRefund

__all__ = ["OrderInvalid", "check", "content_hash", "refund_hash"]

_LARGEST_LINES = 10_000
_encode = msgspec.json.Encoder().encode


class OrderInvalid(ServiceError):
    """The order's figures cannot be."""

    code = "orders.order_invalid"
    says = N_("Order {number!r}: {field} is missing, out of range or does not add up.")
    remedy = N_("Amounts are whole minor units, 0 or more; moments carry a time zone.")


def content_hash(order: NewOrder) -> bytes:
    """Return the SHA-256 of what was ordered; 32 bytes.

    Who bought is left out (customers are merged), and so is when and how it was paid and
    delivered (that comes later) and whether it was imported.

    Parameters
    ----------
    order
        The order.
    """
    return hashlib.sha256(
        _encode(
            (
                order.source,
                order.number,
                order.ordered_at.astimezone(UTC),
                order.currency,
                order.store,
                order.channel,
                order.tax_minor,
                order.shipping_minor,
                order.discount_minor,
                order.paid_by_points_minor,
                order.paid_by_gift_card_minor,
                order.coupons,
                [_line(line) for line in order.lines],
            )
        )
    ).digest()


def _line(line: NewLine) -> tuple[int | str | bool, ...]:
    return (
        line.position,
        line.sku,
        line.name,
        line.category,
        line.brand,
        line.quantity_e3,
        line.amount_minor,
        line.discount_minor,
        line.tax_minor,
        line.gift_card,
    )


def refund_hash(refund: NewRefund) -> bytes:
    """Return the SHA-256 of a refund as it was asked for; 32 bytes.

    Parameters
    ----------
    refund
        The refund.
    """
    return hashlib.sha256(
        _encode(
            (
                refund.order_source,
                refund.order_number,
                refund.at.astimezone(UTC),
                refund.reason,
                refund.lines,
                refund.shipping_minor,
            )
        )
    ).digest()


def check(order: NewOrder) -> None:
    """Refuse an order whose figures cannot be.

    Parameters
    ----------
    order
        The order.

    Raises
    ------
    OrderInvalid
        Names the first field at fault.
    """
    for field, good in (
        ("source", bool(order.source)),
        ("number", bool(order.number)),
        ("currency", len(order.currency) == 3),
        ("ordered_at", _zoned(order.ordered_at)),
        ("paid_at", order.paid_at is None or _zoned(order.paid_at)),
        ("lines", 0 < len(order.lines) <= _LARGEST_LINES),
    ):
        if not good:
            raise OrderInvalid(number=order.number[:60], field=field)
    field = _wrong_line(order.lines) or _wrong_sum(order)
    if field:
        raise OrderInvalid(number=order.number[:60], field=field)


def _zoned(moment: datetime) -> bool:
    return moment.tzinfo is not None


def _wrong_line(lines: tuple[NewLine, ...]) -> str:
    for line in lines:
        if not 0 <= line.tax_minor <= line.amount_minor <= LARGEST:
            return f"lines[{line.position}].amount_minor"
        if not (0 <= line.discount_minor <= LARGEST and line.position >= 1):
            return f"lines[{line.position}].discount_minor"
        if not 0 <= line.quantity_e3 <= LARGEST:
            return f"lines[{line.position}].quantity"
    places = {line.position for line in lines}
    return "" if len(places) == len(lines) and max(places) < 1 << 31 else "lines.position"


def _wrong_sum(order: NewOrder) -> str:
    goods = sum(line.amount_minor for line in order.lines)
    total = goods - order.discount_minor + order.shipping_minor
    paid = (order.paid_by_points_minor, order.paid_by_gift_card_minor)
    for field, good in (
        ("discount_minor", 0 <= order.discount_minor <= goods),
        ("shipping_minor", order.shipping_minor >= 0),
        ("total_minor", total <= LARGEST),
        ("tax_minor", 0 <= order.tax_minor <= LARGEST),
        ("paid_by_points_minor", min(paid) >= 0 and sum(paid) <= total),
        ("payments", all(0 <= each.amount_minor <= LARGEST for each in order.payments)),
    ):
        if not good:
            return field
    return ""
