"""The three lists: who is on them, why, and in what order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from huitouke.insight.profiles.listing import ListedCustomers
from huitouke.insight.profiles.lists import (
    at_risk,
    gap_limit_days,
    likely_loyal,
    unlikely_to_return,
)
from huitouke.insight.profiles.profitability import RatePrior
from huitouke.language import words

RATES = RatePrior(1.0, 8.0)


def weekly_buyers(silent_days, *, spend=100.0):
    """Customers who bought each week for a year and then went silent for so long."""
    silent = np.asarray(silent_days, dtype=np.int64)
    n = len(silent)
    p = np.clip(1 - silent / 100, 0.02, 0.95)
    return ListedCustomers(
        repeat_count=np.full(n, 52),
        recency_days=np.full(n, 364),
        tenure_days=364 + silent,
        spend_total=np.full(n, 53 * spend),
        mean_spend=np.full(n, spend),
        p_buy=p,
        p_buy_low=0.8 * p,
        p_buy_high=np.minimum(1.3 * p, 1.0),
        orders_expected=13 * p,
        orders_low=6 * p,
        orders_high=np.minimum(16 * p, 13),
        horizon_days=91,
        margin=0.3,
        full_price_count=np.full(n, 40),
    )


def test_the_personal_limit_holds_95_of_100_gaps():
    rng = np.random.default_rng(1)
    rate = rng.gamma(RATES.shape, 1 / (7 * RATES.rate), 60_000)
    start = rng.gamma(6, 1 / rate).astype(np.int64)
    limit = gap_limit_days(np.full(60_000, 6), recency_days=start, rates=RATES)

    inside = rng.exponential(1 / rate) <= limit

    assert inside.mean() == pytest.approx(0.95, abs=0.004)


def test_a_weekly_buyer_is_overdue_where_a_yearly_one_is_not():
    weekly, yearly = gap_limit_days(
        np.array([52, 2]), recency_days=np.array([364, 730]), rates=RATES
    )

    assert weekly < 30
    assert yearly > 365


def test_silence_beyond_the_own_rhythm_puts_the_valuable_on_the_list():
    found = at_risk(weekly_buyers([2, 20, 40, 60, 300]), rates=RATES)

    assert [row.place for row in found.rows] == [3, 2]
    assert found.meeting == 2
    assert found.total == pytest.approx(sum(row.value for row in found.rows))
    for row in found.rows:
        assert row.low <= row.value <= row.high
        assert [reason.code for reason in row.reasons] == ["silent", "at_stake", "likely"]


def test_what_is_at_stake_lies_in_its_interval_where_hardly_an_order_is_expected():
    customers = weekly_buyers([40] * 3)
    none = np.zeros(3)
    rare = replace(
        customers, orders_expected=np.full(3, 0.14), orders_low=none, orders_high=none
    )

    found = at_risk(rare, rates=RATES)

    assert len(found.rows) == 3
    assert all(row.low <= row.value <= row.high for row in found.rows)


def test_little_spenders_are_not_at_risk_for_the_shop():
    customers = weekly_buyers([60] * 10)

    found = at_risk(replace(customers, mean_spend=np.arange(1.0, 11.0)), rates=RATES)

    assert [row.place for row in found.rows] == [9, 8]


def test_equal_customers_come_in_the_order_of_their_numbers_and_no_more_than_asked():
    found = at_risk(weekly_buyers([60] * 20), rates=RATES, at_most=5)

    assert [row.place for row in found.rows] == [0, 1, 2, 3, 4]
    assert found.meeting == 20


def test_the_surest_come_first_among_the_loyal():
    customers = weekly_buyers([1, 1, 1, 1])
    low = np.array([60.0, 80.0, 40.0, np.nan])
    scored = replace(
        customers,
        score=low + 10,
        score_low=low,
        score_high=low + 15,
        steady=np.array([0.9, np.nan, 0.9, 0.9]),
        steady_low=np.full(4, 0.8),
        steady_high=np.full(4, 1.0),
    )

    found = likely_loyal(scored)

    assert [row.place for row in found.rows] == [1, 0]
    assert "steady" not in [reason.code for reason in found.rows[0].reasons]
    assert "steady" in [reason.code for reason in found.rows[1].reasons]


def test_without_a_score_the_chance_to_buy_decides():
    found = likely_loyal(weekly_buyers([5, 95]))

    assert [row.place for row in found.rows] == [0]
    assert found.rows[0].reasons[0].code == "likely"


def test_the_unlikely_are_sorted_by_what_they_spent():
    customers = weekly_buyers([300, 300, 1])
    spend = np.array([10.0, 20.0, 999.0])

    found = unlikely_to_return(replace(customers, spend_total=spend))

    assert [row.place for row in found.rows] == [1, 0]
    assert found.total == 30.0


def test_an_empty_list_says_so():
    found = at_risk(weekly_buyers([1, 1]), rates=RATES)

    assert found.rows == ()
    assert found.verdict.reason


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_can_be_said(language):
    reader = words(language)
    scored = replace(
        weekly_buyers([1, 60, 300]),
        score=np.full(3, 80.0),
        score_low=np.full(3, 70.0),
        score_high=np.full(3, 90.0),
        steady=np.full(3, 0.9),
        steady_low=np.full(3, 0.8),
        steady_high=np.full(3, 1.0),
    )
    lists = (at_risk(scored, rates=RATES), likely_loyal(scored), unlikely_to_return(scored))

    for found in lists:
        assert found.rows
        for reason in found.rows[0].reasons:
            said = reader.say(reason.says, **reason.values)
            assert "{" not in said
            assert (said != reason.says.format(**reason.values)) == (language == "zh")
