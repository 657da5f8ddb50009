"""Two small shops whose truth is known: histories with departures, and loyalty types.

In the second, types differ in attitude, deferral to promotions, regularity, barriers, public
acts and use; the numbers differ from the expert defaults of the product by up to 30 %, and
survey answers come more readily from those who feel strongly and are engaged.
"""

from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.profiles.loyalty import LoyaltyOrigin
from huitouke.insight.profiles.loyalty_features import behaviour_features
from huitouke.insight.profiles.type_signals import TypeEvidence

HORIZON = 91
RATE, SHAPE, LEAVE, STAY = 6.0, 1.0, 0.7, 2.5

MIX = np.array([0.12, 0.08, 0.22, 0.22, 0.16, 0.10, 0.10])
ATTITUDE = np.array([-0.8, 0.8, 0.1, 0.2, 1.2, 1.5, 0.0])
WAIT = np.array([0.05, 0.05, 0.02, 0.75, 0.05, 0.02, 0.35])
REGULARITY = np.array([1, 1, 4, 1, 1, 1, 1])
CONTRACT = np.array([0.85, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08])
FIRST = np.array([0.08, 0.60, 0.08, 0.08, 0.08, 0.08, 0.08])
BADGE = np.array([0.05, 0.05, 0.05, 0.05, 0.05, 0.60, 0.05])
REFERRAL = np.array([0.02, 0.15, 0.04, 0.06, 0.30, 0.35, 0.02])
DEEP = np.array([0.15, 0.15, 0.15, 0.15, 0.60, 0.15, 0.15])
ENGAGEMENT = np.array([0.5, 0.8, 0.2, 1.0, 1.5, 2.5, 0.6])
VARIETY = np.array([3.0, 3.0, 1.2, 3.0, 3.0, 3.0, 3.0])


def make_origins(seed, *, days=(280, 371, 462, 553), customers=6_000, told=0.0, cause=0.0):
    """Return origins in order.

    ``told`` of the customers answer a survey; the attitude they tell moves full-price buying
    by ``cause`` logits beyond what past behaviour shows.
    """
    rng = np.random.default_rng(seed)
    end = max(days) + HORIZON
    born = rng.uniform(0, 240, customers)
    weekly = rng.gamma(SHAPE, 1 / RATE, customers)
    life = rng.exponential(120 / rng.gamma(1.5, 1.0, customers)) * 5
    attitude = rng.normal(0, 1, customers)
    full = 1 / (1 + np.exp(-rng.normal(1.2, 0.8, customers)))
    count = rng.poisson(weekly * (end - born) / 7)
    who = np.concatenate([np.arange(customers), np.repeat(np.arange(customers), count)])
    later = rng.random(count.sum()) * (end - born)[np.repeat(np.arange(customers), count)]
    when = np.concatenate([born, born[np.repeat(np.arange(customers), count)] + later])
    first = np.arange(len(who)) < customers
    here = first | (when - born[who] <= life[who])
    who, when = who[here], when[here]
    priced = rng.random(len(who)) < full[who]
    return [
        origin_at(day, who, when, priced, born, rng, attitude, told=told, cause=cause)
        for day in days
    ]


def origin_at(day, who, when, priced, born, rng, attitude, *, told, cause):
    customers = len(born)
    seen = when <= day
    x = np.bincount(who[seen], minlength=customers) - 1
    last = np.full(customers, -1.0)
    np.maximum.at(last, who[seen], when[seen])
    recency = np.floor(np.maximum(last - born, 0)).astype(np.int64)
    tenure = np.floor(day - born).astype(np.int64)
    weeks, t_x = tenure / 7, recency / 7
    ratio = (RATE + weeks) / (RATE + t_x)
    alive = 1 / (1 + LEAVE / (STAY + x) * ratio ** (SHAPE + x))
    ahead = HORIZON / 7
    p_buy = alive * (1 - ((RATE + weeks) / (RATE + weeks + ahead)) ** (SHAPE + x))
    recent = np.bincount(who[seen & (when > day - 91)], minlength=customers)
    features = behaviour_features(
        p_buy,
        orders_expected=alive * (SHAPE + x) / (RATE + weeks) * ahead,
        repeat_count=x,
        recency_days=recency,
        tenure_days=tenure,
        recent_count=recent,
        full_price_count=np.bincount(who[seen & priced], minlength=customers),
    )
    within = (when > day) & (when <= day + HORIZON)
    keep = rng.random(customers) < 1 / (1 + np.exp(-1.5 - cause * attitude))
    came = np.bincount(who[within & priced], minlength=customers) > 0
    bought = came & (keep if cause else True)
    answered = rng.random(customers) < told
    features["attitude"] = np.where(answered, attitude, np.nan)
    rfm = np.argsort(np.argsort(-(tenure - recency))) + np.argsort(np.argsort(x))
    return LoyaltyOrigin(features, bought, x, rival=rfm.astype(float))


