from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from huitouke.insight.world.layout import SHOP_TABLES, TRUTH_TABLES
from huitouke.insight.world.scenarios import SCENARIOS, TYPES
from huitouke.insight.world.simulate import World, simulate

# What another implementation of this world reported, before needs waited for promotions.
P_FULL_PRICE = {
    "forced": 0.49,
    "identity": 0.48,
    "nostalgic": 0.41,
    "experience": 0.40,
    "inertia": 0.35,
    "benefit": 0.21,
    "none": 0.18,
}


def by_type(world: World, column: str) -> dict[str, float]:
    truth = world.truth_customers.select(["type", column]).to_pandas()
    return dict(truth.groupby("type")[column].mean())


def tables(world: World) -> dict[str, pa.Table]:
    return {name: getattr(world, name) for name in (SHOP_TABLES | TRUTH_TABLES)}


def shop_share_on_promotion(world: World) -> float:
    return world.count("orders_on_promotion") / world.count("orders")


def test_every_table_has_the_declared_columns(default_world: World) -> None:
    for name, table in (SHOP_TABLES | TRUTH_TABLES).items():
        assert getattr(default_world, name).schema == table.arrow_schema(), name


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    first, second = (simulate("W1", customers=400, future_draws=3) for _ in range(2))
    other = simulate("W1", customers=400, future_draws=3, seed=2)

    assert all(table.equals(tables(second)[name]) for name, table in tables(first).items())
    assert not first.orders.equals(other.orders)
    assert not first.truth_customers.equals(other.truth_customers)


def test_the_shops_tables_do_not_depend_on_the_truth_that_is_asked_for() -> None:
    with_truth = simulate("W1", customers=400, future_draws=3)
    more = simulate("W1", customers=400, future_draws=6)
    without = simulate("W1", customers=400, truth=False)

    for name in SHOP_TABLES:
        assert getattr(with_truth, name).equals(getattr(without, name)), name
        assert getattr(with_truth, name).equals(getattr(more, name)), name
    assert without.truth_customers["p_any_13w"].null_count == 400


def test_the_default_world_has_the_known_size(default_world: World) -> None:
    truth = default_world.truth_customers.to_pandas()

    assert len(truth) == 12_000
    assert (truth.purchases > 0).mean() == pytest.approx(0.92, abs=0.015)
    # Contacts keep some and late arrivals are fresh: .46 becomes .49.
    assert truth.alive.mean() == pytest.approx(0.475, abs=0.03)
    assert truth.purchases.mean() == pytest.approx(10.8, abs=0.6)
    assert default_world.as_of == date(2025, 12, 28)


def test_promotions_take_the_known_share_before_needs_wait_for_them(
    plain_world: World,
) -> None:
    assert shop_share_on_promotion(plain_world) == pytest.approx(0.195, abs=0.006)


def test_waiting_for_promotions_raises_their_share(
    default_world: World, plain_world: World
) -> None:
    assert shop_share_on_promotion(default_world) > shop_share_on_promotion(plain_world) + 0.05


def test_full_price_chances_by_type_are_the_known_ones_before_waiting(
    plain_world: World,
) -> None:
    found = by_type(plain_world, "p_full_price_13w")

    for kind, expected in P_FULL_PRICE.items():
        assert found[kind] == pytest.approx(expected, abs=0.06), kind
    weak = {"benefit", "none"}
    assert max(found[kind] for kind in weak) < min(
        found[kind] for kind in TYPES if kind not in weak
    )
    order = ["nostalgic", "inertia", "benefit", "none"]
    assert [found[kind] for kind in order] == sorted(
        (found[kind] for kind in order), reverse=True
    )


def test_waiting_halves_the_full_price_chance_of_the_benefit_type(
    default_world: World, plain_world: World
) -> None:
    waits = by_type(default_world, "p_full_price_13w")
    plain = by_type(plain_world, "p_full_price_13w")

    assert waits["benefit"] < 0.7 * plain["benefit"]
    assert waits["inertia"] == pytest.approx(plain["inertia"], abs=0.04)


def test_the_survey_is_answered_as_often_as_known(default_world: World) -> None:
    strong = simulate("W4", customers=4_000, truth=False)

    for world, expected in ((default_world, 0.28), (strong, 0.92)):
        rate = world.count("surveys_answered") / world.count("surveys_asked")
        assert rate == pytest.approx(expected, abs=0.025)


def test_those_who_answer_are_not_like_everybody(default_world: World) -> None:
    answers = default_world.answers.to_pandas()
    truth = default_world.truth_customers.to_pandas().set_index("customer_id")
    answered = truth.loc[answers.customer_id.unique()]

    assert answered.attitude.abs().mean() > truth.attitude.abs().mean() + 0.1


