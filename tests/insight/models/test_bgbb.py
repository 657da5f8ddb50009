from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import beta as beta_function
from scipy.special import poch

from huitouke.insight.models.bgbb import BgBb, OpportunityPanel, _negative
from huitouke.insight.models.contract import HorizonInvalid, PanelInvalid
from huitouke.insight.tables import Status

VALUES = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}


def _patterns(n: int) -> OpportunityPanel:
    rows = [(0, 0)] + [(x, t) for t in range(1, n + 1) for x in range(1, t + 1)]
    count, last = np.array(rows).T
    return OpportunityPanel(count, last, np.full(len(rows), n))


def _ways(panel: OpportunityPanel) -> np.ndarray:
    from scipy.special import comb

    return np.where(panel.last > 0, comb(panel.last - 1, panel.repeat_count - 1), 1.0)


def _world(customers: int, *, seed: int, n: int) -> OpportunityPanel:
    rng = np.random.default_rng(seed)
    chance, leave = rng.beta(1.2, 0.75, customers), rng.beta(0.66, 2.8, customers)
    there = rng.geometric(np.maximum(leave, 1e-9))[:, None] > np.arange(1, n + 1)
    bought = there & (rng.random((customers, n)) < chance[:, None])
    last = np.where(bought.any(axis=1), n - np.argmax(bought[:, ::-1], axis=1), 0)
    return OpportunityPanel(bought.sum(axis=1), last, np.full(customers, n))


def test_all_patterns_together_have_chance_one() -> None:
    panel = _patterns(6)

    chances = [
        np.exp(-_negative(np.log(list(VALUES.values())), panel=OpportunityPanel(
            panel.repeat_count[[k]], panel.last[[k]], panel.opportunities[[k]]))[0])
        for k in range(len(panel))
    ]  # fmt: skip

    assert_allclose((np.array(chances) * _ways(panel)).sum(), 1.0, rtol=1e-12)


def test_the_gradient_agrees_with_differences_of_the_likelihood() -> None:
    panel = _world(300, seed=1, n=8)
    theta = np.log([0.9, 1.4, 0.5, 3.0])

    gradient = _negative(theta, panel=panel)[1]

    for k in range(4):
        step = np.zeros(4)
        step[k] = 1e-5
        rise = _negative(theta + step, panel=panel)[0] - _negative(theta - step, panel=panel)[0]
        assert_allclose(gradient[k], rise / 2e-5, rtol=1e-6)


def test_expected_purchases_equal_the_papers_closed_form() -> None:
    model = BgBb().with_parameters(VALUES)
    panel = _patterns(6)
    alpha, beta, gamma, delta = VALUES.values()
    x, n, ahead = panel.repeat_count, panel.opportunities, 5

    orders = model.orders_expected(panel, horizon=ahead)

    # Fader, Hardie & Shang (2010), E[X(n, n + n*)]: P(alive) in place of the alive part.
    alive_part = beta_function(alpha + x, beta + n - x) * beta_function(gamma, delta + n)
    likelihood = alive_part / model.p_alive(panel)
    ratio = beta_function(alpha + x + 1, beta + n - x) / likelihood
    ends = 1 / poch(1 + delta + n, gamma - 1) - 1 / poch(1 + delta + n + ahead, gamma - 1)
    gammas = beta_function(gamma, delta) * delta / (gamma - 1) * poch(1 + delta, gamma - 1)
    assert_allclose(orders, ratio * gammas * ends, rtol=1e-9)


def test_expectations_have_no_hole_where_gamma_is_one() -> None:
    panel = _patterns(5)
    exact = BgBb().with_parameters(VALUES | {"gamma": 1.0}).orders_expected(panel, horizon=4)

    near = BgBb().with_parameters(VALUES | {"gamma": 1.0 + 1e-9})

    assert_allclose(near.orders_expected(panel, horizon=4), exact, rtol=1e-8)


