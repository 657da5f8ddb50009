"""What the clock did is told once, whether a sweep or a touch did it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Outbox
from huitouke.service.customers import commands as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Spend
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.rules.reasons import say

pytestmark = pytest.mark.django_db

EARLY = "2026-03-01T12:00:00+08:00"


def told(topic):
    return [each.body for each in Outbox.objects.filter(topic=topic).order_by("position")]


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


def test_points_that_became_spendable_are_told_once(points_shop, shift_clock):
    points_shop.tell(points_shop.paid(10_000))
    tick(at=points_shop.now())
    before = told("points.activated")

    shift_clock(timedelta(days=9))
    tick(at=points_shop.now())
    tick(at=points_shop.now())

    (body,) = told("points.activated")
    assert before == []
    assert (body["unit"], body["points"], body["available"]) == ("points", 100, 100)
    assert say(body["reason"], "en") == "100 points became available."


def test_what_a_touch_settled_is_told_as_well(points_shop, shift_clock):
    points_shop.tell(points_shop.paid(10_000))
    shift_clock(timedelta(days=9))
    spend(points_shop, 10)

    tick(at=points_shop.now())

    assert [each["points"] for each in told("points.activated")] == [100]


def test_expired_points_say_until_when_they_were_good(shop, spend_rule, shift_clock):
    shop.publish(spend_rule, expiry={"kind": "rolling", "months": 1, "round": "none"})
    shop.join()
    fact = shop.paid(10_000)
    effect = shop.tell(fact).effects[0]

    shift_clock(timedelta(days=60))
    tick(at=shop.now())
    tick(at=shop.now())

    (body,) = told("points.expired")
    assert (body["points"], body["available"]) == (100, 0)
    assert body["reason"]["valid_through"] == effect["reason"]["valid_through"]
    assert "100 points expired; they were valid through" in say(body["reason"], "en")


def test_a_debt_that_later_points_settle_is_told_once(points_shop):
    order = points_shop.paid(10_000, occurred_at=EARLY)
    points_shop.tell(order)
    spend(points_shop, 60)
    points_shop.tell(points_shop.refunded(order))

    points_shop.tell(points_shop.paid(10_000, occurred_at=EARLY))
    tick(at=points_shop.now())
    tick(at=points_shop.now())

    (body,) = told("debt.settled")
    assert (body["points"], body["owed"], body["available"]) == (60, 0, 40)
    assert say(body["reason"], "en") == "60 points settled what was owed."


def test_pending_points_that_settle_a_debt_tell_both(points_shop, shift_clock):
    order = points_shop.paid(10_000, occurred_at=EARLY)
    points_shop.tell(order)
    spend(points_shop, 100)
    points_shop.tell(points_shop.refunded(order), points_shop.paid(15_000))

    shift_clock(timedelta(days=9))
    tick(at=points_shop.now())

    (activated,), (settled,) = told("points.activated"), told("debt.settled")
    assert (activated["points"], activated["available"]) == (150, 50)
    assert settled["points"] == 100


def test_a_hold_that_ran_out_is_told_as_points_set_free(points_shop, shift_clock):
    points_shop.tell(points_shop.paid(10_000, occurred_at=EARLY))
    held = Spend(
        account=points_shop.account(),
        key="cart",
        amount=30,
        effective_at=points_shop.now(),
        actor="key:till-7",
        reason={"code": "held.order"},
    )
    ledger.hold(held, expires_at=points_shop.now() + timedelta(minutes=30))

    shift_clock(timedelta(hours=1))
    tick(at=points_shop.now())

    (body,) = told("points.released")
    assert (body["points"], body["available"]) == (30, 100)


def test_nobody_is_told_of_a_person_who_was_erased(points_shop, shift_clock):
    points_shop.tell(points_shop.paid(10_000))
    customers.erase(points_shop.customer(), at=points_shop.now(), actor=points_shop.actor)

    shift_clock(timedelta(days=9))
    tick(at=points_shop.now())

    assert told("points.activated") == []


def test_a_merged_person_is_told_under_the_name_they_have_now(points_shop, shift_clock):
    points_shop.tell(points_shop.paid(10_000))
    shift_clock(timedelta(days=9))
    ledger.sweep()
    points_shop.join("13900139000")
    stays = points_shop.customer("13900139000")
    loser = points_shop.customer()
    customers.merge(loser, into=stays, at=points_shop.now(), actor=points_shop.actor)

    tick(at=points_shop.now())

    found = Outbox.objects.filter(topic="points.activated").values_list("subject", flat=True)
    assert list(found) == [public_id("cus", stays)]
