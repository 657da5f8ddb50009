"""What comes back takes its points along, once and to the last point."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Spend
from huitouke.service.orders import queries as orders
from huitouke.service.programme.rules.reasons import say

pytestmark = pytest.mark.django_db


def spend(shop, points):
    return ledger.spend(
        Spend(
            account=shop.account(),
            key=f"spend-{points}",
            amount=points,
            effective_at=shop.now(),
            actor="key:till-7",
            reason={"code": "redeemed.order"},
        )
    )


def available_order(shop, *amounts, **given):
    """An order whose points are past their return window."""
    fact = shop.paid(*amounts, occurred_at="2026-03-01T12:00:00+08:00", **given)
    assert shop.tell(fact).status == "done"
    return fact


def test_half_of_an_order_back_takes_what_is_left_and_owes_the_rest(points_shop):
    order = available_order(points_shop, 5_000, 5_000)
    spend(points_shop, 60)

    told = points_shop.tell(points_shop.refunded(order, {"position": 1}))

    (effect,) = told.effects
    assert effect["rules"] == [{"rule": "spend", "before": 100, "after": 50}]
    assert (effect["taken"], effect["owed"], effect["forgiven"]) == (40, 10, 0)
    assert points_shop.balance() == (0, 0, 10)
    assert "10 points still owed" in say(effect["reason"], "en")


def test_later_points_settle_what_is_owed(points_shop):
    order = available_order(points_shop, 10_000)
    spend(points_shop, 60)
    points_shop.tell(points_shop.refunded(order))

    available_order(points_shop, 10_000)

    assert points_shop.balance() == (40, 0, 0)


def test_cancelling_while_points_wait_leaves_no_debt(points_shop):
    order = points_shop.paid(10_000)
    points_shop.tell(order)

    told = points_shop.tell(points_shop.cancelled(order))

    assert told.status == "done"
    assert told.effects[0]["reason"]["code"] == "refund.cancelled"
    assert points_shop.balance() == (0, 0, 0)
    assert orders.find("shop", order.order.number).status == "cancelled"


def test_the_same_refund_again_takes_nothing_more(points_shop):
    order = available_order(points_shop, 5_000, 5_000)
    refund = points_shop.refunded(order, {"position": 1})

    first, again = points_shop.tell(refund), points_shop.tell(refund)

    assert (again.status, again.effects) == ("replayed", first.effects)
    assert points_shop.balance() == (50, 0, 0)


def test_refunds_in_pieces_end_at_nothing(points_shop):
    order = available_order(points_shop, 333, 333, 333)

    left = []
    for position in (3, 1, 2):
        points_shop.tell(points_shop.refunded(order, {"position": position}))
        left.append(points_shop.balance()[0])

    assert left == [6, 3, 0]


def test_a_refund_before_its_order_is_kept_for_later(points_shop):
    order = points_shop.paid(10_000, occurred_at="2026-03-01T12:00:00+08:00")
    refund = points_shop.refunded(order)

    early = points_shop.tell(refund)
    points_shop.tell(order)
    late = points_shop.tell(refund)

    assert (early.status, early.code) == ("invalid", "orders.order_unknown")
    assert late.status == "done"
    assert points_shop.balance() == (0, 0, 0)


def test_more_than_was_left_is_refused_and_stays_refused(points_shop):
    order = available_order(points_shop, 5_000)
    too_much = points_shop.refunded(order, {"position": 1, "amount_minor": 6_000})

    first, again = points_shop.tell(too_much), points_shop.tell(too_much)

    assert (first.status, first.code) == ("refused", "orders.refund_too_large")
    assert (again.status, again.code) == ("refused", "orders.refund_too_large")
    assert points_shop.balance() == (50, 0, 0)


def test_what_a_refund_frees_of_a_cap_may_be_earned_again(shop):
    capped = {
        "id": "spend",
        "name": {"en": "Points"},
        "on": "order.paid",
        "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
        "caps": [{"points": 120, "per": "day"}],
        "pending": 0,
    }
    shop.publish(capped)
    shop.join()
    first, second, third = (shop.paid(10_000) for _ in range(3))
    told = shop.tell(first, second)
    assert [one.effects[0]["value"] for one in told] == [100, 20]
    assert told[1].effects[0]["capped_by"] == "spend.day"

    shop.tell(shop.refunded(first))
    again = shop.tell(third)

    assert again.effects[0]["value"] == 100
    assert shop.balance() == (120, 0, 0)


def test_points_after_delivery_get_their_day_when_goods_arrive(shop, shift_clock):
    rule = {
        "id": "spend",
        "name": {"en": "Points"},
        "on": "order.paid",
        "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
        "pending": {"on": "delivered", "days": 2, "at_latest_days": 45},
    }
    shop.publish(rule)
    shop.join()
    order = shop.paid(10_000)
    shop.tell(order)

    told = shop.tell(shop.fact("order.delivered", order={"number": order.order.number}))

    assert told.effects[0]["type"] == "points.dated"
    from huitouke.service.programme.events.deliveries import activate_due

    assert activate_due(at=shop.now()) == 0
    shift_clock(timedelta(days=2, minutes=1))
    assert activate_due(at=shop.now()) == 1
    assert shop.balance() == (100, 0, 0)
