"""Promotion days and stockpiling, told from orders."""

from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.profiles.promotions import deal_timing, promo_days
from huitouke.insight.tables import Status


def shop_days(seed, *, volume=30, days=364, share_on=0.5, share_off=0.05, cycle=6):
    rng = np.random.default_rng(seed)
    on = (np.arange(days) // 7) % cycle == cycle - 1
    orders = rng.poisson(volume, days)
    return orders, rng.binomial(orders, np.where(on, share_on, share_off)), on


@pytest.mark.parametrize("seed", range(5))
def test_promotion_days_are_told_from_discounted_shares(seed):
    orders, discounted, on = shop_days(seed)

    found = promo_days(orders, discounted_orders=discounted)

    assert found.verdict.ok
    assert (found.on == on).mean() > 0.99
    assert found.promo_share == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_personal_coupons_at_a_steady_share_are_no_promotion_days(seed):
    orders, discounted, _ = shop_days(seed, share_on=0.3, share_off=0.3, volume=6)

    found = promo_days(orders, discounted_orders=discounted)

    assert found.verdict.status is Status.NOT_IDENTIFIED
    assert not found.on.any()


@pytest.mark.parametrize("share", [0.0, 0.001, 1.0])
def test_never_and_always_are_not_identified(share):
    orders, discounted, _ = shop_days(9, share_on=share, share_off=share)

    found = promo_days(orders, discounted_orders=discounted)

    assert found.verdict.status is Status.NOT_IDENTIFIED


def test_a_few_days_are_too_few():
    found = promo_days(np.full(20, 9), discounted_orders=np.full(20, 2))

    assert found.verdict.status is Status.INSUFFICIENT


def stockpilers(seed, *, factor, customers=300):
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), 8)
    promo = rng.random(len(who)) < 0.4
    own = rng.lognormal(3, 0.7, customers)[who]
    return who, own * rng.exponential(1, len(who)) * np.where(promo, factor, 1), promo


def test_a_dip_after_promotions_is_found_whatever_the_customers_own_pace():
    who, gaps, promo = stockpilers(1, factor=1.5)

    found = deal_timing(who, gap_days=gaps, on_promo=promo)

    assert found.ratio == pytest.approx(1.5, abs=0.2)
    assert found.low > 1.0
    assert found.p_value < 0.001


def test_without_a_dip_the_timing_test_keeps_its_size():
    rejected = sum(
        deal_timing(who, gap_days=gaps, on_promo=promo).p_value < 0.05
        for who, gaps, promo in (stockpilers(seed, factor=1.0) for seed in range(100))
    )

    assert rejected <= 11


def test_too_few_customers_with_both_kinds_give_no_ratio():
    who, gaps, promo = stockpilers(1, factor=1.5, customers=20)

    found = deal_timing(who, gap_days=gaps, on_promo=promo)

    assert found.ratio is None
    assert found.verdict.status is Status.INSUFFICIENT
