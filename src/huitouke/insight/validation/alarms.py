"""Alarms: chances that no longer come true, and a base that is no longer the one tested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitouke.insight.validation.calibration import Calibration, calibration
from huitouke.insight.validation.ranks import midranks
from huitouke.insight.validation.scores import auc

__all__ = ["Finding", "calibration_alarm", "drift"]

AnyArray = npt.NDArray[np.generic]
FloatArray = npt.NDArray[np.float64]

#: Limits of the calibration protocol.
ECE_MAX, SEGMENT_ECE_MAX, SEGMENT_MIN = 0.03, 0.06, 300
SLOPE_RANGE = (0.9, 1.1)
FALL_MAX = 1.0
DRIFT_MAX = 0.25


@dataclass(frozen=True)
class Finding:
    """One breach of the calibration protocol.

    Parameters
    ----------
    code
        ``ece``, ``segment_ece``, ``slope``, ``falling_rates``, ``rival`` or ``drift``.
    segment
        The segment, or empty for all rows.
    value
        What was found; None where it cannot be told.
    limit
        What was allowed.
    """

    code: str
    segment: str
    value: float | None
    limit: float


def calibration_alarm(
    p: FloatArray,
    *,
    y: FloatArray,
    segments: Mapping[str, AnyArray] | None = None,
    rival: FloatArray | None = None,
) -> tuple[Finding, ...]:
    """Check predicted chances against what came, and name every breach.

    Parameters
    ----------
    p
        Predicted chances, shape (N,).
    y
        What happened, 0 or 1, shape (N,).
    segments
        Name to the segment of each row, shape (N,).
    rival
        The rival's chances for the same rows, shape (N,).

    Returns
    -------
    tuple of Finding
        Empty if all holds: ECE at most .03 beyond what chance does, at most .06 in every
        segment of 300 rows or more, slope within .9 to 1.1, bins that never fall by more than
        one standard error, and an AUC not below the rival's.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    Examples
    --------
    >>> y = np.tile([0., 1.], 500)
    >>> [finding.code for finding in calibration_alarm(np.full(1000, .9), y=y)]
    ['ece', 'slope']
    """
    found = [*_overall(p, y), *_by_segment(p, y, segments or {})]
    if rival is not None:
        ours, theirs = auc(p, y=y).value, auc(rival, y=y).value
        if ours is not None and theirs is not None and ours < theirs:
            found.append(Finding("rival", "", ours, theirs))
    return tuple(found)


def _overall(p: FloatArray, y: FloatArray) -> list[Finding]:
    found: list[Finding] = []
    told = calibration(p, y=y)
    if told.ece.value is None or _beyond_chance(told) > ECE_MAX:
        found.append(Finding("ece", "", told.ece.value, ECE_MAX))
    slope = told.slope.value
    if slope is None or not SLOPE_RANGE[0] <= slope <= SLOPE_RANGE[1]:
        limit = SLOPE_RANGE[0] if slope is None or slope < 1 else SLOPE_RANGE[1]
        found.append(Finding("slope", "", slope, limit))
    if told.worst_step > FALL_MAX:
        found.append(Finding("falling_rates", "", told.worst_step, FALL_MAX))
    return found


def _beyond_chance(told: Calibration) -> float:
    """Return the calibration error less what chance alone does at this number of rows.

    A bin of n rows whose chance is p misses by sqrt(2 p (1 - p)/(π n)) on average even if p
    is right (mean absolute deviation of a normal variable).
    """
    rows = sum(row.n for row in told.bins)
    by_chance = sum(
        row.n * math.sqrt(2 * row.predicted * (1 - row.predicted) / (math.pi * row.n))
        for row in told.bins
        if row.n
    )
    return (told.ece.value or 0.0) - by_chance / max(rows, 1)


def _by_segment(
    p: FloatArray, y: FloatArray, segments: Mapping[str, AnyArray]
) -> list[Finding]:
    found: list[Finding] = []
    for name, values in segments.items():
        for segment in np.unique(values).tolist():
            rows = values == segment
            if np.count_nonzero(rows) < SEGMENT_MIN:
                continue
            error = calibration(p[rows], y=y[rows]).ece.value
            if error is not None and error > SEGMENT_ECE_MAX:
                found.append(
                    Finding("segment_ece", f"{name}={segment}", error, SEGMENT_ECE_MAX)
                )
    return found


def drift(then: FloatArray, *, now: FloatArray, bins: int = 10) -> tuple[float, Finding | None]:
    """Compare the predictions of today with those the model was judged on.

    Parameters
    ----------
    then
        Predictions at the test origin, shape (N,).
    now
        Predictions today, shape (M,).
    bins
        Bins of equal count among ``then``.

    Returns
    -------
    tuple
        Population stability index, and a finding if it is above .25.

    References
    ----------
    Siddiqi (2006), *Credit Risk Scorecards*, chapter 8 (index and its limits).

    Examples
    --------
    >>> before = np.arange(1000) / 1000
    >>> index, finding = drift(before, now=before)
    >>> index, finding
    (0.0, None)
    """
    place = np.floor((midranks(then) - 0.5) * bins / len(then)).astype(np.int64)
    tops = np.array([then[place == cell].max() for cell in np.unique(place)])
    # Half a row keeps an empty cell from counting as infinitely far.
    old = np.bincount(np.searchsorted(tops[:-1], then), minlength=len(tops)) + 0.5
    new = np.bincount(np.searchsorted(tops[:-1], now), minlength=len(tops)) + 0.5
    old, new = old / old.sum(), new / new.sum()
    index = float(np.sum((new - old) * np.log(new / old)))
    return index, Finding("drift", "", index, DRIFT_MAX) if index > DRIFT_MAX else None
