"""How regular purchases are: the Erlang shape k from each customer's last two gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from huitouke.insight.tables import Status

__all__ = ["Regularity", "regularity"]

_LARGEST = 1000.0


@dataclass(frozen=True)
class Regularity:
    """Regularity of the gaps between purchases.

    Parameters
    ----------
    k
        Erlang shape: 1 is random (Poisson), larger is more regular, below 1 is clumped;
        None where it cannot be said.
    k_lo, k_hi
        Ends of the interval.
    n
        Customers with two gaps.
    status
        What may be said of ``k``.
    """

    k: float | None
    k_lo: float | None
    k_hi: float | None
    n: int
    status: Status


def regularity(
    gap_last: npt.ArrayLike,
    *,
    gap_previous: npt.ArrayLike,
    coverage: float = 0.8,
    minimum_customers: int = 30,
) -> Regularity:
    """Return the regularity of a base of customers.

    With M = last / (last + previous), Var M = 1 / (4 (2k + 1)) for Erlang-k gaps, whatever
    each customer's own pace.

    Parameters
    ----------
    gap_last, gap_previous
        Each customer's last two gaps; rows without two positive gaps are left out.
    coverage
        Coverage of the interval.
    minimum_customers
        Below this the status is insufficient_evidence.

    References
    ----------
    Wheat & Morrison (1990), "Estimating purchase regularity with two interpurchase times",
    Journal of Marketing Research 27.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> gaps = rng.gamma(3.0, size=(2, 20000))
    >>> found = regularity(gaps[0], gap_previous=gaps[1])
    >>> abs(found.k - 3.0) < 0.1, str(found.status)
    (True, 'ok')
    """
    last = np.asarray(gap_last, dtype=np.float64)
    previous = np.asarray(gap_previous, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        use = (last > 0) & (previous > 0) & np.isfinite(last) & np.isfinite(previous)
    share = last[use] / (last[use] + previous[use])
    n = int(share.size)
    if n < minimum_customers:
        return Regularity(None, None, None, n, Status.INSUFFICIENT)
    squares = (share - 0.5) ** 2
    mean = float(squares.mean())
    error = float(squares.std()) / np.sqrt(n)
    wide = float(ndtri((1.0 + coverage) / 2.0)) * error
    return Regularity(_shape(mean), _shape(mean + wide), _shape(mean - wide), n, Status.OK)


def _shape(variance: float) -> float:
    # A variance of zero is perfect regularity; a quarter is two gaps never alike.
    variance = float(np.clip(variance, 1.0 / (4.0 * (2.0 * _LARGEST + 1.0)), 0.25))
    return (1.0 - 4.0 * variance) / (8.0 * variance)
