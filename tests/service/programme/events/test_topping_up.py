"""Stored value is money: paid in, spent at its face value, given back, and never gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.models import Outbox
from huitouke.service.customers import commands as customers
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.redemptions import redeem

pytestmark = pytest.mark.django_db

OTHER = "13900139000"
UNITS = [
    {"code": "points", "name": {"en": "points"}},
    {"code": "stored", "name": {"en": "stored value"}, "kind": "stored_value", "scale": 2},
]


@pytest.fixture
def bank(shop, spend_rule):
    shop.publish(spend_rule, units=UNITS)
    shop.join()
    return shop


def topped_up(shop, paid, bonus=0, *, customer="13800138000", unit="stored", **given):
    value = {"unit": unit, "paid_minor": paid, "bonus_minor": bonus}
    who = shop.who(customer)
    return shop.fact("value.topped_up", customer=who, value=value, **given)


def undone(shop, fact, **given):
    return shop.fact("value.reversed", value={"source_id": fact.source_id, **given})


def stored(shop, phone="13800138000"):
    return shop.balance(phone, "main.stored")[0]


def spend(shop, amount, *, key="r1", unit="stored"):
    made = redeem(
        shop.customer(), programme="main", key=key, actor=shop.actor, at=shop.now(),
        points=amount, unit=unit,
    )  # fmt: skip
    capture(made.id, at=shop.now(), actor=shop.actor)
    return made


def test_what_is_paid_in_and_the_bonus_are_there_at_once_and_for_ever(bank, shift_clock):
    told = bank.tell(topped_up(bank, 50_000, 5_000))

    effect = told.effects[0]
    assert (effect["type"], effect["value"]) == ("value.topped_up", 55_000)
    assert (effect["paid_minor"], effect["bonus_minor"]) == (50_000, 5_000)
    assert told.balance["stored"]["available"] == 55_000
    shift_clock(timedelta(days=4_000))
    tick(at=bank.now())
    assert stored(bank) == 55_000
    assert bank.faults() == []


def test_a_top_up_counts_once_and_is_told_to_strangers_once(bank):
    fact = topped_up(bank, 50_000)

    first, again = bank.tell(fact, fact)
    later = bank.tell(fact)

    assert (first.status, again.status, later.status) == ("done", "replayed", "replayed")
    assert stored(bank) == 50_000
    assert Outbox.objects.filter(topic="value.topped_up").count() == 1


def test_it_pays_what_it_says(bank):
    bank.tell(topped_up(bank, 50_000))

    made = spend(bank, 12_345)

    assert (made.points, made.worth_minor, made.unit) == (12_345, 12_345, "stored")
    assert stored(bank) == 37_655


def test_a_top_up_that_is_undone_takes_the_bonus_along(bank):
    fact = topped_up(bank, 50_000, 5_000)
    bank.tell(fact)

    told = bank.tell(undone(bank, fact))

    assert told.effects[0]["paid_minor"] == 50_000
    assert (told.effects[0]["type"], stored(bank)) == ("value.reversed", 0)
    assert bank.faults() == []


def test_it_is_undone_once(bank):
    fact = topped_up(bank, 50_000)
    bank.tell(fact, topped_up(bank, 20_000))

    first, second = bank.tell(undone(bank, fact), undone(bank, fact))

    assert (first.status, second.status) == ("done", "refused")
    assert second.code == "programme.top_up_reversed"
    assert stored(bank) == 20_000


def test_what_was_spent_is_not_given_back_in_money(bank):
    fact = topped_up(bank, 50_000)
    bank.tell(fact)
    spend(bank, 10_000)

    told = bank.tell(undone(bank, fact))

    assert (told.status, told.code) == ("refused", "programme.top_up_spent")
    assert "40000" in told.says["en"]
    assert (stored(bank), bank.faults()) == (40_000, [])


def test_money_that_another_top_up_brought_stands_in_for_what_was_spent(bank):
    fact = topped_up(bank, 50_000)
    bank.tell(fact, topped_up(bank, 30_000))
    spend(bank, 10_000)

    told = bank.tell(undone(bank, fact))

    assert (told.status, stored(bank)) == ("done", 20_000)


def test_after_a_merge_it_is_undone_where_the_money_is(bank):
    bank.join(OTHER)
    fact = topped_up(bank, 50_000, customer=OTHER)
    bank.tell(fact)
    customers.merge(bank.customer(OTHER), into=bank.customer(), at=bank.now(), actor=bank.actor)

    bank.tell(undone(bank, fact))

    assert (stored(bank), bank.faults()) == (0, [])


@pytest.mark.parametrize(
    ("unit", "code"),
    [("points", "programme.not_stored_value"), ("coins", "programme.not_stored_value")],
)
def test_only_stored_value_is_paid_in(bank, unit, code):
    fact = topped_up(bank, 50_000, unit=unit)

    told = bank.tell(fact)

    assert (told.status, told.code) == ("invalid", code)
    assert bank.balance() == (0, 0, 0)


def test_an_unknown_top_up_may_be_told_first_and_undone_then(bank):
    fact = topped_up(bank, 50_000)
    back = undone(bank, fact)

    early = bank.tell(back)
    bank.tell(fact)

    assert (early.status, early.code) == ("invalid", "programme.top_up_unknown")
    assert bank.tell(back).status == "done"


def test_points_still_pay_only_where_the_rules_say_so(bank):
    from huitouke.service.programme.rewards.refusals import PointsNotTaken

    with pytest.raises(PointsNotTaken):
        spend(bank, 100, unit="points")
