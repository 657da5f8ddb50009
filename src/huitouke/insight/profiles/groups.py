"""Four groups: strangers, butterflies, true friends, barnacles, as probabilities.

Two axes: profitability (annual margin over the past, less the cost to serve) and projected
loyalty (chance of a purchase within the horizon). Each customer has a posterior on both; the
groups are the four quadrants, a label is given only from .7 on. Without cost-to-serve data a
barnacle (loyal but unprofitable) cannot be told from a modest friend: that quadrant is
``not_identified``, and what the other three leave over is exactly what cannot be told.

**Loyalty posterior.** See ``chance_loyal``: the customer's own chance to buy, gone or there.
The two axes are taken as independent given the data.

References
----------
Reinartz & Kumar (2002), "The mismanagement of customer loyalty", HBR 80.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from huitouke.insight.profiles.judged import (
    INSUFFICIENT,
    NO_LABEL,
    NOT_IDENTIFIED,
    OK,
    Codes,
    Flags,
    Floats,
    Ints,
    Verdict,
    even_length,
)
from huitouke.insight.profiles.profitability import Profitability, RatePrior
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "GROUPS",
    "Groups",
    "Threshold",
    "chance_loyal",
    "decision_threshold",
    "descriptive_threshold",
    "group_probabilities",
    "profit_threshold",
    "youden_threshold",
]

#: The groups in the order of their codes; the last is for those who could be several.
GROUPS: tuple[str, ...] = ("stranger", "butterfly", "true_friend", "barnacle", "borderline")
_BORDERLINE = 4

MIN_HISTORY_DAYS = 365
MIN_CUSTOMERS = 2_000
MIN_EVENTS_FOR_YOUDEN = 50
LABEL_FROM = 0.7

TOO_LITTLE = N_(
    "Four groups need at least {days} days of history and {customers} customers; "
    "there are {found_days} and {found_customers}."
)
NO_COST = N_(
    "Without the cost to serve for at least 80 % of revenue, a loyal but costly customer "
    "(barnacle) cannot be told from a modest friend."
)


@dataclass(frozen=True)
class Threshold:
    """Where an axis is cut, and on what ground.

    Parameters
    ----------
    value
        Currency a year, or a chance.
    basis
        ``decision`` (from costs), ``youden`` (best split of an out-of-time outcome) or
        ``descriptive`` (the median: for display only).
    """

    value: float
    basis: str


def profit_threshold(
    profit: Profitability, *, required_return: float | None = None
) -> Threshold:
    """Return the profit a customer must exceed: the required return, or else the median.

    Parameters
    ----------
    profit
        The posterior.
    required_return
        Currency a year (0: economic profit); used only where the cost to serve is known.
    """
    if profit.cost is not None:
        return Threshold(0.0 if required_return is None else required_return, "decision")
    return descriptive_threshold(profit.mean)


def descriptive_threshold(values: Floats) -> Threshold:
    """Return the median as a threshold that is for display only.

    Examples
    --------
    >>> descriptive_threshold(np.array([1.0, 2.0, 9.0]))
    Threshold(value=2.0, basis='descriptive')
    """
    known = values[np.isfinite(values)]
    return Threshold(float(np.median(known)) if len(known) else 0.0, "descriptive")


def decision_threshold(*, cost: float, uplift: float, value: float) -> Threshold:
    """Return the loyalty from which a treatment pays: Λ* = k / (g V).

    Parameters
    ----------
    cost
        k, cost of one loyalty treatment, currency.
    uplift
        g, measured uplift per treated customer at risk, share.
    value
        V, margin if the customer stays through the horizon, currency.

    Examples
    --------
    >>> decision_threshold(cost=2.0, uplift=0.1, value=50.0)
    Threshold(value=0.4, basis='decision')
    """
    worth = uplift * value
    return Threshold(min(cost / worth, 1.0) if worth > 0 else 1.0, "decision")


def youden_threshold(p: Floats, *, bought: Flags) -> Threshold:
    """Return the chance that best splits who bought from who did not, out of time.

    Maximises sensitivity + specificity - 1; lies midway between two neighbouring chances.
    With fewer than 50 of either kind it falls back on the median.

    Parameters
    ----------
    p
        (customers,) chances given at a past origin.
    bought
        (customers,) whether each bought within the horizon after it.

    Examples
    --------
    >>> p = np.repeat([0.1, 0.2, 0.6, 0.9], 50)
    >>> youden_threshold(p, bought=p > 0.5)
    Threshold(value=0.4, basis='youden')

    References
    ----------
    Youden (1950), "Index for rating diagnostic tests", Cancer 3.
    """
    even_length(len(p), bought=bought)
    positives = int(bought.sum())
    if min(positives, len(p) - positives) < MIN_EVENTS_FOR_YOUDEN:
        return descriptive_threshold(p)
    order = np.argsort(p, kind="stable")
    values, hits = p[order], bought[order]
    below_bought = np.cumsum(hits)
    below_rest = np.arange(1, len(p) + 1) - below_bought
    index = below_rest / (len(p) - positives) - below_bought / positives
    cuts = np.flatnonzero(values[1:] > values[:-1])
    if len(cuts) == 0:
        return descriptive_threshold(p)
    best = cuts[np.argmax(index[cuts])]
    return Threshold(float((values[best] + values[best + 1]) / 2), "youden")


def chance_loyal(
    p_alive: Floats,
    *,
    repeat_count: Ints,
    tenure_weeks: Floats,
    rates: RatePrior,
    horizon_weeks: float,
    threshold: float,
) -> Floats:
    """Return the chance that each customer's projected loyalty exceeds a threshold.

    A customer's own loyalty is ``1 - exp(-λ H)`` while there and 0 once gone, with λ ~
    Gamma(r + x, α + T) given that the customer is there; leaving within the horizon is not
    counted. So ``P(Λ > c) = P(alive) Q(r + x, -(α + T) ln(1 - c)/H)``, Q the regularised
    upper incomplete gamma function. The interval of p_buy is no substitute: it tells how
    sure the mean of such customers is, not how much they differ.

    Parameters
    ----------
    p_alive
        (customers,) chance of still being there; NaN where it is not known.
    repeat_count
        (customers,) x.
    tenure_weeks
        (customers,) T.
    rates
        r and α of the purchase model in use, per week.
    horizon_weeks
        H.
    threshold
        c, a chance.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> chance_loyal(
    ...     np.array([1.0, 0.2]), repeat_count=np.array([30, 30]),
    ...     tenure_weeks=np.array([52.0, 52.0]), rates=RatePrior(0.5, 10.0),
    ...     horizon_weeks=13.0, threshold=0.5,
    ... ).round(3)
    array([1. , 0.2])

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), "Counting your customers": the posterior of λ.
    """
    even_length(len(p_alive), repeat_count=repeat_count, tenure_weeks=tenure_weeks)
    cut = min(max(threshold, 0.0), 1.0 - 1e-12)
    least = -np.log1p(-cut) / horizon_weeks
    return np.asarray(
        p_alive
        * special.gammaincc(rates.shape + repeat_count, (rates.rate + tenure_weeks) * least)
    )


@dataclass(frozen=True)
class Groups:
    """Which of the four groups each customer belongs to.

    Parameters
    ----------
    chances
        (4, customers) chance of each group, in the order of ``GROUPS``; NaN where the status
        is not ok.
    label
        (customers,) places in ``GROUPS``; -1 for none.
    status
        (customers,) status codes of the label.
    barnacle_status
        (customers,) status codes of the chance of a barnacle.
    profit, loyalty
        The thresholds.
    verdict
        What may be said of the whole.
    """

    chances: Floats
    label: Codes
    status: Codes
    barnacle_status: Codes
    profit: Threshold
    loyalty: Threshold
    verdict: Verdict

    def shares(self) -> dict[str, float]:
        """Return the share of labelled customers in each group, in the order of GROUPS."""
        labelled = self.label[self.label >= 0]
        counts = np.bincount(labelled, minlength=len(GROUPS))
        total = max(int(counts.sum()), 1)
        return {name: int(c) / total for name, c in zip(GROUPS, counts, strict=True)}


def group_probabilities(
    profit: Profitability,
    *,
    loyal: Floats,
    profit_cut: Threshold,
    loyalty_cut: Threshold,
    history_days: int,
) -> Groups:
    """Place each customer in the four groups, as probabilities.

    Parameters
    ----------
    profit
        Posterior of annual profit.
    loyal
        (customers,) chance that projected loyalty exceeds its threshold, from
        ``chance_loyal``; NaN where it is not known.
    profit_cut, loyalty_cut
        The thresholds.
    history_days
        Days from the first order of the shop to as_of.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    References
    ----------
    Reinartz & Kumar (2002), the four quadrants.
    """
    n = len(loyal)
    even_length(n, profit=profit.orders)
    if history_days < MIN_HISTORY_DAYS or n < MIN_CUSTOMERS:
        return _withheld(n, profit_cut, loyalty_cut, history_days=history_days)
    rich = profit.chance_above(profit_cut.value)
    known = np.isfinite(rich) & np.isfinite(loyal)
    quadrants = np.stack(
        [(1 - rich) * (1 - loyal), rich * (1 - loyal), rich * loyal, (1 - rich) * loyal]
    )
    quadrants[:, ~known] = np.nan
    label = np.full(n, _BORDERLINE, dtype=np.int8)
    for code, chance in enumerate(quadrants):
        label[np.nan_to_num(chance) >= LABEL_FROM] = code
    label[~known] = NO_LABEL
    status = np.where(known, OK, INSUFFICIENT).astype(np.int8)
    barnacle_status = status.copy()
    verdict = Verdict(Status.OK)
    if profit.cost is None:
        verdict = Verdict(Status.OK, NO_COST)
        status[label == GROUPS.index("barnacle")] = NOT_IDENTIFIED
        label[label == GROUPS.index("barnacle")] = NO_LABEL
        barnacle_status = np.full(n, NOT_IDENTIFIED, dtype=np.int8)
        quadrants[3] = np.nan
    return Groups(
        chances=quadrants,
        label=label,
        status=status,
        barnacle_status=barnacle_status,
        profit=profit_cut,
        loyalty=loyalty_cut,
        verdict=verdict,
    )


def _withheld(
    n: int, profit_cut: Threshold, loyalty_cut: Threshold, *, history_days: int
) -> Groups:
    values = {
        "days": MIN_HISTORY_DAYS,
        "customers": MIN_CUSTOMERS,
        "found_days": history_days,
        "found_customers": n,
    }
    status = np.full(n, INSUFFICIENT, dtype=np.int8)
    return Groups(
        chances=np.full((4, n), np.nan),
        label=np.full(n, NO_LABEL, dtype=np.int8),
        status=status,
        barnacle_status=status.copy(),
        profit=profit_cut,
        loyalty=loyalty_cut,
        verdict=Verdict(Status.INSUFFICIENT, TOO_LITTLE, values),
    )
