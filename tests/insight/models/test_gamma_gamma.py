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
    some = np.maximum(count, 1)
    return np.where(count > 0, rng.gamma(p * some) / pace / some, 0.0), count


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
    spend, count = _spenders(300, seed=1)
    model = GammaGamma().fit(spend, count=count)
    p, q, scale = model.values

    total = 0.0
    for m, x in zip(spend[count > 0], count[count > 0], strict=True):
        area = quad(
            lambda nu, m=m, x=x: gamma_law.pdf(m, p * x, scale=1 / (nu * x))
            * gamma_law.pdf(nu, q, scale=1 / scale),
            0, 10 * q / scale, epsabs=0, epsrel=1e-10, limit=200,
        )[0]  # fmt: skip
        total += np.log(area)

    assert_allclose(model.log_likelihood_, total, rtol=1e-8)


def test_the_gradient_agrees_with_differences_of_the_likelihood() -> None:
    spend, count = _spenders(500, seed=2)
    use = count > 0
    objective = gamma_gamma._objective(spend[use], counts=count[use].astype(float))
    theta = np.log([4.0, 2.5, 20.0])

    for k in range(3):
        step = np.zeros(3)
        step[k] = 1e-5
        rise = objective(theta + step)[0] - objective(theta - step)[0]
        assert_allclose(objective(theta)[1][k], rise / 2e-5, rtol=1e-6)


def test_a_large_base_gets_the_optimum_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    spend, count = _spenders(8000, seed=3)
    direct = GammaGamma().fit(spend, count=count)

    monkeypatch.setattr(gamma_gamma, "_WHOLE", 300)
    monkeypatch.setattr(gamma_gamma, "_SAMPLE", 500)
    by_sample = GammaGamma().fit(spend, count=count)

    assert by_sample.fit_record_.gradient < 1e-7
    assert_allclose(by_sample.values, direct.values, rtol=1e-5)


def test_expected_spend_lies_between_the_customers_own_and_everybodys() -> None:
    model = GammaGamma().with_parameters({"p": 6.25, "q": 3.74, "gamma": 15.44})
    counts = np.array([0, 1, 5, 500])

    spend = model.expected_mean_spend(np.full(4, 80.0), count=counts)

    assert_allclose(spend[0], model.population_mean)
    assert (np.diff(spend) > 0).all()
    assert_allclose(spend[-1], 80.0, rtol=0.01)
    exact = 6.25 * (15.44 + 5 * 80.0) / (6.25 * 5 + 3.74 - 1)
    assert_allclose(spend[2], exact)


def test_quantiles_of_spend_hold_the_customers_true_means() -> None:
    rng = np.random.default_rng(4)
    p, q, scale = 6.25, 3.74, 15.44
    count = rng.geometric(0.3, 40_000) - 1
    pace = rng.gamma(q, 1.0 / scale, count.size)
    some = np.maximum(count, 1)
    spend = np.where(count > 0, rng.gamma(p * some) / pace / some, 0.0)
    model = GammaGamma().with_parameters({"p": p, "q": q, "gamma": scale})

    ends = model.spend_quantiles(spend, count=count, levels=(0.1, 0.5, 0.9))

    for column, level in enumerate((0.1, 0.5, 0.9)):
        below = p / pace <= ends[:, column]
        assert abs(below.mean() - level) < 0.008
        assert abs(below[count == 0].mean() - level) < 0.015


def test_an_infinite_population_mean_is_said_and_replaced_by_what_was_seen() -> None:
    spend, count = _spenders(4000, seed=5, p=0.8, q=0.8)

    model = GammaGamma().fit(spend, count=count)
    expected = model.expected_mean_spend(np.array([0.0, 20.0]), count=np.array([0, 4]))

    assert model.parameters_["q"] < 1.0
    assert model.population_mean == np.inf
    assert model.status_ == Status.NOT_IDENTIFIED
    assert "no finite value" in model.fit_record_.reason
    assert model.identified(np.array([0, 4])).tolist() == [False, True]
    assert expected[0] == model.observed_mean_
    assert np.isfinite(expected).all()
    assert np.isfinite(model.spend_quantiles(spend, count=count)).all()


def test_constant_spend_is_itself() -> None:
    count = np.arange(1, 61)

    model = GammaGamma().fit(np.full(60, 25.0), count=count)

    assert (model.status_, model.fit_record_.homogeneous) == (Status.OK, True)
    assert_allclose(model.expected_mean_spend(np.full(60, 25.0), count=count), 25.0, rtol=1e-5)
    assert_allclose(model.expected_mean_spend([0.0], count=[0]), 25.0, rtol=1e-5)


def test_customers_who_do_not_differ_in_spend_are_flagged() -> None:
    rng = np.random.default_rng(6)
    count = rng.integers(1, 20, 3000)
    spend = rng.gamma(40.0 * count) / (40.0 * count) * 12.0

    model = GammaGamma().fit(spend, count=count)

    assert model.status_ == Status.OK
    assert_allclose(model.expected_mean_spend(spend, count=count), 12.0, rtol=0.05)


def test_spend_that_goes_with_frequency_is_remarked() -> None:
    rng = np.random.default_rng(7)
    count = rng.geometric(0.3, 3000)
    spend = 10.0 * count * rng.gamma(4.0, 0.25, 3000)

    model = GammaGamma().fit(spend, count=count)

    assert model.correlation_ > 0.5
    assert "go together" in model.fit_record_.reason


def test_too_little_or_no_spend_is_insufficient_evidence() -> None:
    for spend, count in (([], []), ([5.0], [2]), ([0.0, -3.0], [2, 1]), ([4.0, 9.0], [1, 2])):
        model = GammaGamma().fit(np.array(spend), count=np.array(count))
        assert model.status_ == Status.INSUFFICIENT
        assert np.isfinite(model.expected_mean_spend([0.0, 7.0], count=[0, 3])).all()


def test_tables_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(SpendInvalid):
        GammaGamma().fit([1.0, 2.0], count=[1])
    with pytest.raises(SpendInvalid):
        GammaGamma().fit([float("nan")], count=[1])
    with pytest.raises(NotFitted):
        GammaGamma().expected_mean_spend([1.0], count=[1])


def test_the_currency_unit_does_not_matter() -> None:
    spend, count = _spenders(2000, seed=8)

    model = GammaGamma().fit(spend, count=count)
    cents = GammaGamma().fit(spend * 10_000, count=count)

    assert_allclose(cents.values, model.values * [1, 1, 10_000], rtol=1e-6)
