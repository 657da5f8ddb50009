from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from huitouke.insight.models.contract import NotFitted
from huitouke.insight.models.sbg import Sbg, SurvivorsInvalid, _negative, _tally
from huitouke.insight.tables import Status

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


def test_survival_is_the_product_of_retention() -> None:
    model = Sbg().fit(HIGH_END)

    retention = model.retention(np.arange(1, 13))

    assert_allclose(np.cumprod(retention), model.survival(np.arange(1, 13)), rtol=1e-12)
    assert (np.diff(retention) > 0).all()
    assert float(model.survival(0)) == 1.0


def test_the_gradient_agrees_with_differences_of_the_likelihood() -> None:
    lost, kept, _ = _tally([HIGH_END, HIGH_END[:4]])
    theta = np.log([0.8, 2.0])

    gradient = _negative(theta, lost=lost, kept=kept)[1]

    for k in range(2):
        step = np.zeros(2)
        step[k] = 1e-5
        up = _negative(theta + step, lost=lost, kept=kept)[0]
        down = _negative(theta - step, lost=lost, kept=kept)[0]
        assert_allclose(gradient[k], (up - down) / 2e-5, rtol=1e-6)


def test_cohorts_cut_off_at_different_ages_recover_what_made_them() -> None:
    rng = np.random.default_rng(1)
    cohorts = []
    for renewals in range(2, 9):
        leave = rng.beta(0.7, 3.0, 3000)
        life = rng.geometric(np.maximum(leave, 1e-9))
        cohorts.append([int((life > t).sum()) for t in range(renewals + 1)])

    model = Sbg().fit(cohorts)

    error = np.sqrt(np.diag(model.covariance_))
    score = (np.log(list(model.parameters_.values())) - np.log([0.7, 3.0])) / error
    assert model.status_ == Status.OK
    assert model.n_ == 21_000
    assert np.abs(score).max() < 3.5


def test_a_cohort_split_in_two_is_fitted_like_the_whole() -> None:
    half = [count / 2 for count in HIGH_END]

    whole, split = Sbg().fit(HIGH_END), Sbg().fit([half, half])

    assert_allclose(
        list(split.parameters_.values()), list(whole.parameters_.values()), rtol=1e-6
    )


def test_renewals_ahead_are_the_sum_of_survival() -> None:
    model = Sbg().fit(HIGH_END)

    ahead = model.renewals_expected([0, 3], periods=4, rate_per_period=0.1)

    worth = np.exp(-0.1 * np.arange(1, 5))
    assert_allclose(ahead[0], (model.survival([1, 2, 3, 4]) * worth).sum())
    later = model.survival([4, 5, 6, 7]) / model.survival(3)
    assert_allclose(ahead[1], (later * worth).sum())
    assert ahead[1] > ahead[0]


@pytest.mark.parametrize(
    ("survivors", "reason"),
    [
        ([500, 500, 500], "No contract has ended yet."),
        ([500, 0], "Every contract ended at its first renewal."),
        ([500], "No contract has ended yet."),
        ([20, 15, 12], "There are too few contracts to fit this model."),
    ],
)
def test_what_cannot_be_told_is_said(survivors: list[int], reason: str) -> None:
    model = Sbg().fit(survivors)

    assert model.status_ == Status.INSUFFICIENT
    assert model.fit_record_.reason == reason
    assert ((model.survival([1, 5]) >= 0) & (model.survival([1, 5]) <= 1)).all()


def test_equal_chances_of_leaving_are_flagged_homogeneous() -> None:
    model = Sbg().fit([1_000_000, 800_000, 640_000, 512_000, 409_600])

    assert model.fit_record_.homogeneous
    assert_allclose(model.retention([1, 8]), 0.8, rtol=1e-3)


def test_survivors_who_come_back_are_refused() -> None:
    for survivors in ([10, 12], [5, -1], [[10, 8], [4, 5]]):
        with pytest.raises(SurvivorsInvalid):
            Sbg().fit(survivors)
    with pytest.raises(NotFitted):
        Sbg().survival(1)