def test_type_items_point_to_the_type_but_agreement_is_shared(default_world: World) -> None:
    answers = default_world.answers.to_pandas()
    truth = default_world.truth_customers.select(["customer_id", "type"]).to_pandas()
    items = answers[answers.kind.str.startswith("type_")].merge(truth, on="customer_id")
    own = items.kind == "type_" + items["type"]
    wide = items[~own].pivot_table(
        index=["customer_id", "date"], columns="kind", values="score"
    )
    correlation = wide.corr().to_numpy()

    assert items[own].score.mean() > items[~own].score.mean() + 1.5
    assert np.nanmean(correlation[np.triu_indices(6, 1)]) > 0.1


def test_a_customer_buys_at_most_once_a_week_and_never_after_leaving(
    default_world: World,
) -> None:
    orders = default_world.orders.to_pandas()
    bought = orders[orders.status == "completed"].drop_duplicates("order_id")
    truth = default_world.truth_customers.to_pandas().set_index("customer_id")
    weeks = (bought.ordered_at - pd.Timestamp(default_world.starts_on)).dt.days // 7
    left = pd.to_datetime(truth.loc[bought.customer_id, "dropout_on"]).to_numpy()
    joined = pd.to_datetime(truth.loc[bought.customer_id, "joined_on"]).to_numpy()
    days = bought.ordered_at.dt.normalize().to_numpy()

    assert not pd.DataFrame({"who": bought.customer_id, "week": weeks}).duplicated().any()
    assert not (days > left).any()
    assert (days >= joined).all()


def test_lines_and_returns_add_up_to_their_orders(default_world: World) -> None:
    orders = default_world.orders.to_pandas()
    truth = default_world.truth_customers.to_pandas().set_index("customer_id")
    sold = orders[orders.status == "completed"]
    back = orders[orders.status == "returned"]
    counted = sold.groupby("customer_id").order_id.nunique()

    assert np.allclose(orders.list_amount - orders.discount, orders.amount, atol=1e-9)
    assert (sold.amount > 0).all()
    assert (back.amount < 0).all()
    assert len(back) / len(sold) == pytest.approx(0.04, abs=0.005)
    assert set(back.order_id) <= set(sold.order_id)
    assert (back.recorded_at > back.ordered_at).all()
    assert (truth.purchases[counted.index] - counted).abs().sum() <= 5
    assert orders.recorded_at.is_monotonic_increasing
    assert orders.recorded_at.max() < pd.Timestamp(default_world.as_of) + pd.Timedelta(days=1)


def test_discounts_happen_only_in_promotion_weeks_of_the_store(default_world: World) -> None:
    orders = default_world.orders.to_pandas()
    calendar = default_world.truth_calendar.to_pandas().set_index(["week", "store"])
    week = (orders.ordered_at - pd.Timestamp(default_world.starts_on)).dt.days // 7
    depth = calendar.promotion.loc[list(zip(week, orders.store, strict=True))].to_numpy()

    assert ((orders.discount != 0) == (depth > 0)).all()
    paused = calendar.promotion.unstack("store").loc[[60, 66]]
    assert ((paused == 0).sum(axis=1) == 4).all()


def test_contacts_log_the_chance_of_what_was_done(default_world: World) -> None:
    contacts = default_world.contacts.to_pandas()
    randomised = contacts[contacts.propensity.notna()]
    shares = randomised.groupby("campaign").arm.value_counts(normalize=True)
    targeted = contacts[contacts.propensity.isna()]

    assert randomised.campaign.nunique() == 4
    for (_, arm), share in shares.items():
        assert share == pytest.approx(0.40 if arm == "none" else 0.15, abs=0.02)
    assert targeted.campaign.unique().tolist() == ["K03"]
    assert targeted.arm.unique().tolist() == ["discount"]


def test_the_targeted_campaign_would_look_harmful(default_world: World) -> None:
    contacts = default_world.contacts.to_pandas()
    orders = default_world.orders.to_pandas()
    targeted = contacts[contacts.campaign == "K03"]
    at = targeted.contacted_at.iloc[0]
    known = orders[orders.ordered_at < at].customer_id.unique()
    after = orders[
        (orders.ordered_at >= at) & (orders.ordered_at < at + pd.Timedelta(weeks=13))
    ]
    active = pd.Series(np.isin(known, after.customer_id), index=known)
    called = active.index.isin(targeted.customer_id)

    assert active[called].mean() < active[~called].mean() - 0.2