def perturbed(rng, values, *, top=np.inf):
    return np.minimum(values * rng.uniform(0.7, 1.3, values.shape), top)


def make_types(seed, customers=6_000):
    """Return the true types (places in TYPES) and what a shop would observe."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(7, customers, p=MIX)
    attitude = ATTITUDE[kind] + rng.normal(0, 0.6, customers)
    purchases = rng.poisson(rng.gamma(2.5, 4.4, customers)) + 1

    def flag(chances):
        return (rng.random(customers) < perturbed(rng, chances, top=0.95)[kind]).astype(float)

    engagement = rng.gamma(2, perturbed(rng, ENGAGEMENT)[kind] / 2)
    variety = np.maximum(1, rng.poisson(perturbed(rng, VARIETY)[kind])).astype(float)
    gaps = purchases - 1
    owner = np.repeat(np.arange(customers), gaps)
    misses = rng.geometric(0.85, len(owner))
    gap = rng.gamma(REGULARITY[kind[owner]] * misses, 1 / REGULARITY[kind[owner]])
    count = np.maximum(gaps, 1)
    mean = np.bincount(owner, weights=gap, minlength=customers) / count
    mean_log = np.bincount(owner, weights=np.log(gap), minlength=customers) / count
    rhythm = np.where(gaps >= 2, np.log(np.maximum(mean, 1e-12)) - mean_log, np.nan)
    waits = np.clip(perturbed(rng, WAIT)[kind] * rng.lognormal(0, 0.2, customers), 0, 0.95)
    on_promo = rng.binomial(purchases, 1 / 6 + 5 / 6 * waits)
    answers = rng.random(customers) < 1 / (
        1 + np.exp(1.6 - 0.5 * np.abs(attitude) - 0.3 * engagement)
    )

    def asked(values):
        return np.where(answers, values, np.nan)

    agree = 4 + rng.normal(0, 0.8, (customers, 1)) + rng.normal(0, 1.3, (customers, 6))
    agree -= 0.5
    own = np.flatnonzero(kind < 6)
    agree[own, kind[own]] += 1.8
    items = np.where(answers[:, None], np.clip(np.rint(agree), 1, 7), np.nan)
    values = {
        "contract": flag(CONTRACT),
        "first_in_category": flag(FIRST),
        "public_badge": flag(BADGE),
        "referral": flag(REFERRAL),
        "deep_use": flag(DEEP),
        "engagement": engagement,
        "variety": variety,
        "rhythm": rhythm,
        "satisfaction": asked(
            np.clip(3.3 + 0.8 * attitude + rng.normal(0, 0.6, customers), 1, 5)
        ),
        "nps": asked(np.clip(7 + 1.8 * attitude + rng.normal(0, 1.5, customers), 0, 10)),
    }
    evidence = TypeEvidence(
        purchases=purchases,
        gaps=gaps,
        values=values,
        rhythm_gaps=gaps,
        promo_occasions=on_promo,
        promo_opportunity=np.full(customers, 1 / 6),
        items=items,
    )
    return kind, evidence


@pytest.fixture(scope="session")
def origins_of():
    """Return the maker of purchase histories seen at several past days."""
    return make_origins


@pytest.fixture(scope="session")
def types_of():
    """Return the maker of customers whose loyalty types are known."""
    return make_types
