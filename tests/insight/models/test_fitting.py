from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose

from huitouke.insight.models import counting
from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.cells import Cells
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.optimum import search
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.tables import Status

World = Callable[..., Panel]

TRUTHS = {
    BgNbd: {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5},
    MbgNbd: {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5},
    ParetoNbd: {"r": 0.8, "alpha": 7.0, "s": 0.7, "beta": 12.0},
}


def _world(
    kind: type[RepeatModel], n: int, *, seed: int, geometric: World, pareto: World
) -> Panel:
    if kind is ParetoNbd:
        return pareto(n, seed=seed, weeks=104.0, **TRUTHS[kind])
    return geometric(n, seed=seed, weeks=104.0, first=kind is MbgNbd, **TRUTHS[kind])


@pytest.mark.parametrize("kind", list(TRUTHS), ids=lambda kind: kind.label)
def test_a_fit_recovers_the_parameters_that_made_the_customers(
    kind: type[RepeatModel], geometric_world: World, pareto_world: World
) -> None:
    truth = np.log(list(TRUTHS[kind].values()))
    scores = []
    for seed in range(6):
        panel = _world(kind, 4000, seed=seed, geometric=geometric_world, pareto=pareto_world)

        model = kind().fit(panel)

        assert model.status_ == Status.OK
        error = np.sqrt(np.diag(model.covariance_))
        scores.append((np.log(list(model.parameters_.values())) - truth) / error)
    # 24 standardised errors: right size on average, no outlier.
    assert np.abs(scores).max() < 4.0
    assert 0.5 < np.sqrt(np.mean(np.square(scores))) < 1.5


@pytest.mark.parametrize("kind", list(TRUTHS), ids=lambda kind: kind.label)
def test_futures_of_the_living_keep_the_expected_total(
    kind: type[RepeatModel], geometric_world: World, pareto_world: World
) -> None:
    panel = _world(kind, 20_000, seed=9, geometric=geometric_world, pareto=pareto_world)
    model = kind().with_parameters(TRUTHS[kind])
    rng = np.random.default_rng(1)

    # Those alive are simulated on by the model itself, so that the mean must be kept:
    # E[X(T + h)] = E[X(T)] + E[orders in h].
    later = panel.repeat_count.mean() + model.simulate(panel, horizon=20.0, rng=rng).mean()
    expected = np.mean(
        [model.expected_unconditional(t + 20.0) for t in np.quantile(
            panel.tenure, (np.arange(40) + 0.5) / 40)]
    )  # fmt: skip

    assert abs(later / expected - 1) < 0.03


@pytest.mark.parametrize("days", [True, False], ids=["whole days", "any time"])
def test_a_large_panel_gets_the_optimum_of_the_whole_not_of_a_sample(
    geometric_world: World, monkeypatch: pytest.MonkeyPatch, days: bool
) -> None:
    panel = geometric_world(6000, seed=3, weeks=104.0, first=False, days=days, **TRUTHS[BgNbd])
    whole = {kind: kind().fit(panel) for kind in (BgNbd, MbgNbd, ParetoNbd, Nbd)}

    monkeypatch.setattr(counting, "_WHOLE", 200)
    monkeypatch.setattr(counting, "_SAMPLE", 700)

    for kind, direct in whole.items():
        by_sample = kind().fit(panel)
        assert by_sample.fit_record_.gradient < 1e-7
        assert by_sample.status_ == Status.OK
        assert_allclose(by_sample.log_likelihood_, direct.log_likelihood_, rtol=1e-11)
        assert_allclose(
            list(by_sample.parameters_.values()), list(direct.parameters_.values()), rtol=1e-4
        )
        # The Hessian of a sample stands in for that of the whole.
        assert_allclose(np.diag(by_sample.covariance_), np.diag(direct.covariance_), rtol=0.35)


def test_every_start_leads_to_the_same_optimum(cdnow: Panel) -> None:
    for kind in (Nbd, BgNbd, MbgNbd, ParetoNbd):
        model = kind()
        objective = model._objective(Cells.compressed(cdnow))
        ends = [
            search(objective, starts=[np.log(start)], low=np.full(len(kind.names), -9.0),
                   high=np.full(len(kind.names), 9.0))
            for start in model._begin(0.03, span=33.0)
        ]  # fmt: skip
        assert all(end.accepted for end in ends)
        assert_allclose([end.theta for end in ends], [ends[0].theta] * len(ends), atol=1e-6)


