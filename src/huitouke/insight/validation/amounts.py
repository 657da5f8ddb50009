"""How good a predicted amount is: error, total, deviance, and order.

For expected purchases and expected spend. Ties are treated jointly, as in the scores of
chances.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from huitouke.insight.tables import Status
from huitouke.insight.validation.ranks import midranks, normal_quantile
from huitouke.insight.validation.scores import Score, ScoreInputsInvalid

__all__ = ["mae", "normalised_gini", "poisson_deviance", "rmse", "spearman", "total_bias"]

FloatArray = npt.NDArray[np.float64]

#: Fewer rows than this and an error measure is not evidence.
_ROWS_MIN = 300


def _check(predicted: FloatArray, actual: FloatArray) -> None:
    if predicted.shape != actual.shape or predicted.ndim != 1:
        found = f"{predicted.shape}, {actual.shape}"
        raise ScoreInputsInvalid(problem="lengths differ", found=found)
    wrong = int(np.count_nonzero(~(np.isfinite(predicted) & np.isfinite(actual))))
    if wrong:
        raise ScoreInputsInvalid(problem="not a finite number", found=f"{wrong} rows")


def _score(
    name: str, value: float | None, half: float | None, *, n: int, level: float
) -> Score:
    status = Status.OK if n >= _ROWS_MIN and value is not None else Status.INSUFFICIENT
    if value is None or half is None:
        return Score(name, value, None, None, n, None, status, level)
    return Score(name, value, value - half, value + half, n, None, status, level)


def mae(predicted: FloatArray, *, actual: FloatArray, level: float = 0.8) -> Score:
    """Mean absolute error.

    Parameters
    ----------
    predicted
        Expected amounts, shape (N,).
    actual
        What came, shape (N,), same unit.
    level
        Coverage of the interval (standard error of the mean).

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ or a number is not finite.

    Examples
    --------
    >>> mae(np.array([1., 2.]), actual=np.array([0., 4.])).value
    1.5
    """
    _check(predicted, actual)
    n = len(actual)
    errors = np.abs(predicted - actual)
    half = _standard_error(errors) * normal_quantile(level) if n > 1 else None
    return _score("mae", float(errors.mean()) if n else None, half, n=n, level=level)


def _standard_error(values: FloatArray) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def rmse(predicted: FloatArray, *, actual: FloatArray, level: float = 0.8) -> Score:
    """Root of the mean squared error; its interval by the delta method.

    Parameters
    ----------
    predicted
        Expected amounts, shape (N,).
    actual
        What came, shape (N,), same unit.
    level
        Coverage of the interval.

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ or a number is not finite.

    Examples
    --------
    >>> rmse(np.array([1., 2.]), actual=np.array([1., 4.])).value ** 2
    2.0000000000000004
    """
    _check(predicted, actual)
    n = len(actual)
    squares = (predicted - actual) ** 2
    value = math.sqrt(float(squares.mean())) if n else None
    half = None
    if value and n > 1:
        half = _standard_error(squares) * normal_quantile(level) / (2 * value)
    return _score("rmse", value, half, n=n, level=level)


def total_bias(predicted: FloatArray, *, actual: FloatArray, level: float = 0.8) -> Score:
    """Predicted total over actual total, minus 1: +.10 says ten per cent too much.

    Parameters
    ----------
    predicted
        Expected amounts, shape (N,).
    actual
        What came, shape (N,), same unit.
    level
        Coverage of the interval (ratio of means, delta method).

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ or a number is not finite.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, chapter 6 (ratio estimators).

    Examples
    --------
    >>> round(total_bias(np.array([1., 2.]), actual=np.array([1., 1.])).value, 3)
    0.5
    """
    _check(predicted, actual)
    n = len(actual)
    total = float(actual.sum())
    if total <= 0:
        return _score("total_bias", None, None, n=n, level=level)
    ratio = float(predicted.sum()) / total
    half = None
    if n > 1:
        error = _standard_error(predicted - ratio * actual) / (total / n)
        half = error * normal_quantile(level)
    return _score("total_bias", ratio - 1, half, n=n, level=level)


def poisson_deviance(predicted: FloatArray, *, actual: FloatArray, level: float = 0.8) -> Score:
    """Mean Poisson deviance, 2 (y log(y / m) - y + m), for counts.

    Parameters
    ----------
    predicted
        Expected counts m, shape (N,).
    actual
        Counts y that came, shape (N,).
    level
        Coverage of the interval (standard error of the mean).

    Returns
    -------
    Score
        None where something came though exactly 0 was expected: the deviance is infinite.

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ, a number is not finite, or a number is negative.

    References
    ----------
    McCullagh & Nelder (1989), *Generalized Linear Models*, section 2.3.

    Examples
    --------
    >>> round(poisson_deviance(np.array([1., 2.]), actual=np.array([0., 2.])).value, 3)
    1.0
    """
    _check(predicted, actual)
    n = len(actual)
    negative = int(np.count_nonzero((predicted < 0) | (actual < 0)))
    if negative:
        raise ScoreInputsInvalid(problem="negative", found=f"{negative} rows")
    if n == 0 or bool(np.any((predicted == 0) & (actual > 0))):
        return _score("poisson_deviance", None, None, n=n, level=level)
    logs = xlogy(actual, actual) - xlogy(actual, predicted)
    losses = 2 * (logs - actual + predicted)
    half = _standard_error(losses) * normal_quantile(level) if n > 1 else None
    return _score("poisson_deviance", float(losses.mean()), half, n=n, level=level)


def spearman(predicted: FloatArray, *, actual: FloatArray, level: float = 0.8) -> Score:
    """Rank correlation, ties sharing their mean rank.

    Parameters
    ----------
    predicted
        Expected amounts, shape (N,).
    actual
        What came, shape (N,).
    level
        Coverage of the interval (Fisher's z with Bonett and Wright's variance).

    Returns
    -------
    Score
        In [-1, 1]; None where either side does not vary.

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ or a number is not finite.

    References
    ----------
    Spearman (1904); Bonett & Wright (2000), "Sample size requirements for estimating
    Pearson, Kendall and Spearman correlations".

    Examples
    --------
    >>> spearman(np.array([1., 2., 9.]), actual=np.array([1., 4., 5.])).value
    1.0
    """
    _check(predicted, actual)
    n = len(actual)
    value = _correlation(midranks(predicted), midranks(actual)) if n > 1 else None
    if value is None:
        return _score("spearman", None, None, n=n, level=level)
    found = _score("spearman", value, None, n=n, level=level)
    if n <= 3 or abs(value) == 1:
        return found
    half = normal_quantile(level) * math.sqrt((1 + value**2 / 2) / (n - 3))
    centre = math.atanh(value)
    lo, hi = math.tanh(centre - half), math.tanh(centre + half)
    return Score("spearman", value, lo, hi, n, None, found.status, level)


def _correlation(left: FloatArray, right: FloatArray) -> float | None:
    a, b = left - left.mean(), right - right.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return min(1.0, max(-1.0, float(a @ b) / scale)) if scale > 0 else None


def normalised_gini(predicted: FloatArray, *, actual: FloatArray, level: float = 0.8) -> Score:
    """Area the predictions' order wins on the Lorenz curve, over the most that can be won.

    With ties taken jointly it is cov(actual, rank of predicted) / cov(actual, rank of
    actual): 1 for the perfect order, 0 for no order, -1 for the perfect order reversed.

    Parameters
    ----------
    predicted
        Expected amounts, shape (N,).
    actual
        What came, shape (N,).
    level
        Kept on the score; no interval is given.

    Returns
    -------
    Score
        In [-1, 1]; None where the actual amounts do not vary.

    Raises
    ------
    ScoreInputsInvalid
        If lengths differ or a number is not finite.

    References
    ----------
    Lerman & Yitzhaki (1984), "A note on the calculation and interpretation of the Gini
    index" (the covariance form); Wang, Liu & Miao (2019), "A deep probabilistic model for
    customer lifetime value prediction" (normalised by the perfect order).

    Examples
    --------
    >>> normalised_gini(np.array([1., 1., 2.]), actual=np.array([0., 0., 5.])).value
    1.0
    """
    _check(predicted, actual)
    n = len(actual)
    centred = actual - actual.mean() if n else actual
    most = float(centred @ midranks(actual)) if n else 0.0
    value = float(centred @ midranks(predicted)) / most if most > 0 else None
    return _score("normalised_gini", value, None, n=n, level=level)
