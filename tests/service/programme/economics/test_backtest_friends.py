"""Stamp cards and referrals in a back-test: what the service gave for the same history."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Sum

from huitouke.service.core.actor import Actor
from huitouke.service.customers import queries as customers
from huitouke.service.programme.economics.backtest import CURRENT, backtest
from huitouke.service.programme.models.referrals import Referral, StampGrant, StampState
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.referral_rewards import settle_referrals
from huitouke.service.programme.rewards.referrals import (
    approve_referral,
    referral_code,
    refuse_referral,
)

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)
BOSS = Actor("staff", "boss")
LIN, WANG, ZHAO = "13800138000", "13900139000", "13700137000"
HELLO = {
    "id": "hello",
    "name": {"en": "Hello"},
    "on": "customer.signed_up",
    "gives": {"kind": "fixed", "points": 66},
    "once": "ever",
}
TEA = {"id": "tea", "name": {"en": "Tea"}, "stamps": 3, "points": 50}
CUP = {"id": "cup", "name": {"en": "Cup"}, "stamps": 2, "reward": "mug"}
DAYS = {"id": "days", "name": {"en": "Days"}, "stamps": 3, "points": 7, "on": "checkin"}
FRIENDS = {"advocate_points": 200, "friend_points": 100, "least_order_minor": 5_000}


def day(number):
    return MARCH + timedelta(days=number)


def run_of(shop, definition, **more):
    report = backtest({"draft": definition}, programme="main", at=shop.now(), **more)
    return report.runs[-1]


def in_ledger():
    """All points that members have, less what they owe."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(available + pending + held - debt) FROM ledger.account")
        return int(cursor.fetchone()[0] or 0)


def kept(run):
    return run.issued - run.clawed_back


def code_of(phone):
    return referral_code(customers.find("phone", phone).id, programme="main", at=MARCH)


@pytest.fixture
def open_shop(shop, rules_of):
    """Lin brings Wang and buys; nobody else is there."""
    shop.publish(rules_of(HELLO, stamps=[TEA], referral=FRIENDS))
    shop.join(LIN, at=MARCH)
    shop.join(WANG, at=day(1))
    shop.buy(WANG, 6_000, at=day(2), referral_code=code_of(LIN))
    return shop


def test_cards_are_filled_by_the_orders_and_their_points_counted(shop, rules_of):
    shop.publish(rules_of())
    shop.join(LIN, at=MARCH)
    for number in range(7):
        shop.buy(LIN, 10_000, at=day(number))

    (card,) = run_of(shop, rules_of(stamps=[TEA])).cards

    assert (card.card, card.stamps, card.full, card.points) == ("tea", 7, 2, 100)
    assert run_of(shop, rules_of(stamps=[TEA])).issued == 700 + 100


def test_a_return_breaks_a_card_and_takes_its_points_back(shop, rules_of):
    shop.publish(rules_of())
    shop.join(LIN, at=MARCH)
    numbers = [shop.buy(LIN, 10_000, at=day(number)) for number in range(3)]
    shop.refund(numbers[0], 1, at=day(4))

    run = run_of(shop, rules_of(stamps=[TEA]))

    (card,) = run.cards
    assert (card.stamps, card.taken_off, card.full, card.taken_back) == (3, 1, 1, 1)
    assert kept(run) == run.outlook.redeemed.high == 200


def test_rewards_of_full_cards_cost_what_they_are_worth(shop, rules_of):
    shop.publish(rules_of())
    shop.join(LIN, at=MARCH)
    for number in range(5):
        shop.buy(LIN, 10_000, at=day(number))
    unknown = run_of(shop, rules_of(stamps=[CUP])).cards[0]
    Reward.objects.create(
        programme_id="main",
        code="mug",
        kind="product",
        names={"en": "Mug"},
        cost_points=10,
        charge_minor=1_500,
        created_at=MARCH,
        changed_at=MARCH,
    )

    known = run_of(shop, rules_of(stamps=[CUP])).cards[0]

    assert (unknown.full, unknown.reward_minor) == (2, None)
    assert (known.full, known.reward_minor, known.points) == (2, 3_000, 0)


def test_a_card_that_orders_do_not_fill_is_named_as_not_replayed(open_shop, rules_of):
    run = run_of(open_shop, rules_of(stamps=[TEA, DAYS]))

    assert run.not_replayed == ("days",)
    assert [card.card for card in run.cards] == ["tea"]


def test_who_joins_with_the_first_order_earns_for_it(shop, rules_of):
    definition = rules_of(HELLO, enrol_on_order=True, stamps=[TEA])
    shop.publish(definition)
    for number in range(3):
        shop.buy(LIN, 10_000, at=day(number))

    run = run_of(shop, definition)

    assert kept(run) == in_ledger() == 300 + 66 + 50


def test_a_friend_who_keeps_the_first_order_brings_both_points(open_shop, rules_of):
    settle_referrals(at=day(20), limit=10)

    report = backtest({"draft": rules_of()}, programme="main", at=open_shop.now())

    current, draft = report.runs
    assert (current.referrals.pairs, current.referrals.rewarded) == (1, 1)
    assert (current.referrals.advocate_points, current.referrals.friend_points) == (200, 100)
    assert draft.referrals is None
    assert kept(current) == in_ledger()
    assert report.as_json()["runs"][0]["referrals"]["pairs"] == 1
    # Lin never bought: she joined and brought Wang.
    assert {one.change for one in report.comparisons[0].losers} == {-266, -166}


