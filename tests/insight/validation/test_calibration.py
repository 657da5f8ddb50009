"""Calibration: right data look right, wrong data look wrong, and order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from huitouke.insight.tables import Status
from huitouke.insight.validation.calibration import calibration


def drawn(seed: int, n: int = 20_000):
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 3, n)
    return p, (rng.random(n) < p).astype(float)


@pytest.mark.parametrize("seed", range(40))
def test_chances_that_made_the_data_are_found_calibrated(seed):
    p, y = drawn(seed, 6000)

    found = calibration(p, y=y, level=0.9999)

    assert found.slope.lo <= 1 <= found.slope.hi
    assert found.intercept.lo <= 0 <= found.intercept.hi
    assert found.ece.value < 0.04


def test_predictions_twice_too_extreme_have_slope_one_half():
    p, y = drawn(3, 60_000)

    found = calibration(expit(2 * logit(p) + 1), y=y)

    assert found.slope.value == pytest.approx(0.5, abs=0.02)
    assert found.intercept.value == pytest.approx(-0.5, abs=0.03)
    assert found.ece.value > 0.1


def test_slope_solves_a_two_point_problem_exactly():
    # Rates .2 and .6 predicted as .1 and .5: slope and intercept follow from two log odds.
    p = np.repeat([0.1, 0.5], 500)
    y = np.concatenate([np.tile([1.0, 0, 0, 0, 0], 100), np.tile([1.0, 1, 1, 0, 0], 100)])

    found = calibration(p, y=y)

    slope = (logit(0.6) - logit(0.2)) / (logit(0.5) - logit(0.1))
    assert found.slope.value == pytest.approx(slope, abs=1e-6)
    assert found.intercept.value == pytest.approx(logit(0.6), abs=1e-6)
    assert found.ece.value == pytest.approx(0.1)
    assert [(b.n, b.predicted, b.observed) for b in found.bins] == [
        (500, pytest.approx(0.1), pytest.approx(0.2)),
        (500, pytest.approx(0.5), pytest.approx(0.6)),
    ]


def test_ten_bins_hold_equal_counts_and_all_rows():
    p, y = drawn(8)

    bins = calibration(p, y=y).bins

    assert [b.n for b in bins] == [2000] * 10
    assert sum(b.n * b.observed for b in bins) == pytest.approx(y.sum())
    assert all(b.lo < b.observed < b.hi for b in bins)


@given(st.randoms(use_true_random=False))
def test_calibration_does_not_depend_on_the_order_of_rows(random):
    p = np.repeat([0.1, 0.3, 0.35, 0.8], 25)
    y = np.tile([0.0, 1.0, 0.0, 0.0, 1.0], 20)
    order = list(range(100))
    random.shuffle(order)

    one, other = calibration(p, y=y), calibration(p[order], y=y[order])

    assert [b.n for b in other.bins] == [b.n for b in one.bins]
    assert [b.observed for b in other.bins] == [b.observed for b in one.bins]
    assert other.ece.value == pytest.approx(one.ece.value, abs=1e-12)


def test_predictions_that_do_not_vary_have_no_slope():
    found = calibration(np.full(1000, 0.4), y=np.tile([0.0, 1.0], 500))

    assert found.slope.value is None
    assert found.slope.status is Status.NOT_IDENTIFIED
    assert found.ece.value == pytest.approx(0.1)
    assert len(found.bins) == 1


def test_separated_classes_have_no_slope():
    y = np.repeat([0.0, 1.0], 400)

    found = calibration(np.where(y == 1, 0.7, 0.3), y=y)

    assert found.slope.status is Status.NOT_IDENTIFIED


def test_one_class_is_insufficient():
    found = calibration(np.linspace(0.1, 0.9, 50), y=np.ones(50))

    assert found.slope.status is Status.INSUFFICIENT
    assert found.slope.value is None


def test_falling_rates_are_told_in_standard_errors():
    p = np.repeat([0.2, 0.4], 100)
    rising = np.concatenate([np.repeat([0.0, 1.0], [80, 20]), np.repeat([0.0, 1.0], [60, 40])])
    falling = np.concatenate([np.repeat([0.0, 1.0], [60, 40]), np.repeat([0.0, 1.0], [80, 20])])

    assert calibration(p, y=rising).worst_step == 0.0
    step = 0.2 / np.sqrt(0.24 / 100 + 0.16 / 100)
    assert calibration(p, y=falling).worst_step == pytest.approx(step)
