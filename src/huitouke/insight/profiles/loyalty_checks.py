"""Does the loyalty score keep its word? The checks it must pass on an origin it has not seen.

A score of 70 promises that of 100 such customers about 70 will buy at full price. Each check
has the limit it must meet and says whether a miss is within what chance alone would do at
this number of customers.

References
----------
Cox (1958), "Two further applications of a model for binary regression": calibration slope.
DeLong, DeLong & Clarke-Pearson (1988), comparing areas under correlated ROC curves.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from huitouke.insight.profiles.judged import Flags, Floats, Ints, even_length

__all__ = ["Check", "Decile", "LoyaltyChecks", "check_scores", "rank_stability"]

ECE_LIMIT, SEGMENT_ECE_LIMIT = 0.03, 0.06
SLOPE_LOW, SLOPE_HIGH = 0.9, 1.1
MIN_SEGMENT = 300
_BINS = 10


@dataclass(frozen=True)
class Check:
    """One check.

    Parameters
    ----------
    name
        ``ece``, ``slope``, ``deciles``, ``rival`` or ``segment``.
    value
        What was found.
    limit
        What it is held to: at most for ece, segment and deciles (standard errors), within
        0.1 of it for slope, at least for rival.
    passed
        Whether it meets the limit.
    within_noise
        Whether chance alone at this size would explain a miss.
    """

    name: str
    value: float
    limit: float
    passed: bool
    within_noise: bool


@dataclass(frozen=True)
class Decile:
    """One tenth of the customers by score: what was said and what came."""

    customers: int
    predicted: float
    actual: float


@dataclass(frozen=True)
class LoyaltyChecks:
    """All checks of the score on the test origin.

    Parameters
    ----------
    checks
        One by one.
    deciles
        From the lowest tenth to the highest.
    customers, events
        In the test.
    auc, rival_auc
        Chance that a buyer is ranked above a non-buyer; None without both kinds, or rival.
    log_loss
        Mean log loss, nats.
    """

    checks: tuple[Check, ...]
    deciles: tuple[Decile, ...]
    customers: int
    events: int
    auc: float | None
    rival_auc: float | None
    log_loss: float

    @property
    def passed(self) -> bool:
        """True if every check met its limit."""
        return all(check.passed for check in self.checks)

    @property
    def accepted(self) -> bool:
        """True if every check met its limit or missed it by no more than chance would."""
        return all(check.passed or check.within_noise for check in self.checks)


def check_scores(
    p: Floats, *, bought: Flags, rival: Floats | None = None, segment: Ints | None = None
) -> LoyaltyChecks:
    """Check calibrated chances against what came.

    Parameters
    ----------
    p
        (customers,) calibrated chances.
    bought
        (customers,) the outcome.
    rival
        (customers,) the rival's score (RFM), higher is likelier.
    segment
        (customers,) segment number; negative is left out.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> p = np.repeat([0.2, 0.8], 500)
    >>> bought = np.concatenate([np.arange(500) < 100, np.arange(500) < 400])
    >>> check_scores(p, bought=bought).passed
    True
    """
    even_length(len(p), bought=bought, rival=rival, segment=segment)
    y = bought.astype(np.float64)
    safe = np.clip(p, 1e-9, 1 - 1e-9)
    deciles = _deciles(p, y)
    checks = [_ece_check("ece", deciles, ECE_LIMIT)]
    checks += [_slope_check(safe, y), _deciles_check(deciles)]
    events = int(bought.sum())
    auc = rival_auc = None
    if 0 < events < len(p):
        auc, spread_own = _auc_parts(p, bought)
        if rival is not None:
            rival_auc, spread_rival = _auc_parts(rival, bought)
            error = math.sqrt(
                sum(
                    float(np.var(own - other)) / max(len(own) - 1, 1)
                    for own, other in zip(spread_own, spread_rival, strict=True)
                )
            )
            noise = auc + 1.645 * error >= rival_auc
            checks.append(Check("rival", auc, rival_auc, auc >= rival_auc, noise))
    if segment is not None:
        for number in np.unique(segment[segment >= 0]):
            rows = segment == number
            if rows.sum() >= MIN_SEGMENT:
                parts = _deciles(p[rows], y[rows])
                checks.append(_ece_check("segment", parts, SEGMENT_ECE_LIMIT))
    loss = -float((y * np.log(safe) + (1 - y) * np.log1p(-safe)).mean()) if len(p) else 0.0
    return LoyaltyChecks(tuple(checks), deciles, len(p), events, auc, rival_auc, loss)


def _deciles(p: Floats, y: Floats) -> tuple[Decile, ...]:
    """Split by rank; customers with the same chance stay together."""
    order = np.argsort(p, kind="stable")
    values, first = np.unique(p[order], return_index=True)
    tenth = np.minimum(first * _BINS // max(len(p), 1), _BINS - 1)
    place = tenth[np.searchsorted(values, p)]
    count = np.bincount(place, minlength=_BINS)
    said = np.bincount(place, weights=p, minlength=_BINS)
    came = np.bincount(place, weights=y, minlength=_BINS)
    return tuple(
        Decile(int(n), float(a) / int(n), float(b) / int(n))
        for n, a, b in zip(count, said, came, strict=True)
        if n > 0
    )


def _ece_check(name: str, deciles: tuple[Decile, ...], limit: float) -> Check:
    total = sum(d.customers for d in deciles)
    error = sum(d.customers * abs(d.predicted - d.actual) for d in deciles) / max(total, 1)
    spreads = [
        (d.customers / total, math.sqrt(d.predicted * (1 - d.predicted) / d.customers))
        for d in deciles
    ]
    by_chance = sum(share * sd for share, sd in spreads) * math.sqrt(2 / math.pi)
    by_chance_sd = math.sqrt(
        sum((share * sd) ** 2 for share, sd in spreads) * (1 - 2 / math.pi)
    )
    within = error <= limit + by_chance + 1.645 * by_chance_sd
    return Check(name, error, limit, error <= limit, within)


def _slope_check(p: Floats, y: Floats) -> Check:
    """Regress the outcome on the logit of the chance, by Newton."""
    z = special.logit(p)
    design = np.column_stack([np.ones(len(z)), z])
    theta = np.array([0.0, 1.0])
    hessian = np.eye(2)
    for _ in range(50):
        q = special.expit(design @ theta)
        hessian = (design * (q * (1 - q))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (y - q))
        theta = theta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    slope = float(theta[1])
    error = 1.96 * math.sqrt(float(np.linalg.inv(hessian)[1, 1]))
    within = slope - error <= SLOPE_HIGH and slope + error >= SLOPE_LOW
    return Check("slope", slope, 1.0, SLOPE_LOW <= slope <= SLOPE_HIGH, within)


def _deciles_check(deciles: tuple[Decile, ...]) -> Check:
    """Return the worst fall from one tenth to the next, in standard errors."""
    worst = 0.0
    for lower, upper in itertools.pairwise(deciles):
        pooled = (lower.actual * lower.customers + upper.actual * upper.customers) / (
            lower.customers + upper.customers
        )
        variance = pooled * (1 - pooled) * (1 / lower.customers + 1 / upper.customers)
        if variance > 0:
            worst = max(worst, (lower.actual - upper.actual) / math.sqrt(variance))
    return Check("deciles", worst, 1.0, worst <= 1.0, worst <= 2.5)


def _auc_parts(score: Floats, bought: Flags) -> tuple[float, tuple[Floats, Floats]]:
    """Return the AUC and its structural components over buyers and the rest (DeLong)."""
    ranks = stats.rankdata(score)
    hits, rest = ranks[bought], ranks[~bought]
    of_hits = (hits - stats.rankdata(score[bought])) / len(rest)
    of_rest = 1 - (rest - stats.rankdata(score[~bought])) / len(hits)
    return float(of_hits.mean()), (of_hits, of_rest)


def rank_stability(before: Floats, *, after: Floats, unchanged: Flags) -> float | None:
    """Return how far the order of customers without any new event was kept (Spearman).

    Parameters
    ----------
    before, after
        (customers,) scores four weeks apart; NaN where there is none.
    unchanged
        (customers,) no order or answer between the two days.

    Returns
    -------
    float or None
        -1 to 1, at least .8 is asked for; None below 30 customers.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    even_length(len(before), after=after, unchanged=unchanged)
    use = unchanged & np.isfinite(before) & np.isfinite(after)
    if use.sum() < 30:
        return None
    first, second = stats.rankdata(before[use]), stats.rankdata(after[use])
    if first.std() == 0 or second.std() == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])
