"""Numbers that the papers print, and the same models measured on the papers' data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from huitouke.insight.models.bgbb import BgBb, OpportunityPanel
from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.gamma_gamma import GammaGamma
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.models.sbg import Sbg
from huitouke.insight.tables import Status

# Fader, Hardie & Shang (2010), table 1: (x, t_x) of 6 opportunities and donors.
DONORS = [
    (6, 6, 1203), (5, 6, 728), (4, 6, 512), (3, 6, 357), (2, 6, 234), (1, 6, 129),
    (5, 5, 335), (4, 5, 284), (3, 5, 225), (2, 5, 173), (1, 5, 119),
    (4, 4, 240), (3, 4, 181), (2, 4, 155), (1, 4, 78),
    (3, 3, 322), (2, 3, 255), (1, 3, 129), (2, 2, 613), (1, 2, 277), (1, 1, 1091), (0, 0, 3464),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "parameters", "log_likelihood", "tolerance"),
    [
        (Nbd, (0.3848, 12.0721), -9763.66, 0.002),
        (BgNbd, (0.243, 4.414, 0.793, 2.426), -9582.43, 0.002),
        (MbgNbd, (0.525, 6.183, 0.891, 1.614), -9582.13, 0.001),
        (ParetoNbd, (0.553, 10.578, 0.606, 11.669), -9594.97, 0.002),
    ],
)
def test_cdnow_estimates_are_the_published_ones(
    cdnow: Panel,
    kind: type[RepeatModel],
    parameters: tuple[float, ...],
    log_likelihood: float,
    tolerance: float,
) -> None:
    model = kind().fit(cdnow)

    assert_allclose(list(model.parameters_.values()), parameters, atol=tolerance)
    assert abs(model.log_likelihood_ - log_likelihood) < 0.01
    assert model.status_ == Status.OK
    assert model.fit_record_.gradient < 1e-6
    assert model.fit_record_.eigenvalue > 0


def test_bg_nbd_gives_the_worked_example_of_its_paper() -> None:
    model = BgNbd().with_parameters({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    someone = Panel(np.array([2]), np.array([30.43]), np.array([38.86]))

    expected = float(model.orders_expected(someone, horizon=39.0)[0])

    assert abs(expected - 1.226) < 0.001
    assert abs(float(model.p_alive(someone)[0]) - 0.7266) < 0.0001


def test_bg_nbd_gives_the_published_growth_of_a_new_cohort(cdnow: Panel) -> None:
    model = BgNbd().fit(cdnow)

    by_time = [model.expected_unconditional(t) for t in (1 / 7, 1, 3, 31.857, 32, 78)]

    assert_allclose(by_time, [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576], atol=5e-4)


def test_gamma_gamma_estimates_are_the_published_ones(
    cdnow_spend: tuple[np.ndarray, np.ndarray],
) -> None:
    spend, count = cdnow_spend

    model = GammaGamma().fit(spend, count=count)

    assert_allclose(list(model.parameters_.values()), [6.249, 3.745, 15.448], atol=0.002)
    assert abs(model.log_likelihood_ - -4055.92) < 0.01
    assert abs(model.population_mean - 35.17) < 0.005
    assert abs(model.correlation_ - 0.114) < 0.0005
    assert (model.n_, model.status_) == (946, Status.OK)


def test_bg_bb_on_the_donors_gives_the_published_estimates_and_total() -> None:
    count, last, donors = (np.array(column) for column in zip(*DONORS, strict=True))
    panel = OpportunityPanel(count, last, np.full(count.size, 6), donors.astype(float))

    model = BgBb().fit(panel)

    assert donors.sum() == model.n_ == 11_104
    assert_allclose(list(model.parameters_.values()), [1.204, 0.750, 0.657, 2.783], atol=0.001)
    assert abs(model.log_likelihood_ - -33225.58) < 0.01
    total = float((model.orders_expected(panel, horizon=5) * donors).sum())
    assert abs(total - 12884.2) < 0.1


@pytest.mark.parametrize(
    ("survivors", "parameters", "log_likelihood", "at_twelve"),
    [
        ([1000, 631, 468, 382, 326, 289, 262, 241], (0.704, 1.182), -1680.3, 0.170),
        ([1000, 869, 743, 653, 593, 551, 517, 491], (0.668, 3.806), -1611.2, 0.378),
    ],
)
def test_sbg_gives_the_published_segments(
    survivors: list[int],
    parameters: tuple[float, float],
    log_likelihood: float,
    at_twelve: float,
) -> None:
    model = Sbg().fit(survivors)

    assert_allclose(list(model.parameters_.values()), parameters, atol=0.0005)
    assert abs(model.log_likelihood_ - log_likelihood) < 0.05
    assert abs(float(model.survival(12)) - at_twelve) < 0.0005


@pytest.fixture(scope="module")
def holdout(shared_data: Path) -> np.ndarray:
    """Purchase days of each CDNOW customer in the 39 weeks after the calibration."""
    days: dict[int, set[int]] = {}
    for line in (shared_data / "cdnow" / "CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, _ = line.split()
        days.setdefault(int(customer), set()).add(int(day))
    after = [sum(19970930 < day <= 19980630 for day in days[no]) for no in sorted(days)]
    return np.array(after)


@pytest.mark.parametrize(
    ("kind", "bias", "mae", "rmse", "correlation"),
    [
        (BgNbd, -0.122, 0.786, 1.608, 0.626),
        (MbgNbd, -0.162, 0.765, 1.607, 0.627),
        (ParetoNbd, -0.115, 0.755, 1.603, 0.630),
    ],
)
def test_cdnow_holdout_is_forecast_as_well_as_it_has_been_before(
    cdnow: Panel,
    holdout: np.ndarray,
    kind: type[RepeatModel],
    bias: float,
    mae: float,
    rmse: float,
    correlation: float,
) -> None:
    expected = kind().fit(cdnow).orders_expected(cdnow, horizon=39.0)

    assert holdout.sum() == 1882
    miss = expected - holdout
    assert abs(miss.sum() / 1882 - bias) < 0.0006
    assert abs(np.abs(miss).mean() - mae) < 0.0006
    assert abs(np.sqrt((miss**2).mean()) - rmse) < 0.0006
    assert abs(np.corrcoef(expected, holdout)[0, 1] - correlation) < 0.0006
