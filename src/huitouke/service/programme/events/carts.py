"""Orders as facts tell them, as records keep them, and as rules look at them."""

from __future__ import annotations

from uuid import UUID

from huitouke.service.orders.amounts import split
from huitouke.service.orders.contract import (
    KeptOrder,
    NewDelivery,
    NewLine,
    NewOrder,
    NewPayment,
    NewRefund,
)
from huitouke.service.programme.events.facts import OrderPaid, OrderRefunded
from huitouke.service.programme.events.fields import quantity_e3
from huitouke.service.programme.events.order_facts import FactOrder
from huitouke.service.programme.rules.cart import Cart, CartLine

__all__ = ["cart_of", "kept_cart", "new_order", "new_refund"]


def cart_of(order: FactOrder) -> Cart:
    """Return an order as rules look at it: the whole order's discount split to its lines.

    Parameters
    ----------
    order
        What the shop told.
    """
    off = split(order.discount_minor, weights=[line.amount_minor for line in order.lines])
    return Cart(
        lines=tuple(
            [
                CartLine(
                    position=place,
                    sku=line.sku,
                    category=line.category,
                    brand=line.brand,
                    quantity_e3=quantity_e3(line.quantity),
                    amount_minor=line.amount_minor - off[place - 1],
                    tax_minor=_tax_kept(
                        line.tax_minor, of=line.amount_minor, off=off[place - 1]
                    ),
                    gift_card=line.gift_card,
                )
                for place, line in enumerate(order.lines, start=1)
            ]
        ),
        shipping_minor=order.shipping_minor,
        paid_by_points_minor=order.paid_by_points_minor,
        paid_by_gift_card_minor=order.paid_by_gift_card_minor,
        currency=order.currency,
        store=order.store,
        channel=order.channel,
        coupons=order.coupons,
    )


def _tax_kept(tax_minor: int, *, of: int, off: int) -> int:
    """Return the tax contained in what a line costs after its share of a discount."""
    return tax_minor * (of - off) // of if of else 0


def kept_cart(kept: KeptOrder) -> Cart:
    """Return what is kept of an order as rules look at it.

    Parameters
    ----------
    kept
        What orders say is kept.
    """
    return Cart(
        lines=tuple(
            [
                CartLine(
                    position=line.position,
                    sku=line.sku,
                    category=line.category,
                    brand=line.brand,
                    quantity_e3=line.quantity_e3,
                    amount_minor=line.amount_minor,
                    tax_minor=line.tax_minor,
                    gift_card=line.gift_card,
                )
                for line in kept.lines
            ]
        ),
        shipping_minor=kept.shipping_minor,
        paid_by_points_minor=kept.paid_by_points_minor,
        paid_by_gift_card_minor=kept.paid_by_gift_card_minor,
        currency=kept.currency,
        store=kept.store,
        channel=kept.channel,
        coupons=kept.coupons,
    )


def new_order(fact: OrderPaid, *, customer: UUID | None) -> NewOrder:
    """Return the order as it is recorded.

    Parameters
    ----------
    fact
        What the shop told.
    customer
        Who bought, if anybody is known.
    """
    order = fact.order
    dates = order.delivery
    return NewOrder(
        source=fact.source,
        number=order.number,
        customer_id=customer,
        ordered_at=order.ordered_at or fact.occurred_at,
        paid_at=fact.occurred_at,
        currency=order.currency,
        lines=tuple(
            [
                NewLine(
                    position=place,
                    sku=line.sku,
                    name=line.name,
                    category=line.category,
                    brand=line.brand,
                    quantity_e3=quantity_e3(line.quantity),
                    amount_minor=line.amount_minor,
                    discount_minor=line.discount_minor,
                    tax_minor=line.tax_minor,
                    gift_card=line.gift_card,
                )
                for place, line in enumerate(order.lines, start=1)
            ]
        ),
        store=order.store,
        channel=order.channel,
        tax_minor=order.tax_minor,
        shipping_minor=order.shipping_minor,
        discount_minor=order.discount_minor,
        paid_by_points_minor=order.paid_by_points_minor,
        paid_by_gift_card_minor=order.paid_by_gift_card_minor,
        coupons=order.coupons,
        payments=tuple(
            [
                NewPayment(kind=p.kind, amount_minor=p.amount_minor, reference=p.reference)
                for p in order.payments
            ]
        ),
        delivery=None
        if dates is None
        else NewDelivery(promised_on=dates.promised_on, needed_on=dates.needed_on),
    )


def new_refund(fact: OrderRefunded, *, order_source: str, order_number: str) -> NewRefund:
    """Return the refund as it is recorded.

    Parameters
    ----------
    fact
        What the shop told; no lines is everything that is left, delivery included.
    order_source, order_number
        Under which its order was recorded.
    """
    back = fact.order
    return NewRefund(
        source=fact.source,
        source_id=fact.source_id,
        order_source=order_source,
        order_number=order_number,
        at=back.refunded_at or fact.occurred_at,
        reason=back.reason,
        lines=tuple(
            [
                (
                    line.position,
                    None if line.quantity is None else quantity_e3(line.quantity),
                    line.amount_minor,
                )
                for line in back.lines
            ]
        ),
        shipping_minor=back.shipping_minor if back.lines else None,
    )
