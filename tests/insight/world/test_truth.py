from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from huitouke.insight.world.calendar import draw_calendar
from huitouke.insight.world.futures import averted_chances, promotion_off_share
from huitouke.insight.world.people import draw_people
from huitouke.insight.world.scenarios import SCENARIOS, TYPES, Scenario
from huitouke.insight.world.simulate import World
from huitouke.insight.world.weeks import start_state, step


def purchases(scenario: Scenario, *, promotions: bool, weeks: int) -> np.ndarray:
    """Count purchases by type over a long time in which nobody leaves or changes."""
    rng = np.random.default_rng(5)
    people = draw_people(scenario, size=4_000, weeks=weeks, rng=rng)
    calendar = draw_calendar(scenario, weeks=weeks, rng=rng)
    calendar = calendar if promotions else calendar.without_promotions()
    state = start_state(people)
    counts = np.zeros(len(TYPES))
    for week in range(weeks):
        happened = step(
            people, state=state, week=week, calendar=calendar, scenario=scenario, rng=rng
        )
        counts += np.bincount(people.kind[happened.bought], minlength=len(TYPES))
    return counts


def test_rain_or_shine_in_closed_form_is_what_long_lives_show() -> None:
    still = replace(
        SCENARIOS["W1"],
        base_hazard=0.0,
        attitude_choice=0.0,
        promotion_pause=False,
        contracts_end=False,
    )
    off = purchases(still, promotions=False, weeks=312)
    on = purchases(still, promotions=True, weeks=312)
    people = draw_people(still, size=4_000, weeks=312, rng=np.random.default_rng(5))
    share = promotion_off_share(people, week=0, scenario=still)
    # Weigh each customer by purchases with promotions, as the ratio of totals does.
    lived = off / on

    for kind, name in enumerate(TYPES):
        closed = share[people.kind == kind].mean()
        assert closed == pytest.approx(lived[kind], abs=0.03), name


def test_rain_or_shine_is_near_the_published_level(default_world: World) -> None:
    truth = default_world.truth_customers.to_pandas()
    share = truth.groupby("type").ros.mean()

    assert share["benefit"] == pytest.approx(0.29, abs=0.04)
    assert share.drop(["benefit", "none"]).between(0.94, 1.0).all()
    assert truth.ros.between(0.0, 1.0).all()


def test_true_chances_come_true(default_world: World) -> None:
    truth = default_world.truth_customers.to_pandas()

    assert (truth.p_full_price_13w <= 1).all()
    assert (truth.p_full_price_usual_13w <= truth.p_any_13w).all()
    assert truth.p_full_price_usual_13w.sum() < 0.98 * truth.p_any_13w.sum()
    assert (truth.p_any_13w[~truth.alive] == 0).all()
    assert (truth.clv_52w[~truth.alive] == 0).all()
    assert truth.orders_13w.sum() >= truth.p_any_13w.sum()
    # The last 13 weeks before the end hold about as many buyers as the next 13 will,
    # less those who leave: the log and the futures come from one world.
    orders = default_world.orders.to_pandas()
    late = orders[orders.ordered_at >= pd.Timestamp("2025-09-29")].customer_id.nunique()
    assert truth.p_any_13w.sum() == pytest.approx(0.88 * late, rel=0.08)


def test_contacting_moves_the_risk_of_leaving_as_its_share_says() -> None:
    scenario = SCENARIOS["W1"]
    people = draw_people(scenario, size=2_000, weeks=104, rng=np.random.default_rng(3))
    state = start_state(people)

    tau = averted_chances(people, state=state, start=0, scenario=scenario)

    assert (np.sign(tau) == np.sign(people.averted[:, 1:])).all()
    habit = people.kind == TYPES.index("inertia")
    bargain = people.kind == TYPES.index("benefit")
    assert (tau[habit] < 0).all()
    assert tau[bargain, 0].mean() > 1.5 * tau[bargain, 1:].mean()
    state.alive[:] = False
    assert not averted_chances(people, state=state, start=0, scenario=scenario).any()


def test_the_money_of_the_truth_is_the_money_of_the_orders(default_world: World) -> None:
    truth = default_world.truth_customers.to_pandas().set_index("customer_id")
    orders = default_world.orders.to_pandas()
    net = orders.groupby("customer_id").amount.sum()
    margin = truth.margin_total[net.index]

    assert 0.15 < margin.sum() / net.sum() < 0.35
    assert np.corrcoef(margin, net)[0, 1] > 0.8


def test_needs_are_shares_and_fit_the_type(default_world: World) -> None:
    truth = default_world.truth_customers.to_pandas()
    needs = truth[[column for column in truth if column.startswith("need_")]].drop(
        columns="need_rate"
    )

    assert np.allclose(needs.sum(axis=1), 1.0)
    means = needs.groupby(truth["type"]).mean()
    assert means.loc["benefit"].idxmax() == "need_material"
    assert means.loc["identity"].idxmax() == "need_identity"


def test_a_referrer_of_value_is_a_champion_or_an_advocate(default_world: World) -> None:
    truth = default_world.truth_customers.to_pandas()

    brings = truth.crv_type.isin(["champion", "advocate"])
    assert (brings == (truth.crv > 0)).all()
    assert truth.crv_type.notna().all()
