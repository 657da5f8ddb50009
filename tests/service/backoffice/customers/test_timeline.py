"""The timeline tells each step at its own moment, and what stood under another record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from counter import BOSS, TILL, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.customers import commands as customers
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewLine, NewOrder
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.people.timeline import timeline
from huitouke.service.programme.rewards.completion import capture, release
from huitouke.service.programme.rewards.counter import hand_over, hand_over_held
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.reversals import reverse as give_back

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


def told(client, customer, kind=""):
    """What the page tells of a kind, the oldest first: title and amount."""
    url = reverse("customer_history", args=[key(customer)])
    part = client.get(url, {"kind": kind}).context["page"].timeline
    return [
        (each.title, each.amount.replace("\N{MINUS SIGN}", "-"), each.at, each.note)
        for each in reversed(part.events)
    ]


def words(lines):
    return [(title, amount) for title, amount, *_ in lines]


def set_aside(shop, customer, reward, *, at):
    return redeem(
        customer.pk, programme="main", reward=reward.pk, key=f"r{at}", actor=TILL, at=at,
        ttl=MONTH,
    )  # fmt: skip


def test_a_redemption_is_told_step_by_step_each_at_its_own_moment(shop, as_role):
    made = shop.member(points=900)
    cup = shop.reward(500, when_used="charge", charge_minor=3_000)
    first, third = shop.now, shop.later(days=2)
    twentieth = shop.later(days=19)
    held = set_aside(shop, made, cup, at=first)
    hand_over_held(held.pk, at=third, actor=BOSS)
    give_back(held.pk, key="b", at=twentieth, actor=BOSS, because="mistake")

    lines = told(as_role(), made, "rewards")

    assert words(lines) == [
        ("Cup: points set aside", "-500"),
        ("Cup: handed over", ""),
        ("Cup: given back", "+500"),
    ]
    assert [at for _, _, at, _ in lines] == [first, third, twentieth]


def test_what_is_fetched_at_once_is_one_step(shop, as_role):
    made, cup = shop.member(points=900), shop.reward(500)

    hand_over(made.pk, reward=cup.pk, key="h", at=shop.now, actor=BOSS)

    assert words(told(as_role(), made, "rewards")) == [("Cup: handed over", "-500")]


def test_what_is_not_fetched_is_set_free_when_it_was(shop, as_role):
    made, cup = shop.member(points=900), shop.reward(500)
    later = shop.later(hours=3)
    held = set_aside(shop, made, cup, at=shop.now)
    release(held.pk, at=later, actor=TILL)

    lines = told(as_role(), made, "rewards")

    assert words(lines)[1] == ("Cup: not redeemed, points set free", "+500")
    assert lines[1][2] == later


def test_points_that_come_back_in_parts_are_told_part_by_part(shop, as_role):
    made, cup = shop.member(points=900), shop.reward(500, kind="service")
    held = set_aside(shop, made, cup, at=shop.now)
    capture(held.pk, at=shop.later(hours=1), actor=TILL)
    for part, hours in ((100, 2), (400, 3)):
        give_back(held.pk, key=f"b{part}", at=shop.later(hours=hours), actor=TILL, points=part)

    lines = words(told(as_role(), made, "rewards"))

    assert lines[-2:] == [
        ("Cup: partly given back", "+100"),
        ("Cup: partly given back", "+400"),
    ]
    points = [title for title, *_ in told(as_role(), made, "points")]
    assert not any("Cup" in title for title in points)


def test_an_order_that_is_called_off_is_told_when_it_was(shop, as_role):
    made = shop.member()
    later = shop.later(hours=5)
    shop.buy(made, 12_000, number="B7")
    fact = {
        "type": "order.cancelled", "source": "shop", "source_id": "c1",
        "occurred_at": later, "order": {"number": "B7"},
    }  # fmt: skip
    assert record([FACT.validate_python(fact)], actor=TILL)[0].status == "done"

    lines = told(as_role(), made, "orders")

    assert words(lines) == [("Order B7", "¥120.00"), ("Order B7, called off", "-¥120.00")]
    assert lines[1][2] == later


def test_an_order_that_was_never_paid_is_called_off_without_an_amount(shop, as_role):
    made = shop.member()
    line = NewLine(position=1, sku="tea", amount_minor=9_000, quantity_e3=1_000)
    new = NewOrder(
        source="shop", number="B8", customer_id=made.pk, ordered_at=shop.now, paid_at=None,
        currency="CNY", lines=(line,),
    )  # fmt: skip
    orders.record([new], at=shop.now, actor=TILL)
    orders.cancel("shop", "B8", at=shop.now, actor=BOSS, happened_at=shop.later(hours=1))

    assert words(told(as_role(), made, "orders")) == [
        ("Order B8", "¥90.00"),
        ("Order B8, called off", ""),
    ]


def test_coupons_are_told_when_they_are_given_and_used_and_come_back(shop, as_role):
    made, client = shop.member(), as_role()
    code = shop.coupon(made, value=1_000)
    shop.buy(made, 20_000, number="C1", codes=[code])
    orders_gone = {
        "type": "order.cancelled", "source": "shop", "source_id": "c2",
        "occurred_at": shop.later(hours=1), "order": {"number": "C1"},
    }  # fmt: skip
    record([FACT.validate_python(orders_gone)], actor=TILL)

    lines = told(client, made, "coupons")

    assert [title for title, *_ in lines] == [
        "Tenth off: coupon given",
        "Tenth off: coupon used",
        "Tenth off: coupon good again",
    ]
    assert all(code in note for *_, note in lines)


def test_no_address_of_the_timeline_carries_a_code(shop):
    made = shop.member()
    codes = [shop.coupon(made) for _ in range(3)]
    ground = ground_of(now=shop.now)

    first = timeline(made.pk, ground=ground, kind="coupons", limit=1)
    second = timeline(made.pk, ground=ground, kind="coupons", limit=9, cursor=first.cursor)

    assert not any(code in first.cursor for code in codes)
    assert {each.about["code"] for each in (*first.moments, *second.moments)} == set(codes)


def test_points_of_a_merged_record_are_told_with_its_number(shop, as_role):
    stays, goes = shop.member("Stays", points=10), shop.member("Goes")
    shop.earn(goes, 40)
    customers.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)

    lines = told(as_role(), stays, "points")

    amounts = [amount for _, amount, *_ in lines]
    assert sorted(amounts) == ["+10", "+40", "+40"]
    under = [note for *_, note in lines if key(goes) in note]
    assert under == [f"under {key(goes)}, before the merge"]


def test_a_merge_that_was_undone_leaves_each_its_own_history(shop, as_role):
    stays, goes = shop.member("Stays"), shop.member("Goes", points=40)
    made = customers.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)
    customers.unmerge(made.pk, at=shop.now, actor=BOSS)

    lines = told(as_role(), goes, "points")

    assert [amount for _, amount, *_ in lines] == ["+40", "-40", "+40"]
    assert not any("before the merge" in note for *_, note in lines)


def test_records_that_were_merged_cost_no_question_each(shop):
    stays = shop.member("Stays", points=10)
    ground = ground_of(now=shop.now)

    def asked():
        with CaptureQueriesContext(connection) as found:
            timeline(stays.pk, ground=ground)
        return len(found)

    def merged(many):
        for number in range(many):
            goes = shop.member(f"Goes {number}", points=40)
            shop.buy(goes, 3_000)
            customers.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)

    merged(1)
    few = asked()
    merged(4)

    assert asked() == few
