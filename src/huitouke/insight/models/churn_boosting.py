"""Gradient boosting of churn: the strongest of the candidates where there is much to learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from huitouke.insight.models.churn_inputs import (
    FIT_ROWS,
    ChurnInputsInvalid,
    ChurnModelUnfitted,
    check_inputs,
    evidence,
    rows_to_fit,
    single_thread,
    smoothed_rate,
)
from huitouke.insight.models.churn_logistic import chunks

__all__ = ["BoostedTrees"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class BoostedTrees:
    """Many small trees, each mending what those before it got wrong; missing values allowed.

    The number of trees is fixed: nothing is held back for stopping, so the fit is the same
    on every run.

    Parameters
    ----------
    rounds
        Trees.
    leaves
        The most leaves of a tree; None grows from 4 in small data to 16 from 60,000 rows.
    learning_rate
        Share of each tree's answer that is added.
    leaf_min
        The fewest rows in a leaf.
    monotone
        Feature name to +1 (risk may only rise with it) or -1 (only fall).

    Attributes
    ----------
    status_
        ``ok``, or ``insufficient_evidence`` with fewer than 300 events or others.

    References
    ----------
    Friedman (2001), "Greedy function approximation: a gradient boosting machine"; Ke et al.
    (2017), "LightGBM" (histograms).

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(3))
    >>> X = rng.normal(size=(2000, 2))
    >>> y = (X[:, 0] * X[:, 1] > 0).astype(float)
    >>> model = BoostedTrees().fit(X, y, names=["a", "b"], rng_seed=0)
    >>> bool(model.predict(np.array([[1.0, 1.0]]))[0] > .9)
    True
    """

    name = "boosting"

    def __init__(
        self,
        *,
        rounds: int = 60,
        leaves: int | None = None,
        learning_rate: float = 0.1,
        leaf_min: int = 50,
        monotone: Mapping[str, int] | None = None,
    ) -> None:
        self.rounds = rounds
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.leaf_min = leaf_min
        self.monotone = dict(monotone or {})
        self.names_: tuple[str, ...] = ()

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,
        groups: IntArray | None = None,
    ) -> Self:
        """Fit on one thread, without early stopping.

        Parameters
        ----------
        X
            Features, shape (N, K); NaN where missing.
        y
            1 for churn, else 0, shape (N,).
        names
            K feature names.
        rng_seed
            Seed of the library's draws (it makes some only on large data).
        groups
            Customer numbers, shape (N,), by which a sample is taken if N is large.

        Raises
        ------
        ChurnInputsInvalid
            If the inputs do not fit together, or ``monotone`` names a feature that is not
            there.
        """
        check_inputs(X, y, names=names)
        unknown = [name for name in self.monotone if name not in names]
        if unknown:
            raise ChurnInputsInvalid(problem="missing column", found=", ".join(unknown))
        kept = rows_to_fit(len(y), groups=groups, at_most=FIT_ROWS)
        X, y = X[kept], y[kept]
        self.names_ = tuple(names)
        self.n_, self.events_ = len(y), int(y.sum())
        self.status_ = evidence(y, parameters=1)
        self.leaves_ = self.leaves or min(4 + self.n_ // 5000, 16)
        # The library cannot cut a column without any value.
        self.used_: list[int] = np.flatnonzero(~np.isnan(X).all(axis=0)).tolist()
        self.booster_: Any = None
        if 0 < self.events_ < self.n_ and len(self.used_):
            self.booster_ = HistGradientBoostingClassifier(
                max_iter=self.rounds,
                max_leaf_nodes=self.leaves_,
                learning_rate=self.learning_rate,
                min_samples_leaf=self.leaf_min,
                l2_regularization=1.0,
                early_stopping=False,
                monotonic_cst=[self.monotone.get(names[k], 0) for k in self.used_],
                random_state=rng_seed,
            )
            with single_thread():
                self.booster_.fit(X[:, self.used_], y > 0.5)
        return self

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
        if not self.names_:
            raise ChurnModelUnfitted(model=self.name)
        if self.booster_ is None:
            # One class, or nothing to tell rows apart: everybody has the smoothed rate.
            return np.full(len(X), smoothed_rate(self.events_, n=self.n_))
        chances = np.empty(len(X))
        with single_thread():
            for part in chunks(len(X)):
                chances[part] = self.booster_.predict_proba(X[part][:, self.used_])[:, 1]
        return chances

    def parameters(self) -> Mapping[str, Any]:
        """Return the settings as plain values, for the record.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        if not self.names_:
            raise ChurnModelUnfitted(model=self.name)
        return {
            "rounds": self.rounds,
            "leaves": self.leaves_,
            "learning_rate": self.learning_rate,
            "leaf_min": self.leaf_min,
            "monotone": self.monotone,
            "rows": self.n_,
            "events": self.events_,
            "status": str(self.status_),
        }
