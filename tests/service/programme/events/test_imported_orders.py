"""Orders from before count for tiers where the rules say so, once, and earn nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.models import Outbox
from huitouke.service.customers import commands as customers
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewLine, NewOrder
from huitouke.service.programme.events.days import change_day, tick
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.models.members import Membership, Qualifying

pytestmark = pytest.mark.django_db
PHONE, OTHER = "13800138000", "13800138001"


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


def metric(shop, phone):
    member = Membership.objects.get(customer=shop.customer(phone))
    return sum(
        Qualifying.objects.filter(membership=member).values_list("spend_minor", flat=True)
    )


@pytest.fixture
def two(shop, spend_rule):
    """Two members; the first has history."""
    shop.publish({**spend_rule, "pending": 0}, tiers=tiers(imported_orders=True))
    shop.join()
    shop.join(OTHER)
    shop.ids = shop.customer(), shop.customer(OTHER)
    imported(shop, 30_000, 10_000)
    return shop


def merged(shop):
    loser, winner = shop.ids
    return customers.merge(loser, into=winner, at=shop.now(), actor=shop.actor)


def parted(shop, made):
    customers.unmerge(made.id, at=shop.now(), actor=shop.actor)


def test_a_merge_counts_them_no_second_time(two, shift_clock):
    tick(at=two.now())
    made = merged(two)
    shift_clock(timedelta(days=1))
    tick(at=two.now())
    assert metric(two, OTHER) == 40_000

    parted(two, made)
    shift_clock(timedelta(days=2))
    tick(at=two.now())

    assert [metric(two, phone) for phone in (PHONE, OTHER)] == [40_000, 0]


def test_what_was_counted_while_two_were_one_goes_with_its_orders(two, shift_clock):
    made = merged(two)
    tick(at=two.now())
    assert metric(two, OTHER) == 40_000

    parted(two, made)
    shift_clock(timedelta(days=1))
    tick(at=two.now())

    assert [metric(two, phone) for phone in (PHONE, OTHER)] == [40_000, 0]
    again = merged(two)
    shift_clock(timedelta(days=2))
    tick(at=two.now())
    assert metric(two, OTHER) == 40_000
    parted(two, again)
    assert [metric(two, phone) for phone in (PHONE, OTHER)] == [40_000, 0]


def test_what_came_back_while_two_were_one_goes_with_its_order(two):
    order = two.paid(7_000)
    two.tell(order)
    two.tell(two.paid(2_000, customer=OTHER))
    made = merged(two)
    two.tell(two.refunded(order))
    assert metric(two, OTHER) == 2_000

    parted(two, made)

    assert [metric(two, phone) for phone in (PHONE, OTHER)] == [0, 2_000]
