"""Four groups: right away from the thresholds, honest near them, silent where data end."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from huitouke.insight.profiles.groups import (
    GROUPS,
    chance_loyal,
    decision_threshold,
    descriptive_threshold,
    group_probabilities,
    profit_threshold,
    youden_threshold,
)
from huitouke.insight.profiles.judged import INSUFFICIENT, NO_LABEL, NOT_IDENTIFIED
from huitouke.insight.profiles.moves import steady_labels, transitions
from huitouke.insight.profiles.profitability import (
    RatePrior,
    SpendPrior,
    profitability,
    rate_prior,
)
from huitouke.insight.tables import Status

RATES, SPENDS, MARGIN = RatePrior(1.2, 6.0), SpendPrior(6.25, 3.74, 15.44), 0.3


def known_shop(seed, customers=8_000, *, cost=True):
    """Return the groups found and the true place of each customer on both axes."""
    rng = np.random.default_rng(seed)
    weeks = rng.uniform(20, 104, customers)
    rate = rng.gamma(RATES.shape, 1 / RATES.rate, customers)
    repeats = rng.poisson(rate * weeks)
    nu = rng.gamma(SPENDS.q, 1 / SPENDS.gamma, customers)
    orders = repeats + 1
    spend = rng.gamma(SPENDS.p * orders, 1 / nu) / orders
    yearly_cost = rng.uniform(0, 150, customers)
    profit_truth = MARGIN * 365.25 / 7 * rate * SPENDS.p / nu - (yearly_cost if cost else 0)
    loyal_truth = rng.beta(0.8, 1.2, customers)
    looks = rng.integers(4, 30, customers)
    hits = rng.binomial(looks, loyal_truth)
    a, b = 0.8 + hits, 1.2 + looks - hits
    mean = a / (a + b)
    cut = decision_threshold(cost=2, uplift=0.1, value=50)
    profit = profitability(
        repeats,
        tenure_weeks=weeks,
        mean_spend=spend,
        spend_count=orders,
        rates=rate_prior(repeats, tenure_weeks=weeks),
        spends=SPENDS,
        margin=MARGIN,
        cost_to_serve=yearly_cost if cost else None,
        spend_total=spend * orders,
    )
    found = group_probabilities(
        profit,
        loyal=stats.beta.sf(cut.value, a, b),
        profit_cut=profit_threshold(profit),
        loyalty_cut=cut,
        history_days=730,
    )
    rich = profit_truth > found.profit.value
    loyal = loyal_truth > found.loyalty.value
    truth = np.select([~rich & ~loyal, rich & ~loyal, rich & loyal], [0, 1, 2], 3)
    return found, truth, loyal_truth, np.sqrt(mean * (1 - mean) / (a + b + 1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_are_right_away_from_thresholds_and_their_chances_are_calibrated(seed):
    found, truth, loyal_truth, spread = known_shop(seed)

    best = found.chances.argmax(axis=0)
    clear = np.abs(loyal_truth - found.loyalty.value) > spread
    clear &= found.chances.max(axis=0) > 0.5
    assert (best == truth)[clear].mean() >= 0.75
    labelled = (found.label >= 0) & (found.label < 4)
    assert (found.label == truth)[labelled].mean() >= 0.8
    for code in range(4):
        chance, came = found.chances[code], truth == code
        order = np.array_split(np.argsort(chance), 10)
        gaps = [abs(chance[part].mean() - came[part].mean()) for part in order]
        assert np.mean(gaps) <= 0.05
    assert found.chances.sum(axis=0) == pytest.approx(1.0)
    assert found.profit.basis == "decision"


def test_without_cost_to_serve_the_barnacle_is_not_identified_and_nothing_is_invented():
    found, _, _, _ = known_shop(4, cost=False)

    assert np.isnan(found.chances[3]).all()
    assert (found.barnacle_status == NOT_IDENTIFIED).all()
    assert (found.chances[:3].sum(axis=0) <= 1 + 1e-12).all()
    assert GROUPS.index("barnacle") not in found.label
    nameless = found.label == NO_LABEL
    assert nameless.any()
    assert (found.status[nameless] == NOT_IDENTIFIED).all()
    assert (found.chances[:3, nameless].sum(axis=0) <= 0.3 + 1e-12).all()
    assert found.profit.basis == "descriptive"


def test_cost_known_for_too_little_revenue_counts_as_unknown():
    n = 50
    common = {
        "tenure_weeks": np.full(n, 50.0),
        "mean_spend": np.full(n, 10.0),
        "spend_count": np.full(n, 3),
        "rates": RATES,
        "spends": SPENDS,
        "margin": MARGIN,
        "spend_total": np.full(n, 30.0),
    }
    cost = np.full(n, 5.0)
    cost[:11] = np.nan

    assert profitability(np.full(n, 2), cost_to_serve=cost, **common).cost is None
    cost[:11] = 4.0
    assert profitability(np.full(n, 2), cost_to_serve=cost, **common).cost is not None


@pytest.mark.parametrize(("customers", "days"), [(1_999, 800), (2_000, 364)])
def test_too_little_history_or_too_few_customers_give_no_groups(customers, days):
    profit = profitability(
        np.zeros(customers, dtype=np.int64),
        tenure_weeks=np.ones(customers),
        mean_spend=np.ones(customers),
        spend_count=np.ones(customers, dtype=np.int64),
        rates=RATES,
        spends=SPENDS,
        margin=MARGIN,
    )
    p = np.full(customers, 0.5)

    found = group_probabilities(
        profit,
        loyal=p,
        profit_cut=profit_threshold(profit),
        loyalty_cut=descriptive_threshold(p),
        history_days=days,
    )

    assert found.verdict.status is Status.INSUFFICIENT
    assert np.isnan(found.chances).all()
    assert (found.status == INSUFFICIENT).all()


def test_the_profit_posterior_equals_simulation():
    rng = np.random.default_rng(11)
    profit = profitability(
        np.array([4]),
        tenure_weeks=np.array([30.0]),
        mean_spend=np.array([25.0]),
        spend_count=np.array([5]),
        rates=RATES,
        spends=SPENDS,
        margin=MARGIN,
    )
    rate = rng.gamma(RATES.shape + 4, 1 / (RATES.rate + 30.0), 400_000)
    nu = rng.gamma(SPENDS.q + SPENDS.p * 5, 1 / (SPENDS.gamma + 125.0), 400_000)
    draws = MARGIN * 365.25 / 7 * rate * SPENDS.p / nu

    for threshold in (20.0, 50.0, 100.0):
        chance = profit.chance_above(threshold)[0]
        assert chance == pytest.approx((draws > threshold).mean(), abs=0.003)
    assert profit.mean[0] == pytest.approx(draws.mean(), rel=0.005)


def test_the_rate_prior_is_recovered():
    rng = np.random.default_rng(5)
    weeks = rng.uniform(10, 100, 40_000)
    repeats = rng.poisson(rng.gamma(0.8, 1 / 9.0, 40_000) * weeks)

    prior = rate_prior(repeats, tenure_weeks=weeks)

    assert prior.shape == pytest.approx(0.8, rel=0.06)
    assert prior.rate == pytest.approx(9.0, rel=0.06)


def test_youden_finds_the_cut_and_falls_back_when_events_are_few():
    rng = np.random.default_rng(2)
    p = rng.random(5_000)
    bought = rng.random(5_000) < special.expit(12 * (p - 0.35))

    # Best where the chance to buy equals the share that bought.
    best = 0.35 + special.logit(bought.mean()) / 12
    assert youden_threshold(p, bought=bought).value == pytest.approx(best, abs=0.05)
    few = youden_threshold(p, bought=np.arange(5_000) < 49)
    assert few.basis == "descriptive"
    assert youden_threshold(np.full(400, 0.5), bought=np.arange(400) < 200).basis == (
        "descriptive"
    )


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
def test_the_chance_to_be_loyal_comes_true(threshold):
    rng = np.random.default_rng(int(threshold * 10))
    n, ahead = 20_000, 13.0
    rate = rng.gamma(RATES.shape, 1 / RATES.rate, n)
    weeks = rng.uniform(20, 104, n)
    p_alive = rng.uniform(0, 1, n)
    # Purchases made while there; whether the customer is still there is a coin of its own.
    repeats = rng.poisson(rate * weeks)
    alive = rng.random(n) < p_alive
    truth = np.where(alive, 1 - np.exp(-rate * ahead), 0.0) > threshold

    said = chance_loyal(
        p_alive,
        repeat_count=repeats,
        tenure_weeks=weeks,
        rates=RATES,
        horizon_weeks=ahead,
        threshold=threshold,
    )

    for part in np.array_split(np.argsort(said), 10):
        assert said[part].mean() == pytest.approx(truth[part].mean(), abs=0.04)


def test_kappa_is_one_for_no_change_and_near_zero_for_chance():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 5, 20_000).astype(np.int8)

    same = transitions(labels, after=labels)
    shuffled = transitions(labels, after=rng.permutation(labels))

    assert same.kappa == 1.0
    assert abs(shuffled.kappa) < 0.02
    assert shuffled.kappa_low < 0 < shuffled.kappa_high
    assert same.counts.sum() == 20_000


def test_customers_without_a_label_are_left_out_of_transitions():
    before = np.array([0, -1, 2], dtype=np.int8)

    assert transitions(before, after=np.array([0, 1, -1], dtype=np.int8)).customers == 1


def test_a_label_changes_on_the_second_look_or_near_certainty():
    shown = np.array([0, 0, 0, -1, 0], dtype=np.int8)
    before = np.array([0, 1, 0, 0, 0], dtype=np.int8)
    now = np.array([1, 1, 1, 1, -1], dtype=np.int8)
    probability = np.array([0.75, 0.75, 0.85, 0.75, 0.0])

    labels = steady_labels(shown, before=before, now=now, probability=probability)

    assert labels.tolist() == [0, 1, 1, 1, -1]
