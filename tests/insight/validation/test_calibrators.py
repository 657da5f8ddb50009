"""Calibrators: monotone, clipped, right where the truth is known, chosen on evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from huitouke.insight.tables import Status
from huitouke.insight.validation.calibration import calibration
from huitouke.insight.validation.calibrators import (
    BetaCalibrator,
    IdentityCalibrator,
    choose_calibrator,
    fit_beta,
    fit_isotonic,
)
from huitouke.insight.validation.scores import log_loss

hundredths = st.integers(0, 100).map(lambda hundredth: hundredth / 100)
judged = st.lists(st.tuples(hundredths, st.booleans()), min_size=3, max_size=50).filter(
    lambda rows: len({event for _, event in rows}) == 2
)


def arrays(rows):
    p, y = zip(*rows, strict=True)
    return np.array(p), np.array(y, dtype=float)


def drawn(seed, n, truth):
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 2, n)
    return p, (rng.random(n) < truth(p)).astype(float)


@given(judged)
def test_isotonic_never_falls_and_is_never_sure(rows):
    p, y = arrays(rows)
    grid = np.linspace(0, 1, 101)

    mended = fit_isotonic(p, y=y).apply(grid)

    assert np.all(np.diff(mended) >= 0)
    assert mended.min() >= 0.5 / len(y)
    assert mended.max() <= 1 - 0.5 / len(y)


@given(judged)
def test_isotonic_agrees_with_scikit_learn_on_its_own_rows(rows):
    p, y = arrays(rows)
    floor = 0.5 / len(y)

    theirs = IsotonicRegression(y_min=floor, y_max=1 - floor).fit(p, y).predict(p)

    assert fit_isotonic(p, y=y).apply(p) == pytest.approx(theirs, abs=1e-9)


@given(judged)
def test_beta_never_falls(rows):
    p, y = arrays(rows)
    grid = np.linspace(0, 1, 101)

    mended = fit_beta(p, y=y).apply(grid)

    assert np.all(np.diff(mended) >= 0)
    assert np.all((mended >= 0) & (mended <= 1))


def test_beta_recovers_the_map_that_bent_the_chances():
    truth = BetaCalibrator(0.7, 1.4, 0.3)
    p, y = drawn(1, 200_000, truth.apply)

    found = fit_beta(p, y=y)

    assert (found.a, found.b, found.c) == pytest.approx((0.7, 1.4, 0.3), abs=0.04)
    assert found.status is Status.OK


def test_beta_drops_a_side_that_would_let_the_map_fall():
    # Risk rises to the middle and then falls: a free fit would give one weight below 0.
    p, y = drawn(2, 20_000, lambda p: 0.1 + 2 * p * (1 - p) + 0.1 * p)

    found = fit_beta(p, y=y)

    assert min(found.a, found.b) == 0.0
    assert max(found.a, found.b) > 0.0


def test_calibrated_chances_come_true_on_fresh_rows():
    def bend(p):
        return expit(0.4 * logit(p) - 1)

    p, y = drawn(3, 20_000, bend)
    fresh, came = drawn(4, 20_000, bend)

    assert calibration(fresh, y=came).ece.value > 0.1
    for fit in (fit_beta(p, y=y), fit_isotonic(p, y=y)):
        mended = calibration(fit.apply(fresh), y=came)
        assert mended.ece.value < 0.02
        assert mended.slope.value == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("truth", "names"),
    [
        (lambda p: p, {"identity", "beta"}),
        (lambda p: expit(0.4 * logit(p) - 1), {"beta"}),
        (lambda p: np.where(p < 0.5, 0.1, 0.8), {"isotonic"}),
    ],
)
def test_the_calibrator_that_fits_the_truth_is_chosen(truth, names):
    p, y = drawn(5, 8000, truth)

    found = choose_calibrator(p, y=y, groups=np.arange(8000))

    assert found.name in names
    assert log_loss(found.apply(p), y=y).value <= log_loss(p, y=y).value + 1e-12


def test_too_few_events_leave_the_chances_alone():
    p, y = drawn(6, 400, lambda p: p / 4)

    found = choose_calibrator(p, y=y, groups=np.arange(400))

    assert found == IdentityCalibrator(Status.INSUFFICIENT)
    assert found.apply(p) is p


@pytest.mark.parametrize("fit", [fit_beta, fit_isotonic])
def test_one_class_teaches_nothing(fit):
    found = fit(np.array([0.2, 0.6]), y=np.ones(2))

    assert found == IdentityCalibrator(Status.INSUFFICIENT)
