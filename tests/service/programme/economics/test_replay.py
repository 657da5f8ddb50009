"""Orders replayed without a database: points, caps, tiers, returns, expiry."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from huitouke.service.programme.economics.breakage import Rate
from huitouke.service.programme.economics.outlook import Assumed, outlook
from huitouke.service.programme.economics.replay_shapes import Back, Bought, Person, kept_after
from huitouke.service.programme.economics.replay_totals import NEVER
from huitouke.service.programme.economics.scene import Scene
from huitouke.service.programme.economics.side_by_side import replay
from huitouke.service.programme.economics.worth import worth_of
from huitouke.service.programme.rules.cart import Cart, CartLine

BEGAN = datetime(2026, 1, 5, 4, tzinfo=UTC)
UNTIL = datetime(2027, 1, 1, tzinfo=UTC) - timedelta(hours=8)
LIN = Person(UUID(int=1))
TIERS = {
    "metric": "spend",
    "tiers": [
        {"code": "base", "name": {"en": "Base"}, "reach": 0},
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000},
    ],
}
GOLD = {
    "id": "gold",
    "name": {"en": "Gold"},
    "on": "order.paid",
    "gives": {"kind": "multiplier", "num": 2},
    "when": [{"fact": "member.tier", "op": "eq", "value": "gold"}],
}


def order(*amounts, day=0, person=LIN, refunds=()):
    lines = tuple(CartLine(position=n, amount_minor=a) for n, a in enumerate(amounts, start=1))
    return Bought(person, BEGAN + timedelta(days=day), Cart(lines=lines), tuple(refunds))


def back(*lines, day):
    return Back(BEGAN + timedelta(days=day), tuple((n, 1000, amount) for n, amount in lines))


def scene_of(definition, *, since=None, until=UNTIL, everyone=True):
    return Scene(definition, unit="points", since=since, until=until, everyone=everyone)


def run(definition, *orders, **options):
    scene = scene_of(definition, **options)
    seen, _ = replay(orders, scenes={"one": scene})
    return scene.totals, seen


def test_points_are_counted_by_rule_and_month(rules_of):
    totals, seen = run(rules_of(), order(10_000), order(5_050, day=40))

    count = totals.rules["spend", "points"]
    assert count.points == 150
    assert dict(count.months) == {date(2026, 1, 1): 100, date(2026, 2, 1): 50}
    assert (seen.orders, seen.people) == (2, 1)


def test_what_caps_held_back_is_told(rules_of):
    capped = {
        "id": "extra", "name": {"en": "x"}, "on": "order.paid",
        "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
        "caps": [{"points": 120, "per": "month"}],
    }  # fmt: skip

    totals, _ = run(rules_of(capped), order(10_000), order(10_000, day=1))

    count = totals.rules["extra", "points"]
    assert (count.points, count.capped_points, count.capped_times) == (120, 80, 1)


def test_a_tier_reached_counts_from_the_next_order_on(rules_of):
    totals, _ = run(rules_of(GOLD, tiers=TIERS), order(50_000), order(10_000, day=1))

    assert totals.rules["gold", "points"].points == 100
    assert dict(totals.tiers) == {"gold": 1}


def test_a_tier_not_kept_is_lost_at_its_review(rules_of):
    tiers = {**TIERS, "valid_months": 3, "window": {"kind": "rolling", "months": 3},
             "grace_days": 0}  # fmt: skip

    totals, _ = run(rules_of(GOLD, tiers=tiers), order(50_000), order(10_000, day=200))

    assert totals.rules["gold", "points"].points == 0
    assert dict(totals.tiers) == {"base": 1}


def test_growth_of_a_full_card_counts_for_tiers(rules_of):
    growth = {"code": "growth", "name": {"en": "growth"}, "kind": "growth"}
    points = {"code": "points", "name": {"en": "points"}}
    card = {"id": "card", "name": {"en": "Card"}, "per": "order", "stamps": 2, "points": 50_000}
    rules = rules_of(
        units=[points, growth],
        tiers={**TIERS, "metric": "qualifying", "unit": "growth"},
        stamps=[{**card, "unit": "growth"}],
    )

    one, _ = run(rules, order(10_000))
    two, _ = run(rules, order(10_000), order(10_000, day=1))

    assert (dict(one.tiers), dict(two.tiers)) == ({"base": 1}, {"gold": 1})


def test_a_refund_takes_back_what_the_kept_goods_do_not_earn(rules_of):
    bought = order(6_050, 4_000, refunds=[back((1, 6_050), day=3)])

    totals, _ = run(rules_of(), bought)

    count = totals.rules["spend", "points"]
    assert (count.points, count.clawed_back) == (100, 60)
    assert sum(totals.lots.values()) == 40


def test_refunds_one_after_another_end_at_nothing(rules_of):
    bought = order(
        3_333, 3_333, 3_334,
        refunds=[back((1, 3_333), day=1), back((2, 3_333), day=2), back((3, 3_334), day=3)],
    )  # fmt: skip

    totals, _ = run(rules_of(), bought)

    count = totals.rules["spend", "points"]
    assert count.points == count.clawed_back == 100
    assert set(totals.lots.values()) == {0}


def test_a_refund_after_the_period_is_not_seen(rules_of):
    late = order(10_000, day=300, refunds=[back((1, 10_000), day=400)])

    totals, _ = run(rules_of(), late)

    assert totals.rules["spend", "points"].clawed_back == 0


def test_a_refund_soon_after_a_lift_undoes_it(rules_of):
    big = order(50_000, refunds=[back((1, 50_000), day=2)])

    totals, _ = run(rules_of(GOLD, tiers=TIERS), big, order(10_000, day=5))

    assert totals.rules["gold", "points"].points == 0
    assert dict(totals.tiers) == {"base": 1}


def test_a_refund_frees_the_cap_that_the_order_had_filled(rules_of):
    once = {
        "id": "hello", "name": {"en": "x"}, "on": "order.paid", "once": "ever",
        "gives": {"kind": "fixed", "points": 500},
    }  # fmt: skip
    first = order(10_000, refunds=[back((1, 10_000), day=1)])

    totals, _ = run(rules_of(once), first, order(10_000, day=2))

    assert totals.rules["hello", "points"].times == 2
    assert totals.rules["hello", "points"].clawed_back == 500


def test_orders_before_the_period_count_for_tiers_and_caps_only(rules_of):
    since = BEGAN + timedelta(days=10)

    totals, seen = run(
        rules_of(GOLD, tiers=TIERS), order(50_000), order(10_000, day=20), since=since
    )

    assert totals.rules["spend", "points"].points == 100
    assert totals.rules["gold", "points"].points == 100
    assert (seen.orders, seen.earlier) == (1, 1)


def test_who_has_not_joined_earns_nothing(rules_of):
    joined = Person(UUID(int=2), joined_at=BEGAN + timedelta(days=5))
    orders = [
        order(10_000), order(10_000, person=joined), order(10_000, day=6, person=joined),
    ]  # fmt: skip

    totals, _ = run(rules_of(), *orders, everyone=False)

    assert totals.rules["spend", "points"].points == 100
    assert totals.earners == 1


def test_joining_and_birthdays_earn_when_they_come(rules_of):
    presents = [
        {"id": name, "name": {"en": name}, "on": on, "gives": {"kind": "fixed", "points": n}}
        for name, on, n in (("hello", "customer.signed_up", 7), ("cake", "birthday", 9))
    ]
    born = Person(UUID(int=3), birthday_on=date(1990, 3, 4))

    totals, _ = run(rules_of(*presents), order(10_000, person=born))

    assert totals.rules["hello", "points"].points == 7
    assert dict(totals.rules["cake", "points"].months) == {date(2026, 3, 1): 9}


def test_points_lapse_for_who_stays_away(rules_of):
    definition = rules_of(expiry={"kind": "inactivity", "months": 3})

    totals, _ = run(definition, order(10_000), order(5_000, day=60), order(1_000, day=320))

    assert dict(totals.lots) == {
        (date(2026, 1, 1), date(2026, 6, 1)): 100,
        (date(2026, 3, 1), date(2026, 6, 1)): 50,
        (date(2026, 11, 1), NEVER): 10,
    }


def test_gains_losses_and_tiers_are_compared_person_by_person(rules_of):
    old = scene_of(rules_of(GOLD, tiers=TIERS))
    new = scene_of(rules_of(tiers={**TIERS, "tiers": TIERS["tiers"][:1]}))
    wang = Person(UUID(int=9))
    orders = [order(50_000), order(10_000, day=1), order(100, person=wang)]

    _, (found,) = replay(orders, scenes={"old": old, "new": new}, listed=5)

    assert (found.points, found.gain, found.lose, found.same) == (-100, 0, 1, 1)
    assert found.losers[0].change == -100
    assert [(move.before, move.after, move.members) for move in found.moves] == [
        ("gold", "base", 1)
    ]
    assert found.moved[0].spend_minor == 60_000


def test_lists_keep_the_largest_changes(rules_of):
    old, new = scene_of(rules_of()), scene_of(rules_of(GOLD | {"when": []}))
    orders = [order(100 * n, person=Person(UUID(int=n))) for n in range(1, 50)]

    _, (found,) = replay(orders, scenes={"old": old, "new": new}, listed=3)

    assert [one.change for one in found.gainers] == [49, 48, 47]
    assert found.gain == 49


def test_kept_goods_shrink_with_their_tax_and_what_points_paid():
    cart = Cart(
        lines=(CartLine(position=1, amount_minor=1_000, tax_minor=90, quantity_e3=2_000),),
        shipping_minor=200,
        paid_by_points_minor=600,
    )

    left = kept_after(cart, refunds=(Back(BEGAN, ((1, 1_000, 500),)),))

    assert left.lines[0].amount_minor == 500
    assert left.lines[0].tax_minor == 45
    assert left.paid_by_points_minor == 600 * 700 // 1_200


RATE = Rate(value=0.5, low=0.4, high=0.6)
LOTS = {
    (date(2026, 1, 1), date(2026, 3, 1)): 1_000,
    (date(2026, 3, 1), NEVER): 1_000,
}


def test_points_that_were_given_are_redeemed_expired_or_open(rules_of):
    assumed = Assumed(source="ledger", rate=RATE, pattern=(0.25, 0.5, 0.75, 1.0))
    worth = worth_of(rules_of(), unit="points", cost=None)

    found = outlook(LOTS, assumed=assumed, worth=worth, last_on=date(2026, 4, 30))

    assert found.redeemed.points == 375 + 500
    assert found.expired.points == 625
    assert found.open.points == 1_000 - 250
    assert found.liability.points == 250
    assert (found.liability.low, found.liability.high) == (200, 300)
    assert found.redeemed.money.cost_minor == 875


def test_without_any_knowledge_only_the_bounds_are_told(rules_of):
    nothing = Assumed(source="unknown", rate=Rate(value=None, low=0.0, high=1.0))
    worth = worth_of(rules_of(), unit="points", cost=None)

    found = outlook(LOTS, assumed=nothing, worth=worth, last_on=date(2026, 4, 30))

    assert found.redeemed.points is None
    assert (found.redeemed.low, found.redeemed.high) == (0, 2_000)
    assert (found.expired.low, found.expired.high) == (0, 1_000)
    assert (found.open.low, found.open.high) == (0, 1_000)
    assert (found.liability.low, found.liability.high) == (0, 1_000)


@pytest.mark.parametrize("share", [0.3, 0.7, 1.0])
def test_a_given_share_says_how_much_and_not_when(rules_of, share):
    worth = worth_of(rules_of(), unit="points", cost=None)

    found = outlook(LOTS, assumed=Assumed.given(share), worth=worth, last_on=date(2026, 4, 30))

    assert found.redeemed.points == round(2_000 * share)
    assert found.liability.points is None
    assert found.liability.high == round(1_000 * share)
