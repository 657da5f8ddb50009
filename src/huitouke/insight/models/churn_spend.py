"""Expected spend within the horizon: linear regression, and the rival that scales the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from huitouke.insight.models.churn_inputs import (
    FIT_ROWS,
    ChurnModelUnfitted,
    Preparation,
    check_inputs,
    column_of,
    rows_to_fit,
    single_thread,
)
from huitouke.insight.models.churn_logistic import chunks
from huitouke.insight.tables import Status

__all__ = ["LinearSpend", "PastSpend"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_ROWS_MIN = 300


class LinearSpend:
    """Expected spend = b0 + sum b_j z_j, never below 0, with z the standardised features.

    Features enter as they are (spend follows spend), held within the middle 99.8 % of the
    range seen at fit, so that one giant order cannot bend the line.

    Parameters
    ----------
    ridge
        Penalty on the standardised coefficients.

    Attributes
    ----------
    status_
        ``ok``, or ``insufficient_evidence`` with fewer than 300 rows.

    References
    ----------
    Hoerl & Kennard (1970), "Ridge regression: biased estimation for nonorthogonal problems".

    Examples
    --------
    >>> X = np.arange(400.0)[:, None]
    >>> model = LinearSpend().fit(X, 2 * X[:, 0], names=["spend"], rng_seed=0)
    >>> bool(abs(model.predict(np.array([[200.0]]))[0] - 400) < 3)
    True
    """

    name = "linear"

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
        """Fit by penalised least squares.

        Parameters
        ----------
        X
            Features, shape (N, K); NaN where missing.
        y
            Spend within the horizon, currency, shape (N,).
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
        check_inputs(X, y, names=names, binary=False)
        kept = rows_to_fit(len(y), groups=groups, at_most=FIT_ROWS)
        X, y = X[kept], y[kept]
        self.names_ = tuple(names)
        self.n_ = len(y)
        self.preparation_ = Preparation.learn(X, log_skewed=False, tail=0.001)
        with single_thread():
            columns = self.preparation_.apply(X)
            # Held columns are not quite centred: the intercept is fitted, not assumed.
            middle = columns.mean(axis=0)
            centred = columns - middle
            squares = centred.T @ centred + self.ridge * np.eye(columns.shape[1])
            weights = np.linalg.solve(squares, centred.T @ (y - y.mean()))
        self.coefficients_ = np.concatenate([[y.mean() - middle @ weights], weights])
        self.status_ = Status.OK if len(y) >= _ROWS_MIN else Status.INSUFFICIENT
        return self

    def _ready(self) -> Preparation:
        if self.preparation_ is None:
            raise ChurnModelUnfitted(model=self.name)
        return self.preparation_

    def predict(self, X: FloatArray) -> FloatArray:
        """Return expected spend, currency, shape (N,), never negative.

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
        spend = np.empty(len(X))
        with single_thread():
            for part in chunks(len(X)):
                columns = preparation.apply(X[part])
                expected = self.coefficients_[0] + columns @ self.coefficients_[1:]
                spend[part] = np.maximum(expected, 0.0)
        return spend

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values, for the record.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        preparation = self._ready()
        labels = [*self.names_, *(f"{self.names_[k]}_missing" for k in preparation.gaps)]
        return {
            "ridge": self.ridge,
            "rows": self.n_,
            "status": str(self.status_),
            "intercept": float(self.coefficients_[0]),
            "coefficients_per_sd": dict(
                zip(labels, self.coefficients_[1:].tolist(), strict=True)
            ),
        }


class PastSpend:
    """The rival: next spend is a fixed multiple of past spend, so that the totals agree.

    Parameters
    ----------
    column
        The feature that holds past spend.

    Attributes
    ----------
    status_
        ``ok``, or ``insufficient_evidence`` with fewer than 300 rows.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, chapter 6 (ratio estimator).

    Examples
    --------
    >>> X = np.array([[10.0], [30.0]])
    >>> model = PastSpend(column="spend").fit(X, np.array([5.0, 15.0]), names=["spend"],
    ...     rng_seed=0)
    >>> model.predict(np.array([[8.0]])).tolist()
    [4.0]
    """

    name = "past_spend"

    def __init__(self, *, column: str = "spend_total") -> None:
        self.column = column
        self.multiple_: float | None = None

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,  # noqa: ARG002 - one interface for all; this fit draws nothing
        groups: IntArray | None = None,  # noqa: ARG002 - two sums need no sample
    ) -> Self:
        """Fit the multiple.

        Parameters
        ----------
        X
            Features, shape (N, K).
        y
            Spend within the horizon, currency, shape (N,).
        names
            K feature names.
        rng_seed, groups
            Not used.

        Raises
        ------
        ChurnInputsInvalid
            If the inputs do not fit together or the column is missing.
        """
        check_inputs(X, y, names=names, binary=False)
        self.names_ = tuple(names)
        past = np.maximum(np.nan_to_num(column_of(X, self.column, names=names)), 0.0)
        total = float(past.sum())
        self.multiple_ = float(y.sum()) / total if total > 0 else 0.0
        self.status_ = Status.OK if len(y) >= _ROWS_MIN else Status.INSUFFICIENT
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Return expected spend, currency, shape (N,).

        Parameters
        ----------
        X
            Features, shape (N, K), in the order of the names fitted on.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        if self.multiple_ is None:
            raise ChurnModelUnfitted(model=self.name)
        past = np.nan_to_num(column_of(X, self.column, names=self.names_))
        return np.maximum(past * self.multiple_, 0.0)

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values, for the record.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        if self.multiple_ is None:
            raise ChurnModelUnfitted(model=self.name)
        return {"column": self.column, "multiple": self.multiple_}
