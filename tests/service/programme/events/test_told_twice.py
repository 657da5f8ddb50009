"""An order that a file brought and a till tells later is one order, and earns nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.models import Outbox
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewLine, NewOrder
from huitouke.service.orders.models import Alias, Order
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.models.members import Membership, Purchase, Qualifying

pytestmark = pytest.mark.django_db

TIERS = {
    "metric": "spend",
    "imported_orders": True,
    "tiers": [
        {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000},
    ],
}


@pytest.fixture
def club(shop, spend_rule):
    shop.publish(spend_rule, tiers=TIERS)
    shop.join()
    return shop


def imported(shop, number="A7", *, amount=30_000, days=3, customer="13800138000"):
    at = shop.now() - timedelta(days=days)
    piece = NewLine(position=1, sku="S", category="", quantity_e3=2000, amount_minor=amount)
    order = NewOrder(
        source="import", number=number, customer_id=shop.customer(customer), ordered_at=at,
        paid_at=at, currency="CNY", lines=(piece,), history=True,
    )  # fmt: skip
    orders.record([order], at=shop.now(), actor=shop.actor)
    return Order.objects.get(number=number, source="import")


def replayed(shop, number="A7", *, amount=30_000, days=3, **given):
    occurred_at = (shop.now() - timedelta(days=days)).isoformat()
    return shop.paid(amount, number=number, occurred_at=occurred_at, **given)


def test_the_till_is_answered_with_the_imported_order_and_why_it_gives_nothing(club):
    order = imported(club)

    told = club.tell(replayed(club))

    assert (told.status, told.order, told.effects) == ("done", str(order), ())
    assert [each["condition"] for each in told.reasons] == ["order_imported"]
    assert (Order.objects.count(), Purchase.objects.count(), club.balance()) == (
        1,
        0,
        (0, 0, 0),
    )


def test_a_day_or_two_between_order_and_payment_make_no_second_order(club):
    imported(club, days=3)

    told = club.tell(replayed(club, days=2), replayed(club, days=3))

    assert [each.reasons[0]["condition"] for each in told] == ["order_imported"] * 2
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [{"number": "A8"}, {"days": 6}, {"days": 400}, {"customer": "13900139000"}],
    ids=["number", "week", "year", "customer"],
)
def test_another_number_moment_or_customer_is_another_order(club, other):
    imported(club)
    club.join("13900139000")

    told = club.tell(replayed(club, **other))

    assert told.effects or told.reasons[0]["condition"] != "order_imported"
    assert (Order.objects.count(), Purchase.objects.count()) == (2, 1)


def test_it_counts_once_for_tiers_whoever_tells_it_first(club):
    imported(club)
    club.tell(replayed(club))

    tick(at=club.now())

    assert list(Qualifying.objects.values_list("spend_minor", "visits")) == [(30_000, 1)]
    assert Membership.objects.get().tier == "silver"


def test_what_comes_back_later_comes_off_the_imported_order(club):
    imported(club)
    paid = replayed(club)
    club.tell(paid)

    back = club.refunded(paid, {"position": 1, "quantity": 1})
    told, again = club.tell(back, back)

    assert (told.status, again.status) == ("done", "replayed")
    assert Order.objects.get().refunded_minor == 15_000
    assert (club.balance(), club.faults()) == ((0, 0, 0), [])


def test_a_cancellation_finds_the_imported_order(club):
    imported(club)
    paid = replayed(club)
    club.tell(paid)

    club.tell(club.cancelled(paid))

    assert Order.objects.get().status == "cancelled"


def test_the_rest_of_a_request_is_worked_on_as_always(club):
    imported(club)

    history, fresh = club.tell(replayed(club), club.paid(10_000, number="A9"))

    assert history.effects == ()
    assert [each["value"] for each in fresh.effects if each["type"] == "points.earned"] == [100]
    assert Outbox.objects.filter(topic="points.earned").count() == 1
    assert Alias.objects.count() == 1


def test_of_a_merged_customer_the_order_is_known_too(club):
    from huitouke.service.customers import commands as customers

    club.join("13900139000")
    imported(club, customer="13900139000")
    customers.merge(
        club.customer("13900139000"), into=club.customer(), at=club.now(), actor=club.actor
    )

    told = club.tell(replayed(club))

    assert [each["condition"] for each in told.reasons] == ["order_imported"]
