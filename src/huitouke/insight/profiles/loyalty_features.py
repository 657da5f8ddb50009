"""The features of the loyalty score, its sub-indices, and the second number: fragility.

The sub-indices explain and are never averaged with weights made up by hand. Fragility is not
merged into the score: a customer who must stay can score 80 and be 90 fragile, which is not
loyalty but necessity.
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from huitouke.insight.profiles.judged import (
    INSUFFICIENT,
    NOT_IDENTIFIED,
    OK,
    Codes,
    Floats,
    Ints,
    even_length,
)

__all__ = ["behaviour_features", "promo_fragility", "shock_statuses", "sub_index"]

#: Shocks whose fragility cannot be told from orders: they have to happen, or be tried.
SHOCKS: tuple[str, ...] = ("promo_off", "rival_cheaper", "barrier_removed", "service_failure")


def behaviour_features(
    p_buy: Floats,
    *,
    orders_expected: Floats,
    repeat_count: Ints,
    recency_days: Ints,
    tenure_days: Ints,
    recent_count: Ints,
    full_price_count: Ints | None = None,
) -> dict[str, Floats]:
    """Return the behaviour block of the loyalty score.

    Parameters
    ----------
    p_buy
        (customers,) chance of a purchase within the horizon.
    orders_expected
        (customers,) expected orders within the horizon.
    repeat_count, recency_days, tenure_days, recent_count
        As in the table ``panel``.
    full_price_count
        (customers,) occasions at full price; without it every occasion counts as full price.

    Returns
    -------
    dict
        ``p_buy`` (logit), ``orders_expected`` (log), ``quiet`` (log of days since the last
        order over the customer's own usual gap, shrunk to the shop's), ``recent_count`` (log),
        ``full_price_share`` (shrunk towards a half by one occasion each way).

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> one = np.array([3])
    >>> found = behaviour_features(
    ...     np.array([0.5]), orders_expected=np.array([1.0]), repeat_count=one,
    ...     recency_days=one * 30, tenure_days=one * 40, recent_count=one,
    ... )
    >>> found["p_buy"], found["quiet"].round(2)
    (array([0.]), array([0.06]))
    """
    even_length(
        len(p_buy),
        orders_expected=orders_expected,
        repeat_count=repeat_count,
        recency_days=recency_days,
        tenure_days=tenure_days,
        recent_count=recent_count,
        full_price_count=full_price_count,
    )
    shop_gap = float(recency_days.sum() + 1.0) / float(repeat_count.sum() + 1.0)
    own_gap = (recency_days + shop_gap) / (repeat_count + 1.0)
    occasions = repeat_count + 1
    full = occasions if full_price_count is None else full_price_count
    return {
        "p_buy": np.asarray(special.logit(np.clip(p_buy, 1e-5, 1 - 1e-5))),
        "orders_expected": np.log(np.maximum(orders_expected, 1e-4)),
        "quiet": np.log((tenure_days - recency_days + 1.0) / (own_gap + 1.0)),
        "recent_count": np.log1p(recent_count),
        "full_price_share": (full + 1.0) / (occasions + 2.0),
    }


def promo_fragility(p_buy: Floats, *, rain_or_shine: Floats) -> Floats:
    """Return the share of the chance to stay that would go if promotions stopped.

    ``1 - P(stay | no promotions)/P(stay)`` where purchases come at a rate that falls to
    ``rain_or_shine`` of itself: ``P(stay | no promotions) = 1 - (1 - p)^ROS``.

    Parameters
    ----------
    p_buy
        (customers,) chance of a purchase within the horizon.
    rain_or_shine
        (customers,) share of purchases that would remain; NaN where not known.

    Returns
    -------
    Floats
        (customers,) 0 (none) to 1 (all); NaN where not known.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> promo_fragility(np.array([0.75]), rain_or_shine=np.array([0.5])).round(3)
    array([0.333])
    """
    even_length(len(p_buy), rain_or_shine=rain_or_shine)
    p = np.clip(p_buy, 1e-9, 1 - 1e-9)
    stay = -np.expm1(rain_or_shine * np.log1p(-p))
    return np.clip(1 - stay / p, 0.0, 1.0)


def shock_statuses(rain_or_shine_status: Codes) -> dict[str, Codes]:
    """Return what may be said of fragility under each shock.

    Parameters
    ----------
    rain_or_shine_status
        (customers,) status codes of rain-or-shine.

    Returns
    -------
    dict
        ``promo_off`` has the statuses of rain-or-shine; a cheaper rival, a barrier removed
        and a service failure are not identified until they have happened or been tried.

    Examples
    --------
    >>> shock_statuses(np.zeros(1, dtype=np.int8))["barrier_removed"]
    array([2], dtype=int8)
    """
    unknown = np.full(len(rain_or_shine_status), NOT_IDENTIFIED, dtype=np.int8)
    return {s: rain_or_shine_status if s == "promo_off" else unknown for s in SHOCKS}


def sub_index(values: Floats) -> tuple[Floats, Codes]:
    """Return percentiles from 0 to 100 among customers with a value, and statuses.

    Ties share their middle place.

    Parameters
    ----------
    values
        (customers,) more is more loyal; NaN where not observed.

    Examples
    --------
    >>> sub_index(np.array([3.0, 1.0, np.nan]))[0]
    array([75., 25., nan])
    """
    known = np.isfinite(values)
    index = np.full(len(values), np.nan)
    count = int(known.sum())
    if count:
        index[known] = 100 * (stats.rankdata(values[known]) - 0.5) / count
    return index, np.where(known, OK, INSUFFICIENT).astype(np.int8)
