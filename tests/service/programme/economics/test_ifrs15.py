"""Published figures to the unit, and sums that always add up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.economics.ifrs15 import (
    Estimate,
    EstimateImpossible,
    allocate,
    release,
    stand_alone,
)


def test_illustrative_example_52_comes_out_to_the_unit():
    points = stand_alone(10_000, value_minor=Fraction(1), redemption=Fraction(95, 100))

    made = allocate(100_000, goods_alone=100_000, points_alone=points)
    estimates = [Estimate(4_500, 9_500), Estimate(8_500, 9_700)]
    years = release(made.points_minor, estimates=estimates)

    assert (made.goods_minor, made.points_minor) == (91_324, 8_676)
    assert [year.revenue_minor for year in years] == [4_110, 3_493]
    assert years[-1].left_minor == 1_073


@pytest.mark.parametrize(("expected", "second"), [(9_900, 3_552), (9_200, 4_140)])
def test_the_variant_in_whole_percents_comes_out_to_the_unit(expected, second):
    points = stand_alone(10_000, value_minor=Fraction(1), redemption=Fraction(97, 100))

    made = allocate(100_000, goods_alone=100_000, points_alone=points, whole_percent=True)
    years = release(
        made.points_minor, estimates=[Estimate(4_500, 9_700), Estimate(8_500, expected)]
    )

    assert (made.goods_minor, made.points_minor) == (91_000, 9_000)
    assert [year.revenue_minor for year in years] == [4_175, second]


@given(
    price=st.integers(0, 10**12),
    goods=st.fractions(0, 10**9, max_denominator=1000),
    points=st.fractions(0, 10**9, max_denominator=1000),
    whole=st.booleans(),
)
def test_the_parts_of_a_price_add_up_to_it(price, goods, points, whole):
    made = allocate(price, goods_alone=goods, points_alone=points, whole_percent=whole)

    assert made.goods_minor + made.points_minor == price
    assert min(made.goods_minor, made.points_minor) >= 0


@given(
    allocated=st.integers(0, 10**12),
    steps=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5_000)), max_size=8),
)
def test_what_is_released_and_what_is_left_add_up_in_every_period(allocated, steps):
    redeemed, estimates = 0, []
    for more, further in steps:
        redeemed += more
        estimates.append(Estimate(redeemed, redeemed + further))

    years = release(allocated, estimates=estimates)

    total = 0
    for year in years:
        total += year.revenue_minor
        assert total == year.released_minor == allocated - year.left_minor
    ended = release(allocated, estimates=[*estimates, Estimate(redeemed, redeemed)])
    assert ended[-1].left_minor == 0


def test_a_higher_estimate_may_take_revenue_back():
    years = release(1_000, estimates=[Estimate(50, 50), Estimate(50, 100)])

    assert [year.revenue_minor for year in years] == [1_000, -500]


def test_a_redemption_that_was_undone_takes_revenue_back():
    years = release(1_000, estimates=[Estimate(50, 100), Estimate(40, 100)])

    assert [year.revenue_minor for year in years] == [500, -100]


@pytest.mark.parametrize("estimates", [[Estimate(10, 9)], [Estimate(-1, 10)]])
def test_an_estimate_that_contradicts_itself_is_refused(estimates):
    with pytest.raises(EstimateImpossible):
        release(1_000, estimates=estimates)


def test_points_that_nobody_will_use_take_no_part_of_the_price():
    made = allocate(999, goods_alone=0, points_alone=0)

    assert (made.goods_minor, made.points_minor) == (999, 0)
