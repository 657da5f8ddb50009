from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.gamma_gamma import GammaGamma
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.models.value import clv, clv_quantiles

MODELS = {
    Nbd: {"r": 0.4, "alpha": 12.0},
    BgNbd: {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    MbgNbd: {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    ParetoNbd: {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}
SPEND = GammaGamma().with_parameters({"p": 6.25, "q": 3.74, "gamma": 15.44})
PANEL = Panel(
    np.array([0, 0, 1, 2, 7, 9, 26, 60]),
    np.array([0.0, 0.0, 2.0, 30.43, 33.0, 20.0, 31.0, 50.0]),
    np.array([5.0, 38.86, 30.0, 38.86, 39.0, 39.0, 31.0, 52.0]),
)
MEAN = np.array([0.0, 0.0, 20.0, 35.0, 80.0, 12.0, 30.0, 25.0])
RATE = float(np.log(1.15) / 52.18)


def _futures(
    model: RepeatModel, *, count: np.ndarray, horizon: float, rate: float, draws: int, seed: int
) -> np.ndarray:
    """Discounted spend, purchase by purchase: rows customers, columns futures."""
    rng = np.random.default_rng(seed)
    many = PANEL.take(np.repeat(np.arange(len(PANEL)), draws))
    p, q, _ = SPEND.values
    values = list(model.parameters_.values())
    x = many.repeat_count
    alive = rng.random(len(many)) < model.p_alive(many)
    pace = rng.gamma(values[0] + x) / (values[1] + many.tenure)
    stop = np.full(len(many), horizon)
    leave = np.zeros(len(many))
    if isinstance(model, ParetoNbd):
        stop = rng.exponential(1.0, len(many)) / (
            rng.gamma(values[2], 1.0, len(many)) / (values[3] + many.tenure)
        )
    elif isinstance(model, BgNbd):
        leave = rng.beta(values[2], values[3] + x + model.first_counts)
    counts = np.repeat(count, draws)
    worth = SPEND.scale(np.repeat(MEAN, draws), count=counts) / rng.gamma(q + p * counts)
    total, now = np.zeros(len(many)), np.zeros(len(many))
    here = np.flatnonzero(alive)
    while here.size:
        now[here] += rng.exponential(1.0, here.size) / pace[here]
        here = here[now[here] < np.minimum(stop[here], horizon)]
        spent = rng.gamma(p, size=here.size) * worth[here]
        total[here] += spent * np.exp(-rate * now[here])
        here = here[rng.random(here.size) >= leave[here]]
    return total.reshape(len(PANEL), draws)


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.label)
@pytest.mark.parametrize(("horizon", "rate"), [(52.18, RATE), (260.0, 4 * RATE)])
def test_quantiles_of_value_are_those_of_simulated_futures(
    kind: type[RepeatModel], horizon: float, rate: float
) -> None:
    model = kind().with_parameters(MODELS[kind])
    levels = (0.1, 0.5, 0.8, 0.9)

    quantiles = clv_quantiles(
        model,
        spend_model=SPEND,
        panel=PANEL,
        mean_spend=MEAN,
        count=PANEL.repeat_count,
        horizon=horizon,
        rate_per_unit=rate,
        levels=levels,
    )

    futures = _futures(
        model, count=PANEL.repeat_count, horizon=horizon, rate=rate, draws=20_000, seed=4
    )
    for row, values in enumerate(futures):
        for column, level in enumerate(levels):
            below = (values <= quantiles[row, column]).mean()
            zero = (values == 0).mean()
            assert abs(below - max(level, zero)) < 0.02


def test_the_mean_of_simulated_futures_is_the_point_value() -> None:
    model = MbgNbd().with_parameters(MODELS[MbgNbd])

    value = clv(
        model,
        spend_model=SPEND,
        panel=PANEL,
        mean_spend=MEAN,
        count=PANEL.repeat_count,
        horizon=52.18,
        rate_per_unit=RATE,
        margin=0.3,
    )

    futures = 0.3 * _futures(
        model, count=PANEL.repeat_count, horizon=52.18, rate=RATE, draws=40_000, seed=5
    )
    error = futures.std(axis=1) / 200.0
    assert (np.abs(futures.mean(axis=1) - value) < 4 * error + 1e-9).all()


def test_occasions_without_a_spend_take_the_law_of_the_population() -> None:
    model = MbgNbd().with_parameters(MODELS[MbgNbd])
    none = np.zeros(len(PANEL), dtype=np.int64)

    quantiles = clv_quantiles(
        model,
        spend_model=SPEND,
        panel=PANEL,
        mean_spend=MEAN,
        count=none,
        horizon=52.18,
        rate_per_unit=RATE,
        levels=(0.5, 0.9),
    )

    futures = _futures(model, count=none, horizon=52.18, rate=RATE, draws=20_000, seed=6)
    for row, values in enumerate(futures):
        for column, level in enumerate((0.5, 0.9)):
            below = (values <= quantiles[row, column]).mean()
            assert abs(below - max(level, (values == 0).mean())) < 0.02


def test_values_looked_up_in_a_base_equal_those_worked_out_alone() -> None:
    model = MbgNbd().with_parameters(MODELS[MbgNbd])
    rng = np.random.default_rng(7)
    tenure = rng.integers(7, 700, 5000)
    count = np.minimum(rng.geometric(0.1, 5000) - 1, tenure)
    last = np.where(count > 0, np.maximum(count, rng.integers(1, tenure + 1)), 0)
    panel = Panel(count, last / 7, tenure / 7)
    mean = np.where(count > 0, rng.gamma(4.0, 8.0, 5000), 0.0)

    def quantiles(rows: np.ndarray) -> np.ndarray:
        return clv_quantiles(
            model,
            spend_model=SPEND,
            panel=panel.take(rows),
            mean_spend=mean[rows],
            count=count[rows],
            horizon=52.18,
            rate_per_unit=RATE,
            levels=(0.5, 0.9),
        )

    rows = np.arange(0, 5000, 101)
    together = quantiles(np.arange(5000))[rows]
    alone = np.concatenate([quantiles(np.array([row])) for row in rows])

    np.testing.assert_allclose(together, alone, rtol=0.03, atol=0.05)


def test_value_scales_with_the_margin_and_falls_with_the_rate() -> None:
    model = BgNbd().with_parameters(MODELS[BgNbd])

    def value(margin: float, rate: float) -> np.ndarray:
        return clv(
            model,
            spend_model=SPEND,
            panel=PANEL,
            mean_spend=MEAN,
            count=PANEL.repeat_count,
            horizon=52.18,
            rate_per_unit=rate,
            margin=margin,
        )

    np.testing.assert_allclose(value(0.3, RATE), 0.3 * value(1.0, RATE))
    assert (value(1.0, 2 * RATE) < value(1.0, RATE)).all()
