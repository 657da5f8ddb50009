"""A paid order earns once, and the answer says what and why."""

from __future__ import annotations

import pytest

from huitouke.service.customers import queries as customers
from huitouke.service.orders import queries as orders
from huitouke.service.programme.rules.reasons import say

pytestmark = pytest.mark.django_db


def test_points_of_an_order_wait_for_the_return_window(points_shop):
    told = points_shop.tell(points_shop.paid(12_345))

    assert told.status == "done"
    (effect,) = told.effects
    assert (effect["value"], effect["rule"], effect["rule_version"]) == (123, "spend", 1)
    assert "7-day return window" in say(effect["reason"], "en")
    assert points_shop.balance() == (0, 123, 0)
    assert told.balance == {"points": {"available": 0, "pending": 123, "held": 0, "debt": 0}}


def test_the_same_fact_again_gets_the_same_answer_and_nothing_more(points_shop):
    fact = points_shop.paid(10_000)

    first, again = points_shop.tell(fact), points_shop.tell(fact)

    assert again.status == "replayed"
    assert (again.id, again.effects, again.order) == (first.id, first.effects, first.order)
    assert points_shop.balance() == (0, 100, 0)


def test_another_fact_under_the_same_name_is_not_taken(points_shop):
    points_shop.tell(points_shop.paid(10_000, number="A1", source_id="one"))

    told = points_shop.tell(points_shop.paid(20_000, number="A2", source_id="one"))

    assert (told.status, told.code) == ("invalid", "programme.idempotency_mismatch")
    assert points_shop.balance() == (0, 100, 0)
    assert orders.find("shop", "A2") is None


def test_an_order_is_paid_once_under_whatever_name(points_shop):
    points_shop.tell(points_shop.paid(10_000, number="A1", occurred_at="2026-03-01T12:00:00Z"))

    told = points_shop.tell(
        points_shop.paid(10_000, number="A1", occurred_at="2026-03-01T12:00:00Z")
    )

    assert (told.status, told.code) == ("refused", "programme.order_paid_before")
    assert points_shop.balance() == (100, 0, 0)


def test_who_is_not_enrolled_earns_nothing_and_reads_why(shop):
    from_nobody = None
    shop.publish(points_rule())

    known = shop.tell(shop.paid(10_000))
    unknown = shop.tell(shop.paid(10_000, customer=from_nobody))

    assert (known.status, known.effects) == ("done", ())
    assert [each["condition"] for each in known.reasons] == ["not_enrolled"]
    assert unknown.customer is None
    assert [each["condition"] for each in unknown.reasons] == ["no_customer"]
    assert customers.find("phone", "13800138000").first_bought_at is not None
    assert shop.balance() == (0, 0, 0)


def points_rule():
    return {
        "id": "spend",
        "name": {"en": "Points"},
        "on": "order.paid",
        "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
    }
