"""Whatever moves the unit that tiers rest on moves their metric: up at once, down at review."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Sum

from huitouke.service.core.actor import Actor
from huitouke.service.core.models import Outbox
from huitouke.service.customers import commands as customers
from huitouke.service.programme import commands, queries
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.models.members import Membership, Qualifying
from huitouke.service.programme.rewards.jobs import reward_referrals
from huitouke.service.programme.rewards.referrals import referral_code

pytestmark = pytest.mark.django_db

CLERK = Actor("staff", "clerk")
OTHER = "13900139000"
GROWTH = {
    "units": [
        {"code": "points", "name": {"en": "points"}},
        {"code": "growth", "name": {"en": "growth"}, "kind": "growth"},
    ],
    "tiers": {
        "metric": "qualifying",
        "unit": "growth",
        "grace_days": 0,
        "tiers": [
            {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
            {"code": "gold", "name": {"en": "Gold"}, "reach": 1_000},
        ],
    },
}
CARD = {
    "id": "card",
    "name": {"en": "Card"},
    "per": "order",
    "stamps": 2,
    "unit": "growth",
    "points": 1_000,
}


@pytest.fixture
def open_with(shop, spend_rule):
    def publish(*rules, **more):
        shop.publish(spend_rule, *rules, **{**GROWTH, **more})
        shop.join()
        return shop

    return publish


def adjusted(shop, points, *, key="k1", unit="growth"):
    return commands.adjust(
        shop.customer(), points=points, unit=unit, reason_code="mistake", key=key,
        at=shop.now(), actor=CLERK,
    )  # fmt: skip


def stands(shop, phone="13800138000"):
    view = queries.tier(shop.customer(phone), now=shop.now())
    return view.tier, view.progress.metric


def lifts():
    told = Outbox.objects.filter(topic="tier.upgraded").order_by("position")
    return [each.body["to_tier"] for each in told if each.body["from_tier"]]


def test_growth_given_by_hand_lifts_at_once_and_is_told(open_with):
    shop = open_with()

    adjusted(shop, 400)
    adjusted(shop, 600, key="k2")
    adjusted(shop, 600, key="k2")

    assert stands(shop) == ("gold", 1_000)
    assert Membership.objects.get().tier == "gold"
    assert lifts() == ["gold"]


def test_growth_taken_by_hand_is_seen_by_the_next_review(open_with, shift_clock):
    shop = open_with()
    adjusted(shop, 1_000)

    adjusted(shop, -300, key="k2")

    assert stands(shop) == ("gold", 700)
    shift_clock(timedelta(days=400))
    tick(at=shop.now())
    assert Membership.objects.get().tier == "silver"


def test_what_the_ledger_refuses_or_another_unit_moves_counts_nothing(open_with):
    shop = open_with()

    adjusted(shop, -300)
    adjusted(shop, 5_000, key="k2", unit="points")

    assert stands(shop) == ("silver", 0)
    assert Qualifying.objects.count() == 0


def test_a_full_card_that_gives_growth_lifts_in_the_same_answer(open_with):
    shop = open_with(stamps=[CARD])

    first, second = shop.tell(shop.paid(1_000), shop.paid(1_000))

    assert [each["type"] for each in first.effects] == ["points.earned", "stamps.added"]
    assert [each["type"] for each in second.effects] == [
        "points.earned",
        "stamps.added",
        "tier.upgraded",
    ]
    assert stands(shop) == ("gold", 1_000)
    assert shop.faults() == []


def test_what_a_broken_card_gives_back_comes_off_the_day_it_was_given(open_with, shift_clock):
    """The order had lifted the member: inside its return window the lift is undone."""
    shop = open_with(stamps=[CARD])
    shop.tell(shop.paid(1_000))
    last = shop.paid(1_000)
    shop.tell(last)
    shift_clock(timedelta(days=3))

    shop.tell(shop.refunded(last))

    growth = Qualifying.objects.filter(unit="growth").values_list("on")
    assert list(growth.annotate(Sum("points")).values_list("points__sum", flat=True)) == [0]
    assert (stands(shop), shop.balance(code="main.growth")) == (("silver", 0), (0, 0, 0))


def test_growth_of_a_card_waits_for_who_is_no_member_yet(shop, spend_rule):
    shop.publish(spend_rule, **{**GROWTH, "stamps": [CARD]})
    shop.tell(shop.paid(1_000), shop.paid(1_000))

    shop.join()

    assert stands(shop) == ("gold", 1_000)


def test_growth_for_bringing_a_friend_counts_and_goes_with_the_order(open_with, shift_clock):
    referral = {"unit": "growth", "advocate_points": 1_000, "friend_points": 10, "wait_days": 1}
    shop = open_with(referral=referral)
    code = referral_code(shop.customer(), programme="main", at=shop.now())
    shop.join(OTHER, referral_code=code)
    order = shop.paid(10_000, customer=OTHER)
    shop.tell(order)
    shift_clock(timedelta(days=2))
    reward_referrals(at=shop.now())
    assert (stands(shop), stands(shop, OTHER)) == (("gold", 1_000), ("silver", 10))

    shop.tell(shop.refunded(order))
    reward_referrals(at=shop.now())

    assert (stands(shop), stands(shop, OTHER)) == (("gold", 0), ("silver", 0))
    assert (lifts(), shop.faults()) == (["gold"], [])


def test_what_two_were_given_once_each_counts_once_when_they_are_one(open_with):
    welcome = {
        "id": "welcome",
        "name": {"en": "Welcome"},
        "on": "customer.signed_up",
        "unit": "growth",
        "gives": {"kind": "fixed", "points": 100},
        "pending": 0,
        "once": "ever",
    }
    shop = open_with(welcome)
    shop.join(OTHER)
    mine, other = shop.customer(), shop.customer(OTHER)

    merge = customers.merge(mine, into=other, at=shop.now(), actor=CLERK)

    assert (stands(shop, OTHER), shop.balance(OTHER, "main.growth")[0]) == (
        ("silver", 100),
        100,
    )
    customers.unmerge(merge.id, at=shop.now(), actor=CLERK)
    assert (stands(shop), stands(shop, OTHER)) == (("silver", 100), ("silver", 100))
