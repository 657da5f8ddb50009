"""The model behind the loyalty score: monotone and additive on the logit scale.

Each feature enters through ramps between quantiles of its values; every ramp's coefficient is
held at or above zero, so more of a good thing never lowers the score. Ridge penalty, optimum
accepted on its projected gradient.

References
----------
Bertsekas (1982), "Projected Newton methods for optimization problems with simple
constraints", SIAM J. Control 20.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from huitouke.insight.profiles.judged import Flags, Floats

__all__ = [
    "BEHAVIOUR",
    "Additive",
    "Block",
    "Term",
    "fit_additive",
]

_KNOTS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_RIDGE = 1.0
_MAX_STEPS, _GRADIENT_MAX = 100, 1e-9


@dataclass(frozen=True)
class Block:
    """A group of features that enters the score together.

    Parameters
    ----------
    name
        ``behaviour``, ``attitude``, ``advocacy`` or ``resilience``.
    features
        Feature name and sign: 1 if more is more loyal, -1 if less is.
    """

    name: str
    features: tuple[tuple[str, int], ...]


#: What orders alone say; see ``loyalty_features``.
BEHAVIOUR = Block(
    "behaviour",
    (
        ("p_buy", 1),
        ("orders_expected", 1),
        ("quiet", -1),
        ("recent_count", 1),
        ("full_price_share", 1),
    ),
)


@dataclass(frozen=True)
class Term:
    """One monotone curve of the model.

    Parameters
    ----------
    block, feature, sign
        Where it comes from.
    knots
        Values of sign x feature between which the curve is straight; flat outside.
    steps
        Rise on the logit scale from each knot to the next, >= 0.
    average
        Mean of the curve (0 where not observed) over the customers it was fitted on.
    """

    block: str
    feature: str
    sign: int
    knots: Floats
    steps: Floats
    average: float

    def curve(self, values: Floats) -> Floats:
        """Return the height of the curve, logits above its lowest point; NaN stays NaN.

        Parameters
        ----------
        values
            (customers,) the feature.
        """
        heights = np.concatenate([[0.0], np.cumsum(self.steps)])
        return np.asarray(np.interp(self.sign * values, self.knots, heights))


@dataclass(frozen=True)
class Additive:
    """A fitted additive model.

    Parameters
    ----------
    intercept
        Logits at the lowest point of every curve.
    terms
        The curves.
    answered
        Per optional block: logits added where it was observed.
    answered_share
        Per optional block: share of customers in the fit where it was observed.
    unseen_variance
        Per optional block: variance of its curves over those observed, logits squared.
    root
        (columns, columns) R with R Rᵀ the covariance of the coefficients.
    rows
        Customers in the fit, origins pooled.
    gradient
        Largest projected gradient at the optimum, per customer.
    """

    intercept: float
    terms: tuple[Term, ...]
    answered: Mapping[str, float]
    answered_share: Mapping[str, float]
    unseen_variance: Mapping[str, float]
    root: Floats
    rows: int
    gradient: float

    def logit(self, features: Mapping[str, Floats]) -> Floats:
        """Return the logit of each customer before calibration.

        Parameters
        ----------
        features
            (customers,) arrays by name; NaN where an optional block is not observed.
        """
        total = np.full(len(next(iter(features.values()))), self.intercept)
        for name, shift in self.answered.items():
            total += np.where(self.observed(features, block=name), shift, 0.0)
        for term in self.terms:
            total += np.nan_to_num(term.curve(features[term.feature]))
        return total

    def observed(self, features: Mapping[str, Floats], *, block: str) -> Flags:
        """Say where every feature of a block is observed.

        Parameters
        ----------
        features
            (customers,) arrays by name.
        block
            Name of the block.
        """
        columns = [features[term.feature] for term in self.terms if term.block == block]
        return np.asarray(np.isfinite(np.stack(columns)).all(axis=0))

    def variance(self, features: Mapping[str, Floats]) -> Floats:
        """Return the variance of each customer's logit: parameters, and blocks not seen.

        Parameters
        ----------
        features
            (customers,) arrays by name.
        """
        optional = {name: self.observed(features, block=name) for name in self.answered}
        design = _design(features, self.terms, optional)
        variance = np.asarray(((design @ self.root) ** 2).sum(axis=1))
        for name, seen in optional.items():
            variance += np.where(seen, 0.0, self.unseen_variance[name])
        return variance

    @property
    def average(self) -> float:
        """Mean logit of the customers in the fit."""
        shifts = sum(shift * self.answered_share[name] for name, shift in self.answered.items())
        return self.intercept + shifts + sum(term.average for term in self.terms)


def _ramps(values: Floats, knots: Floats) -> Floats:
    """Return how far each value has climbed between each knot and the next, 0 to 1."""
    width = np.maximum(np.diff(knots), 1e-12)
    climbed = np.clip((values[:, None] - knots[None, :-1]) / width, 0.0, 1.0)
    return np.asarray(np.nan_to_num(climbed))


def _design(
    features: Mapping[str, Floats], terms: Sequence[Term], optional: Mapping[str, Flags]
) -> Floats:
    rows = len(features[terms[0].feature])
    columns = [np.ones((rows, 1))]
    columns += [seen[:, None].astype(np.float64) for seen in optional.values()]
    columns += [_ramps(term.sign * features[term.feature], term.knots) for term in terms]
    return np.hstack(columns)


def _knots(values: Floats) -> Floats:
    known = values[np.isfinite(values)]
    knots = np.unique(np.quantile(known, _KNOTS)) if len(known) else np.zeros(1)
    return knots if len(knots) > 1 else np.array([knots[0], knots[0] + 1.0])


def fit_additive(
    features: Mapping[str, Floats], *, bought: Flags, blocks: Sequence[Block], origins: int
) -> Additive:
    """Fit the additive model by penalised maximum likelihood with non-negative ramps.

    Parameters
    ----------
    features
        (rows,) arrays by name; NaN only in blocks after the first.
    bought
        (rows,) the outcome.
    blocks
        The first is observed for everybody; the others where they are not NaN.
    origins
        Origins pooled; the covariance is multiplied by it, since they show mostly the same
        customers.
    """
    terms = tuple(
        Term(block.name, name, sign, _knots(sign * features[name]), np.zeros(0), 0.0)
        for block in blocks
        for name, sign in block.features
    )
    optional = {
        block.name: np.asarray(
            np.isfinite(np.stack([features[name] for name, _ in block.features])).all(axis=0)
        )
        for block in blocks[1:]
    }
    design = _design(features, terms, optional)
    free = 1 + len(optional)
    beta, gradient, covariance = _nonnegative_logistic(design, bought, free=free)
    fitted, place = [], free
    for term in terms:
        steps = beta[place : place + len(term.knots) - 1]
        place += len(steps)
        curve = Term(term.block, term.feature, term.sign, term.knots, steps, 0.0)
        heights = np.nan_to_num(curve.curve(features[term.feature]))
        fitted.append(
            Term(term.block, term.feature, term.sign, term.knots, steps, float(heights.mean()))
        )
    spread = {}
    for name, seen in optional.items():
        parts = [t.curve(features[t.feature])[seen] for t in fitted if t.block == name]
        spread[name] = float(np.sum(parts, axis=0).var()) if seen.any() else 0.0
    names = list(optional)
    return Additive(
        intercept=float(beta[0]),
        terms=tuple(fitted),
        answered={name: float(beta[1 + i]) for i, name in enumerate(names)},
        answered_share={name: float(optional[name].mean()) for name in names},
        unseen_variance=spread,
        root=np.asarray(
            np.linalg.cholesky(covariance * origins + 1e-12 * np.eye(len(beta))),
            dtype=np.float64,
        ),
        rows=len(bought),
        gradient=gradient,
    )


def _nonnegative_logistic(
    design: Floats, bought: Flags, *, free: int
) -> tuple[Floats, float, Floats]:
    """Return coefficients, the projected gradient per row, and the covariance.

    Projected Newton steps (Bertsekas 1982): coefficients held at zero stay out of the step
    while the loss would fall only below zero.
    """
    y = bought.astype(np.float64)
    rows, size = design.shape
    penalty = np.full(size, _RIDGE)
    penalty[0] = 0.0
    bounded = np.arange(size) >= free
    beta = np.full(size, 0.1)
    rate = float(np.clip(y.mean(), 1e-4, 1 - 1e-4))
    beta[0] = float(special.logit(rate)) - 0.05 * (size - free)

    def loss(at: Floats) -> float:
        eta = design @ at
        return float(np.logaddexp(0.0, eta).sum() - y @ eta + 0.5 * penalty @ at**2)

    value = loss(beta)
    for _ in range(_MAX_STEPS):
        p = special.expit(design @ beta)
        slope = design.T @ (p - y) + penalty * beta
        held = bounded & (beta <= 0.0) & (slope > 0.0)
        gradient = float(np.abs(np.where(held, 0.0, slope)).max()) / rows
        loose = np.flatnonzero(~held)
        part = design[:, loose]
        hessian = (part * (p * (1 - p))[:, None]).T @ part + np.diag(penalty[loose])
        hessian += 1e-9 * np.eye(len(loose))
        if gradient < _GRADIENT_MAX:
            break
        step = np.zeros(size)
        step[loose] = -np.linalg.solve(hessian, slope[loose])
        beta, value = _line_search(loss, beta, value=value, step=step, bounded=bounded)
    covariance = np.zeros((size, size))
    covariance[np.ix_(loose, loose)] = np.linalg.inv(hessian)
    return beta, gradient, covariance


def _line_search(
    loss: Callable[[Floats], float], beta: Floats, *, value: float, step: Floats, bounded: Flags
) -> tuple[Floats, float]:
    """Shorten the projected step until the loss does not rise."""
    length = 1.0
    for _ in range(40):
        tried = beta + length * step
        tried = np.where(bounded, np.maximum(tried, 0.0), tried)
        reached = loss(tried)
        if reached <= value:
            return tried, reached
        length /= 2
    return beta, value