def test_a_fit_recovers_the_parameters_that_made_the_customers() -> None:
    scores = []
    for seed in range(6):
        model = BgBb().fit(_world(4000, seed=seed, n=8))
        error = np.sqrt(np.diag(model.covariance_))
        truth = np.log([1.2, 0.75, 0.66, 2.8])
        scores.append((np.log(list(model.parameters_.values())) - truth) / error)
        assert model.status_ == Status.OK
    assert np.abs(scores).max() < 4.0
    assert 0.5 < np.sqrt(np.mean(np.square(scores))) < 1.5


def test_equal_rows_may_be_counted_or_repeated() -> None:
    panel = _world(800, seed=3, n=6)
    rows = np.stack([panel.repeat_count, panel.last, panel.opportunities])
    (count, last, n), people = np.unique(rows, axis=1, return_counts=True)

    counted = BgBb().fit(OpportunityPanel(count, last, n, people))

    assert_allclose(
        list(counted.parameters_.values()),
        list(BgBb().fit(panel).parameters_.values()),
        rtol=1e-6,
    )


def test_simulated_futures_have_the_stated_mean_chance_and_quantiles() -> None:
    model = BgBb().with_parameters(VALUES)
    panel = _patterns(4)
    many = OpportunityPanel(
        *(
            np.repeat(column, 30_000)
            for column in (panel.repeat_count, panel.last, panel.opportunities)
        )
    )

    drawn = model.simulate(many, horizon=5, rng=np.random.default_rng(2)).reshape(-1, 30_000)

    error = drawn.std(axis=1) / np.sqrt(30_000)
    miss = np.abs(drawn.mean(axis=1) - model.orders_expected(panel, horizon=5))
    assert (miss < 4 * error).all()
    assert_allclose((drawn > 0).mean(axis=1), model.p_buy(panel, horizon=5), atol=0.012)
    quantiles = model.predictive(panel, horizon=5, levels=(0.2, 0.8))
    for row, values in enumerate(quantiles):
        for value, level in zip(values, (0.2, 0.8), strict=True):
            assert (drawn[row] <= value).mean() >= level - 0.01
            assert (drawn[row] <= value - 1).mean() <= level + 0.01


def test_scores_keep_their_order() -> None:
    panel = _patterns(7)
    for values in (VALUES, VALUES | {"beta": 0.01}, dict.fromkeys(VALUES, 900.0)):
        model = BgBb().with_parameters(values)
        alive, buy = model.p_alive(panel), model.p_buy(panel, horizon=6)
        orders = model.orders_expected(panel, horizon=6)
        worth = model.discounted_orders(panel, horizon=6, rate_per_unit=0.1)
        assert ((buy >= 0) & (buy <= alive) & (alive <= 1)).all()
        assert ((buy <= orders) & (worth <= orders)).all()
    assert model.expected_unconditional(6.0) > 0


@pytest.mark.parametrize(
    "panel",
    [
        OpportunityPanel(np.zeros(700, int), np.zeros(700, int), np.full(700, 6)),
        OpportunityPanel(np.array([3]), np.array([4]), np.array([6])),
        OpportunityPanel(np.full(700, 6), np.full(700, 6), np.full(700, 6)),
        OpportunityPanel(np.zeros(0, int), np.zeros(0, int), np.zeros(0, int)),
        OpportunityPanel(np.zeros(2, int), np.zeros(2, int), np.zeros(2, int)),
    ],
    ids=["nobody buys", "one customer", "everybody buys always", "nobody", "no opportunity"],
)
def test_every_legal_panel_gets_finite_scores_and_a_verdict(panel: OpportunityPanel) -> None:
    model = BgBb().fit(panel)

    assert model.status_ == Status.OK or model.fit_record_.reason
    for score in (
        model.p_alive(panel),
        model.p_buy(panel, horizon=3),
        model.orders_expected(panel, horizon=3),
        model.predictive(panel, horizon=3),
    ):
        assert np.isfinite(score).all()


def test_impossible_patterns_are_refused() -> None:
    for count, last, n in (([2], [1], [4]), ([1], [5], [4]), ([0], [1], [4]), ([1], [0], [4])):
        with pytest.raises(PanelInvalid):
            OpportunityPanel(np.array(count), np.array(last), np.array(n))
    with pytest.raises(HorizonInvalid):
        BgBb().with_parameters(VALUES).p_buy(_patterns(3), horizon=0)
