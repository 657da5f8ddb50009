"""W1: six types of customer, promotions, a rival, shocks, surveys, and a careless export."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest


@pytest.fixture(scope="module")
def usual(walk):
    return walk("W1", customers=5_000, seed=1, draws=60, dirty=True)


@pytest.fixture(scope="module")
def silent(walk):
    """The same shop without its survey, and smaller."""
    return walk("W1", customers=2_500, seed=1, answers=False)


@pytest.fixture(scope="module")
def scored(usual):
    """Scores as chances, and who of the whole customers has one."""
    said = usual.column("loyalty_score") / 100
    use = np.isfinite(said) & usual.whole
    return said[use], use


def test_the_picture_keeps_every_promise(usual, silent, faults):
    assert faults(usual.out) == []
    assert faults(silent.out) == []


def test_every_row_is_accounted_for(usual):
    rows, world = usual.summary["rows"], usual.world

    assert rows["read"] == world.orders.num_rows == int(world.count("rows"))
    assert rows["merged"] == int(world.count("rows_duplicated"))
    assert rows["quarantined"] == 0
    assert rows["used"] == int(world.count("rows_clean"))
    assert usual.analysis.quarantine.num_rows == 0


def test_every_answer_is_accounted_for(usual):
    rows = usual.summary["survey"]["rows"]

    assert rows["read"] == usual.world.answers.num_rows
    assert rows["read"] == rows["used"] + rows["merged"] + rows["quarantined"]
    assert rows["quarantined"] == 0


def test_orders_and_revenue_are_those_of_the_shop(usual):
    lines = usual.world.orders
    once = lines.group_by(lines.column_names).aggregate([])
    day = pc.cast(once["ordered_at"], pa.date32())
    sold = once.append_column("day", day).filter(pc.equal(once["status"], "completed"))

    net = once.group_by("order_id").aggregate([("amount", "sum"), ("status", "count_distinct")])
    kept = pc.or_(
        pc.equal(net["status_count_distinct"], 1), pc.greater(net["amount_sum"], 0.005)
    )

    assert net.num_rows == len(sold["order_id"].unique())
    assert usual.summary["orders"] == pc.sum(kept).as_py() < net.num_rows
    assert usual.summary["revenue"] == pytest.approx(pc.sum(once["amount"]).as_py(), abs=0.01)
    assert usual.summary["period"]["last_on"] == str(pc.max(day).as_py())


def test_each_customer_has_the_days_they_bought_on(usual):
    lines = usual.world.orders
    lines = lines.append_column("day", pc.cast(lines["ordered_at"], pa.date32()))
    once = lines.group_by(lines.column_names).aggregate([])
    net = once.group_by(["customer_id", "day"]).aggregate([("amount", "sum")])
    kept = net.filter(pc.greater(net["amount_sum"], 0.001))
    days = Counter(kept["customer_id"].to_pylist())
    said = dict(
        zip(usual.table["customer_id"].to_pylist(), usual.column("repeat_count"), strict=True)
    )

    assert said == {customer: count - 1 for customer, count in days.items()}


def test_rain_or_shine_is_the_share_that_would_remain(usual):
    said = usual.column("rain_or_shine")
    use = np.isfinite(said) & (usual.column("repeat_count") >= 5) & usual.whole
    true = usual.truth("ros")

    assert use.sum() > 1_500
    assert np.corrcoef(said[use], true[use])[0, 1] >= 0.8
    assert np.abs(said - true)[use].mean() <= 0.10
    low, high = usual.column("rain_or_shine_lo"), usual.column("rain_or_shine_hi")
    assert ((low <= true) & (true <= high))[use].mean() >= 0.75


def test_rain_or_shine_sets_hunters_of_benefits_apart(usual):
    said, kind = usual.column("rain_or_shine"), usual.truth("type")
    mean = {name: np.nanmean(said[kind == name]) for name in set(kind)}

    assert (
        mean["benefit"]
        < mean["none"]
        < min(
            mean[name] for name in ("forced", "nostalgic", "inertia", "experience", "identity")
        )
    )


def test_rain_or_shine_needs_three_occasions(usual):
    few = usual.column("repeat_count") < 2

    assert few.any()
    assert not np.isfinite(usual.column("rain_or_shine")[few]).any()


def test_the_loyalty_score_is_the_true_chance(usual, scored, worlds):
    said, use = scored
    true = usual.truth("p_full_price_usual_13w")[use]

    assert worlds.calibration_error(said, true) <= 0.03
    assert 0.9 <= worlds.slope(said, true) <= 1.1


def test_the_interval_of_the_score_holds_the_true_chance_of_such_customers(usual, worlds):
    held = worlds.tenths_held(
        usual, name="loyalty_score", true="p_full_price_usual_13w", unit=100
    )

    assert held >= 8


def test_the_interval_of_the_chance_to_buy_holds_the_true_chance_of_such_customers(
    usual, worlds
):
    assert worlds.tenths_held(usual, name="p_buy", true="p_any_13w", unit=1) >= 8


def test_the_loyalty_score_rises_with_the_true_chance(usual, scored, worlds):
    said, use = scored
    true = usual.truth("p_full_price_13w")[use]
    came = worlds.deciles(said, true)[:, 1]

    assert use.sum() > 3_000
    assert (np.diff(came) > -0.005).all(), came
    # Without any promotion more of them would pay full price, so the truth lies above.
    assert 0 <= (true - said).mean() <= 0.06
    assert worlds.auc(said, true) > worlds.auc(worlds.rfm(usual)[use], true)


def test_the_loyalty_score_is_shown_because_it_passed_its_checks(usual):
    record = usual.analysis.validation["loyalty_score"]

    assert record["status"] == "ok"
    assert set(usual.checks) == {"ece", "slope", "deciles", "rival"}
    assert all(check["passed"] or check["within_noise"] for check in usual.checks.values())
    assert usual.checks["deciles"]["passed"]
    assert record["auc"] >= record["rival_auc"]


def test_a_single_purchase_and_no_answer_is_no_score(usual):
    once = usual.column("repeat_count") == 0
    status = usual.column("loyalty_score_status")

    assert once.any()
    assert set(status[once]) == {"insufficient_evidence"}


def test_chances_to_buy_and_to_leave_are_about_true(usual, worlds):
    true, whole = usual.truth("p_any_13w"), usual.whole

    for said in (usual.column("p_buy"), 1 - usual.column("churn_risk")):
        assert worlds.calibration_error(said[whole], true[whole]) <= 0.04
        assert worlds.auc(said[whole], true[whole]) > worlds.auc(
            worlds.rfm(usual)[whole], true[whole]
        )


def test_the_four_groups_differ_as_their_names_say(usual):
    group, true = usual.column("customer_group"), usual.truth("p_any_13w")
    loyal = usual.summary["group_shares"]["loyalty_threshold"]["value"]
    mean = {name: true[group == name].mean() for name in set(group) - {None}}

    assert set(mean) == {"true_friend", "butterfly", "stranger", "borderline"}
    assert mean["true_friend"] > mean["borderline"] > mean["butterfly"]
    assert mean["borderline"] > mean["stranger"]
    assert (true[group == "true_friend"] > loyal).mean() >= 0.75
    assert (true[np.isin(group, ["stranger", "butterfly"])] < loyal).mean() >= 0.75
    assert set(usual.column("p_barnacle_status")) == {"not_identified"}


def test_the_two_profitable_groups_brought_the_profit(usual):
    group = usual.column("customer_group")
    yearly = usual.truth("margin_total") / (usual.column("tenure_days") + 91)
    mean = {name: np.median(yearly[group == name]) for name in set(group) - {None}}

    assert mean["true_friend"] > mean["stranger"]
    assert mean["butterfly"] > mean["stranger"]


def test_types_that_are_named_are_right(usual, worlds):
    label, right, sure = worlds.named(usual)

    assert label.size > 1_000
    assert right.mean() >= 0.75
    assert sure.mean() - right.mean() <= 0.03
    for name in set(label):
        assert right[label == name].mean() >= 0.75, name


def test_types_are_hardly_ever_told_from_orders_alone(silent):
    status = silent.column("loyalty_type_status")
    label = silent.column("loyalty_type")

    assert (status == "insufficient_evidence").mean() >= 0.8
    # Orders show neither barriers nor life events nor what a brand says about somebody.
    assert not {"forced", "nostalgic", "identity"} & set(label)


def test_attitude_either_scores_or_is_said_to_be_kept_out(usual):
    score = usual.summary["loyalty_score"]

    assert sorted([*score["blocks"], *score["kept_out"]]) == ["attitude", "behaviour"]


def test_the_survey_is_summed_up(usual):
    nps = usual.summary["survey"]["nps"]

    assert nps["status"] == "ok"
    assert nps["lo"] < nps["value"] < nps["hi"]


def test_no_alarm_sounds_where_little_changed(usual):
    codes = {warning["code"] for warning in usual.summary["warnings"]}

    assert "steps.calibration_alarm" not in codes


def test_nothing_claims_what_a_contact_did(usual):
    def names(found):
        if isinstance(found, dict):
            yield from found
            found = list(found.values())
        for inner in found if isinstance(found, list) else ():
            yield from names(inner)

    told = {*names(usual.summary), *names(usual.analysis.validation), *usual.table.column_names}

    assert usual.world.contacts.num_rows > 0
    assert not [name for name in told if any(w in name for w in ("uplift", "effect", "tau_"))]
