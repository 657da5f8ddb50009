"""Ridge logistic regression of churn, with reasons for each customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from huitouke.insight.models.churn_inputs import (
    FIT_ROWS,
    ChurnModelUnfitted,
    Preparation,
    check_inputs,
    evidence,
    rows_to_fit,
    single_thread,
    smoothed_rate,
)
from huitouke.insight.tables import Status

__all__ = ["RidgeLogistic", "chunks"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_STEPS = 100
_GRADIENT = 1e-9


def chunks(n: int, *, rows: int = 131_072) -> Iterator[slice]:
    """Yield slices that cover n rows.

    Parameters
    ----------
    n
        Rows.
    rows
        The most rows in one slice.

    Examples
    --------
    >>> list(chunks(5, rows=3))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    for start in range(0, n, rows):
        yield slice(start, min(start + rows, n))


class RidgeLogistic:
    """P(churn) = expit(b0 + sum b_j z_j) with z the standardised features.

    Parameters
    ----------
    ridge
        Penalty: each standardised coefficient has a normal prior of variance 1 / ridge. With
        few events it keeps the chances near the base rate.

    Attributes
    ----------
    status_
        ``ok``; ``insufficient_evidence`` with fewer than 300 events (or others) or fewer than
        10 per parameter.

    References
    ----------
    Hoerl & Kennard (1970); le Cessie & van Houwelingen (1992), "Ridge estimators in logistic
    regression".

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(3))
    >>> X = rng.normal(size=(4000, 2))
    >>> y = (rng.uniform(size=4000) < expit(X[:, 0])).astype(float)
    >>> model = RidgeLogistic().fit(X, y, names=["pull", "noise"], rng_seed=0)
    >>> bool(model.predict(np.array([[2.0, 0.0]]))[0] > .8), str(model.status_)
    (True, 'ok')
    """

    name = "logistic"

    def __init__(self, *, ridge: float = 1.0) -> None:
        self.ridge = ridge
        self.preparation_: Preparation | None = None

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,  # noqa: ARG002 - one interface for all; this fit draws nothing
        groups: IntArray | None = None,
    ) -> Self:
        """Fit by Newton's method, accepted on the gradient and the Hessian.

        Parameters
        ----------
        X
            Features, shape (N, K); NaN where missing.
        y
            1 for churn, else 0, shape (N,).
        names
            K feature names.
        rng_seed
            Not used: the fit is the same for every seed.
        groups
            Customer numbers, shape (N,), by which a sample is taken if N is large.

        Raises
        ------
        ChurnInputsInvalid
            If the inputs do not fit together.
        """
        check_inputs(X, y, names=names)
        kept = rows_to_fit(len(y), groups=groups, at_most=FIT_ROWS)
        X, y = X[kept], y[kept]
        self.names_ = tuple(names)
        self.n_, self.events_ = len(y), int(y.sum())
        self.preparation_ = Preparation.learn(X)
        with single_thread():
            columns = self.preparation_.apply(X)
            self._newton(columns, y)
        varying = int(np.count_nonzero(self.preparation_.scale)) + len(self.preparation_.gaps)
        self.status_ = evidence(y, parameters=varying + 1)
        if not self.converged_:
            self.status_ = Status.NOT_IDENTIFIED
        return self

    def _newton(self, columns: FloatArray, y: FloatArray) -> None:
        design = np.column_stack([np.ones(len(y)), columns])
        penalty = np.full(design.shape[1], self.ridge)
        penalty[0] = 0.0
        beta = np.zeros(design.shape[1])
        rate = smoothed_rate(float(y.sum()), n=len(y))
        beta[0] = np.log(rate / (1 - rate))
        self.converged_ = self.events_ in {0, self.n_}
        if self.converged_:
            # One class only: the chance is the smoothed rate, the same for everybody.
            self.coefficients_, self.covariance_ = beta, np.diag(np.zeros(len(beta)))
            return
        value = self._objective(design, y, beta=beta, penalty=penalty)
        for _ in range(_STEPS):
            p = expit(design @ beta)
            gradient = design.T @ (y - p) - penalty * beta
            hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
            if float(np.max(np.abs(gradient))) <= _GRADIENT * len(y):
                self.converged_ = float(np.linalg.eigvalsh(hessian)[0]) > 0
                break
            step = np.linalg.solve(hessian, gradient)
            for halving in range(40):
                trial = beta + step * 0.5**halving
                reached = self._objective(design, y, beta=trial, penalty=penalty)
                if reached >= value - 1e-12 * abs(value):
                    break
            beta, value = trial, reached
        self.coefficients_ = beta
        self.covariance_ = np.linalg.inv(hessian)

    @staticmethod
    def _objective(
        design: FloatArray, y: FloatArray, *, beta: FloatArray, penalty: FloatArray
    ) -> float:
        eta = design @ beta
        likelihood = float(np.sum(y * eta - np.logaddexp(0.0, eta)))
        return likelihood - 0.5 * float(np.sum(penalty * beta**2))

    def _ready(self) -> Preparation:
        if self.preparation_ is None:
            raise ChurnModelUnfitted(model=self.name)
        return self.preparation_

    def predict(self, X: FloatArray) -> FloatArray:
        """Return the chance of churn, shape (N,).

        Parameters
        ----------
        X
            Features, shape (N, K), in the order of the names fitted on.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        preparation = self._ready()
        chances = np.empty(len(X))
        with single_thread():
            for part in chunks(len(X)):
                columns = preparation.apply(X[part])
                eta = self.coefficients_[0] + columns @ self.coefficients_[1:]
                chances[part] = expit(eta)
        return chances

    def contributions(self, X: FloatArray) -> FloatArray:
        """Return what each feature adds to the log odds of churn, against the average.

        With the intercept they sum to the log odds: for a linear model these are the Shapley
        values of independent features (Lundberg & Lee 2017, corollary 1).

        Parameters
        ----------
        X
            Features, shape (N, K); take few rows at a time, the answer is as large.

        Returns
        -------
        FloatArray
            Shape (N, K); a feature's indicator of missing values counts with the feature.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        preparation = self._ready()
        parts = preparation.apply(X) * self.coefficients_[1:]
        features = parts[:, : len(preparation.low)].copy()
        for place, feature in enumerate(preparation.gaps.tolist()):
            features[:, feature] += parts[:, len(preparation.low) + place]
        return features

    def reasons(self, X: FloatArray, *, top: int = 3) -> tuple[IntArray, FloatArray]:
        """Return the features that raise each customer's risk most.

        Parameters
        ----------
        X
            Features, shape (N, K).
        top
            How many.

        Returns
        -------
        tuple
            Places of the features, shape (N, top), strongest first; and what each adds to
            the log odds. A place is -1, and its addition 0, where nothing more raises risk.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        top = min(top, len(self.names_) if self._ready() else 0)
        places = np.full((len(X), top), -1, dtype=np.int64)
        added = np.zeros((len(X), top))
        for part in chunks(len(X)):
            found = self.contributions(X[part])
            order = np.argsort(-found, axis=1, kind="stable")[:, :top]
            values = np.take_along_axis(found, order, axis=1)
            places[part] = np.where(values > 0, order, -1)
            added[part] = np.maximum(values, 0.0)
        return places, added

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values, for the record.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        preparation = self._ready()
        weights = self.coefficients_[1:].tolist()
        errors = np.sqrt(np.diag(self.covariance_))[1:].tolist()
        labels = [*self.names_, *(f"{self.names_[k]}_missing" for k in preparation.gaps)]
        return {
            "ridge": self.ridge,
            "rows": self.n_,
            "events": self.events_,
            "status": str(self.status_),
            "intercept": float(self.coefficients_[0]),
            "logged": [
                name for name, on in zip(self.names_, preparation.logged, strict=True) if on
            ],
            "coefficients_per_sd": {
                label: {"value": weight, "standard_error": error}
                for label, weight, error in zip(labels, weights, errors, strict=True)
            },
        }
