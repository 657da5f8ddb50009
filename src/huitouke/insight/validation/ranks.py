"""Ranks that treat ties jointly, and the interval of a share: ground for every score.

Nothing here depends on the order of the rows: tied predictions share one rank and one
outcome rate, so shuffling a file never changes a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

__all__ = ["Ties", "midranks", "normal_quantile", "ties", "wilson"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ties:
    """The rows gathered by distinct value, in ascending order of the value.

    Parameters
    ----------
    values
        Distinct values, shape (U,).
    counts
        Rows with that value, shape (U,).
    totals
        Sum of the outcome over those rows, shape (U,).
    inverse
        For each row the place of its value, shape (N,).
    """

    values: FloatArray
    counts: IntArray
    totals: FloatArray
    inverse: IntArray


def ties(values: FloatArray, *, outcome: FloatArray) -> Ties:
    """Gather rows by distinct value.

    Parameters
    ----------
    values
        What to gather by, shape (N,).
    outcome
        What to sum, shape (N,).

    Returns
    -------
    Ties
        In ascending order of the value.

    Examples
    --------
    >>> found = ties(np.array([.2, .1, .2]), outcome=np.array([1., 0., 0.]))
    >>> found.counts.tolist(), found.totals.tolist()
    ([1, 2], [0.0, 1.0])
    """
    distinct, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    totals = np.bincount(inverse, weights=outcome, minlength=len(distinct))
    return Ties(
        distinct,
        counts.astype(np.int64),
        totals.astype(np.float64),
        inverse.astype(np.int64),
    )


def midranks(values: FloatArray) -> FloatArray:
    """Return the rank of each value from 1, ties sharing the mean of their ranks.

    Parameters
    ----------
    values
        Shape (N,).

    Returns
    -------
    FloatArray
        Shape (N,); O(N log N).

    Examples
    --------
    >>> midranks(np.array([3., 1., 3.])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: FloatArray = last - (counts - 1) / 2
    return middle[inverse]


def normal_quantile(level: float) -> float:
    """Return z such that a normal value lies within plus or minus z with chance ``level``.

    Parameters
    ----------
    level
        Chance, between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    return float(ndtri(0.5 + level / 2))


def wilson(events: float, *, n: float, level: float = 0.8) -> tuple[float, float]:
    """Return the Wilson interval of a share.

    Parameters
    ----------
    events
        How many had the event.
    n
        Out of how many; with 0 the interval is [0, 1].
    level
        Coverage.

    Returns
    -------
    tuple
        Lower and upper end, within [0, 1].

    References
    ----------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference".

    Examples
    --------
    >>> [round(end, 3) for end in wilson(0, n=10, level=0.95)]
    [0.0, 0.278]
    """
    if n <= 0:
        return 0.0, 1.0
    z = normal_quantile(level)
    share = events / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)
