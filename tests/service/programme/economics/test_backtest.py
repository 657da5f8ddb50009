"""The back-test gives what the service itself gave for the same orders."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from huitouke.service.customers import queries as customers
from huitouke.service.programme.economics.backtest import (
    CURRENT,
    DraftForeign,
    NothingToTest,
    backtest,
)
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.versions.queries import ProgrammeUnknown

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)
LIN, WANG = "13800138000", "13900139000"
TIERS = {
    "metric": "spend",
    "tiers": [
        {"code": "base", "name": {"en": "Base"}, "reach": 0},
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000},
    ],
}
EXTRA = {
    "id": "extra",
    "name": {"en": "Extra"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 3, "per_minor": 200},
    "caps": [{"points": 500, "per": "month"}],
}
HELLO = {
    "id": "hello",
    "name": {"en": "Hello"},
    "on": "customer.signed_up",
    "gives": {"kind": "fixed", "points": 66},
    "once": "ever",
}


def day(number):
    return MARCH + timedelta(days=number)


@pytest.fixture
def open_shop(shop, rules_of):
    """Two members, orders of three months, refunds in part and in full."""
    shop.publish(rules_of(EXTRA, HELLO, tiers=TIERS))
    shop.join(LIN, at=MARCH)
    shop.join(WANG, at=day(3))
    first = shop.buy(LIN, 12_345, 6_789, at=day(1))
    shop.buy(WANG, 30_050, at=day(4), discount_minor=1_000)
    second = shop.buy(LIN, 45_000, 333, 334, at=day(9))
    shop.refund(first, 1, at=day(10))
    shop.refund(second, 2, at=day(12))
    shop.refund(first, 2, at=day(15))
    shop.buy(LIN, 9_999, at=day(40), shipping_minor=800)
    shop.buy(WANG, 70_000, at=day(41))
    return shop


def given_by_rule():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rule, sum(earned), sum(taken) FROM programme_orderearning GROUP BY rule"
        )
        return {rule: (int(earned), int(taken)) for rule, earned, taken in cursor.fetchall()}


def by_rule(run):
    return {rule.rule: (rule.points, rule.clawed_back) for rule in run.rules}


def test_a_replay_of_the_rules_in_force_gives_what_the_ledger_has(open_shop, rules_of):
    report = backtest({"draft": rules_of()}, programme="main", at=open_shop.now())

    current = report.runs[0]
    told = by_rule(current)
    assert current.name == CURRENT
    assert told.pop("hello") == (132, 0)
    assert told == given_by_rule()
    assert report.members == "enrolled"
    assert report.seen.orders == 5
    assert report.seen.refunds == 3


def test_tiers_at_the_end_are_those_that_members_have(open_shop, rules_of):
    report = backtest({"draft": rules_of()}, programme="main", at=open_shop.now())

    having = {
        phone: Membership.objects.get(customer_id=customers.find("phone", phone).id).tier
        for phone in (LIN, WANG)
    }
    assert having == {LIN: "gold", WANG: "gold"}
    assert dict(report.runs[0].tiers)["gold"] == 2


def test_a_draft_is_compared_with_the_rules_in_force(open_shop, rules_of):
    draft = rules_of(HELLO, tiers={**TIERS, "tiers": TIERS["tiers"][:1]})

    report = backtest({"without": draft}, programme="main", at=open_shop.now(), listed=1)

    (found,) = report.comparisons
    lost = given_by_rule()["extra"]
    assert (found.before, found.after) == (CURRENT, "without")
    assert found.points == -(lost[0] - lost[1])
    assert (found.lose, len(found.losers)) == (2, 1)
    assert found.moves[0].members == 2


def test_two_drafts_and_the_rules_in_force_stand_side_by_side(open_shop, rules_of):
    report = backtest(
        {"one": rules_of(), "two": rules_of(EXTRA)}, programme="main", at=open_shop.now()
    )

    assert [run.name for run in report.runs] == [CURRENT, "one", "two"]
    assert [each.after for each in report.comparisons] == ["one", "two"]


def test_a_period_counts_its_own_orders_only(open_shop, rules_of):
    report = backtest(
        {"draft": rules_of()},
        programme="main",
        at=open_shop.now(),
        since=day(30),
        until=day(41),
    )

    assert (report.seen.orders, report.seen.earlier) == (1, 3)
    assert report.runs[1].issued == 99


def test_everyone_who_buys_can_be_taken_for_a_member(open_shop, rules_of):
    open_shop.buy("13700137000", 5_000, at=day(50))

    enrolled = backtest({"draft": rules_of()}, programme="main", at=open_shop.now())
    buyers = backtest(
        {"draft": rules_of()}, programme="main", at=open_shop.now(), members="buyers"
    )

    assert buyers.runs[1].issued == enrolled.runs[1].issued + 50
    assert buyers.runs[1].earners == 3


def test_cost_needs_a_rate_and_says_so_until_there_is_one(open_shop, rules_of):
    unknown = backtest({"draft": rules_of()}, programme="main", at=open_shop.now())
    given = backtest(
        {"draft": rules_of()}, programme="main", at=open_shop.now(), redemption=0.8
    )

    issued = unknown.runs[1].issued - unknown.runs[1].clawed_back
    assert unknown.runs[1].outlook.redeemed.points is None
    assert unknown.runs[1].outlook.redeemed.high_money.cost_minor == issued
    assert given.runs[1].outlook.redeemed.money.cost_minor == round(issued * 0.8)


def test_nothing_is_written_by_a_back_test(open_shop, rules_of):
    before = given_by_rule()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.entry")
        entries = cursor.fetchone()

    backtest({"draft": rules_of(EXTRA)}, programme="main", at=open_shop.now())

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.entry")
        assert cursor.fetchone() == entries
    assert given_by_rule() == before


def test_the_report_is_json(open_shop, rules_of):
    report = backtest({"draft": rules_of(HELLO)}, programme="main", at=open_shop.now())

    told = json.loads(json.dumps(report.as_json()))

    assert told["runs"][1]["worth"]["face"] == {"num": 1, "den": 1}
    assert told["comparisons"][0]["losers"][0]["customer"].startswith("cus_")


def test_orders_of_nobody_and_of_other_money_are_counted_as_left_out(open_shop, rules_of):
    open_shop.tell(
        "order.paid",
        at=day(60),
        order={"number": "X1", "lines": [{"sku": "a", "amount_minor": 100}]},
    )
    open_shop.buy(LIN, 100, at=day(61), currency="USD")

    report = backtest({"draft": rules_of()}, programme="main", at=open_shop.now())

    assert (report.left_out.nobody, report.left_out.other_currency) == (1, 1)


def test_a_back_test_of_nothing_is_refused(open_shop):
    with pytest.raises(NothingToTest):
        backtest({}, programme="main", at=open_shop.now())


def test_a_draft_of_another_currency_is_refused(open_shop, rules_of):
    with pytest.raises(DraftForeign):
        backtest({"x": rules_of(currency="USD")}, programme="main", at=open_shop.now())


def test_an_unknown_programme_is_refused(open_shop, rules_of):
    with pytest.raises(ProgrammeUnknown):
        backtest({"x": rules_of()}, programme="other", at=open_shop.now())
