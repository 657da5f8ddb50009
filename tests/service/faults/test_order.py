"""Faults 17 and 32: parts in every split, and facts that come in any order."""

from __future__ import annotations

import pytest
from harness.dice import dice
from harness.shop import insisting

CENTS = 100


def refund(shop, number, cents):
    lines = [{"position": 1, "amount_minor": cents}]
    return shop.fact("order.refunded", days=1, order={"number": number, "lines": lines})


def parts_of(total, chance):
    cuts = sorted(chance.sample(range(1, total), chance.randint(0, min(6, total - 1))))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


def done(results):
    return [each["status"] for each in results]


def test_every_split_of_1_to_100_cents_takes_what_a_whole_return_takes(shop, seeds):
    chance = dice(f"{seeds}-splits")
    members = shop.members(CENTS)
    facts, splits = [], []
    for cents, member in enumerate(members, 1):
        number = shop.unique("order")
        # A hundred times as much as cents, so that most parts are worth no whole point.
        facts.append(shop.order(member, cents, 997, number=number))
        pieces = parts_of(cents, chance)
        chance.shuffle(pieces)
        splits += [refund(shop, number, piece) for piece in pieces]

    paid = shop.tell(facts).json()["results"]
    chance.shuffle(splits)
    back = shop.tell(splits).json()["results"]
    rest = [
        shop.fact("order.cancelled", days=1, order={"number": fact["order"]["number"]})
        for fact in facts
    ]
    kept = [shop.balance(member, unit="growth")["active"] for member in members]
    cancelled = shop.tell(rest).json()["results"]

    assert {*done(paid), *done(back), *done(cancelled)} == {"done"}
    assert kept == [997 // 100] * CENTS
    assert {shop.balance(member, unit="growth")["active"] for member in members} == {0}
    figures = [shop.balance(member) for member in members]
    assert {(f["active"], f["pending"], f["owed"]) for f in figures} == {(100, 0, 0)}


@pytest.mark.parametrize("cents", [100])
def test_all_two_part_splits_of_an_order_are_the_same(shop, cents):
    (member,) = shop.members(1)
    facts, refunds = [], []
    for first in range(1, cents):
        number = shop.unique("order")
        facts.append(shop.order(member, cents, number=number))
        refunds += [refund(shop, number, first), refund(shop, number, cents - first)]
    worth = cents // 100

    shop.tell(facts)
    before = shop.balance(member, unit="growth")["active"]
    results = shop.tell(refunds).json()["results"]

    assert before == worth * (cents - 1)
    assert set(done(results)) == {"done"}
    assert shop.balance(member, unit="growth")["active"] == 0


def test_one_cent_too_much_is_refused_and_stays_refused(shop):
    (member,) = shop.members(1)
    order = shop.order(member, 10_000)
    number = order["order"]["number"]
    shop.tell(order)
    shop.tell(refund(shop, number, 9_000))
    over = refund(shop, number, 1_001)

    refused, again = shop.tell(over), shop.tell(over)
    last = shop.tell(refund(shop, number, 1_000))

    assert (refused.status_code, again.status_code) == (409, 409)
    assert refused.json()["values"] == again.json()["values"]
    assert last.status_code == 200
    assert shop.balance(member, unit="growth")["active"] == 0


@pytest.mark.parametrize("turn", range(6))
def test_facts_of_an_order_come_to_the_same_in_whatever_order_they_arrive(shop, seeds, turn):
    """What comes before its order is sent again until the order is there."""
    chance = dice(f"{seeds}-{turn}")
    (member,) = shop.members(1)
    order = shop.order(member, 30_000, 20_000)
    number = order["order"]["number"]
    facts = [
        order,
        refund(shop, number, 10_000),
        refund(shop, number, 5_050),
        shop.fact("order.delivered", days=3, order={"number": number}),
        shop.order(member, 10_000),
    ]
    chance.shuffle(facts)
    answers = []
    waiting = list(facts)
    for _ in range(20):
        one = waiting.pop(0)
        answer = insisting(lambda fact=one: shop.tell(fact))
        if answer.status_code != 200:
            assert answer.status_code == 404, answer.text
            waiting.append(one)
        answers.append(answer.status_code)
        if not waiting:
            break

    repeated = [shop.tell(each) for each in facts]

    assert not waiting
    assert {each.status_code for each in repeated} == {200}
    kept = (50_000 - 15_050) // 100 + 100
    assert shop.balance(member, unit="growth")["active"] == kept
    assert shop.balance(member) == {"active": 100 + kept, "pending": 0, "held": 0, "owed": 0}


def test_a_capture_before_its_redemption_is_nothing(shop):
    (member,) = shop.members(1)
    none = "rdm_01m80bf9v1evr8jp9f07yf4s73"

    early = shop.post(f"/v1/redemptions/{none}/capture", key=shop.unique("end"))

    assert early.status_code == 404
    assert shop.balance(member)["active"] == 100


def test_a_receipt_that_comes_after_its_points_are_over_gives_none(shop):
    """A receipt of two years ago, whose points held for one."""
    facts = shop.fact(
        "customer.signed_up", days=1_000, customer=shop.person(shop.unique("late"))
    )
    member = shop.tell(facts).json()["customer"]

    told = shop.tell(shop.order(member, 10_000, days=800))

    assert told.status_code == 200
    assert shop.balance(member)["active"] == 0
    assert shop.redeem(member, 100).json()["code"] == "insufficient_points"
    assert shop.balance(member) == {"active": 0, "pending": 0, "held": 0, "owed": 0}


MOMENTS = [
    "2024-02-29T23:59:59+08:00",  # the day that most years do not have
    "2026-03-29T02:30:00+01:00",  # skipped by Berlin's clocks
    "2026-10-25T02:30:00+02:00",  # told twice by Berlin's clocks
    "2026-03-08T02:30:00-05:00",  # skipped by New York's
    "2026-10-31T23:59:59.999999-12:00",
    "2026-10-31T00:00:00+14:00",
    "2025-12-31T23:59:59Z",
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_strange_moments_count_like_others_and_once(shop, moment):
    person = shop.person(shop.unique("m"))
    joined = shop.fact("customer.signed_up", days=1_200, customer=person)
    member = shop.tell(joined).json()["customer"]
    order = shop.order(member, 10_000) | {"occurred_at": moment}

    first, again = shop.tell(order), shop.tell(order)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.text == again.text
    assert shop.balance(member, unit="growth")["active"] == 100


@pytest.mark.parametrize(
    "moment", ["2016-12-31T23:59:60Z", "2026-02-29T10:00:00Z", "2026-13-01T00:00:00Z",
               "2026-10-31T24:00:01Z", "2026-10-31", "1790000000", ""],
)  # fmt: skip
def test_moments_that_never_were_are_refused(shop, moment):
    (member,) = shop.members(1)
    order = shop.order(member, 10_000) | {"occurred_at": moment}

    refused = shop.tell(order)

    assert refused.status_code == 422
    assert shop.balance(member, unit="growth")["active"] == 0


def test_the_ledger_is_whole_after_all_of_it(served):
    served.verify()
