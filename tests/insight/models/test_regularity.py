from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.models.contract import Panel
from huitouke.insight.models.heuristics import hiatus_rule, past_rate
from huitouke.insight.models.regularity import regularity
from huitouke.insight.tables import Status


@pytest.mark.parametrize("k", [0.6, 1.0, 2.0, 4.0])
def test_regularity_finds_the_shape_of_the_gaps_whatever_each_customers_pace(k: float) -> None:
    rng = np.random.default_rng(3)
    pace = rng.gamma(0.7, 3.0, 40_000) + 1e-3
    gaps = rng.gamma(k, 1.0, (2, 40_000)) / pace

    found = regularity(gaps[0], gap_previous=gaps[1])

    assert found.status == Status.OK
    assert abs(found.k / k - 1) < 0.06
    assert found.k_lo < found.k < found.k_hi


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(300):
        gaps = np.random.default_rng(seed).gamma(2.0, 1.0, (2, 400))
        found = regularity(gaps[0], gap_previous=gaps[1], coverage=0.8)
        held += found.k_lo <= 2.0 <= found.k_hi
    assert 0.73 <= held / 300 <= 0.87


def test_too_few_gaps_give_no_number() -> None:
    gaps = np.array([3.0, np.nan, 5.0, 0.0])

    found = regularity(gaps, gap_previous=gaps)

    assert (found.k, found.n, found.status) == (None, 2, Status.INSUFFICIENT)


def test_gaps_that_never_vary_are_as_regular_as_can_be_said() -> None:
    found = regularity(np.full(50, 7.0), gap_previous=np.full(50, 7.0))

    assert found.k == pytest.approx(1000.0)
    assert np.isfinite([found.k_lo, found.k_hi]).all()


def test_rules_of_thumb_extend_the_past() -> None:
    panel = Panel(np.array([4, 1, 0]), np.array([20.0, 2.0, 0.0]), np.array([40.0, 30.0, 0.0]))

    assert past_rate(panel, horizon=10.0).tolist() == [1.0, 10 / 30, 0.0]
    assert hiatus_rule(panel, longest=20.0).tolist() == [True, False, True]
