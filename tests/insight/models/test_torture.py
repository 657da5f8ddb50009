"""Legal but nasty panels: nothing raises, nothing is NaN, every verdict has its reason."""

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
from huitouke.insight.tables import Status

MODELS = [Nbd, BgNbd, MbgNbd, ParetoNbd]
RATE = float(np.log(1.15) / 52.18)


def _panels() -> dict[str, Panel]:
    rng = np.random.default_rng(5)
    n = 600
    tenure = rng.integers(1, 400, n) / 7
    count = np.minimum(rng.geometric(0.4, n) - 1, (tenure * 7).astype(int))
    last = np.where(count > 0, np.maximum(np.round(tenure * 7 * rng.random(n)), count) / 7, 0.0)
    last = np.minimum(last, tenure)
    usual = (count, last, tenure)

    def few(rows: slice | np.ndarray) -> Panel:
        return Panel(*(column[rows] for column in usual))

    ones = np.ones(n)
    heavy = count.copy()
    heavy[:40] = rng.integers(300, 5001, 40)
    heavy_last = last.copy()
    heavy_last[:40] = np.maximum(heavy_last[:40], 1 / 7)
    return {
        "all single buyers": Panel(np.zeros(n, int), np.zeros(n), tenure),
        "all single buyers today": Panel(np.zeros(n, int), np.zeros(n), np.zeros(n)),
        "one single buyer today": Panel(np.array([0]), np.array([0.0]), np.array([0.0])),
        "one repeat buyer": Panel(np.array([3]), np.array([20.0]), np.array([30.0])),
        "nobody": Panel(np.zeros(0, int), np.zeros(0), np.zeros(0)),
        "counts up to 5000": Panel(heavy, heavy_last, tenure),
        "5000 purchases in a day": Panel(
            np.array([5000, 4000, 0, 1]),
            np.array([1 / 7, 1 / 7, 0.0, 1 / 7]),
            np.array([1 / 7, 1 / 7, 1 / 7, 1 / 7]),
        ),
        "tenure of one day": Panel((count > 0).astype(int), (count > 0) / 7, ones / 7),
        "equal tenures": Panel(count, np.minimum(last, 40.0), 60.0 * ones),
        "small shop": few(slice(150)),
        "two customers": few(np.array([0, 1])),
        "very long tenures": Panel(count, last * 200, tenure * 200 + 1),
        "nobody leaves": Panel(count, np.where(count > 0, tenure, 0.0), tenure),
        "everybody alike": Panel(rng.poisson(3, n) + 1, np.full(n, 55.0), np.full(n, 60.0)),
        "everybody leaves at once": Panel(np.ones(n, int), np.full(n, 1 / 7), 80 * ones),
        "exactly the same customer": Panel(np.full(n, 4), np.full(n, 30.0), np.full(n, 60.0)),
        "odd times": Panel(count, last * 0.987654, tenure * 1.012345),
        "tiny unit": Panel(count[:150], last[:150] * 1e-5, tenure[:150] * 1e-5),
    }


PANELS = _panels()


def _check_scores(model: RepeatModel, panel: Panel) -> None:
    alive = model.p_alive(panel)
    assert np.isfinite(alive).all()
    assert ((alive >= 0) & (alive <= 1)).all()
    for horizon in (0.1, 13.0, 600.0):
        buy = model.p_buy(panel, horizon=horizon)
        orders = model.orders_expected(panel, horizon=horizon)
        worth = model.discounted_orders(panel, horizon=horizon, rate_per_unit=RATE)
        assert np.isfinite(buy).all()
        assert np.isfinite(orders).all()
        assert ((buy >= 0) & (buy <= alive * (1 + 1e-9))).all()
        assert (orders >= buy * (1 - 1e-6) - 1e-12).all()
        assert ((worth >= 0) & (worth <= orders * (1 + 1e-6) + 1e-300)).all()
    endless = model.discounted_orders(panel, horizon=np.inf, rate_per_unit=RATE)
    assert np.isfinite(endless).all()
    quantiles = model.predictive(panel, horizon=13.0, levels=(0.1, 0.5, 0.9))
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    drawn = model.simulate(panel, horizon=13.0, rng=np.random.default_rng(1))
    assert (drawn >= 0).all()


