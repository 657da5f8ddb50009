"""What every churn model does with its inputs first: check them, cap them, ready them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from huitouke.errors import HuitoukeError
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "EVENTS_MIN",
    "FIT_ROWS",
    "ChurnInputsInvalid",
    "ChurnModelUnfitted",
    "Preparation",
    "check_inputs",
    "column_of",
    "evidence",
    "inner_folds",
    "rows_to_fit",
    "single_thread",
    "smoothed_rate",
]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Fewer churners (or fewer others) than this and a model of churn is not evidence.
EVENTS_MIN = 300

#: Events that each fitted parameter needs behind it.
_EVENTS_PER_PARAMETER = 10

#: The most rows to fit on; more change nothing that can be seen and cost time.
FIT_ROWS = 200_000


class ChurnInputsInvalid(HuitoukeError):
    """Features, names and outcomes do not fit together."""

    code = "models.churn_inputs"
    says = N_("The churn model cannot use its inputs: {problem} ({found}).")
    remedy = N_("Give one row of features, of the names fitted on, and one outcome per row.")


class ChurnModelUnfitted(HuitoukeError):
    """A churn model was asked before it was fitted."""

    code = "models.churn_unfitted"
    says = N_("The model {model} has not been fitted.")
    remedy = N_("Call fit first.")


def check_inputs(
    X: FloatArray, y: FloatArray, *, names: Sequence[str], binary: bool = True
) -> None:
    """Refuse inputs that do not fit together.

    Parameters
    ----------
    X
        Features, shape (N, K); NaN where missing, never infinite.
    y
        Outcomes, shape (N,).
    names
        K different feature names.
    binary
        True if outcomes must be 0 or 1, False if any finite number will do.

    Raises
    ------
    ChurnInputsInvalid
        At the first thing that is wrong.
    """
    if X.ndim != 2 or X.shape[1] != len(names) or len(set(names)) != len(names):
        raise ChurnInputsInvalid(problem="names", found=f"{X.shape}, {len(names)} names")
    if y.shape != (len(X),) or len(X) == 0:
        raise ChurnInputsInvalid(problem="rows", found=f"{X.shape}, {y.shape}")
    if bool(np.isinf(X).any()):
        raise ChurnInputsInvalid(problem="infinite feature", found="inf")
    strange = ~np.isin(y, (0.0, 1.0)) if binary else ~np.isfinite(y)
    if bool(strange.any()):
        found = f"{np.count_nonzero(strange)} rows"
        raise ChurnInputsInvalid(problem="outcome", found=found)


def column_of(X: FloatArray, name: str, *, names: Sequence[str]) -> FloatArray:
    """Return one column by name, shape (N,).

    Parameters
    ----------
    X
        Features, shape (N, K).
    name
        The column.
    names
        K feature names.

    Raises
    ------
    ChurnInputsInvalid
        If there is no such column.
    """
    if name not in names:
        raise ChurnInputsInvalid(problem="missing column", found=name)
    return X[:, list(names).index(name)]


def _mixed(groups: IntArray, seed: int) -> npt.NDArray[np.uint64]:
    """Spread numbers evenly over 64 bits (SplitMix64, Steele, Lea & Flood 2014)."""
    with np.errstate(over="ignore"):
        mixed = groups.astype(np.uint64) + np.uint64(seed) * np.uint64(0xD1B54A32D192ED03)
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def rows_to_fit(n: int, *, groups: IntArray | None, at_most: int = FIT_ROWS) -> IntArray:
    """Return the rows to fit on: all, or a stable sample of whole customers.

    Parameters
    ----------
    n
        Rows at hand.
    groups
        Customer numbers, shape (n,); None makes each row its own customer.
    at_most
        The most rows.

    Examples
    --------
    >>> len(rows_to_fit(1000, groups=None, at_most=100))
    100
    """
    if n <= at_most:
        return np.arange(n, dtype=np.int64)
    mixed = _mixed(np.arange(n) if groups is None else groups, 0)
    border = np.partition(mixed, at_most)[at_most]
    return np.flatnonzero(mixed < border).astype(np.int64)


def inner_folds(n: int, *, groups: IntArray | None, folds: int, rng_seed: int) -> IntArray:
    """Return the fold of each row for choices made inside a model, whole customers only.

    Parameters
    ----------
    n
        Rows.
    groups
        Customer numbers, shape (n,); None makes each row its own customer.
    folds
        How many folds.
    rng_seed
        Another seed gives other folds.
    """
    # The offset keeps these folds apart from an outer cross-validation cut by the same hash:
    # its missing fold must not be one of ours.
    mixed = _mixed(np.arange(n) if groups is None else groups, rng_seed + 0x5EED)
    return (mixed % np.uint64(folds)).astype(np.int64)


def evidence(y: FloatArray, *, parameters: int) -> Status:
    """Return whether there are events enough to fit a model of so many parameters.

    Parameters
    ----------
    y
        Outcomes 0 or 1, shape (N,).
    parameters
        Free parameters.

    Examples
    --------
    >>> str(evidence(np.tile([0., 1.], 300), parameters=10))
    'ok'
    """
    events = int(y.sum())
    scarce = min(events, len(y) - events)
    enough = scarce >= max(EVENTS_MIN, _EVENTS_PER_PARAMETER * parameters)
    return Status.OK if enough else Status.INSUFFICIENT


def smoothed_rate(events: float, *, n: float) -> float:
    """Return a rate that is never 0 or 1 (half an event each way: Jeffreys' prior).

    Parameters
    ----------
    events
        Rows with the event.
    n
        Rows.
    """
    return (events + 0.5) / (n + 1.0)


@contextmanager
def single_thread() -> Iterator[None]:
    """Compute on one thread, so that sums do not depend on the number of cores."""
    with threadpool_limits(limits=1):
        yield


@dataclass(frozen=True)
class Preparation:
    """Turns features into columns of comparable size, the same way at fit and at use.

    A column is held to the range seen at fit. A skewed column that is never negative becomes
    log(1 + x). Each is then standardised; a missing value becomes the mean, and a column
    that had any gets an indicator beside it.

    Parameters
    ----------
    low, high
        Range of each feature at fit, shape (K,).
    logged
        Which features become log(1 + x), shape (K,).
    centre, scale
        Mean and standard deviation after that; scale is 0 for a column that does not vary.
    gaps
        Features with an indicator of missing values, shape (G,).
    gap_centre, gap_scale
        Mean and standard deviation of the indicators, shape (G,).
    """

    low: FloatArray
    high: FloatArray
    logged: BoolArray
    centre: FloatArray
    scale: FloatArray
    gaps: IntArray
    gap_centre: FloatArray
    gap_scale: FloatArray

    @classmethod
    def learn(cls, X: FloatArray, *, log_skewed: bool = True, tail: float = 0.0) -> Preparation:
        """Learn the columns' ranges, shapes and sizes.

        Parameters
        ----------
        X
            Features, shape (N, K).
        log_skewed
            Whether skewed columns become logarithms.
        tail
            Share cut off at either end of each column's range.
        """
        missing = np.isnan(X)
        known = np.where(missing.all(axis=0), 0.0, X)
        low, high = np.nanquantile(known, [tail, 1 - tail], axis=0)
        held = np.clip(known, low, high)
        logged = (low >= 0) & (_skewness(held) > 1) if log_skewed else np.zeros(len(low), bool)
        held[:, logged] = np.log1p(held[:, logged])
        centre = np.nanmean(held, axis=0)
        scale = np.nanstd(held, axis=0)
        scale = np.where(scale > 1e-12 * np.maximum(1.0, np.abs(centre)), scale, 0.0)
        gaps = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)).astype(np.int64)
        shares = missing[:, gaps].mean(axis=0)
        spread = np.sqrt(shares * (1 - shares))
        return cls(low, high, logged, centre, scale, gaps, shares, spread)

    @property
    def width(self) -> int:
        """Number of columns made: one per feature and one per indicator."""
        return len(self.low) + len(self.gaps)

    @property
    def source(self) -> IntArray:
        """For each column made the feature it comes from, shape (width,)."""
        return np.concatenate([np.arange(len(self.low)), self.gaps]).astype(np.int64)

    def apply(self, X: FloatArray) -> FloatArray:
        """Return standardised columns.

        Parameters
        ----------
        X
            Features, shape (N, K).

        Returns
        -------
        FloatArray
            Shape (N, width), finite.
        """
        missing = np.isnan(X)
        made = np.empty((len(X), self.width))
        for place in range(X.shape[1]):
            column = np.clip(X[:, place], self.low[place], self.high[place])
            if self.logged[place]:
                column = np.log1p(column)
            scale = float(self.scale[place])
            column = (column - self.centre[place]) / scale if scale > 0 else np.zeros(len(X))
            made[:, place] = np.where(missing[:, place], 0.0, column)
        for place, feature in enumerate(self.gaps.tolist()):
            shown = missing[:, feature] - self.gap_centre[place]
            made[:, X.shape[1] + place] = shown / self.gap_scale[place]
        return made


def _skewness(X: FloatArray) -> FloatArray:
    """Third standardised moment of each column; 0 for one of two values or fewer."""
    centred = X - np.nanmean(X, axis=0)
    spread = np.sqrt(np.nanmean(centred**2, axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        skew = np.nanmean(centred**3, axis=0) / spread**3
    two_valued = [len(np.unique(column[~np.isnan(column)])) <= 2 for column in X.T]
    found: FloatArray = np.where(np.isfinite(skew) & ~np.array(two_valued, bool), skew, 0.0)
    return found
