from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.stats import gamma as gamma_law

from huitouke.insight.models import gamma_gamma
from huitouke.insight.models.contract import NotFitted
from huitouke.insight.models.gamma_gamma import GammaGamma, SpendInvalid
from huitouke.insight.tables import Status


def _spenders(
    n: int, *, seed: int, p: float = 6.25, q: float = 3.74, scale: float = 15.44
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    count = rng.geometric(0.3, n) - 1
    pace = rng.gamma(q, 1.0 / scale, n)
    return np.where(count > 0, rng.gamma(p * np.maximum(count, 1)) / pace / np.maximum(count, 1), 0
    ), count  # fmt: skip


def test_a_fit_recovers_the_parameters_that_made_the_spend() -> None:
    truth = np.log([6.25, 3.74, 15.44])
    scores = []
    for seed in range(8):
        spend, count = _spenders(4000, seed=seed)
        model = GammaGamma().fit(spend, count=count)
        error = np.sqrt(np.diag(model.covariance_))
        scores.append((np.log(model.values) - truth) / error)
    assert np.abs(scores).max() < 4.0
    assert 0.5 < np.sqrt(np.mean(np.square(scores))) < 1.5


def test_the_likelihood_is_the_mixture_it_is_named_for() -> None:
    model = GammaGamma().fit(*_pair_of(_spenders(300, seed=1)))
    p, q, scale = model.values
    spend, count = _spenders(300, seed=1)

    total = 0.0
    for m, x in zip(spend[count > 0], count[count > 0], strict=True):
        area = quad(
            lambda nu, m=m, x=x: gamma_law.pdf(m, p * x, scale=1 / (nu * x))
            * gamma_law.pdf(nu, q, scale=1 / scale),
            0, 10 * q / scale, epsabs=0, epsrel=1e-10, limit=200,
        )[0]  # fmt: skip
        total += np.log(area)
    assert_allclose(model.log_likelihood_, total, rtol=1e-8)


def _pair_of(pair: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray]:
    # fit takes the count by keyword only: bound here for reading ease.
    spend, count = pair
    return _Spend(spend, count).args


class _Spend:
    def __init__(self, spend: np.ndarray, count: np.ndarray) -> None:
        self.args = (spend,)
        self.count = count
