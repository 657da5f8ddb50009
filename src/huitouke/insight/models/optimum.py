"""Finding an optimum and judging it: gradient and Hessian, never the optimiser's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize

from huitouke.insight.models.quadrature import FloatArray

__all__ = ["Objective", "Optimum", "covariance", "follow", "hessian", "search"]

Objective = Callable[[FloatArray], tuple[float, FloatArray]]

GRADIENT_LIMIT = 1e-6
#: Along a limit the likelihood never turns flat altogether: a little slope is left there.
_FLAT_LIMIT = 1e-5
"""Largest derivative per customer, in a log-parameter, of an accepted optimum."""

EIGENVALUE_LIMIT = 1e-8
"""Smallest eigenvalue per customer of the Hessian of an accepted optimum."""

_GOAL = 1e-9
_STEP = 1e-4
_POLISH = 12


@dataclass(frozen=True)
class Optimum:
    """Where a search ended.

    Parameters
    ----------
    theta
        Log-parameters.
    value
        Negative log-likelihood per customer.
    gradient
        Its derivatives.
    hessian
        Its second derivatives.
    inside
        For each parameter, True unless it lies on a bound.
    evaluations
        Evaluations so far.
    starts
        Starting points tried so far.
    """

    theta: FloatArray
    value: float
    gradient: FloatArray
    hessian: FloatArray
    inside: FloatArray
    evaluations: int
    starts: int = 1

    @property
    def slope(self) -> float:
        """The largest absolute derivative, over the parameters inside the bounds."""
        return float(np.abs(self.gradient[self.inside > 0]).max(initial=0.0))

    @property
    def eigenvalue(self) -> float:
        """The smallest eigenvalue of the Hessian."""
        return float(np.linalg.eigvalsh(self.hessian)[0])

    @property
    def accepted(self) -> bool:
        """Whether the gradient is zero and the Hessian positive definite, inside the bounds."""
        inside = bool((self.inside > 0).all())
        return inside and self.slope < GRADIENT_LIMIT and self.eigenvalue > EIGENVALUE_LIMIT

    @property
    def flat(self) -> bool:
        """Whether nothing is left to gain although some direction is undetermined."""
        return self.slope < _FLAT_LIMIT and self.eigenvalue > -EIGENVALUE_LIMIT


def hessian(objective: Objective, *, theta: FloatArray) -> FloatArray:
    """Return the second derivatives from central differences of the exact gradient.

    Parameters
    ----------
    objective
        Returns value and gradient.
    theta
        Where.

    Examples
    --------
    >>> bowl = lambda t: (float((t**2).sum()), 2 * t)
    >>> hessian(bowl, theta=np.zeros(2)).round(6).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    size = theta.size
    rows = np.empty((size, size))
    for k in range(size):
        move = np.zeros(size)
        move[k] = _STEP
        rows[k] = (objective(theta + move)[1] - objective(theta - move)[1]) / (2 * _STEP)
    return (rows + rows.T) / 2.0


def search(
    objective: Objective, *, starts: Sequence[FloatArray], low: FloatArray, high: FloatArray
) -> Optimum:
    """Return the first accepted optimum, or the best end found from all starts.

    Parameters
    ----------
    objective
        Negative log-likelihood per customer in log-parameters, with its gradient.
    starts
        Starting points in the order to try them.
    low, high
        Bounds of the log-parameters.
    """
    best = _descend(objective, start=np.clip(starts[0], low, high), low=low, high=high)
    spent, tried = best.evaluations, 1
    for start in starts[1:]:
        if best.accepted:
            break
        found = _descend(objective, start=np.clip(start, low, high), low=low, high=high)
        spent, tried = spent + found.evaluations, tried + 1
        if found.accepted or found.value < best.value - 1e-9:
            best = found
    return replace(best, evaluations=spent, starts=tried)


