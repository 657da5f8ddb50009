"""What is told before it is lost: who is told, when, with which amount."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huitouke.service.programme.rules.forecast import Progress
from huitouke.service.programme.rules.losses import Lapsing, NextReward, Standing, losses
from huitouke.service.programme.rules.reasons import say
from huitouke.service.programme.rules.shapes import Name
from huitouke.service.programme.rules.tier_shapes import Tier, Tiers

TODAY = date(2026, 11, 28)
TIERS = Tiers(
    metric="spend",
    tiers=(
        Tier(code="silver", name=Name(en="Silver", zh="银卡"), reach=0),
        Tier(code="gold", name=Name(en="Gold", zh="金卡"), reach=100_000, keep=80_000),
    ),
)


def progress(**given):
    base = {
        "tier": "silver",
        "metric": 0,
        "keep_by": None,
        "to_keep": 0,
        "next_tier": "gold",
        "to_reach": 100_000,
        "reach_by": None,
        "pace": None,
        "keeps_at_pace": None,
        "reaches_at_pace": None,
        "reasons": (),
    }
    return Progress(**{**base, **given})


def found(doing="serving", **given):
    base = {"day": TODAY, "unit": {"en": "points", "zh": "积分"}, "currency": "CNY"}
    return losses(Standing(doing=doing, **{**base, **given}))


def kinds(*args, **given):
    return [each.kind for each in found(*args, **given)]


def in_days(days, points=120):
    return Lapsing(points=points, through=TODAY + timedelta(days=days))


@pytest.mark.parametrize(("days", "told"), [(0, True), (14, True), (15, False), (-1, False)])
def test_points_are_told_of_within_a_fortnight_of_their_end(days, told):
    assert (kinds(lapsing=[in_days(days)]) == ["lapsing"]) is told


def test_what_lapses_first_is_told_with_its_amount_and_last_day():
    (loss,) = found(lapsing=[in_days(9, points=500), in_days(1)])

    assert say(loss.reason, "en") == "120 points lapse after 29 November 2026."
    assert say(loss.words, "zh") == "您有120积分，有效期到2026年11月29日，今天要用掉吗？"


@pytest.mark.parametrize(
    ("missing", "gain", "told"),
    [(10_000, 0, True), (10_001, 0, False), (14_000, 10_000, True), (10_000, 10_000, False)],
)
def test_a_tier_is_near_when_a_tenth_is_missing_after_the_sale(missing, gain, told):
    given = {"progress": progress(to_reach=missing), "tiers": TIERS, "gain": gain}

    assert (kinds("selling", **given) == ["tier_near"]) is told


def test_a_tier_that_is_missed_by_little_is_told_with_the_amount():
    (loss,) = found("selling", progress=progress(to_reach=9_000), tiers=TIERS, gain=5_000)

    assert say(loss.reason, "en") == "¥40 more reaches Gold."
    assert say(loss.words, "zh") == "再累计¥40，您就升为金卡了。"


def test_a_sale_that_lifts_the_tier_misses_nothing():
    given = {"progress": progress(to_reach=5_000), "tiers": TIERS, "lifted": True}

    assert kinds("selling", **given) == []


@pytest.mark.parametrize(("days", "told"), [(30, True), (31, False)])
def test_a_tier_that_ends_within_a_month_is_told_unless_the_sale_keeps_it(days, told):
    by = TODAY + timedelta(days=days)
    ahead = progress(tier="gold", next_tier=None, to_reach=0, keep_by=by, to_keep=30_000)

    assert (kinds(progress=ahead, tiers=TIERS) == ["tier_keep"]) is told
    assert kinds("selling", progress=ahead, tiers=TIERS, gain=30_000) == []


def test_redeeming_tells_of_a_larger_reward_that_is_nearly_reached():
    larger = NextReward(name={"en": "Mug", "zh": "马克杯"}, cost_points=1_000, missing=60)
    far = NextReward(name={"en": "Pot"}, cost_points=5_000, missing=4_060)

    (loss,) = found("redeeming", rewards=[larger, far], spends=500, available=940)

    assert say(loss.reason, "en") == (
        "60 points more would be enough for Mug; redeeming now leaves 440."
    )
    assert say(loss.words, "zh") == "您离马克杯只差60积分，要不要先攒着？"


@pytest.mark.parametrize(
    ("missing", "spends", "available"), [(101, 500, 899), (60, 1_000, 940), (60, 950, 940)]
)
def test_redeeming_is_not_put_off_for_what_is_far_or_not_larger(missing, spends, available):
    reward = NextReward(name={"en": "Mug"}, cost_points=1_000, missing=missing)

    assert kinds("redeeming", rewards=[reward], spends=spends, available=available) == []


def test_a_return_tells_of_the_tier_before_the_points_and_of_what_is_owed():
    fell = {"falls_from": {"en": "Gold"}, "falls_to": {"en": "Silver"}}

    tier, points = found("refunding", taken=120, owed=30, **fell)

    assert say(tier.reason, "en") == "This return ends Gold; Silver takes its place."
    assert say(points.reason, "en") == (
        "120 points are taken back with this return; 30 points of them are spent and owed."
    )


def test_a_return_speaks_of_nothing_else():
    given = {"lapsing": [in_days(1)], "progress": progress(to_reach=1), "tiers": TIERS}

    assert kinds("refunding", **given) == []
