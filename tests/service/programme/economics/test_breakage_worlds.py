"""Shops whose truth is known: intervals hold in worlds unlike the estimator's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from huitouke.service.programme.economics.breakage import estimate
from huitouke.service.programme.economics.fitting import Cohort
from huitouke.service.programme.economics.vintages import vintages
from huitouke.service.programme.rules.calendar import add_months

FIRST = date(2024, 1, 1)
LIFE = 13


def generator(seed):
    return np.random.Generator(np.random.PCG64(seed))


def cohort(place, *, months, steps, issued, life, times):
    """Return a cohort as it stands after so many months; ``steps`` is its whole truth."""
    seen = months - place
    known = [int(each) for each in (list(steps) + [0] * seen)[:seen]]
    return Cohort(
        month=add_months(FIRST, months=place),
        issued=int(issued),
        redeemed=tuple(known),
        life=life,
        expired=int(issued - sum(steps)) if life is not None and seen >= life else 0,
        redemptions=(times, *[0] * (seen - 1)),
    )


def year_end(seed, *, months, members=300):
    """Points are gone at the end of the year, whenever they were issued."""
    random, cohorts, truth = generator(seed), [], []
    for place in range(months):
        pace = random.gamma(1.5, 1 / 1.5, members) * np.exp(0.1 * random.standard_normal())
        left = random.integers(50, 500, members)
        issued, steps, life = int(left.sum()), [], 12 - place % 12
        for _ in range(life):
            part = np.where(random.random(members) < 1 - np.exp(-0.08 * pace), left, 0)
            left = left - part
            steps.append(int(part.sum()))
        cohorts.append(
            cohort(place, months=months, steps=steps, issued=issued, life=life, times=members)
        )
        truth.append(sum(steps))
    return cohorts, np.array(truth)


def endless(seed, *, months, hazard=0.1, shape=None, members=300):
    """Points never expire; three of ten members never redeem; paces differ by a gamma."""
    random, cohorts, truth = generator(seed), [], []
    for place in range(months):
        pace = np.ones(members) if shape is None else random.gamma(shape, 1 / shape, members)
        points = random.integers(50, 500, members)
        age = (random.exponential(1, members) / np.maximum(pace * hazard, 1e-9)).astype(int)
        ever = (random.random(members) >= 0.3) & (age < 240)
        steps = np.bincount(age[ever], weights=points[ever], minlength=240)
        cohorts.append(
            cohort(
                place, months=months, steps=steps, issued=points.sum(), life=None, times=members
            )
        )
        truth.append(int(steps.sum()))
    return cohorts, np.array(truth)


def regulars(seed, *, months, shock=0.0, members=300):
    """The same members earn and use every month, all they have at once; months are odd."""
    random = generator(seed)
    pace = random.gamma(1.5, 1 / 1.5, members)
    balance = np.zeros((months + LIFE, members))
    issued, steps = np.zeros(months), np.zeros((months, LIFE))
    mood = np.exp(shock * random.standard_normal(months + LIFE))
    for now in range(months + LIFE):
        if now < months:
            earned = np.where(
                random.random(members) < 0.5, random.integers(50, 500, members), 0
            )
            balance[now] = earned
            issued[now] = earned.sum()
        uses = random.random(members) < 1 - np.exp(-0.06 * pace * mood[now])
        for place in range(max(0, now - LIFE + 1), min(now + 1, months)):
            steps[place, now - place] = balance[place, uses].sum()
            balance[place, uses] = 0
    cohorts = [
        cohort(place, months=months, steps=steps[place].astype(int), issued=issued[place],
               life=LIFE, times=members)
        for place in range(months)
    ]  # fmt: skip
    return cohorts, steps.astype(int).sum(axis=1)


def held(make, seeds, *, life, **given):
    """Return how often the whole's interval held, the errors, and how often it was told."""
    inside, errors = [], []
    for seed in seeds:
        cohorts, truth = make(seed, **given)
        made = estimate(cohorts, life=life, count=200)
        if made.status != "ok":
            continue
        real, so_far = truth.sum(), sum(each.so_far for each in cohorts)
        low, high = (round(rate * made.issued) for rate in _ends(made.redemption))
        inside.append(low - 1 <= real <= high + 1)
        errors.append((made.redemption.value * made.issued - so_far) / (real - so_far) - 1)
    return np.mean(inside), np.mean(errors), len(inside) / len(seeds)


def _ends(rate):
    return rate.low, rate.high


@pytest.mark.parametrize("months", [20, 30, 33])
def test_points_that_go_at_the_end_of_the_year_are_followed_to_their_own_end(months):
    inside, error, told = held(year_end, range(100), life=12, months=months)

    assert told == 1
    assert inside >= 0.82
    assert abs(error) < 0.05


