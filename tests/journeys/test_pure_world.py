"""W0: customers who are Pareto/NBD and Gamma-Gamma, nothing else; the truth is exact."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="module")
def pure(walk):
    return walk("W0", customers=4_000, seed=1)


def test_the_picture_keeps_every_promise(pure, faults):
    assert faults(pure.out) == []


def test_every_row_is_used(pure):
    assert pure.summary["rows"] == {
        "read": pure.world.orders.num_rows,
        "used": pure.world.orders.num_rows,
        "merged": 0,
        "quarantined": 0,
        "without_customer": 0,
    }


def test_the_model_that_made_the_world_is_chosen_and_found(pure, worlds):
    purchases = pure.summary["models"]["purchases"]

    assert purchases["chosen"] == "paretonbd"
    # Days, not moments, are recorded: single parameters move by some percent, rates hardly.
    found, true = purchases["fitted"]["paretonbd"], worlds.PURE_PARAMETERS
    assert found["r"] / found["alpha"] == pytest.approx(true["r"] / true["alpha"], rel=0.08)
    assert found["s"] / found["beta"] == pytest.approx(true["s"] / true["beta"], rel=0.12)
    assert pure.summary["candidates"][0]["name"] == "paretonbd"


def test_of_those_called_alive_with_a_chance_that_share_is(pure, worlds):
    tenths = worlds.deciles(pure.column("p_alive"), pure.truth("alive"))
    said, came, customers = tenths.T

    noise = np.sqrt(said * (1 - said) / customers)
    assert (np.abs(said - came) <= 3.3 * noise + 0.005).all(), tenths
    assert worlds.calibration_error(pure.column("p_alive"), pure.truth("alive")) <= 0.02


def test_the_chance_to_buy_is_the_true_chance(pure, worlds):
    said, true = pure.column("p_buy"), pure.truth("p_any_13w")

    assert worlds.calibration_error(said, true) <= 0.01
    assert 0.9 <= worlds.slope(said, true) <= 1.1
    assert abs(said.mean() - true.mean()) <= 0.005


@pytest.mark.parametrize(
    ("name", "true", "unit"),
    [("p_buy", "p_any_13w", 1), ("loyalty_score", "p_full_price_usual_13w", 100)],
)
def test_the_interval_of_a_chance_holds_the_true_chance_of_such_customers(
    pure, worlds, name, true, unit
):
    assert worlds.tenths_held(pure, name=name, true=true, unit=unit) >= 8


def test_the_interval_of_orders_holds_what_comes(pure, worlds):
    low, high = pure.column("orders_expected_lo"), pure.column("orders_expected_hi")
    expected = pure.column("orders_expected")
    days = pure.summary["horizon_days"]
    futures = np.array([worlds.true_futures(pure, days=days, seed=s)[0] for s in range(20)])

    # Counts are whole: an interval of 80 % holds at least that, and of large counts not much
    # more.
    assert (futures < low).mean() <= 0.1
    assert (futures > high).mean() <= 0.1
    busy = expected >= 3
    held = ((futures >= low) & (futures <= high))[:, busy].mean()
    assert busy.sum() > 100
    assert 0.78 <= held <= 0.92


def test_the_orders_expected_come(pure):
    assert pure.column("orders_expected").sum() == pytest.approx(
        pure.truth("orders_13w").sum(), rel=0.06
    )


def test_the_interval_of_a_customers_value_holds_what_comes(pure, worlds):
    low, high = pure.column("clv_lo"), pure.column("clv_hi")
    days = pure.summary["value_days"]
    worth = np.array([worlds.true_futures(pure, days=days, seed=s)[1] for s in range(10)])
    held = (worth >= low - 1e-6) & (worth <= high + 1e-6)
    likely = pure.column("p_alive") > 0.5

    assert held.mean() >= 0.8
    assert 0.76 <= held[:, likely].mean() <= 0.9


def test_customer_equity_holds_what_the_customers_are_truly_worth(pure, worlds):
    equity = pure.summary["customer_equity"]

    assert equity["status"] == "ok"
    assert worlds.equity_held(pure)
    assert equity["hi"] / equity["lo"] < 1.5


def test_the_loyalty_score_is_the_true_chance(pure, worlds):
    said = pure.column("loyalty_score") / 100
    shown = np.isfinite(said)
    true = pure.truth("p_full_price_usual_13w")[shown]

    assert shown.sum() > 1_000
    assert (pure.column("repeat_count")[~shown] == 0).all()
    assert worlds.calibration_error(said[shown], true) <= 0.03
    assert 0.9 <= worlds.slope(said[shown], true) <= 1.1


def test_what_this_world_does_not_hold_is_not_told(pure):
    assert set(pure.column("rain_or_shine_status")) == {"not_identified"}
    assert set(pure.column("loyalty_type_status")) == {"insufficient_evidence"}
    assert set(pure.column("p_barnacle_status")) == {"not_identified"}


def test_no_alarm_sounds_where_nothing_changed(pure):
    codes = {warning["code"] for warning in pure.summary["warnings"]}

    assert "steps.calibration_alarm" not in codes