def _descend(
    objective: Objective, *, start: FloatArray, low: FloatArray, high: FloatArray
) -> Optimum:
    spent = 0

    def counted(theta: FloatArray) -> tuple[float, FloatArray]:
        nonlocal spent
        spent += 1
        value, gradient = objective(theta)
        return (value, gradient) if np.isfinite(value) else (1e10, np.zeros_like(theta))

    descend: Any = minimize  # its stubs know no function that returns its gradient too
    found = descend(
        counted,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=np.column_stack([low, high]),
        options={"maxiter": 300, "gtol": 1e-7, "ftol": 1e-15, "maxcor": 20},
    )
    theta = np.clip(np.asarray(found.x, dtype=np.float64), low, high)
    value, gradient = counted(theta)
    for _ in range(_POLISH):
        curve = hessian(counted, theta=theta)
        inside = _inside(theta, gradient=gradient, low=low, high=high)
        theta, value, gradient, moved = _newton(
            counted, theta, value=value, gradient=gradient, curve=curve, inside=inside,
            low=low, high=high,
        )  # fmt: skip
        if not moved or np.abs(gradient[inside > 0]).max(initial=0.0) < _GOAL:
            break
    inside = _inside(theta, gradient=gradient, low=low, high=high)
    return Optimum(theta, value, gradient, curve, inside, spent)


def _inside(
    theta: FloatArray, *, gradient: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    stuck = ((theta <= low) & (gradient > 0)) | ((theta >= high) & (gradient < 0))
    return 1.0 - stuck.astype(np.float64)


def _newton(
    objective: Objective,
    theta: FloatArray,
    *,
    value: float,
    gradient: FloatArray,
    curve: FloatArray,
    inside: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> tuple[FloatArray, float, FloatArray, bool]:
    """Take Newton steps with one Hessian as long as they help."""
    eigenvalues, axes = np.linalg.eigh(curve * np.outer(inside, inside))
    # Flat or wrongly bent directions are walked with the size of their bend, or slowly.
    bends = np.maximum(np.abs(eigenvalues), 1e-7)
    moved = False
    for _ in range(4):
        free = gradient * inside
        if np.abs(free).max() < _GOAL:
            break
        move = np.clip(axes @ ((axes.T @ free) / bends), -2.0, 2.0) * inside
        for share in (1.0, 0.25, 0.03):
            trial = np.clip(theta - share * move, low, high)
            trial_value, trial_gradient = objective(trial)
            better = np.abs(trial_gradient * inside).max() < 0.9 * np.abs(free).max()
            if trial_value < value - 1e-12 or (better and trial_value < value + 1e-9):
                theta, value, gradient, moved = trial, trial_value, trial_gradient, True
                break
        else:
            break
    return theta, value, gradient, moved


def follow(objective: Objective, *, begin: Optimum) -> Optimum:
    """Carry the optimum of a subsample over to the whole, with few passes.

    Newton steps with the subsample's Hessian, which every step corrects (BFGS).

    Parameters
    ----------
    objective
        The whole.
    begin
        An accepted optimum of a subsample.
    """
    theta, curve = begin.theta.copy(), begin.hessian.copy()
    value, gradient = objective(theta)
    spent = 1
    while spent < 20 and np.abs(gradient).max() > 10 * _GOAL:
        move = -np.linalg.solve(curve, gradient)
        move *= min(1.0, 1.0 / max(float(np.abs(move).max()), 1e-300))
        value, new = objective(theta + move)
        spent += 1
        change = new - gradient
        along = float(move @ change)
        if along > 0:
            bend = curve @ move
            curve = curve + np.outer(change, change) / along
            curve -= np.outer(bend, bend) / float(move @ bend)
        theta, gradient = theta + move, new
    return Optimum(
        theta, value, gradient, begin.hessian, np.ones_like(theta),
        begin.evaluations + spent, begin.starts,
    )  # fmt: skip


def covariance(curve: FloatArray, *, customers: int, inside: FloatArray) -> FloatArray:
    """Return the Laplace covariance of the log-parameters.

    Directions in which the likelihood is flat carry no variance: the scores do not depend
    on them.

    Parameters
    ----------
    curve
        Hessian of the negative log-likelihood per customer.
    customers
        How many.
    inside
        For each parameter, 0 where it lies on a bound.
    """
    eigenvalues, axes = np.linalg.eigh(curve * np.outer(inside, inside))
    good = eigenvalues > EIGENVALUE_LIMIT
    spread = np.where(good, 1.0 / np.where(good, eigenvalues, 1.0), 0.0) / customers
    return np.asarray((axes * spread) @ axes.T)
