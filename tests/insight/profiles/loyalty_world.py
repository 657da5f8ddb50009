"""Purchase histories with departures, seen at several past days, and what came after each."""

from __future__ import annotations

import numpy as np

from huitouke.insight.profiles.loyalty import LoyaltyOrigin
from huitouke.insight.profiles.loyalty_features import behaviour_features

HORIZON = 91
RATE, SHAPE, LEAVE, STAY = 6.0, 1.0, 0.7, 2.5


def make_origins(seed, *, days=(280, 371, 462, 553), customers=6_000, told=0.0, cause=0.0):
    """Return origins in order and the true chances at the last.

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
    origins = []
    for day in days:
        origins.append(
            origin_at(day, who, when, priced, born, rng, attitude, told=told, cause=cause)
        )
    alive = born + life > max(days)
    truth = np.where(alive, -np.expm1(-weekly * full * np.minimum(HORIZON, 1e9) / 7), 0.0)
    return origins, truth


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
