"""Scores of predicted amounts: values by hand, laws, and published holdout figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from huitouke.insight.validation.amounts import (
    mae,
    normalised_gini,
    poisson_deviance,
    rmse,
    spearman,
    total_bias,
)
from huitouke.insight.validation.scores import ScoreInputsInvalid

pairs = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=40
).filter(lambda rows: len({a for a, _ in rows}) > 1 and len({b for _, b in rows}) > 1)


def arrays(rows):
    predicted, actual = zip(*rows, strict=True)
    return np.array(predicted, dtype=float), np.array(actual, dtype=float)


def test_errors_by_hand():
    predicted, actual = np.array([1.0, 2.0, 4.0, 1.0]), np.array([0.0, 2.0, 1.0, 1.0])

    assert mae(predicted, actual=actual).value == pytest.approx(1.0)
    assert rmse(predicted, actual=actual).value == pytest.approx(math.sqrt(10 / 4))
    assert total_bias(predicted, actual=actual).value == pytest.approx(1.0)


def test_mae_interval_is_its_standard_error():
    predicted, actual = np.array([1.0, 2.0, 4.0, 1.0]), np.array([0.0, 2.0, 1.0, 1.0])

    found = mae(predicted, actual=actual, level=0.95)

    half = 1.959963984540054 * np.array([1.0, 0, 3, 0]).std(ddof=1) / 2
    assert found.hi - found.value == pytest.approx(half)


def test_poisson_deviance_by_hand():
    predicted, actual = np.array([2.0, 1.0]), np.array([3.0, 0.0])

    found = poisson_deviance(predicted, actual=actual)

    assert found.value == pytest.approx((2 * (3 * math.log(1.5) - 1) + 2 * 1) / 2)


def test_poisson_deviance_of_the_impossible_is_no_number():
    found = poisson_deviance(np.array([0.0, 1.0]), actual=np.array([1.0, 1.0]))

    assert found.value is None
    assert found.status == "insufficient_evidence"


@given(pairs)
def test_spearman_agrees_with_scipy_ties_included(rows):
    predicted, actual = arrays(rows)

    found = spearman(predicted, actual=actual).value

    assert found == pytest.approx(spearmanr(predicted, actual)[0], abs=1e-12)


@given(pairs)
def test_gini_is_one_for_the_truth_and_changes_sign_when_reversed(rows):
    predicted, actual = arrays(rows)

    found = normalised_gini(predicted, actual=actual).value

    assert normalised_gini(actual, actual=actual).value == pytest.approx(1.0)
    assert normalised_gini(-predicted, actual=actual).value == pytest.approx(-found)
    assert -1 - 1e-12 <= found <= 1 + 1e-12


def test_gini_by_hand_from_the_lorenz_curve():
    # Sorted by prediction, highest first, the spend is 1, 3, 0: cumulated shares .25, 1, 1
    # against 1/3, 2/3, 1. The perfect order cumulates .75, 1, 1.
    predicted, actual = np.array([3.0, 2.0, 1.0]), np.array([1.0, 3.0, 0.0])

    ours = (0.25 - 1 / 3) + (1 - 2 / 3)
    perfect = (0.75 - 1 / 3) + (1 - 2 / 3)
    assert normalised_gini(predicted, actual=actual).value == pytest.approx(ours / perfect)


def test_what_does_not_vary_has_no_rank_correlation():
    assert spearman(np.ones(9), actual=np.arange(9.0)).value is None
    assert normalised_gini(np.arange(9.0), actual=np.ones(9)).value is None
    assert total_bias(np.ones(9), actual=np.zeros(9)).value is None


def test_amounts_that_are_not_numbers_are_refused():
    with pytest.raises(ScoreInputsInvalid):
        mae(np.array([1.0, math.nan]), actual=np.array([1.0, 2.0]))


def test_past_count_on_cdnow_scores_as_published(shared_data):
    rows = np.loadtxt(shared_data / "cdnow" / "CDNOW_sample.txt", usecols=(1, 2), dtype=int)
    rows = np.unique(rows, axis=0)
    calibration = rows[rows[:, 1] <= 19970930]
    holdout = rows[rows[:, 1] > 19970930]
    past = np.bincount(calibration[:, 0])[1:].astype(float) - 1
    came = np.bincount(holdout[:, 0], minlength=len(past) + 1)[1:].astype(float)

    assert (len(past), came.sum()) == (2357, 1882)
    assert total_bias(past, actual=came).value == pytest.approx(0.306, abs=0.001)
    assert mae(past, actual=came).value == pytest.approx(0.897, abs=0.001)
    assert rmse(past, actual=came).value == pytest.approx(1.971, abs=0.001)
    assert spearman(past, actual=came).value == pytest.approx(0.488, abs=0.001)
    assert normalised_gini(past, actual=came).value == pytest.approx(0.660, abs=0.001)
    # 60 % of customers are tied at no repeat: the published .640 is one order of them.
    rng = np.random.default_rng(1)
    broken = [past + 0.5 * rng.random(len(past)) for _ in range(200)]
    ginis = [normalised_gini(order, actual=came).value for order in broken]
    assert np.mean(ginis) == pytest.approx(0.660, abs=0.002)
