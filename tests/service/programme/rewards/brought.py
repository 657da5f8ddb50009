"""Friends who are brought, buy and send back, for tests of referrals."""

from __future__ import annotations

from datetime import timedelta

from huitouke.service.customers import commands as customers
from huitouke.service.orders import commands as orders
from huitouke.service.orders import queries as order_queries
from huitouke.service.orders.contract import NewRefund
from huitouke.service.orders.models import Order
from huitouke.service.programme.events.carts import kept_cart
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.rewards.hooks import (
    Paid,
    Returned,
    after_paid,
    after_refund,
)
from huitouke.service.programme.rewards.referrals import (
    refer,
    referral_code,
)


def code_of(shop, who):
    return referral_code(who, programme="main", at=shop.now)


def bring(shop, code, friend, **more):
    return refer(
        code,
        friend=friend,
        programme="main",
        definition=shop.definition,
        version=shop.version,
        at=shop.now,
        **more,
    )


def pay(shop, who, amount=10_000, *, key=None, **more):
    order = shop.order(who, amount)
    customers.mark_bought([(who, shop.now)])
    paid = Paid(
        order=order,
        customer=who,
        source_key=key or f"till/{order}",
        occurred_at=shop.now,
        returnable_until=shop.now + timedelta(days=7),
        cart=kept_cart(order_queries.kept([order])[order]),
        **more,
    )
    told = after_paid(
        [paid],
        programme="main",
        definition=shop.definition,
        version=shop.version,
        at=shop.now,
        actor=shop.till,
    )
    return order, told


def send_back(shop, order, who):
    found = Order.objects.get(id=order)
    orders.refund(
        NewRefund(
            source="till",
            source_id=f"R{order}",
            order_source=found.source,
            order_number=found.number,
            at=shop.now,
            reason="",
            lines=(),
            shipping_minor=0,
        ),
        at=shop.now,
        actor=shop.till,
    )
    kept = order_queries.kept([order])[order]
    back = Returned(
        order=order,
        customer=who,
        source_key=f"till/R{order}",
        occurred_at=shop.now,
        kept=kept_cart(kept),
        paid_minor=found.total_minor,
        returned_minor=found.total_minor,
        whole=True,
    )
    return after_refund(
        [back],
        programme="main",
        definition=shop.definition,
        version=shop.version,
        at=shop.now,
        actor=shop.till,
    )


def state():
    return Referral.objects.get().state
