"""Mend predicted chances so that they come true as often as they say.

Fitted on an origin of its own, later than the origins of the model. Three ways: leave them,
beta calibration (three numbers), isotonic regression (a staircase). All are monotone, so
they never change who is ahead of whom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import expit

from huitouke.insight.tables import Status
from huitouke.insight.validation.logit import fit_logit
from huitouke.insight.validation.ranks import ties
from huitouke.insight.validation.scores import EVENTS_MIN, check_probabilities, log_losses
from huitouke.insight.validation.splits import grouped_folds

__all__ = [
    "BetaCalibrator",
    "Calibrator",
    "IdentityCalibrator",
    "IsotonicCalibrator",
    "choose_calibrator",
    "fit_beta",
    "fit_isotonic",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_FLOOR = 1e-6


class Calibrator(Protocol):
    """Anything that maps predicted chances to mended chances, never changing their order."""

    @property
    def name(self) -> str:
        """Short name for the record."""
        ...

    @property
    def status(self) -> Status:
        """Whether there was enough to learn from."""
        ...

    def apply(self, p: FloatArray) -> FloatArray:
        """Return mended chances, shape (N,)."""
        ...


@dataclass(frozen=True)
class IdentityCalibrator:
    """Leave the predictions as they are."""

    status: Status = Status.OK
    name: str = "identity"

    def apply(self, p: FloatArray) -> FloatArray:
        """Return the predictions unchanged.

        Parameters
        ----------
        p
            Predicted chances, shape (N,).
        """
        return p


@dataclass(frozen=True)
class BetaCalibrator:
    """Chance = expit(c + a log p - b log(1 - p)), a and b not negative.

    Parameters
    ----------
    a, b, c
        Weights and intercept.
    status
        Whether there was enough to learn from.
    """

    a: float
    b: float
    c: float
    status: Status = Status.OK
    name: str = "beta"

    def apply(self, p: FloatArray) -> FloatArray:
        """Return mended chances.

        Parameters
        ----------
        p
            Predicted chances, shape (N,).

        Examples
        --------
        >>> BetaCalibrator(1.0, 1.0, 0.0).apply(np.array([0.25])).round(6).tolist()
        [0.25]
        """
        columns = _beta_columns(p)
        mended: FloatArray = expit(self.c + self.a * columns[:, 0] + self.b * columns[:, 1])
        return mended


@dataclass(frozen=True)
class IsotonicCalibrator:
    """A staircase that never falls, straight between its steps.

    Parameters
    ----------
    knots
        Predictions, ascending, shape (S,).
    levels
        Mended chances at the knots, not falling, within half an event of 0 and 1.
    status
        Whether there was enough to learn from.
    """

    knots: FloatArray
    levels: FloatArray
    status: Status = Status.OK
    name: str = "isotonic"

    def apply(self, p: FloatArray) -> FloatArray:
        """Return mended chances.

        Parameters
        ----------
        p
            Predicted chances, shape (N,).
        """
        mended: FloatArray = np.interp(p, self.knots, self.levels)
        return mended


def _beta_columns(p: FloatArray) -> FloatArray:
    held = np.clip(p, _FLOOR, 1 - _FLOOR)
    return np.column_stack([np.log(held), -np.log1p(-held)])


def _status(y: FloatArray) -> Status:
    events = int(y.sum())
    enough = min(events, len(y) - events) >= EVENTS_MIN
    return Status.OK if enough else Status.INSUFFICIENT


def fit_beta(p: FloatArray, *, y: FloatArray) -> BetaCalibrator | IdentityCalibrator:
    """Fit beta calibration.

    Parameters
    ----------
    p
        Predicted chances on the calibration origin, shape (N,).
    y
        What happened, 0 or 1, shape (N,).

    Returns
    -------
    BetaCalibrator or IdentityCalibrator
        The identity with status ``insufficient_evidence`` where nothing can be fitted: one
        class only, classes separated, or predictions that do not vary.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    References
    ----------
    Kull, Silva Filho & Flach (2017), "Beta calibration: a well-founded and easily
    implemented improvement on logistic calibration for binary classifiers".

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> p = rng.uniform(size=20000)
    >>> y = (rng.uniform(size=20000) < p).astype(float)
    >>> fit = fit_beta(p, y=y)
    >>> abs(fit.a - 1) < .1, abs(fit.b - 1) < .1
    (True, True)
    """
    check_probabilities(p, y=y)
    columns = _beta_columns(p)
    for kept in ((0, 1), (0,), (1,)):
        fit = fit_logit(columns[:, kept], y=y)
        weights = dict(zip(kept, fit.coefficients[1:].tolist(), strict=True))
        # A negative weight would let the map fall: that side is dropped and refitted.
        if fit.converged and min(weights.values()) >= 0:
            a, b = weights.get(0, 0.0), weights.get(1, 0.0)
            return BetaCalibrator(a, b, float(fit.coefficients[0]), _status(y))
    return IdentityCalibrator(Status.INSUFFICIENT)


def fit_isotonic(p: FloatArray, *, y: FloatArray) -> IsotonicCalibrator | IdentityCalibrator:
    """Fit isotonic regression of the outcome on the prediction.

    Parameters
    ----------
    p
        Predicted chances on the calibration origin, shape (N,).
    y
        What happened, 0 or 1, shape (N,).

    Returns
    -------
    IsotonicCalibrator or IdentityCalibrator
        The identity with status ``insufficient_evidence`` with one class only.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    References
    ----------
    Zadrozny & Elkan (2002), "Transforming classifier scores into accurate multiclass
    probability estimates".

    Examples
    --------
    >>> p = np.array([.1, .2, .3, .4]); y = np.array([0., 1., 0., 1.])
    >>> fit_isotonic(p, y=y).apply(p).round(2).tolist()
    [0.12, 0.5, 0.5, 0.88]
    """
    check_probabilities(p, y=y)
    events = int(y.sum())
    if events in {0, len(y)}:
        return IdentityCalibrator(Status.INSUFFICIENT)
    found = ties(p, outcome=y)
    pooled = isotonic_regression(found.totals / found.counts, weights=found.counts)
    first, last = pooled.blocks[:-1], pooled.blocks[1:] - 1
    # Both ends of each stair are knots; a stair of one value has one knot only.
    places = np.unique(np.concatenate([first, last]))
    floor = 0.5 / len(y)
    levels = np.clip(pooled.x[places], floor, 1 - floor)
    return IsotonicCalibrator(found.values[places], levels, _status(y))


def choose_calibrator(
    p: FloatArray, *, y: FloatArray, groups: IntArray, folds: int = 5, seed: int = 0
) -> Calibrator:
    """Choose between leaving, beta and isotonic by log loss on customers not fitted on.

    Parameters
    ----------
    p
        Predicted chances on the calibration origin, shape (N,).
    y
        What happened, 0 or 1, shape (N,).
    groups
        Customer numbers, shape (N,); a customer is in one fold only.
    folds
        How many folds.
    seed
        Seed of the folds.

    Returns
    -------
    Calibrator
        Fitted on all rows. With fewer than 300 events or others the identity with status
        ``insufficient_evidence``: so few cannot tell a bad model from bad luck.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    Examples
    --------
    >>> choose_calibrator(np.array([.5]), y=np.array([1.]), groups=np.array([0])).name
    'identity'
    """
    check_probabilities(p, y=y)
    if _status(y) is not Status.OK:
        return IdentityCalibrator(Status.INSUFFICIENT)
    fold = grouped_folds(groups, folds=folds, seed=seed)
    ways: tuple[Callable[[FloatArray, FloatArray], Calibrator], ...] = (
        lambda _p, _y: IdentityCalibrator(),
        lambda p, y: fit_beta(p, y=y),
        lambda p, y: fit_isotonic(p, y=y),
    )
    losses = []
    for fit in ways:
        mended = np.empty(len(p))
        for place in range(folds):
            held = fold == place
            mended[held] = fit(p[~held], y[~held]).apply(p[held])
        losses.append(float(log_losses(mended, y=y).mean()))
    return ways[int(np.argmin(losses))](p, y)
