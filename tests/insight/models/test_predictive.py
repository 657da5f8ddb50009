from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc
from scipy.stats import nbinom

from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.counts import count_grid, reach
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.models.predictive import parameter_models

VALUES = {
    "NBD": {"r": 0.4, "alpha": 12.0},
    "BG/NBD": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "MBG/NBD": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    "Pareto/NBD": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}
MODELS = [Nbd, BgNbd, MbgNbd, ParetoNbd]


def _model(kind: type[RepeatModel]) -> RepeatModel:
    return kind().with_parameters(VALUES[kind.label])


def _base(n: int) -> Panel:
    rng = np.random.default_rng(6)
    tenure = rng.integers(7, 700, n)
    count = np.minimum(rng.geometric(0.2, n) - 1, tenure)
    last = np.where(count > 0, np.maximum(count, rng.integers(1, tenure + 1)), 0)
    return Panel(count, last / 7, tenure / 7)


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.label)
def test_quantiles_are_those_of_simulated_futures(kind: type[RepeatModel]) -> None:
    model = _model(kind)
    base = _base(40)
    many = base.take(np.repeat(np.arange(40), 20_000))

    drawn = model.simulate(many, horizon=39.0, rng=np.random.default_rng(2))
    levels = (0.1, 0.5, 0.9)
    quantiles = model.predictive(base, horizon=39.0, levels=levels, draws=0)

    for row, futures in enumerate(drawn.reshape(40, 20_000)):
        for column, level in enumerate(levels):
            value = quantiles[row, column]
            # The smallest number reached with that chance, up to four standard errors.
            assert (futures <= value).mean() >= level - 0.009
            assert (futures <= value - 1).mean() <= level + 0.009


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.label)
def test_simulated_means_are_the_expected_numbers(kind: type[RepeatModel]) -> None:
    model = _model(kind)
    base = _base(12)
    many = base.take(np.repeat(np.arange(12), 60_000))

    drawn = model.simulate(many, horizon=39.0, rng=np.random.default_rng(3)).reshape(12, -1)

    error = drawn.std(axis=1) / np.sqrt(drawn.shape[1])
    miss = np.abs(drawn.mean(axis=1) - model.orders_expected(base, horizon=39.0))
    assert (miss < 4 * error + 1e-3).all()
    bought = (drawn > 0).mean(axis=1)
    assert (np.abs(bought - model.p_buy(base, horizon=39.0)) < 0.009).all()


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.label)
def test_quantiles_looked_up_between_tenures_equal_those_worked_out_alone(
    kind: type[RepeatModel],
) -> None:
    model = _model(kind)
    panel = _base(8000)
    rows = np.arange(0, 8000, 97)

    together = model.predictive(panel, horizon=26.0, draws=0)[rows]
    alone = np.concatenate(
        [model.predictive(panel.take(np.array([row])), horizon=26.0, draws=0) for row in rows]
    )

    assert (together == alone).mean() > 0.97
    assert (np.abs(together - alone) <= 1 + 0.03 * alone).all()


def test_very_large_numbers_are_forecast_within_a_percent() -> None:
    model = _model(Nbd)
    panel = Panel(np.array([5000]), np.array([1 / 7]), np.array([1 / 7]))

    low, high = model.predictive(panel, horizon=52.0, levels=(0.1, 0.9), draws=0)[0]

    shape, odds = 5000.4, 52.0 / (12.0 + 1 / 7)
    exact = nbinom.ppf([0.1, 0.9], shape, 1 / (1 + odds))
    assert abs(low / exact[0] - 1) < 0.01
    assert abs(high / exact[1] - 1) < 0.01


@settings(max_examples=40, deadline=None, derandomize=True)
@given(shape=st.floats(0.05, 500.0), odds=st.floats(1e-3, 80.0))
def test_the_law_of_counts_is_the_negative_binomial(shape: float, odds: float) -> None:
    grid = count_grid(shape, odds=odds)

    survival = reach(shape, odds=np.array([odds]), grid=grid)[0]

    np.testing.assert_allclose(survival, betainc(grid, shape, odds / (1 + odds)), atol=1e-9)
    assert (np.diff(survival) <= 0).all()
    assert survival[-1] < 1e-4


def test_parameter_draws_widen_the_interval_of_a_small_base() -> None:
    base = _base(600)
    model = MbgNbd().fit(base)
    model.covariance_ = 4.0 * np.eye(4) * 0.1

    sure = model.predictive(base, horizon=26.0, levels=(0.02, 0.98), draws=0)
    unsure = model.predictive(base, horizon=26.0, levels=(0.02, 0.98), draws=16)

    assert unsure[:, 1].mean() > 1.02 * sure[:, 1].mean()


def test_draws_come_in_mirrored_pairs_and_only_where_the_parameters_are_unsure() -> None:
    model = MbgNbd().fit(_base(600))

    models = parameter_models(model, draws=6, seed=1)
    logs = np.log([list(drawn.parameters_.values()) for drawn in models])

    np.testing.assert_allclose(logs.mean(axis=0), np.log(list(model.parameters_.values())))
    model.n_ = 80_000
    assert parameter_models(model, draws=6, seed=1) == [model]


def test_the_same_seed_gives_the_same_quantiles() -> None:
    base = _base(600)
    model = ParetoNbd().fit(base)

    first = model.predictive(base, horizon=26.0)
    second = model.predictive(base, horizon=26.0)

    np.testing.assert_array_equal(first, second)
