"""What rules give, what they do not give, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huitouke.service.programme.rules.cart import CartLine, FactView, MemberView
from huitouke.service.programme.rules.compiled import compile_definition
from huitouke.service.programme.rules.earning import evaluate, keys_needed
from huitouke.service.programme.rules.examples import starter_definition

TEA = CartLine(position=1, amount_minor=5_000, category="tea", sku="t1", quantity_e3=2_000)
CUP = CartLine(position=2, amount_minor=3_000, category="cup", sku="c1", brand="kiln")
TIMES_TWO = {"kind": "multiplier", "num": 2}
FIFTY = {"kind": "fixed", "points": 50}


def missed(outcome, *, rule="spend"):
    found = next(miss for miss in outcome.misses if miss.rule_id == rule)
    return found.condition, found.actual, found.required


def given(outcome):
    return {effect.rule_id: effect.value for effect in outcome.effects}


def test_points_of_an_order_wait_for_the_return_window_and_then_live_a_year(
    paid, definition, noon, mei
):
    effect = evaluate(paid(9_990), definition=definition(), member=mei).effects[0]

    assert effect.value == 99
    assert effect.available_at == noon + timedelta(days=7)
    assert effect.expires_at == datetime(2027, 3, 31, 16, tzinfo=UTC)
    assert effect.waits_for is None


def test_points_of_other_facts_are_available_at_once(definition, rule, noon, mei):
    welcome = rule("hello", on="customer.signed_up", gives=FIFTY)
    fact = FactView(type="customer.signed_up", at=noon)

    effect = evaluate(fact, definition=definition(welcome), member=mei).effects[0]

    assert (effect.value, effect.available_at, effect.lines) == (50, noon, ())


def test_points_that_wait_for_delivery_have_a_latest_day(paid, definition, rule, noon, mei):
    waits = rule(pending={"on": "delivered", "days": 7, "at_latest_days": 30})

    effect = evaluate(paid(9_900), definition=definition(waits), member=mei).effects[0]

    assert effect.waits_for == "delivered"
    assert effect.available_at == noon + timedelta(days=30)


def test_a_rule_s_own_pending_and_expiry_come_before_its_unit_s(
    paid, definition, rule, noon, mei
):
    units = [
        {
            "code": "points",
            "name": {"en": "points"},
            "pending": 3,
            "expiry": {"kind": "never"},
        }
    ]
    own = rule("own", pending=1, expiry={"kind": "rolling", "months": 1})

    outcome = evaluate(paid(9_900), definition=definition(rule(), own, units=units), member=mei)

    by_unit, by_rule = outcome.effects
    assert (by_unit.available_at, by_unit.expires_at) == (noon + timedelta(days=3), None)
    assert by_rule.available_at == noon + timedelta(days=1)
    assert by_rule.expires_at == datetime(2026, 4, 9, 16, tzinfo=UTC)


def test_points_per_item_count_pieces_in_scope(paid, definition, rule, mei):
    tea = rule(
        gives={"kind": "per_item", "points": 3}, scope={"include": {"categories": ["tea"]}}
    )

    effect = evaluate(paid(TEA, CUP), definition=definition(tea), member=mei).effects[0]

    assert (effect.value, effect.lines) == (6, ((1, 6),))


def test_parts_of_a_piece_are_floored_once(paid, definition, rule, mei):
    weighed = [CartLine(position=n, amount_minor=100, quantity_e3=750) for n in (1, 2)]
    each = rule(gives={"kind": "per_item", "points": 1})

    effect = evaluate(paid(*weighed), definition=definition(each), member=mei).effects[0]

    assert (effect.value, effect.lines) == (1, ((1, 1),))


def test_gift_cards_that_are_bought_are_no_pieces(paid, definition, rule, mei):
    card = CartLine(position=1, amount_minor=10_000, gift_card=True)
    each = rule(gives={"kind": "per_item", "points": 1})

    outcome = evaluate(paid(card), definition=definition(each), member=mei)

    assert missed(outcome) == ("pieces", 0, 1000)


@pytest.mark.parametrize(
    ("scope", "points"),
    [
        ({"include": {"skus": ["t1"]}}, 50),
        ({"include": {"brands": ["kiln"]}}, 30),
        ({"include": {"categories": ["tea"], "brands": ["kiln"]}}, 80),
        ({"exclude": {"categories": ["tea"]}}, 30),
        ({"include": {"categories": ["tea", "cup"]}, "exclude": {"skus": ["c1"]}}, 50),
    ],
)
def test_a_scope_takes_the_lines_it_names(scope, points, paid, definition, rule, mei):
    outcome = evaluate(
        paid(TEA, CUP, shipping_minor=1_000),
        definition=definition(rule(scope=scope), eligible={"shipping": True}),
        member=mei,
    )

    assert outcome.points("points") == points


def test_a_rule_without_goods_in_scope_says_so(paid, definition, rule, mei):
    wine = rule(scope={"include": {"categories": ["wine"]}})

    outcome = evaluate(paid(TEA), definition=definition(wine), member=mei)

    assert missed(outcome)[0] == "scope"


def test_delivery_that_counts_is_a_part_of_its_own(paid, definition, mei):
    rules = definition(eligible={"shipping": True})

    effect = evaluate(paid(5_000, shipping_minor=1_000), definition=rules, member=mei).effects[
        0
    ]

    assert effect.lines == ((1, 50), (0, 10))


def test_too_little_says_what_the_first_point_takes(paid, definition, mei):
    outcome = evaluate(paid(99), definition=definition(), member=mei)

    assert missed(outcome) == ("amount", 99, 100)


def test_a_multiplier_counts_only_the_lines_in_its_scope(paid, definition, rule, mei):
    double = rule("double", gives=TIMES_TWO, scope={"include": {"categories": ["tea"]}})

    outcome = evaluate(paid(TEA, CUP), definition=definition(rule(), double), member=mei)

    assert given(outcome) == {"spend": 80, "double": 50}
    assert outcome.effects[1].lines == ((1, 50),)


def test_a_multiplier_is_of_its_own_unit_and_of_the_rules_it_names(paid, definition, rule, mei):
    units = [{"code": code, "name": {"en": code}} for code in ("points", "growth")]
    rules = definition(
        rule(),
        rule("more", gives={"kind": "per_spend", "points": 1, "per_minor": 1000}),
        rule("growth", unit="growth"),
        rule("all", gives=TIMES_TWO),
        rule("one", gives=TIMES_TWO | {"of": ["more"]}),
        units=units,
    )

    outcome = evaluate(paid(10_000), definition=rules, member=mei)

    assert given(outcome) == {"spend": 100, "more": 10, "growth": 100, "all": 110, "one": 10}


def test_a_multiplier_without_a_base_says_so(paid, definition, rule, mei):
    never = [{"fact": "order.channel", "op": "eq", "value": "web"}]
    rules = definition(rule(when=never), rule("double", gives=TIMES_TWO))

    outcome = evaluate(paid(10_000), definition=rules, member=mei)

    assert missed(outcome, rule="double")[0] == "base"


def test_a_multiplier_multiplies_what_a_cap_took_from_its_base(paid, definition, rule, mei):
    rules = definition(
        rule(caps=[{"points": 10, "per": "order"}]), rule("double", gives=TIMES_TWO)
    )

    outcome = evaluate(paid(10_000), definition=rules, member=mei)

    assert given(outcome) == {"spend": 10, "double": 100}


def test_a_compound_multiplier_follows_scopes_line_by_line(paid, definition, rule, mei):
    rules = definition(
        rule(),
        rule("compound", gives={"kind": "multiplier", "num": 3, "compound": True}),
        rule("tea", gives=TIMES_TWO, scope={"include": {"categories": ["tea"]}}),
    )

    outcome = evaluate(paid(TEA, CUP), definition=rules, member=mei)

    assert given(outcome) == {"spend": 80, "tea": 50, "compound": 2 * (2 * 50 + 30)}


def test_a_pool_is_shared_by_the_rules_that_name_it(paid, definition, rule):
    pooled = [{"points": 120, "per": "day", "pool": "daily"}]
    rules = definition(rule(caps=pooled), rule("double", gives=TIMES_TWO, caps=pooled))
    member = MemberView(uses={("daily", "2026-03-08"): 10})

    outcome = evaluate(paid(8_000), definition=rules, member=member)

    assert given(outcome) == {"spend": 80, "double": 30}
    assert outcome.effects[1].capped_by == "daily.day"
    assert outcome.uses == {("daily", "2026-03-08"): 110}


def test_two_caps_of_one_period_count_what_was_given_once(paid, definition, rule, mei):
    caps = [{"points": 50, "per": "day"}, {"points": 40, "per": "day"}]

    outcome = evaluate(paid(8_000), definition=definition(rule(caps=caps)), member=mei)

    assert outcome.uses == {("spend", "2026-03-08"): 40}


def test_only_members_earn_unless_the_rule_says_otherwise(paid, definition, rule):
    fan = MemberView(enrolled=False)
    rules = definition(rule(), rule("all", members_only=False))

    outcome = evaluate(paid(10_000), definition=rules, member=fan)

    assert given(outcome) == {"all": 100}
    assert missed(outcome) == ("enrolled", False, True)


def test_an_order_in_other_money_earns_nothing(paid, definition, mei):
    outcome = evaluate(paid(10_000, currency="USD"), definition=definition(), member=mei)

    assert missed(outcome) == ("currency", "USD", "CNY")


def test_once_is_once(definition, rule, noon):
    fact = FactView(type="birthday", at=noon)
    rules = definition(rule("cake", on="birthday", gives=FIFTY, once="year"))

    first = evaluate(fact, definition=rules, member=MemberView())
    again = evaluate(fact, definition=rules, member=MemberView(done=frozenset(first.done)))

    assert first.done == (("cake", "2026"),)
    assert missed(again, rule="cake") == ("once", "2026", "year")


@pytest.mark.parametrize(
    ("window", "is_open"),
    [
        ({"from_on": "2026-03-08", "to_on": "2026-03-08"}, True),
        ({"from_on": "2026-03-09"}, False),
        ({"to_on": "2026-03-07"}, False),
        ({"weekdays": [7]}, True),
        ({"weekdays": [1, 2]}, False),
        ({"month_days": [8, 18]}, True),
        ({"month_days": [9]}, False),
        ({"from_time": "12:00"}, True),
        ({"from_time": "12:01"}, False),
        ({"to_time": "12:00"}, False),
        ({"from_time": "22:00", "to_time": "12:01"}, True),
        ({"from_time": "22:00", "to_time": "02:00"}, False),
    ],
)
def test_a_window_is_open_by_the_programme_s_calendar(
    window, is_open, paid, definition, rule, mei
):
    outcome = evaluate(paid(10_000), definition=definition(rule(window=window)), member=mei)

    assert bool(outcome.effects) is is_open
    if not is_open:
        assert missed(outcome)[:2] == ("window", "2026-03-08T12:00+08:00")


def test_a_day_is_the_programme_s_day(paid, definition, rule, mei):
    late = datetime(2026, 3, 7, 16, 30, tzinfo=UTC)
    rules = definition(rule(window={"month_days": [8]}, caps=[{"points": 5, "per": "week"}]))

    outcome = evaluate(paid(10_000, at=late), definition=rules, member=mei)

    assert outcome.uses == {("spend", "2026-W10"): 5}


def test_a_rule_that_is_switched_off_is_not_even_missed(paid, definition, rule, mei):
    outcome = evaluate(paid(10_000), definition=definition(rule(enabled=False)), member=mei)

    assert (outcome.effects, outcome.misses) == ((), ())
    assert outcome.eligible_minor == 10_000


def test_the_counters_that_will_be_asked_are_known_before(paid, definition, rule):
    rules = definition(
        rule(caps=[{"points": 9, "per": "month"}, {"points": 5, "per": "order"}]),
        rule("first", gives=FIFTY, once="ever"),
    )

    uses, done = keys_needed(paid(100), definition=rules)

    assert (uses, done) == ({("spend", "2026-03")}, {("first", "ever")})


def test_a_definition_is_made_ready_once(definition):
    one = definition()

    assert compile_definition(one) is compile_definition(one)
    assert compile_definition(one) is not compile_definition(definition())


def test_the_starter_pays_double_on_member_day(paid):
    member = MemberView(tier="gold")

    outcome = evaluate(paid(10_000), definition=starter_definition(), member=member)

    assert given(outcome) == {
        "spend": 100,
        "growth": 100,
        "member_day": 100,
        "gold_extra": 20,
    }
