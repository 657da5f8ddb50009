"""Splits: windows close in time, people stay in one fold, samples are stable."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.insight.validation.splits import (
    grouped_folds,
    origins,
    roles,
    stable_hash,
    stable_sample,
)

FIRST = date(2022, 1, 1)


@given(
    st.integers(0, 900),
    st.integers(1, 200),
    st.integers(1, 60),
    st.integers(0, 30),
    st.integers(1, 8),
    st.integers(1, 200),
)
def test_every_window_has_closed_and_every_origin_has_its_history(
    length, horizon, step, gap, most, history
):
    as_of = FIRST + timedelta(days=length)

    days = origins(
        as_of,
        horizon_days=horizon,
        first_on=FIRST,
        step_days=step,
        gap_days=gap,
        at_most=most,
        history_days=history,
    )

    assert len(days) <= most
    assert all(day + timedelta(days=gap + horizon) <= as_of for day in days)
    assert all((day - FIRST).days >= history for day in days)
    assert all((b - a).days == step for a, b in itertools.pairwise(days))
    if length >= horizon + gap + history:
        assert days[-1] + timedelta(days=gap + horizon) == as_of
    else:
        assert days == ()


def test_origins_use_all_the_room_there_is():
    days = origins(date(2022, 12, 31), horizon_days=91, first_on=FIRST, at_most=99)

    assert days[-1] == date(2022, 10, 1)
    assert len(days) == 10
    assert 1 <= (days[0] - FIRST).days <= 28


def test_nothing_learnt_was_unknown_on_the_test_origin():
    days = origins(date(2023, 12, 31), horizon_days=91, first_on=FIRST, at_most=12)

    found = roles(days, horizon_days=91, gap_days=7)

    learnt = [*found.fit, found.calibrate]
    assert found.test == days[-1]
    assert all(day + timedelta(days=98) <= found.test for day in learnt)
    assert found.calibrate > max(found.fit)
    unused = [day for day in days[:-1] if day not in learnt]
    assert all(day + timedelta(days=98) > found.test for day in unused)


@pytest.mark.parametrize(
    ("many", "fit", "calibrates"), [(0, 0, False), (1, 0, False), (2, 1, False)]
)
def test_a_short_record_leaves_roles_empty(many, fit, calibrates):
    days = tuple(FIRST + timedelta(days=100 * place) for place in range(many))

    found = roles(days, horizon_days=100)

    assert len(found.fit) == fit
    assert (found.calibrate is not None) is calibrates
    assert (found.test is None) is (many == 0)


def test_hash_starts_as_published():
    # SplitMix64 from state 0: its first outputs are widely published.
    found = stable_hash(np.array([1, 2, 3]))

    assert [hex(int(value)) for value in found] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=200), st.integers(2, 10))
def test_no_customer_is_in_two_folds(groups, folds):
    numbers = np.array(groups)

    fold = grouped_folds(numbers, folds=folds)

    assert all(len(set(fold[numbers == number])) == 1 for number in set(groups))
    assert set(fold.tolist()) <= set(range(folds))


def test_newcomers_move_nobody_and_folds_are_even():
    before = grouped_folds(np.arange(10_000), folds=10)
    after = grouped_folds(np.arange(20_000), folds=10)

    assert np.array_equal(before, after[:10_000])
    assert np.abs(np.bincount(before) - 1000).max() < 120
    assert not np.array_equal(before, grouped_folds(np.arange(10_000), folds=10, seed=1))


def test_a_sample_keeps_whole_customers_and_is_nested():
    groups = np.repeat(np.arange(5000), 3)

    small, large = (stable_sample(groups, at_most=most) for most in (1000, 6000))

    assert 900 <= len(small) <= 1000
    assert set(small) <= set(large)
    assert all(np.bincount(groups[small])[groups[small]] == 3)
    assert np.array_equal(stable_sample(groups, at_most=10**6), np.arange(15_000))


@pytest.mark.parametrize(("horizon", "latest"), [(84, 84), (85, 112)])
def test_a_window_that_closes_on_the_test_origin_may_be_learnt_from_but_not_a_day_later(
    horizon, latest
):
    days = tuple(FIRST + timedelta(days=28 * place) for place in range(8))

    found = roles(days, horizon_days=horizon)

    assert (found.test - found.calibrate).days == latest
