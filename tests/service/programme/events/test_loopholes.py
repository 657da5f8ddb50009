"""Ways to get points out of nothing that were tried, and no longer work."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customer_commands
from huitouke.service.programme import commands
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.reversals import reverse

pytestmark = pytest.mark.django_db

CLERK = Actor("staff", "clerk")
SPEND = {
    "id": "spend",
    "name": {"zh": "消费积分", "en": "Points on purchases"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
}
WELCOME = {
    "id": "welcome",
    "name": {"zh": "入会礼", "en": "Welcome present"},
    "on": "customer.signed_up",
    "gives": {"kind": "fixed", "points": 100},
    "once": "ever",
}
CARD = {
    "id": "card",
    "name": {"zh": "集次卡", "en": "Card"},
    "per": "order",
    "stamps": 1,
    "points": 500,
    "valid_months": 6,
}
BURN = {"per_points": 1, "minor": 1, "least_points": 1, "step_points": 1, "most_percent": 100}
OTHER = "13900139000"


def give(shop, points):
    commands.adjust(
        shop.customer(),
        points=points,
        reason_code="goodwill",
        key=f"give-{points}",
        at=clock.now(),
        actor=CLERK,
    )


def spent(shop, points, *, key):
    made = redeem(
        shop.customer(),
        programme="main",
        key=key,
        actor=CLERK,
        at=clock.now(),
        points=points,
    )
    return capture(made.id, at=clock.now(), actor=CLERK)


def test_a_refund_told_under_another_programme_takes_the_stamp_back_too(shop):
    shop.publish(SPEND, stamps=[CARD])
    shop.publish(SPEND, code="vip")
    shop.join()
    order = shop.paid(10_000)
    shop.tell(order)
    with_stamp = sum(shop.balance()[:2])

    shop.tell(shop.refunded(order, programme="vip"))

    assert with_stamp == 100 + 500
    assert shop.balance() == (0, 0, 0)


def test_a_redemption_pays_for_one_order_only(shop):
    shop.publish(SPEND, burn=BURN)
    shop.join()
    give(shop, 300)
    used = spent(shop, 200, key="one")
    named = {"redemptions": [public_id("rdm", used.id)]}

    first = shop.tell(shop.paid(10_000, order=named))
    second = shop.tell(shop.paid(10_000, order=named))
    reverse(used.id, key="back", at=clock.now(), actor=CLERK)
    third = shop.tell(shop.paid(10_000, order=named))

    assert "redemption_captured" in codes(first)
    assert "redemption_spent" in codes(second)
    assert "redemption_spent" in codes(third)
    assert shop.balance()[0] == 300


def codes(told):
    return {each["reason"]["code"] for each in (*told.effects, *told.reasons)}


def test_sources_with_colons_are_different_names(shop):
    shop.publish(SPEND)
    shop.join()

    first = shop.tell(shop.paid(10_000, source="q:X", source_id="z"))
    second = shop.tell(shop.paid(10_000, source="q", source_id="X:z"))

    assert [first.status, second.status] == ["done", "done"]
    assert shop.balance()[1] == 200


def test_merging_twice_takes_the_second_welcome_twice(shop):
    shop.publish(SPEND, WELCOME)
    shop.join()
    shop.join(OTHER)
    mine, other = shop.customer(), shop.customer(OTHER)

    for _ in range(2):
        merge = customer_commands.merge(mine, into=other, at=shop.now(), actor=CLERK)
        assert shop.balance(OTHER)[0] == 100
        customer_commands.unmerge(merge.id, at=shop.now(), actor=CLERK)

    assert shop.balance()[0] == shop.balance(OTHER)[0] == 100
    assert shop.faults() == []


def test_many_small_adjustments_are_one_large_one(shop):
    shop.publish(SPEND)
    shop.join()

    made = [
        commands.adjust(
            shop.customer(),
            points=4_000,
            reason_code="goodwill",
            key=f"small-{number}",
            at=clock.now(),
            actor=CLERK,
        ).state
        for number in range(3)
    ]

    assert made == ["done", "done", "waiting"]
