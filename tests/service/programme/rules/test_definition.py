"""A definition is JSON that holds together, and says in one breath what members get."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from huitouke.service.programme.rules.benefits import LENGTHS, all_benefits, one_breath
from huitouke.service.programme.rules.checks import DefinitionInvalid, parse, problems
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.rules.promises import is_shorter, warnings
from huitouke.service.programme.rules.shapes import FixedDay, Inactivity, Never, Rolling


def wrong_places(definition):
    return [problem.pointer for problem in problems(definition)]


def test_the_starter_survives_json_and_holds_together():
    starter = starter_definition()

    assert Definition.model_validate_json(starter.model_dump_json()) == starter
    assert problems(starter) == []


def test_the_empty_definition_holds_together():
    assert problems(Definition()) == []


@pytest.mark.parametrize("points", [1.0, 1.5, "1", True, 0, -1, 9_000_000_000_000_001])
def test_points_are_whole_numbers_above_zero(points, rule):
    gives = {"kind": "fixed", "points": points}

    with pytest.raises(ValidationError):
        Definition.model_validate({"rules": [rule(gives=gives)]})


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"zone": "Mars/Base"}, "/zone"),
        ({"currency": "yuan"}, "/currency"),
        ({"surprise": 1}, "/surprise"),
        ({"rules": [{"id": "A"}]}, "/rules/0/id"),
        ({"expiry": {"kind": "rolling", "months": 0}}, "/expiry/months"),
        ({"expiry": {"kind": "sometimes"}}, "/expiry"),
        ({"expiry": {"kind": "fixed_day", "month": 2, "day": 30}}, "/expiry"),
        ({"tiers": {"tiers": []}}, "/tiers/tiers"),
        ({"stamps": [{"id": "a", "name": {"en": "A"}, "stamps": 9}]}, "/stamps/0"),
        (
            {"burn": {"per_points": 100, "minor": 100, "most_percent": 101}},
            "/burn/most_percent",
        ),
    ],
)
def test_what_is_no_definition_is_refused_at_its_place(given, pointer):
    with pytest.raises(DefinitionInvalid) as refused:
        parse(given, shape=Definition)

    found = refused.value.problems
    assert pointer in [problem.pointer for problem in found]
    assert all(problem.text("zh") != problem.text("en") for problem in found)


def test_a_rule_or_stamp_card_on_referrals_is_refused_and_told_where_they_earn(rule):
    gives = {"kind": "fixed", "points": 50}
    card = {
        "id": "friends",
        "name": {"en": "Friends"},
        "on": "referral.rewarded",
        "stamps": 3,
        "points": 50,
    }
    definition = Definition.model_validate(
        {"rules": [rule(on="referral.rewarded", gives=gives)], "stamps": [card]}
    )

    found = problems(definition)

    assert [problem.pointer for problem in found] == ["/rules/0/on", "/stamps/0/on"]
    assert all("referral says what both sides get" in each.text("en") for each in found)
    assert all("referral" in each.text("zh") != each.text("en") for each in found)


def test_a_window_that_ends_before_it_begins_is_refused(rule):
    window = {"from_on": "2026-03-02", "to_on": "2026-03-01"}

    with pytest.raises(DefinitionInvalid) as refused:
        parse({"rules": [rule(window=window)]}, shape=Definition)

    assert refused.value.problems[0].text("en") == "The window ends before it begins."


TIMES_TWO = {"kind": "multiplier", "num": 2}
BROKEN = [
    ({"unit": "stars"}, "/rules/1/unit"),
    ({"id": "spend"}, "/rules/1/id"),
    ({"on": "weather.changed"}, "/rules/1/on"),
    ({"on": "checkin"}, "/rules/1/gives/kind"),
    ({"on": "checkin", "scope": {}}, "/rules/1/scope"),
    ({"on": "checkin", "pending": {"on": "delivered"}}, "/rules/1/pending"),
    ({"on": "checkin", "when": [{"fact": "order.store", "op": "eq", "value": "a"}]},
     "/rules/1/when/0/fact"),
    ({"when": [{"fact": "member.shoe_size", "op": "eq", "value": 40}]}, "/rules/1/when/0/fact"),
    ({"when": [{"fact": "fact.a", "op": "in", "value": 1}]}, "/rules/1/when/0/value"),
    ({"when": [{"fact": "fact.a", "op": "gte", "value": [1]}]}, "/rules/1/when/0/value"),
    ({"when": [{"fact": "member.tier", "op": "eq", "value": "jade"}]},
     "/rules/1/when/0/value"),
    ({"gives": TIMES_TWO | {"of": ["nothing"]}}, "/rules/1/gives/of/0"),
    ({"gives": TIMES_TWO, "unit": "growth"}, "/rules/1/gives"),
    ({"expiry": {"kind": "inactivity", "months": 6}}, "/rules/1/expiry"),
    ({"caps": [{"points": 5, "per": "day", "pool": "p"}]}, "/rules/1/caps/0/points"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "pointer"), BROKEN)
def test_a_rule_that_does_not_hold_together_is_found(fields, pointer, rule):
    raw = starter_definition().model_dump(mode="json")
    first = rule(caps=[{"points": 9, "per": "day", "pool": "p"}])
    other = {"id": "other"} | fields
    units = [*raw["units"]]
    rules = Definition.model_validate(raw | {"rules": [first, rule(**other)], "units": units})

    assert pointer in wrong_places(rules)
    assert all(problem.text("zh") for problem in problems(rules))


@pytest.mark.parametrize(
    ("tiers", "pointer"),
    [
        ([("a", 0, None), ("b", 0, None)], "/tiers/tiers/1/reach"),
        ([("a", 0, None), ("b", 100, 101)], "/tiers/tiers/1/keep"),
        ([("a", 0, None), ("b", None, 5)], "/tiers/tiers/1/keep"),
        ([("a", 0, None), ("a", 5, None)], "/tiers/tiers/1/code"),
    ],
)
def test_tiers_that_do_not_rise_are_found(tiers, pointer):
    levels = [
        {"code": code, "name": {"en": code}, "reach": reach, "keep": keep}
        for code, reach, keep in tiers
    ]

    assert pointer in wrong_places(Definition.model_validate({"tiers": {"tiers": levels}}))


def test_units_that_are_not_there_are_found_everywhere():
    raw = starter_definition().model_dump(mode="json") | {"units": [], "rules": []}

    found = wrong_places(Definition.model_validate(raw))

    assert found == ["/tiers/unit", "/burn/unit", "/referral/unit", "/stamps/0/unit"]


def test_growth_value_is_never_spent():
    raw = starter_definition().model_dump(mode="json")
    raw["burn"]["unit"] = "growth"

    assert wrong_places(Definition.model_validate(raw)) == ["/burn/unit"]


STORED = {"code": "stored", "kind": "stored_value", "name": {"en": "stored value"}}


def with_stored_value(**changes):
    raw = starter_definition().model_dump(mode="json")
    raw["units"].append({**STORED, **changes})
    return raw


def test_stored_value_never_expires():
    plain = Definition.model_validate(with_stored_value())
    forever = with_stored_value(expiry={"kind": "never"})
    a_year = with_stored_value(expiry={"kind": "rolling", "months": 12})

    assert (plain.expiry_of("stored"), wrong_places(plain)) == (Never(), [])
    assert wrong_places(Definition.model_validate(forever)) == []
    refused = Definition.model_validate(a_year)
    assert wrong_places(refused) == [f"/units/{len(refused.units) - 1}/expiry"]
    assert refused.expiry_of("stored", own=Rolling(months=1)) == Never()


def test_stored_value_is_never_earned():
    raw = with_stored_value()
    raw["rules"] = [{**raw["rules"][0], "unit": "stored"}]
    raw["referral"] = {"unit": "stored", "advocate_points": 100}
    raw["stamps"] = [
        {"id": "card", "name": {"en": "Card"}, "stamps": 5, "points": 50, "unit": "stored"}
    ]
    raw["tiers"] |= {"metric": "qualifying", "unit": "stored"}

    assert sorted(wrong_places(Definition.model_validate(raw))) == [
        "/referral/unit",
        "/rules/0/unit",
        "/stamps/0/unit",
        "/tiers/unit",
    ]


def test_stored_value_pays_one_for_one():
    raw = with_stored_value()
    raw["burn"] |= {"unit": "stored", "per_points": 100, "minor": 90}
    cheap = Definition.model_validate(raw)
    raw["burn"] |= {"minor": 100}

    assert wrong_places(cheap) == ["/burn/minor"]
    assert wrong_places(Definition.model_validate(raw)) == []


def test_beside_points_stored_value_pays_without_a_word_in_the_rules():
    found = Definition.model_validate(with_stored_value())

    burn = found.burn_of("stored")

    assert (burn.unit, burn.per_points, burn.minor) == ("stored", 1, 1)
    assert (found.burn_of(""), found.burn_of("points")) == (found.burn, found.burn)
    assert found.burn_of("growth") is None


@pytest.mark.parametrize(
    ("new", "old", "shorter"),
    [
        (Rolling(months=6), Rolling(months=12), True),
        (Rolling(months=12, round="month"), Rolling(months=12), False),
        (Rolling(months=12), Never(), True),
        (Never(), Rolling(months=12), False),
        (FixedDay(month=12, day=31), Rolling(months=12), True),
        (Rolling(months=24), FixedDay(month=12, day=31), False),
        (Inactivity(months=6), Inactivity(months=12), True),
        (Inactivity(months=12), Inactivity(months=6), False),
        (Inactivity(months=99), Rolling(months=1), True),
        (Rolling(months=99), Inactivity(months=1), True),
        (Never(), Inactivity(months=1), False),
    ],
)
def test_a_policy_is_shorter_if_any_points_could_go_sooner(new, old, shorter):
    assert is_shorter(new, old=old) is shorter


def test_the_same_definition_breaks_no_promise():
    assert warnings(starter_definition(), old=starter_definition()) == []


def test_tiers_that_end_are_warned_of():
    raw = starter_definition().model_dump(mode="json")
    without = Definition.model_validate(raw | {"tiers": None, "rules": []})

    codes = [one.code for one in warnings(without, old=starter_definition())]

    assert codes.count("tier_gone") == 3
    assert codes.count("rule_gone") == 8


def test_points_that_wait_longer_are_warned_of():
    raw = starter_definition().model_dump(mode="json") | {"return_days": 14}

    (first, *_) = warnings(Definition.model_validate(raw), old=starter_definition())

    assert (first.code, first.text("zh")) == (
        "pending_longer",
        "消费积分：新得的积分会更晚可用。",
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("tier", [None, "silver", "gold", "diamond"])
def test_what_members_get_is_said_in_one_breath(tier, language):
    sentence = one_breath(starter_definition(), tier=tier, language=language)

    assert len(sentence) <= LENGTHS[language]
    assert sentence.endswith("。" if language == "zh" else ".")


def test_one_breath_names_the_tier_s_own_benefits_first():
    starter = starter_definition()

    assert one_breath(starter, tier="gold", language="zh") == (
        "金卡：多得20%积分，免运费，1元1积分。"
    )
    assert [one.id for one in all_benefits(starter, tier="gold")] == [
        "gold_points",
        "free_delivery",
        "earn",
    ]
