"""Definitions in words: every part is said, and what changes is told apart."""

from __future__ import annotations

import pytest

from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.differences import differences
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.rules.told import said_of_rule


def rule(**given):
    return {
        "id": "r",
        "name": {"en": "Rule"},
        "on": "order.paid",
        "gives": {"kind": "per_spend", "points": 2, "per_minor": 250},
        **given,
    }


def said(given, language="en"):
    definition = Definition.model_validate({"rules": [given]})
    return said_of_rule(definition.rules[0], definition=definition, language=language)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (rule(), "For every ¥2.50 spent on everything a member earns 2 points."),
        (
            rule(
                scope={"include": {"categories": ["tea", "nuts"]}, "exclude": {"skus": ["s1"]}}
            ),
            (
                "For every ¥2.50 spent on category tea or nuts except article s1 a member earns"
                " 2 points."
            ),
        ),
        (
            rule(caps=[{"points": 50, "per": "month", "pool": "spring"}], once="ever"),
            (
                "For every ¥2.50 spent on everything a member earns 2 points, once ever, at"
                " most 50 points per month together with others of spring."
            ),
        ),
        (
            rule(when=[{"fact": "order.total_minor", "op": "gte", "value": 9900}]),
            (
                "For every ¥2.50 spent on everything a member earns 2 points, if the order's"
                " amount is at least ¥99."
            ),
        ),
        (
            rule(pending={"on": "delivered", "days": 3, "at_latest_days": 30}, enabled=False),
            (
                "For every ¥2.50 spent on everything a member earns 2 points. Available 3 days"
                " after delivery, at the latest 30 days after payment. Switched off."
            ),
        ),
        (
            rule(gives={"kind": "multiplier", "num": 4, "den": 3}, members_only=False),
            "On everything a member earns 4/3 times the points. Also for who is no member.",
        ),
        (
            rule(on="x.scan", gives={"kind": "fixed", "points": 1}, expiry={"kind": "never"}),
            "For x.scan a member earns 1 point. Valid without end.",
        ),
    ],
)
def test_a_rule_is_said_with_all_that_limits_it(given, sentence):
    assert said(given) == sentence


def test_a_rule_is_said_in_chinese():
    given = rule(window={"month_days": [8]}, caps=[{"points": 90, "per": "day"}])

    assert said(given, "zh") == "全部商品每消费¥2.50，会员得2积分，每月8日，每天最多90积分。"


def changes_of(**given):
    old = starter_definition()
    new = Definition.model_validate({**old.model_dump(mode="json"), **given})
    return differences(new, old=old, language="en")


def test_nothing_differs_from_itself():
    assert changes_of() == ()


def test_what_is_added_gone_and_changed_is_told_by_name():
    rules = starter_definition().model_dump(mode="json")["rules"]
    rules[0]["gives"]["points"] = 2
    found = changes_of(rules=[*rules[:-1], rule()])

    assert [(each.kind, each.name) for each in found] == [
        ("changed", "Points on purchases"),
        ("added", "Rule"),
        ("gone", "Points for a review"),
    ]
    assert found[0].after.endswith("earns 2 points.")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"return_days": 9}, "For all points"),
        ({"benefits": []}, "For every member"),
        ({"tiers": None}, "Tiers"),
        ({"burn": None}, "Paying with points"),
        ({"referral": None}, "Bringing a friend"),
        ({"stamps": []}, "Coffee card"),
    ],
)
def test_every_part_that_differs_is_told(given, name):
    assert name in [each.name for each in changes_of(**given)]


def test_what_no_sentence_says_is_still_told():
    old = starter_definition().model_dump(mode="json")
    old["stamps"][0]["unit"] = "growth"
    old["stamps"][0]["scope"]["exclude"] = {"skus": [], "categories": [], "brands": []}
    units = [dict(each) for each in old["units"]]
    units[0]["scale"] = 0
    found = changes_of(rules=[{**each, "caps": each["caps"]} for each in old["rules"]][::-1])

    assert [each.kind for each in found] == ["changed"]
