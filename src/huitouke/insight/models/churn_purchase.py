"""The rival every churn model must beat: what the purchase model says already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from huitouke.insight.models.churn_inputs import check_inputs, column_of
from huitouke.insight.tables import Status

__all__ = ["PurchaseChance"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_EVENTS_MIN = 300


class PurchaseChance:
    """One minus the chance to buy that a purchase model gave; nothing is learnt.

    Parameters
    ----------
    column
        The feature that holds the chance to buy within the horizon.

    Attributes
    ----------
    status_
        ``ok``, or ``insufficient_evidence`` with fewer than 300 events or others.

    References
    ----------
    Wübben & Wangenheim (2008), "Instant customer base analysis", J. Marketing 72.

    Examples
    --------
    >>> X = np.array([[0.9], [0.2]])
    >>> model = PurchaseChance().fit(X, np.array([0.0, 1.0]), names=["p_buy"], rng_seed=0)
    >>> model.predict(X).round(1).tolist()
    [0.1, 0.8]
    """

    name = "purchase_model"

    def __init__(self, *, column: str = "p_buy") -> None:
        self.column = column

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,  # noqa: ARG002 - one interface for all; this fit draws nothing
        groups: IntArray | None = None,  # noqa: ARG002 - and samples nothing
    ) -> Self:
        """Remember which column holds the chance.

        Parameters
        ----------
        X
            Features, shape (N, K).
        y
            1 for churn, else 0, shape (N,).
        names
            K feature names, the column among them.
        rng_seed, groups
            Not used.

        Raises
        ------
        ChurnInputsInvalid
            If the inputs do not fit together or the column is missing.
        """
        check_inputs(X, y, names=names)
        self.names_ = tuple(names)
        column_of(X, self.column, names=self.names_)
        events = int(y.sum())
        enough = min(events, y.size - events) >= _EVENTS_MIN
        self.status_ = Status.OK if enough else Status.INSUFFICIENT
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Return the chance of churn, shape (N,).

        Parameters
        ----------
        X
            Features, shape (N, K), in the order of the names fitted on.
        """
        return 1.0 - column_of(X, self.column, names=self.names_)

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values: nothing but the column."""
        return {"column": self.column}
