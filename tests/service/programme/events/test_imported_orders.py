"""Orders from before count for tiers where the rules say so, once, and earn nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.models import Outbox
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewLine, NewOrder
from huitouke.service.programme.events.days import change_day, tick
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.models.members import Membership, Qualifying

pytestmark = pytest.mark.django_db


def tiers(**more):
    return {
        "metric": "spend",
        "tiers": [
            {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
            {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000},
        ],
        **more,
    }


def piece(amount):
    return NewLine(position=1, sku="S", category="", quantity_e3=1000, amount_minor=amount)


def imported(shop, *amounts):
    at = shop.now() - timedelta(days=40)
    new = [
        NewOrder(
            source="file", number=f"H{place}", customer_id=shop.customer(), ordered_at=at,
            paid_at=at, currency="CNY", store="", channel="", tax_minor=0, shipping_minor=0,
            discount_minor=0, paid_by_points_minor=0, paid_by_gift_card_minor=0, coupons=(),
            lines=(piece(amount),), payments=(), delivery=None, history=True,
        )
        for place, amount in enumerate(amounts)
    ]  # fmt: skip
    orders.record(new, at=shop.now(), actor=shop.actor)


def tier(shop):
    return Membership.objects.get(customer=shop.customer()).tier


def test_imported_orders_lift_a_member_at_the_next_change_of_day(shop, spend_rule):
    shop.publish(spend_rule, tiers=tiers(imported_orders=True))
    shop.join()
    imported(shop, 30_000, 25_000)
    before = tier(shop)

    tick(at=shop.now())

    assert (before, tier(shop)) == ("silver", "gold")
    assert sorted(Qualifying.objects.values_list("spend_minor", "visits")) == [
        (25_000, 1),
        (30_000, 1),
    ]
    lifts = [each.body["to_tier"] for each in Outbox.objects.filter(topic="tier.upgraded")]
    assert lifts.count("gold") == 1
    assert shop.balance() == (0, 0, 0)


def test_each_counts_once_however_often_the_day_is_changed(shop, spend_rule):
    shop.publish(spend_rule, tiers=tiers(imported_orders=True))
    shop.join()
    imported(shop, 30_000)
    now = shop.now()
    rulebook = Rulebook.open("main", at=now)

    for _ in range(2):
        change_day(rulebook, on=rulebook.now.day(now), at=now)

    assert Qualifying.objects.count() == 1


def test_by_default_they_do_not_count(shop, spend_rule):
    shop.publish(spend_rule, tiers=tiers())
    shop.join()
    imported(shop, 60_000)

    tick(at=shop.now())

    assert (tier(shop), Qualifying.objects.count()) == ("silver", 0)
