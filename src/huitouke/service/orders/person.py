"""What orders know of a person: shown on request, moved by a merge, kept without the name."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.person import Part
from huitouke.service.orders.models import Delivery, Line, Order, Payment, Refund

__all__ = ["PART", "erase", "export", "merge", "unmerge"]

_MONEY = (
    "goods_minor", "discount_minor", "tax_minor", "shipping_minor", "total_minor",
    "refunded_minor", "paid_by_points_minor", "paid_by_gift_card_minor",
)  # fmt: skip
_LINE = ("position", "sku", "name", "category", "quantity_e3", "amount_minor", "net_minor")


def export(customer: UUID) -> list[dict[str, Any]]:
    """Return a person's orders with lines, payments, delivery and refunds.

    Parameters
    ----------
    customer
        Whose.

    Returns
    -------
    list[dict[str, Any]]
        Ready for JSON, oldest first.
    """
    orders = (
        Order.objects.filter(customer_id=customer)
        .order_by("ordered_at", "id")
        .prefetch_related("lines", "payments", "refunds", "refunds__lines")
        .select_related("delivery")
    )
    return [_order(order) for order in orders]


def _order(order: Order) -> dict[str, Any]:
    delivery: Delivery | None = getattr(order, "delivery", None)
    return {
        "id": public_id("ord", order.id),
        "source": order.source,
        "number": order.number,
        "store": order.store,
        "channel": order.channel,
        "status": order.status,
        "currency": order.currency,
        "ordered_at": _text(order.ordered_at),
        "paid_at": _text(order.paid_at),
        "coupons": order.coupons,
        **{name: getattr(order, name) for name in _MONEY},
        "lines": [{name: getattr(line, name) for name in _LINE} for line in _lines(order)],
        "payments": [
            {"kind": each.kind, "amount_minor": each.amount_minor, "reference": each.reference}
            for each in sorted(order.payments.all(), key=lambda each: each.place)
        ],
        "delivery": None
        if delivery is None
        else {
            "promised_on": _text(delivery.promised_on),
            "needed_on": _text(delivery.needed_on),
            "shipped_at": _text(delivery.shipped_at),
            "delivered_at": _text(delivery.delivered_at),
        },
        "refunds": [_refund(each) for each in sorted(order.refunds.all(), key=_by_time)],
    }


def _lines(order: Order) -> list[Line]:
    return sorted(order.lines.all(), key=lambda line: line.position)


def _by_time(refund: Refund) -> tuple[datetime, UUID]:
    return refund.at, refund.id


def _refund(refund: Refund) -> dict[str, Any]:
    lines = sorted(refund.lines.all(), key=lambda line: line.position)
    return {
        "id": public_id("ref", refund.id),
        "at": _text(refund.at),
        "amount_minor": refund.amount_minor,
        "reason": refund.reason,
        "lines": [
            {
                "position": line.position,
                "quantity_e3": line.quantity_e3,
                "amount_minor": line.amount_minor,
            }
            for line in lines
        ],
    }


def _text(when: Any) -> str | None:
    return None if when is None else when.isoformat()


def merge(loser: UUID, *, into: UUID, at: datetime, actor: Actor) -> list[str]:
    """Give a person's orders to another.

    Parameters
    ----------
    loser, into
        From whom, to whom.
    at, actor
        When and by whom.

    Returns
    -------
    list[str]
        Ids of the orders that moved, for ``unmerge``.
    """
    del at, actor
    orders = Order.objects.filter(customer_id=loser)
    moved = sorted(str(key) for key in orders.values_list("id", flat=True))
    orders.update(customer_id=into)
    return moved


def unmerge(loser: UUID, *, winner: UUID, moved: list[str], at: datetime, actor: Actor) -> None:
    """Give back the orders that a merge moved.

    Parameters
    ----------
    loser, winner
        To whom, from whom.
    moved
        What ``merge`` returned.
    at, actor
        When and by whom.
    """
    del at, actor
    Order.objects.filter(customer_id=winner, id__in=moved).update(customer_id=loser)


def erase(customer: UUID, *, at: datetime, actor: Actor) -> None:
    """Remove what leads to the person: numbers of payments, words of refunds.

    Orders, amounts and products stay, for the accounts.

    Parameters
    ----------
    customer
        Whose.
    at, actor
        When and by whom.
    """
    del at, actor
    Payment.objects.filter(order__customer_id=customer).update(reference="")
    Refund.objects.filter(order__customer_id=customer).update(reason="")


PART = Part(name="orders", export=export, merge=merge, unmerge=unmerge, erase=erase)
