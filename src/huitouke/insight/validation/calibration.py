"""Whether a chance of 70 % comes true 70 times in 100: slope, intercept, ECE and bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitouke.insight.tables import Status
from huitouke.insight.validation.logit import fit_logit, logit
from huitouke.insight.validation.ranks import midranks, normal_quantile, wilson
from huitouke.insight.validation.scores import EVENTS_MIN, Score, check_probabilities

__all__ = ["Calibration", "CalibrationBin", "calibration"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CalibrationBin:
    """Rows with neighbouring predictions, and what became of them.

    Parameters
    ----------
    n
        Rows.
    predicted
        Mean predicted chance.
    observed
        Share with the event.
    lo, hi
        Wilson's interval of ``observed``.
    """

    n: int
    predicted: float
    observed: float
    lo: float
    hi: float


@dataclass(frozen=True)
class Calibration:
    """How far predicted chances can be taken at their word.

    Parameters
    ----------
    slope
        1 is right; below 1 the predictions are too extreme, above 1 too timid.
    intercept
        0 is right, given the slope.
    ece
        Expected calibration error: mean distance of the bins, weighted by rows.
    bins
        In ascending order of the prediction.
    """

    slope: Score
    intercept: Score
    ece: Score
    bins: tuple[CalibrationBin, ...]

    @property
    def worst_step(self) -> float:
        """The largest fall from one bin's observed rate to the next, in standard errors.

        0 where the rates never fall.
        """
        worst = 0.0
        for left, right in zip(self.bins, self.bins[1:], strict=False):
            variance = sum(
                max(b.observed * (1 - b.observed), 0.25 / b.n) / b.n for b in (left, right)
            )
            worst = max(worst, (left.observed - right.observed) / variance**0.5)
        return worst


def calibration(
    p: FloatArray, *, y: FloatArray, bins: int = 10, level: float = 0.8
) -> Calibration:
    """Measure calibration.

    Parameters
    ----------
    p
        Predicted chances, shape (N,).
    y
        Outcomes 0 or 1, shape (N,).
    bins
        Bins of equal count; equal predictions stay in one bin, so there may be fewer.
    level
        Coverage of the intervals.

    Returns
    -------
    Calibration
        Slope and intercept of logit P(y = 1) = intercept + slope logit p. They are None
        with status ``not_identified`` where predictions do not vary or the classes are
        separated, and ``insufficient_evidence`` with one class only.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    References
    ----------
    Cox (1958), "Two further applications of a model for binary regression"; Naeini, Cooper
    & Hauskrecht (2015), "Obtaining well calibrated probabilities" (bins of equal count).

    Examples
    --------
    >>> p = np.repeat([.2, .8], 50)
    >>> y = np.tile([1., 0., 0., 0., 0.], 20); y[50:] = 1 - y[50:]
    >>> found = calibration(p, y=y)
    >>> round(found.slope.value, 6), round(found.ece.value, 6)
    (1.0, 0.0)
    """
    check_probabilities(p, y=y)
    n, events = len(y), int(y.sum())
    status = Status.OK if min(events, n - events) >= EVENTS_MIN else Status.INSUFFICIENT
    table = _bins(p, y=y, bins=bins, level=level)
    ece = sum(b.n * abs(b.predicted - b.observed) for b in table) / n if n else None
    slope, intercept = _line(p, y=y, status=status, level=level)
    return Calibration(
        slope, intercept, Score("ece", ece, None, None, n, events, status, level), table
    )


def _line(p: FloatArray, *, y: FloatArray, status: Status, level: float) -> tuple[Score, Score]:
    n, events = len(y), int(y.sum())
    if events in {0, n}:
        nothing = (None, None, None, n, events, Status.INSUFFICIENT, level)
        return Score("slope", *nothing), Score("intercept", *nothing)
    fit = fit_logit(logit(p)[:, None], y=y)
    if not fit.converged:
        nothing = (None, None, None, n, events, Status.NOT_IDENTIFIED, level)
        return Score("slope", *nothing), Score("intercept", *nothing)
    half = fit.standard_errors * normal_quantile(level)

    def score(name: str, place: int) -> Score:
        value = float(fit.coefficients[place])
        lo, hi = value - float(half[place]), value + float(half[place])
        return Score(name, value, lo, hi, n, events, status, level)

    return score("slope", 1), score("intercept", 0)


def _bins(
    p: FloatArray, *, y: FloatArray, bins: int, level: float
) -> tuple[CalibrationBin, ...]:
    if len(p) == 0:
        return ()
    place = np.floor((midranks(p) - 0.5) * bins / len(p)).astype(np.int64)
    counts = np.bincount(place, minlength=bins)
    predicted = np.bincount(place, weights=p, minlength=bins)
    observed = np.bincount(place, weights=y, minlength=bins)
    table = []
    for count, chance, events in zip(
        counts.tolist(), predicted.tolist(), observed.tolist(), strict=True
    ):
        if count:
            lo, hi = wilson(events, n=count, level=level)
            table.append(CalibrationBin(count, chance / count, events / count, lo, hi))
    return tuple(table)
