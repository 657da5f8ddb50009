"""Rain or shine: recovers who defers to promotions, and is silent where nobody differs."""

from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.profiles.judged import INSUFFICIENT, NOT_IDENTIFIED, OK
from huitouke.insight.profiles.rain_or_shine import rain_or_shine
from huitouke.insight.tables import Status

CYCLE = 6


def promo_world(seed, customers=6_000, weeks=104, deferral=True):
    """Needs arrive by week; every sixth week has a promotion; some customers wait for it.

    Returns promotion occasions, occasions, and the true ratio of purchases without any
    promotion to purchases with them.
    """
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, customers, p=[0.22, 0.10, 0.68])
    wait = np.array([0.75, 0.35, 0.04])[kind] if deferral else np.zeros(customers)
    needs = rng.poisson(rng.gamma(2.0, 0.15, customers) * weeks)
    who = np.repeat(np.arange(customers), needs)
    week = rng.integers(0, weeks, len(who))
    on = week % CYCLE == CYCLE - 1
    waits = ~on & (rng.random(len(who)) < wait[who])
    usual, dealt = 0.6, 0.6 if not deferral else 0.7
    bought_on = (on | waits) & (rng.random(len(who)) < dealt)
    bought_off = ~on & ~waits & (rng.random(len(who)) < usual)
    d = np.bincount(who, weights=bought_on, minlength=customers).astype(np.int64)
    n = d + np.bincount(who, weights=bought_off, minlength=customers).astype(np.int64)
    share_on = 1 / CYCLE
    with_promo = share_on * dealt + (1 - share_on) * (wait * dealt + (1 - wait) * usual)
    without = (1 - wait) * usual + wait * 0.3 * usual
    return d, n, without / with_promo


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_customers_who_wait_for_promotions_are_told_from_those_who_do_not(seed):
    d, n, truth = promo_world(seed)

    found = rain_or_shine(d, occasions=n, opportunity=np.full(len(n), 1 / CYCLE))

    seen = n >= 6
    assert found.verdict.ok
    assert np.corrcoef(found.share[seen], truth[seen])[0, 1] >= 0.8
    assert np.abs(found.share[seen] - truth[seen]).mean() <= 0.12
    assert (found.low[seen] <= found.share[seen]).all()
    assert (found.share[seen] <= found.high[seen]).all()


def test_a_shop_whose_customers_are_alike_gets_one_number_and_no_persons():
    opened = 0
    for seed in range(20):
        d, n, _ = promo_world(seed, customers=2_000, deferral=False)
        found = rain_or_shine(d, occasions=n, opportunity=np.full(len(n), 1 / CYCLE))
        opened += found.verdict.ok
        if not found.verdict.ok:
            assert np.isnan(found.share).all()
            assert (found.status == INSUFFICIENT).all()
            assert found.response.share == pytest.approx(1.0, abs=0.05)
    assert opened <= 2


def test_different_opportunity_is_not_mistaken_for_different_people():
    rng = np.random.default_rng(7)
    opportunity = rng.uniform(0.05, 0.6, 5_000)
    n = rng.poisson(8, 5_000) + 1

    found = rain_or_shine(rng.binomial(n, opportunity), occasions=n, opportunity=opportunity)

    assert not found.verdict.ok
    assert found.response.rate_ratio == pytest.approx(1.0, abs=0.05)


def test_promotions_never_or_always_on_identify_nothing():
    n = np.full(500, 8)
    for opportunity in (0.0, 1.0, np.nan):
        found = rain_or_shine(n // 2, occasions=n, opportunity=np.full(500, opportunity))
        assert found.verdict.status is Status.NOT_IDENTIFIED
        assert (found.status == NOT_IDENTIFIED).all()


def test_two_occasions_are_too_few_for_a_person():
    d, n, _ = promo_world(4)

    found = rain_or_shine(d, occasions=n, opportunity=np.full(len(n), 1 / CYCLE))

    assert (found.status[n < 3] == INSUFFICIENT).all()
    assert (found.status[n >= 3] == OK).all()
    assert np.isnan(found.share[n < 3]).all()
    assert np.isfinite(found.share[n >= 3]).all()


def test_the_shop_number_covers_the_shop_truth():
    d, n, _ = promo_world(5)
    opportunity = np.full(len(n), 1 / CYCLE)

    response = rain_or_shine(d, occasions=n, opportunity=opportunity).response

    share = d.sum() / n.sum()
    odds = share / (1 - share) * (CYCLE - 1)
    assert response.share == pytest.approx(1 / (1 + (odds - 1) / CYCLE), abs=1e-6)
    assert response.share_low < response.share < response.share_high


def test_a_few_customers_open_no_gate():
    found = rain_or_shine(
        np.array([0, 5, 1]), occasions=np.array([6, 6, 6]), opportunity=np.full(3, 0.2)
    )

    assert found.verdict.status is Status.INSUFFICIENT
    assert found.response is None
