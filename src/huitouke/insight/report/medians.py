"""The median of a few customers, with an interval that assumes nothing of how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from huitouke.insight.report.evidence import Estimate
from huitouke.insight.tables import Status

__all__ = ["median_of"]

#: Levels are told to a millionth, so that powers of two stay whole numbers.
_PARTS = 1_000_000


def median_of(values: Sequence[float], *, level: float = 0.8) -> Estimate:
    """Return the median with the interval between two of the values themselves.

    How many values lie below the true median is binomial(n, 1/2), so the k-th smallest and the
    k-th largest enclose it with a chance of at least ``level`` for the largest k that leaves
    half of the rest on either side.

    Parameters
    ----------
    values
        One per customer.
    level
        Coverage.

    Returns
    -------
    Estimate
        Not told where even the smallest and the largest value are too close to be sure: below
        four values at 80 %.

    References
    ----------
    Thompson (1936), "On confidence ranges for the median", Ann. Math. Statist. 7.

    Examples
    --------
    >>> median_of([5.0, 1.0, 9.0, 3.0, 7.0, 2.0, 8.0])
    Estimate(value=5.0, lo=2.0, hi=8.0, n=7, status=<Status.OK: 'ok'>)
    >>> median_of([1.0, 2.0, 3.0]).status
    <Status.INSUFFICIENT: 'insufficient_evidence'>
    """
    ranked, n = sorted(values), len(values)
    # Exact in whole numbers: the chance that fewer than k values lie below the median.
    most = round((1 - level) / 2 * _PARTS) * 2**n // _PARTS
    below, k = 0, 0
    while k < n // 2 and below + comb(n, k) <= most:
        below += comb(n, k)
        k += 1
    if k == 0:
        return Estimate(n=n, status=Status.INSUFFICIENT)
    middle = (ranked[(n - 1) // 2] + ranked[n // 2]) / 2
    return Estimate(middle, ranked[k - 1], ranked[n - k], n)
