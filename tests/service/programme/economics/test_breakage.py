"""Known truth is recovered, intervals hold as often as they say, too little is told."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from huitouke.service.programme.economics.breakage import estimate
from huitouke.service.programme.economics.fitting import Cohort
from huitouke.service.programme.economics.lives import life_of
from huitouke.service.programme.economics.vintages import vintages
from huitouke.service.programme.rules.calendar import add_months
from huitouke.service.programme.rules.shapes import FixedDay, Inactivity, Never, Rolling

HAZARD = np.array([0.02, 0.08, 0.10, 0.10, 0.09, 0.08, 0.10, 0.15])
LIFE = len(HAZARD)
FIRST = date(2024, 1, 1)


def world(seed, *, months=20, members=400, spread=0.1):
    """Simulate cohorts of members who redeem all or half at their own pace, then expiry."""
    random = np.random.Generator(np.random.PCG64(seed))
    cohorts, truth = [], []
    for month in range(months):
        pace = random.gamma(1.5, 1 / 1.5, size=members)
        pace *= np.exp(spread * random.standard_normal())
        left = random.integers(50, 500, size=members)
        issued, steps, times = int(left.sum()), [], []
        for hazard in HAZARD:
            hit = random.random(members) < 1 - np.exp(-hazard * pace)
            part = np.where(hit, left // random.choice([1, 2], size=members), 0)
            left = left - part
            steps.append(int(part.sum()))
            times.append(int(hit.sum()))
        seen = months - month
        cohorts.append(
            Cohort(
                month=add_months(FIRST, months=month),
                issued=issued,
                redeemed=tuple((steps + [0] * months)[:seen]),
                life=LIFE,
                expired=int(left.sum()) if seen >= LIFE else 0,
                redemptions=tuple((times + [0] * months)[:seen]),
            )
        )
        truth.append(sum(steps))
    return cohorts, np.array(truth)


def test_the_true_rate_is_recovered_without_bias():
    errors = []
    for seed in range(40):
        cohorts, truth = world(seed)
        made = estimate(cohorts, life=LIFE, count=50)
        errors.append(made.redemption.value / (truth.sum() / made.issued) - 1)

    assert abs(np.mean(errors)) < 0.005
    assert np.std(errors) < 0.03


def test_ninety_percent_intervals_hold_about_as_often_as_they_say():
    whole, young = 0, []
    for seed in range(100, 200):
        cohorts, truth = world(seed)
        made = estimate(cohorts, life=LIFE, count=400)
        whole += made.redemption.low <= truth.sum() / made.issued <= made.redemption.high
        for cohort, real in list(zip(made.cohorts, truth, strict=True))[-LIFE + 2 :]:
            young.append(cohort.rate.low <= real / cohort.issued <= cohort.rate.high)

    assert 82 <= whole <= 97
    assert 0.82 <= np.mean(young) <= 0.97


def test_a_cohort_that_has_ended_is_what_it_was():
    cohorts, truth = world(1)

    oldest = estimate(cohorts, life=LIFE).cohorts[0]

    assert oldest.rate.low == oldest.rate.value == oldest.rate.high
    assert oldest.rate.value == pytest.approx(truth[0] / oldest.issued)


def test_the_same_data_give_the_same_interval():
    cohorts, _ = world(2)

    assert estimate(cohorts, life=LIFE) == estimate(list(reversed(cohorts)), life=LIFE)


def test_nothing_that_has_expired_is_redeemed_any_more():
    cohorts, _ = world(3)
    last = cohorts[-1]
    gone = Cohort(
        month=last.month,
        issued=last.issued,
        redeemed=last.redeemed,
        life=LIFE,
        expired=last.issued - last.so_far,
        redemptions=last.redemptions,
    )

    made = estimate([*cohorts[:-1], gone], life=LIFE).cohorts[-1]

    assert made.rate.high == pytest.approx(last.so_far / last.issued)


def test_frozen_vintages_foretell_what_came():
    cohorts, _ = world(4, months=30)

    found = vintages(cohorts, life=LIFE)

    assert [one.months_back for one in found] == list(range(1, LIFE))
    assert sum(one.inside for one in found) >= len(found) - 2
    assert all(abs(one.predicted / one.actual - 1) < 0.15 for one in found)


def test_few_redemptions_are_too_few_and_leave_what_is_possible():
    cohorts, _ = world(5, members=1)

    made = estimate(cohorts, life=LIFE)

    assert made.status == "too_few"
    assert made.redemption.value is None
    assert made.redemption.low < made.redemption.high


def test_no_cohort_at_its_end_cannot_be_told():
    cohorts, _ = world(6, months=7)

    made = estimate(cohorts, life=LIFE)

    assert made.status == "unfinished"
    assert made.prior.value is None


def test_no_data_at_all_are_too_few():
    assert estimate((), life=12).status == "too_few"


def test_points_without_end_are_told_from_how_redemption_fades():
    random = np.random.Generator(np.random.PCG64(7))
    cohorts = []
    for month in range(36):
        rate = 0.12 * 0.85 ** np.arange(36 - month)
        steps = random.binomial(100_000, rate)
        cohorts.append(
            Cohort(
                month=add_months(FIRST, months=month),
                issued=100_000,
                redeemed=tuple(int(each) for each in steps),
                life=None,
                redemptions=(500,) + (0,) * (35 - month),
            )
        )

    made = estimate(cohorts, life=None)

    assert made.status == "ok"
    assert made.redemption.value == pytest.approx(0.12 / 0.15, rel=0.02)


def test_the_life_of_points_is_counted_in_calendar_months():
    assert life_of(Rolling(months=12)) == 13
    assert life_of(Rolling(months=12, round="quarter"), pending_days=7) == 16
    assert life_of(FixedDay(month=12, day=31)) == 12
    assert life_of(Never()) is None
    assert life_of(Inactivity(months=6)) is None
