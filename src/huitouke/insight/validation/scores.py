"""How good a predicted chance is: discrimination, accuracy, and the lift of the top tenth.

Every score comes as a ``Score``: value, interval, the rows and events behind it, and a
status. Ties are handled by their expected value, so no score depends on the order of rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from huitouke.errors import HuitoukeError
from huitouke.insight.tables import Status
from huitouke.insight.validation.ranks import midranks, normal_quantile, ties, wilson
from huitouke.language import N_

__all__ = [
    "EVENTS_MIN",
    "Score",
    "ScoreInputsInvalid",
    "auc",
    "brier",
    "check_probabilities",
    "log_loss",
    "log_losses",
    "top_decile_lift",
]

FloatArray = npt.NDArray[np.float64]

#: Fewer events (or fewer non-events) than this and a churn score is not evidence.
EVENTS_MIN = 300

_P_FLOOR = 1e-12


class ScoreInputsInvalid(HuitoukeError):
    """Predictions and outcomes that cannot be scored together."""

    code = "validation.score_inputs"
    says = N_("Predictions cannot be scored: {problem} ({found}).")
    remedy = N_("Give one finite prediction and one outcome per row, in the same order.")


@dataclass(frozen=True)
class Score:
    """One number about a model, with how far to believe it.

    Parameters
    ----------
    name
        What is measured.
    value
        The number; None where it is not defined.
    lo, hi
        Interval at ``level``; None where none is known.
    n
        Rows behind it.
    events
        Rows with the event; None for amounts.
    status
        ``ok``, or ``insufficient_evidence`` where the events are too few to rely on it.
    level
        Coverage of the interval.
    """

    name: str
    value: float | None
    lo: float | None
    hi: float | None
    n: int
    events: int | None
    status: Status
    level: float = 0.8


def check_probabilities(p: FloatArray, *, y: FloatArray) -> None:
    """Refuse predictions and outcomes that cannot be scored.

    Parameters
    ----------
    p
        Predicted chances within [0, 1], shape (N,).
    y
        Outcomes 0 or 1, shape (N,).

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ, a prediction is not within [0, 1], or an outcome is not 0 or 1.
    """
    if p.shape != y.shape or p.ndim != 1:
        raise ScoreInputsInvalid(problem="lengths differ", found=f"{p.shape}, {y.shape}")
    outside = int(np.count_nonzero(~((p >= 0) & (p <= 1))))
    if outside:
        raise ScoreInputsInvalid(problem="not within 0 and 1", found=f"{outside} rows")
    strange = int(np.count_nonzero((y != 0) & (y != 1)))
    if strange:
        raise ScoreInputsInvalid(problem="outcome not 0 or 1", found=f"{strange} rows")


def _status(n: int, events: int) -> Status:
    return Status.OK if min(events, n - events) >= EVENTS_MIN else Status.INSUFFICIENT


def _undefined(name: str, n: int, events: int, *, level: float) -> Score:
    return Score(name, None, None, None, n, events, Status.INSUFFICIENT, level)


def auc(p: FloatArray, *, y: FloatArray, level: float = 0.8) -> Score:
    """Chance that a row with the event is ranked above one without, ties counting half.

    Parameters
    ----------
    p
        Predicted chances or any ranking score, shape (N,).
    y
        Outcomes 0 or 1, shape (N,).
    level
        Coverage of the interval.

    Returns
    -------
    Score
        Value in [0, 1] with DeLong's interval on the logit scale; at exactly 0 or 1, where
        DeLong's variance is 0, the interval inverts Hanley and McNeil's variance. None with
        one class only.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), variance from placements; Sun & Xu (2014),
    placements by midranks; Hanley & McNeil (1982), the variance from Q1 and Q2.

    Examples
    --------
    >>> auc(np.array([.1, .4, .35, .8]), y=np.array([0., 0., 1., 1.])).value
    0.75
    """
    n, events = len(y), int(y.sum())
    others = n - events
    if events == 0 or others == 0:
        return _undefined("auc", n, events, level=level)
    positive = y == 1
    ranks = midranks(p)
    above = (ranks[positive] - midranks(p[positive])) / others
    below = 1 - (ranks[~positive] - midranks(p[~positive])) / events
    value = float((ranks[positive].sum() - events * (events + 1) / 2) / (events * others))
    variance = _spread(above) / events + _spread(below) / others
    if 0 < value < 1:
        half = normal_quantile(level) * math.sqrt(variance) / (value * (1 - value))
        odds = math.log(value / (1 - value))
        lo, hi = (1 / (1 + math.exp(min(-end, 700))) for end in (odds - half, odds + half))
    else:
        lo, hi = _edge(value, events, others, level=level)
    return Score("auc", value, lo, hi, n, events, _status(n, events), level)


def _spread(values: FloatArray) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.25


def _edge(value: float, events: int, others: int, *, level: float) -> tuple[float, float]:
    """Interval at a perfect 0 or 1: the values whose normal error still reaches the edge."""
    z = normal_quantile(level)

    def excess(theta: float) -> float:
        larger = theta / (2 - theta) - theta**2
        lesser = 2 * theta**2 / (1 + theta) - theta**2
        variance = theta * (1 - theta) + (events - 1) * larger + (others - 1) * lesser
        return (1 - theta) - z * math.sqrt(max(variance, 0.0) / (events * others))

    low = float(brentq(excess, 0.0, 1 - 1e-12)) if excess(1 - 1e-12) < 0 else 1.0
    return (low, 1.0) if value >= 1 else (0.0, 1 - low)


def _mean_score(
    name: str, losses: FloatArray, *, y: FloatArray, level: float, ceiling: float
) -> Score:
    n, events = len(y), int(y.sum())
    if n < 2:
        return _undefined(name, n, events, level=level)
    value = float(losses.mean())
    half = normal_quantile(level) * float(losses.std(ddof=1)) / math.sqrt(n)
    lo, hi = max(0.0, value - half), min(ceiling, value + half)
    return Score(name, value, lo, hi, n, events, _status(n, events), level)


def brier(p: FloatArray, *, y: FloatArray, level: float = 0.8) -> Score:
    """Mean squared distance of the predicted chance from what happened.

    Parameters
    ----------
    p
        Predicted chances, shape (N,).
    y
        Outcomes 0 or 1, shape (N,).
    level
        Coverage of the interval (standard error of the mean).

    References
    ----------
    Brier (1950), "Verification of forecasts expressed in terms of probability".

    Examples
    --------
    >>> round(brier(np.array([.9, .2]), y=np.array([1., 0.])).value, 3)
    0.025
    """
    check_probabilities(p, y=y)
    return _mean_score("brier", (p - y) ** 2, y=y, level=level, ceiling=1.0)


def log_losses(p: FloatArray, *, y: FloatArray) -> FloatArray:
    """Return minus the log chance given to what happened, row by row, shape (N,).

    Parameters
    ----------
    p
        Predicted chances, shape (N,); held within [1e-12, 1 - 1e-12].
    y
        Outcomes 0 or 1, shape (N,).
    """
    held = np.clip(p, _P_FLOOR, 1 - _P_FLOOR)
    losses: FloatArray = -np.where(y == 1, np.log(held), np.log1p(-held))
    return losses


def log_loss(p: FloatArray, *, y: FloatArray, level: float = 0.8) -> Score:
    """Mean of minus the log chance that was given to what happened, in nats.

    Parameters
    ----------
    p
        Predicted chances, shape (N,); held within [1e-12, 1 - 1e-12].
    y
        Outcomes 0 or 1, shape (N,).
    level
        Coverage of the interval (standard error of the mean).

    References
    ----------
    Good (1952), "Rational decisions", section 7.

    Examples
    --------
    >>> round(log_loss(np.array([.5, .5]), y=np.array([1., 0.])).value, 4)
    0.6931
    """
    check_probabilities(p, y=y)
    losses = log_losses(p, y=y)
    return _mean_score("log_loss", losses, y=y, level=level, ceiling=math.inf)


def top_decile_lift(p: FloatArray, *, y: FloatArray, level: float = 0.8) -> Score:
    """Event rate among the tenth with the highest predictions, over the rate of all.

    Parameters
    ----------
    p
        Predicted chances or any ranking score, shape (N,).
    y
        Outcomes 0 or 1, shape (N,).
    level
        Coverage of the interval (Wilson's for the tenth, the overall rate taken as known).

    Returns
    -------
    Score
        Value in [0, 10]. A tie across the border counts with its expected value. None
        without events or with fewer than 10 rows.

    References
    ----------
    Lemmens & Croux (2006), "Bagging and boosting classification trees to predict churn".

    Examples
    --------
    >>> p = np.arange(20) / 20
    >>> top_decile_lift(p, y=(p >= .8).astype(float)).value
    5.0
    """
    n, events = len(y), int(y.sum())
    if events == 0 or n < 10:
        return _undefined("top_decile_lift", n, events, level=level)
    found = ties(p, outcome=y)
    counts, totals = found.counts[::-1], found.totals[::-1]
    wanted = n / 10
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    part = np.clip((wanted - before) / counts, 0.0, 1.0)
    caught = float(np.sum(part * totals))
    base = events / n
    lo, hi = wilson(caught, n=wanted, level=level)
    value = caught / wanted / base
    return Score(
        "top_decile_lift", value, lo / base, hi / base, n, events, _status(n, events), level
    )