def test_drafts_pay_their_own_points_for_past_friends(open_shop, rules_of):
    more = rules_of(referral={**FRIENDS, "advocate_points": 500, "friend_points": 0})
    dearer = rules_of(referral={**FRIENDS, "least_order_minor": 6_001})

    assert run_of(open_shop, more).referrals.advocate_points == 500
    assert run_of(open_shop, more).issued == 60 + 500
    assert run_of(open_shop, dearer).referrals.waiting == 1


def test_what_waits_at_the_end_of_the_period_and_what_was_before_it_is_told(
    open_shop, rules_of
):
    definition = rules_of(referral=FRIENDS)

    early = run_of(open_shop, definition, until=day(8)).referrals
    late = run_of(open_shop, definition, since=day(10)).referrals

    assert (early.waiting, early.rewarded, early.advocate_points) == (1, 0, 0)
    assert (late.earlier, late.rewarded, late.advocate_points) == (1, 0, 0)


def test_a_return_after_the_reward_takes_both_back(open_shop, rules_of):
    open_shop.refund(open_shop.buy(WANG, 9_000, at=day(3)), 1, at=day(4))
    open_shop.refund("A3", 1, at=day(15))

    run = run_of(open_shop, rules_of(referral=FRIENDS))

    assert (run.referrals.rewarded, run.referrals.taken_back) == (1, 1)
    assert run.referrals.clawed_back == 300
    assert kept(run) == 0


@pytest.mark.parametrize(
    ("decide", "reason", "paid"),
    [(None, {"review": 1}, 0), (refuse_referral, {"refused": 1}, 0), (approve_referral, {}, 1)],
)
def test_what_a_person_decides_is_not_decided_by_a_replay(
    open_shop, rules_of, decide, reason, paid
):
    open_shop.join(ZHAO, at=day(1))
    open_shop.buy(ZHAO, 6_000, at=day(2))
    open_shop.buy(ZHAO, 6_000, at=day(5), referral_code=code_of(LIN))
    odd = Referral.objects.get(state="review")
    if decide is not None:
        decide(odd.id, at=day(6), actor=BOSS, reason="looked at")

    found = run_of(open_shop, rules_of(referral=FRIENDS)).referrals

    assert found.not_replayed == reason
    assert (found.pairs, found.rewarded) == (2, 1 + paid)


CARDS = [
    {"id": "order", "name": {"en": "o"}, "stamps": 3, "points": 50, "least_minor": 3_000},
    {"id": "item", "name": {"en": "i"}, "per": "item", "stamps": 5, "points": 31,
     "most_per_day": 3, "head_start": 2},
    {"id": "day", "name": {"en": "d"}, "per": "day", "stamps": 2, "points": 17,
     "valid_months": 1},
    {"id": "first", "name": {"en": "f"}, "stamps": 2, "points": 500, "again": False},
]  # fmt: skip


def lived(shop, *, seed):
    """Months of a shop in which people join, bring friends, buy and return, by the dice."""
    dice = random.Random(seed)  # noqa: S311 - a test's
    phones = [f"1380013800{n}" for n in range(8)]
    joined: list[str] = []
    bought: list[tuple[str, int]] = []
    for number in range(75):
        at = day(number)
        for _ in range(dice.randint(0, 3)):
            at += timedelta(minutes=1)
            # The job is never late: a return in the same hour finds the reward paid.
            settle_referrals(at=at - timedelta(microseconds=1), limit=100)
            phone = dice.choice(phones)
            if phone not in joined:
                if dice.random() < 0.8:
                    brings = {"referral_code": code_of(dice.choice(joined))} if joined else {}
                    shop.tell("customer.signed_up", at=at, customer=shop.who(phone), **brings)
                    joined.append(phone)
                continue
            if bought and dice.random() < 0.35:
                back, position = bought.pop(dice.randrange(len(bought)))
                shop.refund(back, position, at=at)
                continue
            amounts = [dice.randint(500, 6_000) for _ in range(dice.randint(1, 3))]
            made = shop.buy(phone, *amounts, at=at)
            bought += [(made, position) for position in range(1, len(amounts) + 1)]
        settle_referrals(at=day(number) + timedelta(hours=11), limit=100)
    settle_referrals(at=shop.now(), limit=100)


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_of_the_rules_in_force_gives_what_the_ledger_has(shop, rules_of, seed):
    referral = {**FRIENDS, "wait_days": 4, "most_per_month": 1, "code_valid_days": 40}
    definition = rules_of(HELLO, stamps=CARDS, referral=referral)
    shop.publish(definition)
    lived(shop, seed=seed)

    report = backtest({"same": definition}, programme="main", at=shop.now())

    current, same = report.runs
    assert current.name == CURRENT
    assert kept(current) == kept(same) == in_ledger()
    for card in current.cards:
        grants = StampGrant.objects.filter(card=card.card)
        back = grants.filter(state="taken_back").count()
        assert (card.card, card.full, card.taken_back) == (card.card, grants.count(), back)
        states = StampState.objects.filter(card=card.card).aggregate(Sum("full"))
        assert card.full - card.taken_back == (states["full__sum"] or 0)
    found = current.referrals
    paid = Referral.objects.filter(state__in=("rewarded", "reversed"))
    sums = paid.aggregate(Sum("advocate_paid"), Sum("friend_paid"))
    assert found.pairs == Referral.objects.count()
    assert (found.rewarded, found.taken_back) == (
        paid.count(),
        paid.filter(state="reversed").count(),
    )
    assert found.advocate_points == (sums["advocate_paid__sum"] or 0)
    assert found.friend_points == (sums["friend_paid__sum"] or 0)
    known = found.rewarded + found.earlier + found.waiting
    assert known + sum(found.not_replayed.values()) == found.pairs
