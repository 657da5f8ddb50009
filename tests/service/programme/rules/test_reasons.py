"""One plain sentence per entry, in either language."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.rules.cart import FactView, MemberView
from huitouke.service.programme.rules.earning import evaluate
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.rules.reasons import say
from huitouke.service.programme.rules.sentences import SENTENCES

GOLD = {"zh": "金卡", "en": "Gold"}


def said(outcome, language):
    found = [one.reason for one in (*outcome.effects, *outcome.misses)]
    return [say(reason, language) for reason in found]


def test_what_was_earned_capped_and_pending_is_one_sentence(paid, definition, rule):
    rules = definition(
        rule(name={"zh": "消费积分", "en": "Purchases"}, caps=[{"points": 90, "per": "day"}])
    )

    outcome = evaluate(paid(12_000), definition=rules, member=MemberView())

    (english,), (chinese,) = said(outcome, "en"), said(outcome, "zh")
    assert english == (
        "Purchases: 90 points for ¥120, not 120 (daily limit of 90 points reached); "
        "available from 15 March 2026, after the 7-day return window; "
        "valid through 31 March 2027."
    )
    assert chinese == (
        "消费积分：消费¥120，获得90积分，而非120（已达每日上限90积分）；"
        "7天退货期满后，自2026年3月15日起可用；有效期至2027年3月31日。"
    )


def test_a_traditional_reader_reads_our_words_and_the_shops_own_names(paid, definition, rule):
    rules = definition(rule(name={"zh": "週年慶", "en": "Anniversary"}))

    (sentence,) = said(evaluate(paid(12_000), definition=rules, member=MemberView()), "zh-Hant")

    assert sentence.startswith("週年慶：消費¥120，獲得120")
    assert "7天退貨期滿後，自2026年3月15日起可用" in sentence


def test_what_a_cap_took_whole_says_no_dates(paid, definition, rule):
    member = MemberView(uses={("spend", "ever"): 50})
    rules = definition(rule(caps=[{"points": 50, "per": "ever"}]))

    (sentence,) = said(evaluate(paid(1_200), definition=rules, member=member), "en")

    assert sentence == (
        "Rule spend: 0 points for ¥12, not 12 (limit of 50 points in all reached)."
    )


def test_points_that_wait_for_delivery_say_so(paid, definition, rule, mei):
    rules = definition(rule(pending={"on": "delivered", "days": 3}, expiry={"kind": "never"}))

    outcome = evaluate(paid(1_200), definition=rules, member=mei)

    assert said(outcome, "zh") == ["规则spend：消费¥12，获得12积分；送达3天后可用。"]


def test_points_of_cashback_have_their_decimals(paid, definition, rule, mei):
    unit = {"code": "points", "name": {"en": "yuan", "zh": "元"}, "scale": 2}
    rules = definition(rule(expiry={"kind": "never"}, pending=0), units=[unit])

    outcome = evaluate(paid(12_345), definition=rules, member=mei)

    assert said(outcome, "en") == ["Rule spend: 1.23 yuan for ¥123.45."]


MISSES = [
    ({"when": [{"fact": "order.eligible_minor", "op": "gte", "value": 50_000}]},
     "the amount that counts is ¥12, not at least ¥500", "计入金额为¥12（要求：不少于¥500）"),
    ({"when": [{"fact": "member.tier", "op": "in", "value": ["gold", "diamond"]}]},
     "the tier is Silver, not Gold or Diamond", "等级为银卡（要求：金卡或钻卡）"),
    ({"when": [{"fact": "order.store", "op": "eq", "value": "s1"}]},
     "the store must be s1", "门店不符合要求（s1）"),
    ({"when": [{"fact": "member.tier", "op": "ne", "value": "silver"}]},
     "it is not for the tier Silver", "不适用于等级银卡"),
    ({"when": [{"fact": "member.birthday", "op": "has", "value": "month"}]},
     "it is only for the month of the birthday", "仅限生日当月"),
    ({"when": [{"fact": "fact.stars", "op": "gte", "value": 4}]},
     "stars must be at least 4", "stars不符合要求（不少于4）"),
    ({"window": {"weekdays": [6, 7], "from_time": "18:00"}},
     "it runs only on Saturday and Sunday, from 18:00", "仅限星期六和星期日，18:00以后"),
    ({"window": {"from_on": "2026-05-01", "to_on": "2026-05-05"}},
     "it runs only from 1 May 2026, through 5 May 2026", "2026年5月1日起，2026年5月5日止"),
    ({"once": "ever"}, "it is given only once", "每人仅限一次"),
    ({"once": "year"}, "it is given once a year", "每年仅限一次"),
    ({"scope": {"include": {"categories": ["tea"]}}},
     "no goods of this order count for it", "没有参与活动的商品"),
    ({"gives": {"kind": "per_spend", "points": 1, "per_minor": 5_000}},
     "¥12 counts and the first point takes ¥50", "计入金额为¥12，满¥50才有第一个积分"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "en", "zh"), MISSES)
def test_what_was_not_earned_says_why(fields, en, zh, paid, rule):
    raw = starter_definition().model_dump(mode="json")
    made = rule("one", **fields)
    rules = type(starter_definition()).model_validate(raw | {"rules": [made]})
    done = frozenset({("one", "ever"), ("one", "2026")})

    outcome = evaluate(
        paid(1_200), definition=rules, member=MemberView(tier="silver", done=done)
    )

    assert said(outcome, "en") == [f"Rule one: not earned, because {en}."]
    assert zh in said(outcome, "zh")[0]


def test_every_rule_of_the_starter_says_something_in_both_languages(paid, noon):
    for kind in ("order.paid", "birthday", "customer.signed_up", "review.approved"):
        fact = paid(3_000) if kind == "order.paid" else FactView(type=kind, at=noon)
        for member in (MemberView(), MemberView(enrolled=False)):
            outcome = evaluate(fact, definition=starter_definition(), member=member)

            english, chinese = said(outcome, "en"), said(outcome, "zh")

            assert english
            assert not any(re.search(r"[\u4e00-\u9fff{}]", one) for one in english)
            assert all(re.search(r"[\u4e00-\u9fff]", one) for one in chinese)
            assert not any("Recorded" in one or "{" in one for one in english + chinese)


@pytest.mark.parametrize(
    ("reason", "en", "zh"),
    [
        ({"metric": "spend", "need": 32_000, "currency": "CNY"},
         "¥320 more by 31 March 2026 keeps Gold.",
         "2026年3月31日（含）前再累计¥320，即可保住金卡。"),
        ({"metric": "visits", "need": 1},
         "1 more order by 31 March 2026 keeps Gold.",
         "2026年3月31日（含）前再累计1笔订单，即可保住金卡。"),
        ({"metric": "visits", "need": 3},
         "3 more orders by 31 March 2026 keep Gold.",
         "2026年3月31日（含）前再累计3笔订单，即可保住金卡。"),
        ({"metric": "qualifying", "need": 1},
         "1 more point by 31 March 2026 keeps Gold.",
         "2026年3月31日（含）前再累计1积分，即可保住金卡。"),
        ({"metric": "qualifying", "need": 20, "unit": {"en": "stars", "zh": "星"}},
         "20 more stars by 31 March 2026 keep Gold.",
         "2026年3月31日（含）前再累计20星，即可保住金卡。"),
        ({"metric": "qualifying", "need": 1_320, "unit": "growth"},
         "1,320 more growth value by 31 March 2026 keeps Gold.",
         "2026年3月31日（含）前再累计1,320成长值，即可保住金卡。"),
    ],
)  # fmt: skip
def test_what_keeps_a_tier_is_said_in_its_metric(reason, en, zh):
    whole = {"code": "progress.keep", "tier": GOLD, "by": "2026-03-31"} | reason

    assert (say(whole, "en"), say(whole, "zh")) == (en, zh)


#: What these say is nothing without its values.
NEEDY = ("progress.", "tier.", "stamps.", "lose.")


@pytest.mark.parametrize("code", sorted(SENTENCES))
@pytest.mark.parametrize(("language", "unknown"), [("en", "Recorded"), ("zh", "已记录")])
def test_every_code_is_said_with_much_and_with_little(code, language, unknown):
    places = {place for form in SENTENCES[code] for _, place, _, _ in Formatter().parse(form)}
    much = {place: "x" for place in places if place} | {
        "code": code,
        "metric": "visits",
        "need": 3,
        "points": 20,
        "tier": GOLD,
        "by": "2026-03-31",
    }

    assert unknown not in say(much, language)
    if not code.startswith(NEEDY):
        assert unknown not in say({"code": code}, language)


@pytest.mark.parametrize(
    "reason",
    [
        {},
        {"code": None},
        {"code": "who.knows"},
        {"code": "earned.spend"},
        {"code": "earned.spend", "points": "many", "cap": {"per": "age"}},
        {"code": "missed.condition", "op": "like"},
        {"code": "missed.window", "required": {"from_on": "soon"}},
        {"code": "missed.nothing"},
        {"code": "expired", "valid_through": "2026-99-99"},
    ],
)
def test_what_is_not_known_is_named_and_never_fails(reason):
    for language in ("en", "zh"):
        assert say(reason, language).startswith(("Recorded", "已记录", "Points", "积分"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["per", "most", "zh", "en", "from_on"]), inner)
    ),
    max_leaves=6,
)


KEYS = (
    *("points", "name", "cap", "desired", "op", "fact", "actual", "required", "need"),
    *("metric", "tier", "by", "unit", "scale", "valid_through", "return_days"),
)


@given(
    code=st.sampled_from(
        [*SENTENCES, "earned.spend", "missed.condition", "missed.window", "missed.amount"]
    ),
    reason=st.dictionaries(
        st.sampled_from(KEYS),
        VALUES,
    ),
)
def test_whatever_a_reason_carries_something_is_said(code, reason):
    for language in ("en", "zh"):
        assert say(reason | {"code": code}, language)