def test_a_month_that_is_not_complete_is_told_by_its_own_life():
    cohorts, truth = year_end(9, months=34, members=1_000)
    made = estimate(cohorts, life=12)

    november = made.of(add_months(FIRST, months=34), life=2)

    before = [truth[place] / cohorts[place].issued for place in (10, 22)]
    assert november.value == pytest.approx(np.mean(before), rel=0.1)
    assert november.high < made.prior.low


@pytest.mark.parametrize(
    ("hazard", "shape", "months"), [(0.1, None, 36), (0.1, None, 48), (0.3, 1.5, 36)]
)
def test_points_without_end_stay_within_the_interval_where_it_is_told(hazard, shape, months):
    inside, _, told = held(
        endless, range(40), life=None, months=months, hazard=hazard, shape=shape
    )

    assert told >= 0.8
    assert inside >= 0.82


def test_points_without_end_are_not_told_from_nine_months():
    for seed in range(10):
        cohorts, _ = endless(seed, months=9)
        made = estimate(cohorts, life=None, count=50)

        assert (made.status, made.why) == ("unfinished", "long_tail")
        assert made.redemption.value is None
        assert made.redemption.high == 1


def test_points_without_end_that_fade_too_slowly_are_not_told():
    told = [estimate(endless(seed, months=30, hazard=0.03)[0], life=None, count=20).status
            for seed in range(20)]  # fmt: skip

    assert told.count("unfinished") >= 15


@pytest.mark.parametrize("shock", [0.2, 0.4])
def test_months_in_which_everybody_redeems_widen_the_whole(shock):
    inside, _, _ = held(regulars, range(60), life=LIFE, months=30, shock=shock)

    assert inside >= 0.82


def test_points_that_were_given_for_longer_keep_their_life_when_the_rule_is_shortened():
    cohorts = [
        cohort(place, months=30, steps=[300] * 25, issued=10_000, life=25, times=50)
        for place in range(30)
    ]

    made = estimate(cohorts, life=13, count=50)

    by_age = {each.ages: each for each in made.cohorts}
    assert made.status == "ok"
    assert by_age[20].rate.value * 10_000 == pytest.approx(25 * 300, rel=0.02)
    assert made.prior.value * 10_000 == pytest.approx(13 * 300, rel=0.02)
    assert len(made.pattern) == 13
    assert made.pattern[-1] == pytest.approx(1)


def test_a_rule_that_was_made_longer_than_anything_seen_is_not_told():
    cohorts = [
        cohort(place, months=24, steps=[300] * 13, issued=10_000, life=13, times=50)
        for place in range(24)
    ]

    made = estimate(cohorts, life=25, count=50)

    assert (made.status, made.why) == ("unfinished", "longer_life")


def test_one_month_at_its_end_is_told_as_too_few_that_ended():
    cohorts = [
        cohort(place, months=13, steps=[300] * 13, issued=10_000, life=13, times=50)
        for place in range(13)
    ]

    made = estimate(cohorts, life=13, count=50)

    assert (made.status, made.why) == ("unfinished", "few_ended")


def test_what_outlives_the_rest_of_its_month_stays_possible():
    cohorts, _ = year_end(3, months=30)
    first = cohorts[0]
    late = Cohort(
        month=first.month,
        issued=first.issued,
        redeemed=first.redeemed,
        life=first.life,
        expired=first.expired - 100,
        redemptions=first.redemptions,
    )

    made = estimate([late, *cohorts[1:]], life=12, count=50).cohorts[0]

    assert made.rate.value == made.rate.low
    assert made.rate.high * late.issued == pytest.approx(late.so_far + 100)


def test_vintages_are_sums_and_no_sum_of_bounds():
    cohorts, _ = year_end(5, months=30)

    for one in vintages(cohorts, life=12, count=500):
        then = [
            replace(
                each,
                redeemed=each.redeemed[: -one.months_back],
                redemptions=each.redemptions[: -one.months_back],
                expired=0,
            )
            for each in cohorts
            if len(each.redeemed) > one.months_back
        ]
        made = estimate(then, life=12, count=500)
        chosen = [
            each
            for each in made.cohorts
            if each.ages < each.life <= each.ages + one.months_back
        ]
        widths = sum((each.rate.high - each.rate.low) * each.issued for each in chosen)
        assert one.cohorts == len(chosen)
        assert one.cohorts < 4 or one.high - one.low < 0.8 * widths


def test_vintages_that_knew_too_little_then_foretell_nothing():
    cohorts = [
        Cohort(
            month=add_months(FIRST, months=place),
            issued=10_000,
            redeemed=(300,) * (24 - place),
            life=13,
            redemptions=(0,) * (23 - place) + (5,),
        )
        for place in range(24)
    ]  # fmt: skip

    assert estimate(cohorts, life=13, count=20).status == "ok"
    assert vintages(cohorts, life=13, count=20) == ()
