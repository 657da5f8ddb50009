"""Logistic regression with a handful of columns: the ruler behind calibration and gates.

It exists to measure, not to predict: a slope and an intercept for calibration, beta
calibration's two weights, the likelihood ratio of an added prediction. It is maximum
likelihood by Newton steps, accepted on the gradient and the Hessian.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

__all__ = ["LogitFit", "fit_logit", "logit"]

FloatArray = npt.NDArray[np.float64]

_STEPS = 60
_GRADIENT = 1e-9


@dataclass(frozen=True)
class LogitFit:
    """A fitted logistic regression.

    Parameters
    ----------
    coefficients
        Intercept first, shape (1 + K,).
    standard_errors
        From the Hessian, shape (1 + K,).
    log_likelihood
        At the optimum.
    converged
        True if the gradient per row is below 1e-9 and the Hessian is positive definite.
    """

    coefficients: FloatArray
    standard_errors: FloatArray
    log_likelihood: float
    converged: bool


def logit(p: FloatArray, *, floor: float = 1e-6) -> FloatArray:
    """Return log odds, with probabilities held within [floor, 1 - floor].

    Parameters
    ----------
    p
        Probabilities, shape (N,).
    floor
        The least distance from 0 and 1.

    Examples
    --------
    >>> logit(np.array([0.5, 1.0])).round(2).tolist()
    [0.0, 13.82]
    """
    held = np.clip(p, floor, 1 - floor)
    odds: FloatArray = np.log(held) - np.log1p(-held)
    return odds


def _log_likelihood(eta: FloatArray, y: FloatArray) -> float:
    return float(np.sum(y * eta - np.logaddexp(0.0, eta)))


def fit_logit(
    columns: FloatArray, *, y: FloatArray, offset: FloatArray | None = None
) -> LogitFit:
    """Fit P(y = 1) = expit(offset + b0 + columns b) by maximum likelihood.

    Parameters
    ----------
    columns
        Shape (N, K); K may be 0.
    y
        Outcomes 0 or 1, shape (N,).
    offset
        Known part of the log odds, shape (N,).

    Returns
    -------
    LogitFit
        ``converged`` is False where the likelihood has no maximum: one class only, columns
        that separate the classes, or columns that do not vary.

    Examples
    --------
    >>> fit = fit_logit(np.empty((4, 0)), y=np.array([1., 0., 0., 0.]))
    >>> round(float(fit.coefficients[0]), 4)
    -1.0986
    """
    design = np.column_stack([np.ones(len(y)), columns])
    squares = np.sum(design**2, axis=0)
    known = np.zeros(len(y)) if offset is None else offset
    beta = np.zeros(design.shape[1])
    value = _log_likelihood(known + design @ beta, y)
    hessian = np.diag(squares)
    converged = False
    for _ in range(_STEPS):
        p = expit(known + design @ beta)
        gradient = design.T @ (y - p)
        hessian = (design * (p * (1 - p))[:, None]).T @ design
        if not _definite(hessian, squares):
            break
        if float(np.max(np.abs(gradient))) <= _GRADIENT * max(len(y), 1):
            converged = True
            break
        step = np.linalg.solve(hessian, gradient)
        beta, value, moved = _climb(beta, step, value, design=design, y=y, known=known)
        if not moved:
            break
    errors = (
        np.sqrt(np.diag(np.linalg.inv(hessian)))
        if _definite(hessian, squares)
        else np.full(len(beta), np.inf)
    )
    return LogitFit(beta, errors, value, converged)


def _definite(hessian: FloatArray, squares: FloatArray) -> bool:
    """Refuse a flat top: columns that do not vary, or classes that they separate.

    The diagonal over the columns' sums of squares is a mean of p (1 - p), which vanishes as
    separated classes drive the coefficients off to infinity.
    """
    weight = np.diag(hessian) / np.maximum(squares, 1e-300)
    scale = np.sqrt(np.maximum(np.diag(hessian), 1e-300))
    least = float(np.linalg.eigvalsh(hessian / np.outer(scale, scale))[0])
    return least > 1e-8 and float(weight.min()) > 1e-8


def _climb(
    beta: FloatArray,
    step: FloatArray,
    value: float,
    *,
    design: FloatArray,
    y: FloatArray,
    known: FloatArray,
) -> tuple[FloatArray, float, bool]:
    """Halve a Newton step until the likelihood does not fall (beyond rounding)."""
    slack = 1e-12 * max(abs(value), 1.0)
    for halving in range(30):
        trial = beta + step * 0.5**halving
        reached = _log_likelihood(known + design @ trial, y)
        if reached >= value - slack:
            return trial, reached, True
    return beta, value, False