def test_a_repaired_complaint_is_told_from_one_that_was_not(default_world: World) -> None:
    complaints = default_world.complaints.to_pandas()
    failures = default_world.truth_failures.to_pandas()
    voiced = failures[failures.outcome != "silent"]

    assert (complaints.resolved_at.notna() == (complaints.outcome == "recovered")).all()
    assert set(complaints.order_id) <= set(voiced.order_id)
    assert len(voiced) / len(failures) == pytest.approx(0.30, abs=0.03)
    assert set(failures.effect) == {-0.35, -0.80, 0.05}
    assert len(failures) / default_world.count("orders") == pytest.approx(0.05, abs=0.004)


def test_referred_customers_follow_their_referrer(default_world: World) -> None:
    graph = default_world.truth_referrals.to_pandas()
    referrals = default_world.referrals.to_pandas()
    truth = default_world.truth_customers.to_pandas().set_index("customer_id")
    became = referrals.dropna(subset=["referred_id"])

    assert truth.loc[graph.referrer_id, "refers"].all()
    assert graph.referred_id.is_unique
    assert set(graph.kind) == {"type_1", "type_2"}
    assert 0 < len(became) < len(graph) < len(referrals)
    assert (truth.loc[graph.referred_id, "referred_as"].to_numpy() == graph.kind).all()
    assert truth.crv.abs().sum() > 0


def test_points_never_go_below_zero_and_balances_follow_the_events(
    default_world: World,
) -> None:
    events = default_world.programme.to_pandas()
    running = events.groupby("customer_id").points.cumsum()

    assert (events.balance >= 0).all()
    assert (running == events.balance).all()
    assert set(events.kind) == {"enrol", "earn", "redeem", "expire", "silver", "gold"}
    earned = events[events.kind == "earn"]
    assert set(earned.order_id) <= set(default_world.orders["order_id"].to_pylist()) | {None}


def test_benefit_and_identity_types_gather_just_above_a_tier(default_world: World) -> None:
    orders = default_world.orders.to_pandas()
    truth = default_world.truth_customers.select(["customer_id", "type"]).to_pandas()
    year = orders[(orders.status == "completed") & (orders.ordered_at < "2024-12-30")]
    spend = year.groupby("customer_id").amount.sum().reset_index()
    spend = spend.merge(default_world.customers.to_pandas(), on="customer_id").merge(truth)
    spend = spend[spend.enrolled & spend["type"].isin(["benefit", "identity"])]
    above = spend.amount.between(300, 310).sum()
    below = spend.amount.between(290, 299.99).sum()

    assert above > 1.5 * below


def test_attitude_causes_nothing_in_w3_and_much_in_w4() -> None:
    def gap(name: str) -> float:
        truth = simulate(name, customers=4_000, truth=False).truth_customers.to_pandas()
        experience = truth[truth["type"] == "experience"]
        high = experience.attitude > experience.attitude.median()
        return float(experience[high].alive.mean() - experience[~high].alive.mean())

    assert abs(gap("W3")) < 0.07
    assert gap("W4") > 0.15


def test_nobody_reacts_to_contacts_in_w5() -> None:
    truth = simulate("W5", customers=500, truth=False).truth_customers

    for arm in ("discount", "recognition", "influence", "care"):
        assert pc.max(pc.abs(truth[f"tau_{arm}"])).as_py() == 0.0


def test_w6_is_w1_until_the_drift_and_weaker_after() -> None:
    before = simulate("W1", customers=4_000, truth=False).orders.to_pandas()
    after = simulate("W6", customers=4_000, truth=False).orders.to_pandas()
    drift = pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=80)

    def orders(table: pd.DataFrame, early: bool) -> int:
        return int(table[(table.ordered_at < drift) == early].order_id.nunique())

    assert orders(before, early=True) == orders(after, early=True)
    assert orders(after, early=False) < 0.7 * orders(before, early=False)


def test_w7_is_a_monopoly_of_the_forced() -> None:
    world = simulate("W7", customers=500, truth=False)
    truth = world.truth_customers

    assert truth["type"].unique().to_pylist() == ["forced"]
    assert pc.min(truth["sow"]).as_py() == 1.0
    assert pc.max(world.truth_calendar["rival"]).as_py() == 0.0
    assert world.customers["contract_until"].null_count == world.customers.num_rows


def test_w8_is_tiny() -> None:
    assert simulate("W8", truth=False).truth_customers.num_rows == 150


def test_a_world_may_be_made_from_a_changed_scenario() -> None:
    milder = simulate(replace(SCENARIOS["W1"], base_hazard=0.006), customers=4_000, truth=False)

    alive = milder.truth_customers["alive"].to_numpy().mean()
    assert alive == pytest.approx(0.66, abs=0.04)
    assert {f.name for f in fields(milder)} >= set(SHOP_TABLES)