@pytest.mark.parametrize("name", list(PANELS))
@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.label)
def test_every_legal_panel_gets_finite_scores_and_a_verdict(
    kind: type[RepeatModel], name: str
) -> None:
    panel = PANELS[name]

    model = kind().fit(panel)

    assert all(np.isfinite(value) and value > 0 for value in model.parameters_.values())
    assert np.isfinite(model.log_likelihood_)
    assert np.isfinite(model.covariance_).all()
    assert model.status_ in set(Status)
    assert model.status_ == Status.OK or model.fit_record_.reason
    _check_scores(model, panel)


@pytest.mark.parametrize("name", list(PANELS))
def test_every_legal_panel_gets_finite_values(name: str) -> None:
    panel = PANELS[name]
    count = panel.repeat_count.copy()
    count[::7] = 0  # some repeat occasions without a usable spend
    spend = np.where(count > 0, 12.5 + np.arange(count.size) % 5, 0.0)
    model = MbgNbd().fit(panel)
    money = GammaGamma().fit(spend, count=count)

    value = clv(
        model,
        spend_model=money,
        panel=panel,
        mean_spend=spend,
        count=count,
        horizon=52.0,
        rate_per_unit=RATE,
    )
    ends = clv_quantiles(
        model,
        spend_model=money,
        panel=panel,
        mean_spend=spend,
        count=count,
        horizon=52.0,
        rate_per_unit=RATE,
    )

    assert np.isfinite(value).all()
    assert np.isfinite(ends).all()
    assert (ends >= 0).all()
    assert (ends[:, 0] <= ends[:, 1] * (1 + 1e-12)).all()


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.label)
def test_a_base_that_never_came_back_is_said_to_be_too_little_evidence(
    kind: type[RepeatModel],
) -> None:
    model = kind().fit(PANELS["all single buyers"])

    assert model.status_ == Status.INSUFFICIENT
    assert model.fit_record_.reason == "No customer has bought twice."


def _settings(kind: type[RepeatModel]) -> list[dict[str, float]]:
    if kind is Nbd:
        return [
            {"r": r, "alpha": alpha} for r in (1e-3, 0.5, 3e3) for alpha in (1e-3, 5.0, 1e5)
        ]
    third, fourth = kind.names[2:]
    near_one = [1 - 1e-9, 1.0, 1 + 1e-9]
    settings = [(0.5, 5.0, value, 2.0) for value in near_one]
    settings += [(1.0, 5.0, 1.0, 5.0), (0.5, 5.0, 0.3, 0.05), (0.5, 5.0, 0.01, 0.6)]
    settings += [(0.6, 50.0, 0.6, 0.5), (0.6, 0.5, 0.6, 50.0), (0.01, 0.001, 0.5, 3.0)]
    settings += [(3e3, 9e4, 0.5, 3.0), (0.5, 5.0, 2e3, 8e3), (8.0, 1e-4, 4.0, 1e-2)]
    settings += [(1e-3, 1e3, 1e-4, 1e5), (0.7, 12.0, 8e3, 1e-2)]
    return [{"r": r, "alpha": alpha, third: c, fourth: d} for r, alpha, c, d in settings]


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.label)
def test_scores_stay_finite_over_the_whole_range_of_parameters(
    kind: type[RepeatModel],
) -> None:
    panel = Panel(
        np.array([0, 0, 1, 2, 30, 400, 5000, 5000]),
        np.array([0.0, 0.0, 1 / 7, 30.0, 31.0, 100.0, 1 / 7, 520.0]),
        np.array([0.0, 500.0, 1.0, 38.9, 90.0, 104.0, 1 / 7, 520.0]),
    )
    for parameters in _settings(kind):
        _check_scores(kind().with_parameters(parameters), panel)
