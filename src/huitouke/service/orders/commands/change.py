"""What happens to a whole order later: it is cancelled, it is delivered."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.audit import note
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.orders.commands.refund import RefundTooLarge, refund
from huitouke.service.orders.contract import NewRefund
from huitouke.service.orders.models import Delivery, Order

__all__ = ["OrderUnknown", "cancel", "deliver"]


class OrderUnknown(ServiceError):
    """There is no such order."""

    code = "orders.order_unknown"
    status = 404
    says = N_("There is no order {number!r} of {source!r}.")
    remedy = N_("Send the order first.")


def cancel(
    source: str, number: str, *, at: datetime, actor: Actor, happened_at: datetime | None = None
) -> UUID:
    """Cancel an order: everything that is not yet refunded comes back, delivery cost too.

    A cancelled order stays as it is when it is cancelled again.

    Parameters
    ----------
    source, number
        The order.
    at
        When this is written, the database's time.
    actor
        Who cancels.
    happened_at
        When it happened in the shop; None: ``at``.

    Returns
    -------
    UUID
        The order's id.

    Raises
    ------
    OrderUnknown
        If there is no such order.
    """
    with transaction.atomic():
        order = _locked(source, number)
        if order.status == Order.Status.CANCELLED:
            return order.id
        if order.status != Order.Status.PENDING:
            back = NewRefund(
                source="huitouke",
                source_id=f"cancel:{order.id}",
                order_source=source,
                order_number=number,
                at=happened_at or at,
                reason="cancelled",
                shipping_minor=None,
            )
            # Where everything came back before, only the state is new.
            with suppress(RefundTooLarge):
                refund(back, at=at, actor=actor)
        Order.objects.filter(id=order.id).update(
            status=Order.Status.CANCELLED, cancelled_at=happened_at or at
        )
        note("order.cancelled", actor=actor, target=public_id("ord", order.id))
    return order.id


def deliver(
    source: str, number: str, *, delivered_at: datetime, at: datetime, actor: Actor
) -> UUID:
    """Note that an order was delivered; the first moment told stays.

    Parameters
    ----------
    source, number
        The order.
    delivered_at
        When the customer had it.
    at
        When this is written, the database's time.
    actor
        Who tells.

    Returns
    -------
    UUID
        The order's id.

    Raises
    ------
    OrderUnknown
        If there is no such order.
    """
    del at
    with transaction.atomic():
        order = _locked(source, number)
        delivery, _ = Delivery.objects.get_or_create(order=order)
        if delivery.delivered_at is None:
            delivery.delivered_at = delivered_at
            delivery.save(update_fields=["delivered_at"])
            note(
                "order.delivered",
                actor=actor,
                target=public_id("ord", order.id),
                facts={"delivered_at": delivered_at.isoformat()},
            )
    return order.id


def _locked(source: str, number: str) -> Order:
    order = Order.objects.select_for_update().filter(source=source, number=number).first()
    if order is None:
        raise OrderUnknown(source=source[:60], number=number[:60])
    return order