def test_a_saddle_or_a_slope_is_never_accepted() -> None:
    def saddle(theta: np.ndarray) -> tuple[float, np.ndarray]:
        x, y = theta
        return float(x**2 - 1e-3 * y**2), np.array([2 * x, -2e-3 * y])

    end = search(saddle, starts=[np.zeros(2)], low=np.full(2, -1.0), high=np.full(2, 1.0))

    assert not end.accepted


def test_search_tries_the_next_start_where_the_first_fails() -> None:
    def two_valleys(theta: np.ndarray) -> tuple[float, np.ndarray]:
        # Flat on the left, a valley on the right.
        right = max(float(theta[0]), 0.0)
        return right**2 * (right - 2.0) ** 2 - right**3 / 9, np.array(
            [2 * right * (right - 2.0) * (2 * right - 2.0) - right**2 / 3]
        )

    end = search(
        two_valleys, starts=[np.array([-3.0]), np.array([1.8])], low=np.array([-5.0]),
        high=np.array([5.0]),
    )  # fmt: skip

    assert end.accepted
    assert end.starts == 2
    assert end.theta[0] > 1.9


def test_customers_all_alike_are_flagged_homogeneous_and_still_scored() -> None:
    rng = np.random.default_rng(2)
    tenure = np.full(3000, 60.0)
    # Fewer repeats vary less than a Poisson number would: no heterogeneity to find.
    count = rng.binomial(10, 0.5, 3000)
    last = np.where(count > 0, 60.0 * rng.random(3000) ** (1 / np.maximum(count, 1)), 0.0)
    panel = Panel(count, last, tenure)

    model = Nbd().fit(panel)

    assert model.fit_record_.homogeneous
    assert model.status_ == Status.OK
    assert_allclose(model.orders_expected(panel, horizon=60.0).mean(), count.mean(), rtol=0.01)


def test_a_base_in_which_nobody_leaves_is_fitted_as_nbd(pareto_world: World) -> None:
    panel = pareto_world(3000, seed=1, r=1.0, alpha=6.0, s=0.5, beta=5e6, weeks=104.0)

    rival = Nbd().fit(panel)
    model = BgNbd().fit(panel)

    assert model.fit_record_.accepted
    # Either a true, tiny dropout was found or the limit is named: never worse than the rival.
    assert model.log_likelihood_ >= rival.log_likelihood_ - 0.05
    assert_allclose(
        model.orders_expected(panel, horizon=13.0).sum(),
        rival.orders_expected(panel, horizon=13.0).sum(),
        rtol=0.03,
    )


def test_thin_evidence_is_said_to_be_thin() -> None:
    few = Panel(np.full(40, 2), np.full(40, 3.0), np.linspace(20.0, 40.0, 40))
    seldom = Panel(
        np.arange(600) % 3, np.where(np.arange(600) % 3 > 0, 9.0, 0.0), np.full(600, 10.0)
    )

    assert BgNbd().fit(few).status_ == Status.INSUFFICIENT
    short = BgNbd().fit(seldom)
    assert short.status_ == Status.INSUFFICIENT
    assert "history is shorter" in short.fit_record_.reason


def test_parameter_draws_have_the_covariance_of_the_fit(cdnow: Panel) -> None:
    model = MbgNbd().fit(cdnow)

    draws = model.draw_parameters(20_000, rng=np.random.default_rng(5))

    logs = np.log([list(drawn.values()) for drawn in draws])
    assert_allclose(np.cov(logs.T), model.covariance_, rtol=0.05, atol=3e-4)
    assert model.with_parameters(draws[0]).parameters_ == draws[0]


def test_refitting_forgets_the_last_panel(cdnow: Panel) -> None:
    model = BgNbd().fit(cdnow.take(np.arange(0, 2357, 2)))

    again = model.fit(cdnow)

    assert again is model
    assert again.parameters_ == BgNbd().fit(cdnow).parameters_
