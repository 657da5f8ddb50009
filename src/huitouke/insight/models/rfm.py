"""The cheap rivals: recency, frequency and money, by ranks and by logistic regression.

Any model of churn must beat these out of time, or the product shows these instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from huitouke.insight.models.churn_inputs import (
    FIT_ROWS,
    ChurnModelUnfitted,
    check_inputs,
    column_of,
    evidence,
    rows_to_fit,
)
from huitouke.insight.models.churn_logistic import RidgeLogistic
from huitouke.insight.tables import Status

__all__ = ["RfmColumns", "RfmLogistic", "RfmRankSum"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Borders between acquisition ages, in days: a quarter, half a year, one year, two years.
_AGE_BORDERS = (91.0, 182.0, 364.0, 728.0)

#: The fewest customers of an acquisition age who are ranked among themselves.
_BAND_MIN = 100


@dataclass(frozen=True)
class RfmColumns:
    """Which features hold recency, frequency, money and acquisition age.

    Parameters
    ----------
    silence
        Days since the last purchase.
    frequency
        Purchases, with or without the first.
    money
        Spend.
    age
        Days since the first purchase.
    """

    silence: str = "silence_days"
    frequency: str = "repeat_count"
    money: str = "spend_total"
    age: str = "tenure_days"


@dataclass(frozen=True)
class _Band:
    """Sorted values of one acquisition age, by which newcomers are ranked; shape (n, 3)."""

    values: FloatArray

    def ranks(self, rows: FloatArray, *, groups: int) -> IntArray:
        n = len(self.values)
        found = np.empty(rows.shape, dtype=np.int64)
        for place in range(rows.shape[1]):
            column = np.ascontiguousarray(self.values[:, place])
            below = np.searchsorted(column, rows[:, place], side="left")
            through = np.searchsorted(column, rows[:, place], side="right")
            # Ties share the middle of their places, so all of them fall into one group.
            share = (below + through) / (2 * n)
            found[:, place] = np.minimum(np.floor(share * groups), groups - 1) + 1
        return found


class RfmRankSum:
    """RFM score: the sum of the three quintile ranks within an acquisition age.

    Customers are ranked among those acquired about as long ago, so that an old customer is
    not ahead only by having had more time. Ties are ranked jointly. The score runs from 3 to
    15; the chance of churn is a logistic curve of it.

    Parameters
    ----------
    columns
        Which features hold what.
    groups
        Ranks per dimension; 5 for quintiles.

    Attributes
    ----------
    status_
        ``ok``, or ``insufficient_evidence`` with fewer than 300 events or others.

    References
    ----------
    Bult & Wansbeek (1995), "Optimal selection for direct mail"; Fader, Hardie & Lee (2005),
    "RFM and CLV".

    Examples
    --------
    >>> X = np.array([[1., 9., 90., 50.], [40., 0., 10., 50.]]).repeat(300, axis=0)
    >>> names = ["silence_days", "repeat_count", "spend_total", "tenure_days"]
    >>> model = RfmRankSum().fit(X, np.repeat([0., 1.], 300), names=names, rng_seed=0)
    >>> model.scores(X[[0, -1]]).tolist()
    [12, 6]
    """

    name = "rfm_rank_sum"

    def __init__(self, *, columns: RfmColumns | None = None, groups: int = 5) -> None:
        self.columns = columns or RfmColumns()
        self.groups = groups
        self.bands_: tuple[_Band, ...] = ()

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,
        groups: IntArray | None = None,
    ) -> Self:
        """Learn the ranks' borders and the curve.

        Parameters
        ----------
        X
            Features, shape (N, K).
        y
            1 for churn, else 0, shape (N,).
        names
            K feature names, the four columns among them.
        rng_seed
            Handed on; the fit is the same for every seed.
        groups
            Customer numbers, shape (N,), by which a sample is taken if N is large.

        Raises
        ------
        ChurnInputsInvalid
            If the inputs do not fit together or a column is missing.
        """
        check_inputs(X, y, names=names)
        self.names_ = tuple(names)
        kept = rows_to_fit(len(y), groups=groups, at_most=FIT_ROWS)
        X, y = X[kept], y[kept]
        age = self._age(X)
        borders = list(_AGE_BORDERS)
        while borders:
            sizes = np.bincount(np.searchsorted(borders, age), minlength=len(borders) + 1)
            thin = int(np.argmin(sizes))
            if sizes[thin] >= _BAND_MIN:
                break
            # A thin age joins its younger neighbour; the youngest joins its elder.
            del borders[max(thin - 1, 0)]
        self.borders_ = tuple(borders)
        band = np.searchsorted(self.borders_, age)
        rows = self._rfm(X)
        self.bands_ = tuple(
            _Band(np.sort(rows[band == place], axis=0)) for place in range(len(borders) + 1)
        )
        self.curve_ = RidgeLogistic().fit(
            self.scores(X)[:, None].astype(np.float64), y, names=["rfm"], rng_seed=rng_seed
        )
        self.status_ = self.curve_.status_
        return self

    def _age(self, X: FloatArray) -> FloatArray:
        return np.nan_to_num(column_of(X, self.columns.age, names=self.names_))

    def _rfm(self, X: FloatArray) -> FloatArray:
        """Columns in which more is better; a missing value is the worst, shape (N, 3)."""
        picked = [
            -column_of(X, self.columns.silence, names=self.names_),
            column_of(X, self.columns.frequency, names=self.names_),
            column_of(X, self.columns.money, names=self.names_),
        ]
        return np.nan_to_num(np.column_stack(picked), nan=-np.inf, neginf=-np.inf)

    def ranks(self, X: FloatArray) -> IntArray:
        """Return the R, F and M rank of each customer, 1 (worst) to 5 (best), shape (N, 3).

        Parameters
        ----------
        X
            Features, shape (N, K), in the order of the names fitted on.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        if not self.bands_:
            raise ChurnModelUnfitted(model=self.name)
        rows = self._rfm(X)
        band = np.searchsorted(self.borders_, self._age(X))
        found = np.empty(rows.shape, dtype=np.int64)
        for place, known in enumerate(self.bands_):
            inside = band == place
            found[inside] = known.ranks(rows[inside], groups=self.groups)
        return found

    def scores(self, X: FloatArray) -> IntArray:
        """Return the RFM score of each customer, the sum of the ranks, shape (N,).

        Parameters
        ----------
        X
            Features, shape (N, K), in the order of the names fitted on.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        total: IntArray = self.ranks(X).sum(axis=1)
        return total

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
        scores = self.scores(X)[:, None].astype(np.float64)
        return self.curve_.predict(scores)

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values, for the record.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        if not self.bands_:
            raise ChurnModelUnfitted(model=self.name)
        return {
            "groups": self.groups,
            "age_borders_days": list(self.borders_),
            "age_counts": [len(band.values) for band in self.bands_],
            "curve": self.curve_.parameters(),
        }


class RfmLogistic:
    """Logistic regression on recency, frequency and money only.

    Parameters
    ----------
    columns
        Which features hold what.

    Attributes
    ----------
    status_
        As ``RidgeLogistic``.

    References
    ----------
    Wübben & Wangenheim (2008), "Instant customer base analysis: managerial heuristics often
    get it right" (why a rival this cheap must be beaten).

    Examples
    --------
    >>> X = np.column_stack([np.arange(800.0), np.ones(800), np.ones(800)])
    >>> y = (np.arange(800) > 400).astype(float)
    >>> names = ["silence_days", "repeat_count", "spend_total"]
    >>> chances = RfmLogistic().fit(X, y, names=names, rng_seed=0).predict(X)
    >>> bool(chances[-1] > chances[0])
    True
    """

    name = "rfm_logistic"

    def __init__(self, *, columns: RfmColumns | None = None) -> None:
        self.columns = columns or RfmColumns()
        self.inner_: RidgeLogistic | None = None

    def _pick(self, X: FloatArray) -> FloatArray:
        wanted = (self.columns.silence, self.columns.frequency, self.columns.money)
        return np.column_stack([column_of(X, name, names=self.names_) for name in wanted])

    def fit(
        self,
        X: FloatArray,
        y: FloatArray,
        *,
        names: Sequence[str],
        rng_seed: int,
        groups: IntArray | None = None,
    ) -> Self:
        """Fit on the three columns.

        Parameters
        ----------
        X
            Features, shape (N, K).
        y
            1 for churn, else 0, shape (N,).
        names
            K feature names, the three columns among them.
        rng_seed
            Handed on; the fit is the same for every seed.
        groups
            Customer numbers, shape (N,), by which a sample is taken if N is large.

        Raises
        ------
        ChurnInputsInvalid
            If the inputs do not fit together or a column is missing.
        """
        check_inputs(X, y, names=names)
        self.names_ = tuple(names)
        wanted = (self.columns.silence, self.columns.frequency, self.columns.money)
        self.inner_ = RidgeLogistic().fit(
            self._pick(X), y, names=wanted, rng_seed=rng_seed, groups=groups
        )
        self.status_: Status = evidence(y, parameters=len(wanted) + 1)
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
        if self.inner_ is None:
            raise ChurnModelUnfitted(model=self.name)
        return self.inner_.predict(self._pick(X))

    def parameters(self) -> Mapping[str, Any]:
        """Return what was fitted as plain values, for the record.

        Raises
        ------
        ChurnModelUnfitted
            If the model has not been fitted.
        """
        if self.inner_ is None:
            raise ChurnModelUnfitted(model=self.name)
        return self.inner_.parameters()
