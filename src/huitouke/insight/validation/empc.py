"""What a ranking by churn risk is worth: expected maximum profit of a retention campaign.

A campaign reaches the customers above a threshold. A contact costs ``contact_cost``, an
accepted offer costs ``offer_cost``; a would-be churner accepts and stays with chance g, and
is then worth ``value``; everyone else takes the offer as a gift. g is not known: it has a
Beta(alpha, beta) distribution, and the threshold is set best for each g.

Risk is still not the target for action: it says who may leave, not whom an offer keeps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import betainc

from huitouke.insight.tables import Status
from huitouke.insight.validation.ranks import ties
from huitouke.insight.validation.scores import EVENTS_MIN, check_probabilities

__all__ = ["Empc", "RetentionTerms", "empc", "empc_by_quadrature"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RetentionTerms:
    """The terms of a retention campaign.

    Parameters
    ----------
    value
        What a kept customer is worth, in currency (CLV).
    offer_cost
        Cost of the offer when accepted, in currency (d).
    contact_cost
        Cost of one contact, in currency (f).
    alpha, beta
        Shape of the Beta distribution of the chance that a churner accepts.
    """

    value: float = 200.0
    offer_cost: float = 10.0
    contact_cost: float = 1.0
    alpha: float = 6.0
    beta: float = 14.0


@dataclass(frozen=True)
class Empc:
    """Expected maximum profit per customer and the share of customers to contact for it.

    Parameters
    ----------
    value
        Currency per customer of the base; None with one class only.
    target_share
        Expected share of the base contacted at the best thresholds.
    n
        Rows behind it.
    events
        Churners among them.
    status
        ``ok``, or ``insufficient_evidence`` with too few churners or too few others.
    """

    value: float | None
    target_share: float | None
    n: int
    events: int
    status: Status


def _curve(p: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points of the ROC curve from (0, 0): churners and others above each threshold."""
    found = ties(p, outcome=y)
    churners = found.totals[::-1]
    others = (found.counts - found.totals)[::-1]
    return churners, others


def _hull(churners: FloatArray, others: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Merge neighbouring groups until the churn rate falls: the ROC convex hull.

    Pooling adjacent violators gives exactly the hull's segments (Fawcett & Niculescu-Mizil
    2007, "PAV and the ROC convex hull").
    """
    sizes = churners + others
    pooled = isotonic_regression(churners / sizes, weights=sizes, increasing=False)
    starts = pooled.blocks[:-1]
    return np.add.reduceat(churners, starts), np.add.reduceat(others, starts)


def _status(n: int, events: int) -> Status:
    return Status.OK if min(events, n - events) >= EVENTS_MIN else Status.INSUFFICIENT


def empc(p: FloatArray, *, y: FloatArray, terms: RetentionTerms | None = None) -> Empc:
    """Expected maximum profit for churn in closed form, over the ROC convex hull.

    With F0, F1 the shares of churners and others above the threshold, pi0, pi1 their shares
    of the base, delta = d / CLV and phi = f / CLV, profit per customer is
    CLV [(g (1 - delta) - phi) pi0 F0 - (delta + phi) pi1 F1]. Along the hull the best
    threshold moves on at g_i = [pi1 (delta + phi) dF1 + pi0 phi dF0] / [pi0 (1 - delta) dF0].

    Parameters
    ----------
    p
        Predicted chances of churn, shape (N,).
    y
        1 for a churner, else 0, shape (N,).
    terms
        The campaign's terms; default CLV 200, d 10, f 1, Beta(6, 14).

    Returns
    -------
    Empc
        Per customer; never negative (contacting nobody earns 0).

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    References
    ----------
    Verbraken, Verbeke & Baesens (2013), "A novel profit maximizing metric for measuring
    classification performance of customer churn prediction models".

    Examples
    --------
    >>> y = np.repeat([1., 0.], [27, 73])
    >>> round(empc(y, y=y).value, 2), round(empc(np.full(100, .27), y=y).value, 2)
    (15.12, 7.2)
    """
    check_probabilities(p, y=y)
    campaign = terms or RetentionTerms()
    n, events = len(y), int(y.sum())
    if events in {0, n}:
        return Empc(None, None, n, events, Status.INSUFFICIENT)
    churners, others = (step / n for step in _hull(*_curve(p, y)))
    delta = campaign.offer_cost / campaign.value
    phi = campaign.contact_cost / campaign.value
    cost = (delta + phi) * others + phi * churners
    with np.errstate(divide="ignore"):
        switch = np.where(churners > 0, cost / ((1 - delta) * churners), np.inf)
    edges = np.concatenate([[0.0], np.clip(switch, 0.0, 1.0), [1.0]])
    reached_churners = np.concatenate([[0.0], np.cumsum(churners)])
    reached_others = np.concatenate([[0.0], np.cumsum(others)])
    a, b = campaign.alpha, campaign.beta
    chance = np.diff(betainc(a, b, edges))
    mean_part = a / (a + b) * np.diff(betainc(a + 1, b, edges))
    profit = (1 - delta) * reached_churners * mean_part - (
        phi * reached_churners + (delta + phi) * reached_others
    ) * chance
    share = float(np.sum((reached_churners + reached_others) * chance))
    return Empc(campaign.value * float(profit.sum()), share, n, events, _status(n, events))


def empc_by_quadrature(
    p: FloatArray, *, y: FloatArray, terms: RetentionTerms | None = None, points: int = 4000
) -> Empc:
    """Expected maximum profit by trying every threshold at many values of g.

    Slow and plain: it knows nothing of hulls, and so checks ``empc``.

    Parameters
    ----------
    p
        Predicted chances of churn, shape (N,).
    y
        1 for a churner, else 0, shape (N,).
    terms
        The campaign's terms.
    points
        Cells of equal width into which g is cut.

    Returns
    -------
    Empc
        As ``empc``.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    References
    ----------
    Verbraken, Verbeke & Baesens (2013), the definition of EMP for churn as an integral.

    Examples
    --------
    >>> y = np.repeat([1., 0.], [27, 73])
    >>> round(empc_by_quadrature(y, y=y).value, 2)
    15.12
    """
    check_probabilities(p, y=y)
    campaign = terms or RetentionTerms()
    n, events = len(y), int(y.sum())
    if events in {0, n}:
        return Empc(None, None, n, events, Status.INSUFFICIENT)
    churners, others = (np.concatenate([[0.0], np.cumsum(step)]) / n for step in _curve(p, y))
    middles = (np.arange(points) + 0.5) / points
    edges = np.arange(points + 1) / points
    weights = np.diff(betainc(campaign.alpha, campaign.beta, edges))
    value = share = 0.0
    for g, weight in zip(middles.tolist(), weights.tolist(), strict=True):
        kept = g * (campaign.value - campaign.offer_cost) - campaign.contact_cost
        gift = campaign.offer_cost + campaign.contact_cost
        profit = kept * churners - gift * others
        best = int(np.argmax(profit))
        value += weight * float(profit[best])
        share += weight * float(churners[best] + others[best])
    return Empc(value, share, n, events, _status(n, events))
