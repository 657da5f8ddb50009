"""One order: what was sold, how it was paid and delivered, what came back, what it brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import may, say
from huitouke.service.backoffice.customers.contexts import Person
from huitouke.service.backoffice.customers.naming import actor_names
from huitouke.service.backoffice.customers.orders import (
    OrderShown,
    customer_of,
    line_name,
    order_loaded,
    order_shown,
    pieces_said,
)
from huitouke.service.backoffice.customers.pages.person import person_of
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.orders.models import Delivery, Order, Refund
from huitouke.service.ui.pages import show

__all__ = ["BackShown", "Delivered", "OrderPage", "PaymentShown", "order"]

#: Ways to pay that tills and shops name most; others are shown as they were told.
_WAYS: dict[str, str] = {
    "cash": N_("Cash"),
    "card": N_("Bank card"),
    "wechat": N_("WeChat Pay"),
    "alipay": N_("Alipay"),
    "gift_card": N_("Gift card"),
    "points": N_("Points"),
}
#: What the service itself writes down as the reason of a return.
_REASONS: dict[str, str] = {"cancelled": N_("The order was called off")}


@dataclass(frozen=True)
class PaymentShown:
    """One way in which a part was paid: what it is called, how much, and its number."""

    way: str
    amount_minor: int
    reference: str


@dataclass(frozen=True)
class BackShown:
    """One return.

    Parameters
    ----------
    at, amount_minor, reason, who
        When, how much money, why, and who took it back.
    goods
        What came back: its name, how many pieces, and what that is worth.
    shipping_minor
        Cost of delivery that was given back with it.
    """

    at: datetime
    amount_minor: int
    reason: str
    who: str
    goods: tuple[tuple[str, str, int], ...]
    shipping_minor: int


@dataclass(frozen=True)
class Delivered:
    """What was promised and needed, when it left and when it came."""

    promised_on: date | None
    needed_on: date | None
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True)
class OrderPage:
    """All of one order.

    Parameters
    ----------
    order
        What pages of the counter show as well.
    person
        Whose; none for nobody's.
    source, store, channel, coupons
        Who told it, where it was bought, and the codes it was bought with.
    paid_at, cancelled_at
        When it was paid, and when it was called off.
    goods_minor, discount_minor, shipping_minor, tax_minor
        How its total comes about; the tax is contained.
    payments, delivery, refunds
        See the parts.
    till_url
        Where it comes back; empty where who reads does not serve at the counter.
    """

    order: OrderShown
    person: Person | None
    source: str
    store: str
    channel: str
    coupons: tuple[str, ...]
    paid_at: datetime | None
    cancelled_at: datetime | None
    goods_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    payments: tuple[PaymentShown, ...]
    delivery: Delivered | None
    refunds: tuple[BackShown, ...]
    till_url: str


def _payments(found: Order) -> tuple[PaymentShown, ...]:
    return tuple(
        PaymentShown(
            say(_WAYS[each.kind]) if each.kind in _WAYS else each.kind,
            each.amount_minor,
            each.reference,
        )
        for each in sorted(found.payments.all(), key=lambda each: each.place)
    )


def _delivery(found: Order) -> Delivered | None:
    told = Delivery.objects.filter(order=found.pk).first()
    if told is None:
        return None
    return Delivered(told.promised_on, told.needed_on, told.shipped_at, told.delivered_at)


def _refunds(found: Order) -> tuple[BackShown, ...]:
    names = {each.position: line_name(each) or say(N_("Goods")) for each in found.lines.all()}
    made = sorted(found.refunds.all(), key=lambda each: (each.at, each.id))
    who = actor_names(each.actor for each in made)
    return tuple(_back(each, names=names, who=who[each.actor]) for each in made)


def _back(refund: Refund, *, names: dict[int, str], who: str) -> BackShown:
    reason = refund.reason
    return BackShown(
        at=refund.at,
        amount_minor=refund.amount_minor,
        reason=say(_REASONS[reason]) if reason in _REASONS else reason,
        who=who,
        goods=tuple(
            (names[each.position], pieces_said(each.quantity_e3), each.amount_minor)
            for each in sorted(refund.lines.all(), key=lambda each: each.position)
        ),
        shipping_minor=refund.shipping_minor,
    )


@needs("customers.read")
@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Show one order.

    Parameters
    ----------
    request
        ``GET``.
    key
        Public id of the order.
    """
    found = order_loaded(key)
    customer = customer_of(found)
    page = OrderPage(
        order=order_shown(found),
        person=None if customer is None else person_of(customer),
        source=found.source,
        store=found.store,
        channel=found.channel,
        coupons=tuple(found.coupons),
        paid_at=found.paid_at,
        cancelled_at=found.cancelled_at,
        goods_minor=found.goods_minor,
        discount_minor=found.discount_minor,
        shipping_minor=found.shipping_minor,
        tax_minor=found.tax_minor,
        payments=_payments(found),
        delivery=_delivery(found),
        refunds=_refunds(found),
        till_url=reverse("till_order", args=[key]) if may(request, "till.use") else "",
    )
    template = "backoffice/customers/order.html"
    return show(request, template=template, page=page, frame=frame_of(request))
