from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.world.pareto import ParameterInvalid, expected_purchases, pareto_panel
from huitouke.insight.world.pure import PURE_PARAMETERS
from huitouke.insight.world.simulate import World

CDNOW = {"r": 0.5533, "alpha": 10.5776, "s": 0.6062, "beta": 11.6679}


@pytest.mark.parametrize(
    "parameters",
    [CDNOW, {"r": 0.9, "alpha": 6.0, "s": 1.0, "beta": 9.0}, {**CDNOW, "s": 2.5}],
)
def test_mean_purchases_are_those_of_the_formula(parameters: dict[str, float]) -> None:
    panel = pareto_panel(200_000, seed=11, **parameters)
    count = panel["repeat_count"].to_numpy()
    expected = expected_purchases(panel["tenure_weeks"].to_numpy(), **parameters)

    error = np.std(count - expected) / np.sqrt(count.size)
    assert abs(count.mean() - expected.mean()) < 4 * error


def test_the_share_that_is_alive_is_that_of_the_formula() -> None:
    panel = pareto_panel(200_000, seed=12, **CDNOW)
    tenure = panel["tenure_weeks"].to_numpy()
    expected = (CDNOW["beta"] / (CDNOW["beta"] + tenure)) ** CDNOW["s"]

    assert panel["alive"].to_numpy().mean() == pytest.approx(expected.mean(), abs=0.004)


def test_recency_lies_between_nothing_and_tenure() -> None:
    panel = pareto_panel(20_000, seed=13, **CDNOW)
    x, last, tenure = (
        panel[name].to_numpy() for name in ("repeat_count", "recency_weeks", "tenure_weeks")
    )

    assert ((last == 0) == (x == 0)).all()
    assert (last <= tenure).all()
    assert tenure.min() >= 52
    assert tenure.max() <= 104
    assert panel["spend_mean"].null_count == (x == 0).sum()


def test_the_last_purchase_has_the_mean_of_the_latest_of_its_moments() -> None:
    # Of x uniform moments the latest has mean x / (x + 1) of the active time; nearly
    # everybody is active to the end here.
    panel = pareto_panel(100_000, seed=14, r=2.0, alpha=40.0, s=0.01, beta=1_000.0)
    x = panel["repeat_count"].to_numpy()
    share = panel["recency_weeks"].to_numpy() / panel["tenure_weeks"].to_numpy()

    for count in (1, 2, 5):
        assert share[x == count].mean() == pytest.approx(count / (count + 1), abs=0.01)


def test_spend_is_gamma_gamma() -> None:
    panel = pareto_panel(200_000, seed=15, **CDNOW)
    x = panel["repeat_count"].to_numpy()
    spent = panel["spend_mean"].drop_null().to_numpy()

    assert spent.mean() == pytest.approx(6.25 * 15.44 / 2.74, rel=0.01)
    many = x[x > 0] >= 20
    truth = panel["basket_mean"].to_numpy()[x > 0]
    assert np.corrcoef(spent[many], truth[many])[0, 1] > 0.95


def test_only_the_living_buy_in_the_future_and_as_often_as_expected() -> None:
    panel = pareto_panel(200_000, seed=16, horizon_weeks=39.0, **CDNOW)
    future = panel["future_count"].to_numpy()
    tenure = panel["tenure_weeks"].to_numpy()
    expected = expected_purchases(tenure + 39.0, **CDNOW) - expected_purchases(tenure, **CDNOW)

    assert not future[~panel["alive"].to_numpy()].any()
    assert future.mean() == pytest.approx(expected.mean(), rel=0.03)


def test_the_same_seed_gives_the_same_panel() -> None:
    assert pareto_panel(100, seed=1).equals(pareto_panel(100, seed=1))
    assert not pareto_panel(100, seed=1).equals(pareto_panel(100, seed=2))


@pytest.mark.parametrize("wrong", [{"r": 0.0}, {"beta": float("nan")}, {"weeks": -1.0}])
def test_a_parameter_that_makes_no_sense_is_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        pareto_panel(10, seed=1, **wrong)

    assert caught.value.values["name"] == next(iter(wrong))
    assert next(iter(wrong)) in caught.value.text("zh")


def test_spend_without_a_mean_is_refused() -> None:
    with pytest.raises(ParameterInvalid):
        pareto_panel(10, seed=1, spend=(6.25, 1.0, 15.44))


def test_w0_buys_as_often_as_its_parameters_say(pure_world: World) -> None:
    truth = pure_world.truth_customers.to_pandas()
    orders = pure_world.orders.to_pandas()
    first = orders.groupby("customer_id").ordered_at.min()
    end = np.datetime64("2025-12-29")
    tenure = (end - first.to_numpy()) / np.timedelta64(7 * 24 * 3_600, "s")
    repeats = orders.groupby("customer_id").size() - 1
    expected = expected_purchases(tenure, **PURE_PARAMETERS)

    assert len(first) == len(truth) == 12_000
    error = np.std(repeats - expected) / np.sqrt(len(repeats))
    assert abs(repeats.mean() - expected.mean()) < 4 * error
    assert orders.amount.mean() == pytest.approx(6.25 * 15.44 / 2.74, rel=0.03)


def test_w0_tells_its_parameters_and_exact_chances(pure_world: World) -> None:
    truth = pure_world.truth_customers.to_pandas()

    assert pure_world.count("alpha") == PURE_PARAMETERS["alpha"]
    assert pure_world.count("q") == 3.74
    assert (truth.p_any_13w <= truth.orders_13w + 1e-12).all()
    assert (truth.p_any_13w[~truth.alive] == 0).all()
    assert truth.dropout_on.notna().sum() == (~truth.alive).sum()
    assert pure_world.answers.num_rows == 0
