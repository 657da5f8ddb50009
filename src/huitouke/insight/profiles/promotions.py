"""When promotions were on, and whether buying on one only moves a purchase in time.

Both read orders alone. The days with a promotion are told from the daily share of discounted
orders; the timing test compares, within the same customer, the gaps that follow purchases on
promotion with those that follow purchases at full price.

References
----------
Blattberg & Neslin (1990), *Sales Promotion*: stockpiling and purchase acceleration.
Dempster, Laird & Rubin (1977): the EM algorithm that separates the two kinds of day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from huitouke.insight.profiles.judged import Flags, Floats, Ints, Verdict, even_length
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["DealTiming", "PromoDays", "deal_timing", "promo_days"]

#: Days with orders needed before promotion days are looked for.
MIN_DAYS = 56
#: A promotion must lift the discounted share by this much, and to this many times the usual.
MIN_LIFT, MIN_RATIO = 0.15, 2.0
#: Shares of days outside which promotions count as never, or always, on.
NEVER_BELOW, ALWAYS_ABOVE = 0.02, 0.98
#: Customers with both kinds of gap needed for the timing test.
MIN_CUSTOMERS = 30
#: chi-squared with two degrees of freedom at 0.1 %: a second kind of day is not a whim.
_TWO_KINDS = 13.815510557964274
_Z = 1.2815515655446004

FEW_DAYS = N_("Only {days} days with orders; {needed} are needed to see promotions.")
NEVER = N_("Hardly any order carries a discount, so promotions are as good as never on.")
ALWAYS = N_("Promotions are on nearly every day, so there is no time without to compare.")
ONE_KIND = N_(
    "The share of discounted orders does not rise and fall enough from day to day to tell "
    "when promotions were on: discounts look like personal coupons or a standing offer."
)
FEW_PAIRS = N_(
    "Only {customers} customers have gaps after both kinds of purchase; {needed} are needed."
)


@dataclass(frozen=True)
class PromoDays:
    """The days on which the shop had a promotion on.

    Parameters
    ----------
    on
        (days,) True where a promotion was on; all False unless the verdict is ok.
    usual_share, promo_share
        Discounted share of orders on other days and on promotion days; None if not told.
    share_of_days
        Share of the days with a promotion on; None if not told.
    verdict
        Whether the days are told, and why not.
    """

    on: Flags
    usual_share: float | None
    promo_share: float | None
    share_of_days: float | None
    verdict: Verdict


def promo_days(orders: Ints, *, discounted_orders: Ints) -> PromoDays:
    """Tell the days with a promotion on from the daily share of discounted orders.

    Each day's discounted orders are binomial with one of two shares: the usual one, or the
    higher one of promotion days; the two are fitted by maximum likelihood (EM) and a day is a
    promotion day if that is the likelier kind. Two kinds are accepted only if they fit better
    than one (likelihood ratio at 0.1 %), lie at least 15 points apart and the higher is at
    least twice the lower. A promotion that nobody used leaves no trace and is not seen.

    Parameters
    ----------
    orders
        (days,) orders of each day, one entry a day in any order; days without orders may be
        there with 0.
    discounted_orders
        (days,) those with a discount at least at the floor.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> orders = np.full(84, 40)
    >>> week = np.arange(84) // 7
    >>> days = promo_days(orders, discounted_orders=np.where(week % 6 == 5, 24, 2))
    >>> int(days.on.sum()), round(days.promo_share, 2)
    (14, 0.6)
    """
    even_length(len(orders), discounted_orders=discounted_orders)
    n, d = orders.astype(np.float64), discounted_orders.astype(np.float64)
    open_days = int((n > 0).sum())
    if open_days < MIN_DAYS:
        values = {"days": open_days, "needed": MIN_DAYS}
        return _untold(len(orders), Verdict(Status.INSUFFICIENT, FEW_DAYS, values))
    overall = float(d.sum() / n.sum())
    if overall < 0.005:
        return _untold(len(orders), Verdict(Status.NOT_IDENTIFIED, NEVER))
    low, high, weight, gain = _two_kinds(n, d, overall=overall)
    if gain < _TWO_KINDS or high - low < MIN_LIFT or high < MIN_RATIO * low:
        reason = ALWAYS if overall > ALWAYS_ABOVE else ONE_KIND
        return _untold(len(orders), Verdict(Status.NOT_IDENTIFIED, reason))
    on = _log_odds(n, d, low=low, high=high, weight=weight) > 0
    on &= n > 0
    share = float(on.sum()) / open_days
    if not NEVER_BELOW <= share <= ALWAYS_ABOVE:
        reason = NEVER if share < NEVER_BELOW else ALWAYS
        return _untold(len(orders), Verdict(Status.NOT_IDENTIFIED, reason))
    return PromoDays(on, low, high, share, Verdict(Status.OK))


def _untold(days: int, verdict: Verdict) -> PromoDays:
    return PromoDays(np.zeros(days, dtype=np.bool_), None, None, None, verdict)


def _log_odds(n: Floats, d: Floats, *, low: float, high: float, weight: float) -> Floats:
    by_hit = math.log(high / low)
    by_miss = math.log((1 - high) / (1 - low))
    return np.asarray(math.log(weight / (1 - weight)) + d * by_hit + (n - d) * by_miss)


def _two_kinds(n: Floats, d: Floats, *, overall: float) -> tuple[float, float, float, float]:
    """Fit two binomial shares and the weight of the higher; return the gain over one share."""
    tiny = 1e-6
    one = float((d * math.log(overall) + (n - d) * math.log(max(1 - overall, tiny))).sum())
    best = (overall, overall, 0.5, 0.0)
    for start in (0.05, 0.2, 0.5, 0.8):
        ranked = np.sort((d / np.maximum(n, 1.0))[n > 0])
        cut = int((1 - start) * (len(ranked) - 1))
        low = float(np.clip(ranked[: cut + 1].mean(), tiny, 1 - tiny))
        high = float(np.clip(ranked[cut:].mean(), tiny, 1 - tiny))
        weight = start
        for _ in range(200):
            if high - low < 1e-9:
                break
            odds = _log_odds(n, d, low=low, high=high, weight=weight)
            is_high = special.expit(odds)
            volume = float((is_high * n).sum())
            new_high = (float((is_high * d).sum()) + tiny) / (volume + 2 * tiny)
            new_low = (float(((1 - is_high) * d).sum()) + tiny) / (
                float(n.sum()) - volume + 2 * tiny
            )
            moved = abs(new_high - high) + abs(new_low - low)
            low = min(max(new_low, tiny), 1 - tiny)
            high = min(max(new_high, tiny), 1 - tiny)
            weight = min(max(float(is_high[n > 0].mean()), 1e-4), 1 - 1e-4)
            if moved < 1e-8:
                break
        if high <= low:
            continue
        usual = d * math.log(low) + (n - d) * math.log(1 - low) + math.log(1 - weight)
        odds = _log_odds(n, d, low=low, high=high, weight=weight)
        gain = 2 * (float((usual + np.logaddexp(0.0, odds))[n > 0].sum()) - one)
        if gain > best[3]:
            best = (low, high, weight, gain)
    return best


@dataclass(frozen=True)
class DealTiming:
    """Whether a purchase on promotion moves the next one.

    Parameters
    ----------
    ratio, low, high
        Gap after a promotion purchase over gap after a full-price one, same customer, with
        its 80 % interval; None unless the verdict is ok. Above 1: stockpiling.
    p_value
        Of a ratio of 1.
    customers, gaps
        Customers with both kinds of gap, and their gaps.
    verdict
        Whether the ratio may be shown.
    """

    ratio: float | None
    low: float | None
    high: float | None
    p_value: float | None
    customers: int
    gaps: int
    verdict: Verdict


def deal_timing(customer: Ints, *, gap_days: Floats, on_promo: Flags) -> DealTiming:
    """Compare gaps after promotion purchases with gaps after full-price ones, within customers.

    A regression of the log gap on the kind of purchase with one intercept per customer;
    standard errors are clustered by customer. Where the ratio is well above 1 the dip after a
    promotion pays back its bump, and rain-or-shine understates (pure timing). Give the gaps
    *before* each purchase instead to measure the bump. Gaps still open are left out: they are
    as likely after either kind.

    Parameters
    ----------
    customer
        (gaps,) customer of each gap.
    gap_days
        (gaps,) days to the next occasion, > 0.
    on_promo
        (gaps,) whether the purchase that starts the gap was on promotion.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> customer = np.repeat(np.arange(40), 2)
    >>> promo = np.tile([True, False], 40)
    >>> days = np.where(promo, 20.0, 10.0) * (1 + customer % 7 * 0.01 * promo)
    >>> 2.0 < deal_timing(customer, gap_days=days, on_promo=promo).ratio < 2.1
    True
    """
    even_length(len(customer), gap_days=gap_days, on_promo=on_promo)
    use = gap_days > 0
    _, place = np.unique(customer[use], return_inverse=True)
    z, g = on_promo[use].astype(np.float64), np.log(gap_days[use])
    count = np.maximum(np.bincount(place), 1)
    z_mean = np.bincount(place, weights=z) / count
    z = z - z_mean[place]
    g = g - (np.bincount(place, weights=g) / count)[place]
    both = (z_mean > 0) & (z_mean < 1)
    customers, gaps = int(both.sum()), int(both[place].sum()) if len(place) else 0
    if customers < MIN_CUSTOMERS:
        values = {"customers": customers, "needed": MIN_CUSTOMERS}
        verdict = Verdict(Status.INSUFFICIENT, FEW_PAIRS, values)
        return DealTiming(None, None, None, None, customers, gaps, verdict)
    information = float((z**2).sum())
    slope = float((z * g).sum()) / information
    scores = np.bincount(place, weights=z * (g - slope * z))
    error = math.sqrt(float((scores**2).sum()) * customers / (customers - 1)) / information
    p_value = 2 * float(stats.norm.sf(abs(slope) / error)) if error > 0 else float(slope == 0)
    ratio, low, high = (math.exp(slope + k * error) for k in (0.0, -_Z, _Z))
    return DealTiming(ratio, low, high, p_value, customers, gaps, Verdict(Status.OK))
