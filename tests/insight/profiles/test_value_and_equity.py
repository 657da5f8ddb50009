"""Value and equity: what adds up, what is uncertain, what is not said."""

from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.profiles.equity import (
    customer_equity,
    equity_by_group,
    equity_by_purchases,
    equity_drivers,
    top_share,
)
from huitouke.insight.profiles.judged import ArraysUneven
from huitouke.insight.profiles.value import MarginInvalid, customer_values
from huitouke.insight.steps.sums import Doubt, sums_of
from huitouke.insight.tables import Status


def test_value_is_margin_times_spend_times_orders_less_service():
    values = customer_values(
        np.array([2.0, 0.5]),
        mean_spend=np.array([100.0, 40.0]),
        margin=0.25,
        low=np.array([20.0, 0.0]),
        high=np.array([90.0, 12.0]),
        service_cost=np.array([10.0, 0.0]),
    )

    assert values.clv == pytest.approx([40.0, 5.0])
    assert values.low == pytest.approx([10.0, 0.0])
    assert values.high == pytest.approx([80.0, 12.0])


def test_an_unknown_input_gives_a_status_and_no_value():
    values = customer_values(
        np.array([1.0, np.nan]), mean_spend=np.array([np.nan, 5.0]), margin=0.3
    )

    assert np.isnan(values.clv).all()
    assert (values.status == 1).all()


@pytest.mark.parametrize("margin", [0.0, -0.1, 1.2])
def test_a_margin_that_is_no_share_is_refused(margin):
    with pytest.raises(MarginInvalid):
        customer_values(np.ones(2), mean_spend=np.ones(2), margin=margin)


def test_arrays_of_different_length_are_refused_by_name():
    with pytest.raises(ArraysUneven) as found:
        customer_values(np.ones(3), mean_spend=np.ones(2), margin=0.3)

    assert found.value.values == {"name": "mean_spend", "found": 2, "expected": 3}


def test_the_interval_of_equity_covers_where_parameters_alone_do_not():
    rng = np.random.default_rng(3)
    inside = alone = 0
    for _ in range(400):
        truth = 1_000.0
        model_error = rng.normal(0, 0.1)
        total = truth * np.exp(-model_error) * np.exp(rng.normal(0, 0.02))
        clv = np.full(100, total / 100)
        actual = truth + rng.normal(0, np.sqrt(100 * 4.0))
        equity = customer_equity(
            clv,
            draws=total * np.exp(rng.normal(0, 0.02, 200)),
            variances=np.full(100, 4.0),
            past_log_errors=list(rng.normal(0, 0.1, 4)),
        )
        inside += equity.low <= actual <= equity.high
        spread = np.exp(equity.parts[0].quantile * equity.parts[0].log_sd)
        alone += total / spread <= actual <= total * spread
    assert 0.75 <= inside / 400 <= 0.87
    assert alone / 400 < 0.5


def test_without_past_origins_the_parts_stay_visible_and_the_interval_is_withheld():
    equity = customer_equity(
        np.array([10.0, 30.0]),
        draws=np.array([38.0, 42.0]),
        variances=np.array([4.0, 4.0]),
        past_log_errors=[],
    )

    assert equity.total == 40.0
    assert equity.low is None
    assert equity.verdict.status is Status.INSUFFICIENT
    assert [part.name for part in equity.parts if part.log_sd > 0] == [
        "parameters",
        "individuals",
    ]


def test_fewer_past_origins_make_a_wider_interval():
    def width(errors):
        equity = customer_equity(
            np.full(50, 10.0),
            draws=np.array([495.0, 505.0]),
            variances=np.ones(50),
            past_log_errors=errors,
        )
        return equity.high - equity.low

    assert width([0.1]) > width([0.1, -0.1]) > width([0.1, -0.1, 0.1, -0.1, 0.1])


def test_groups_add_up_to_the_whole_and_keep_their_own_spread():
    clv = np.array([10.0, 20.0, 70.0, np.nan])
    variances = np.array([1.0, 1.0, 400.0, 1.0])
    equity = customer_equity(
        clv, draws=np.array([98.0, 102.0]), variances=variances, past_log_errors=[0.05, -0.05]
    )

    few, many = equity_by_group(
        clv,
        groups=np.array([0, 0, 1, 1]),
        names=("few", "many"),
        variances=variances,
        equity=equity,
    )

    assert few.equity + many.equity == pytest.approx(equity.total)
    assert few.share + many.share == pytest.approx(1.0)
    assert many.high / many.equity > few.high / few.equity
    assert equity.unvalued == 1
    assert many.customers == 1


def test_equity_is_split_by_purchases_so_far_and_adds_up():
    clv = np.array([5.0, 10.0, 20.0, 70.0, np.nan])
    equity = customer_equity(
        clv, draws=np.array([98.0, 102.0]), variances=np.ones(5), past_log_errors=[0.05, -0.05]
    )

    split = equity_by_purchases(
        clv, repeat_count=np.array([0, 2, 3, 30, 0]), variances=np.ones(5), equity=equity
    )

    assert {each.name: (each.customers, each.equity) for each in split} == {
        "1": (1, 5.0), "2": (1, 10.0), "4": (1, 20.0), "10": (1, 70.0),
    }  # fmt: skip
    assert all(each.low < each.equity < each.high for each in split)


def test_orders_to_come_times_spend_times_margin_is_the_equity():
    clv, discounted = np.array([30.0, 12.0, np.nan]), np.array([2.0, 1.0, np.nan])
    drawn = np.array([0.97, 1.0, 1.04])
    doubt = Doubt(drawn, drawn**2, orders_variance=0.5, value_variance=4.0)

    sums = sums_of(
        clv, discounted=discounted, doubt=doubt, margin=0.3,
        errors=np.array([[0.1, 0.15], [-0.05, 0.02]]),
    )  # fmt: skip

    assert sums.orders.total * sums.spend.total * 0.3 == pytest.approx(sums.equity.total)
    for each in (sums.equity, sums.orders, sums.spend):
        assert each.low < each.total < each.high


def test_the_top_tenth_holds_its_share():
    assert top_share(np.array([5.0] * 10), share=0.1) == pytest.approx(0.1)
    assert top_share(np.zeros(10), share=0.1) is None
    assert top_share(np.zeros(0), share=0.1) is None


def test_the_drivers_of_equity_are_not_identified_without_a_survey():
    assert {v.status for v in equity_drivers().values()} == {Status.NOT_IDENTIFIED}
