"""The distribution of the number of occasions to come, and of when they fall.

Given that a customer is still there, the future depends on the repeat count and the tenure
only. ``CountLaw`` holds, for one repeat count and some tenures, the chance of at least m
further occasions and the moments of their discount factors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaincinv, gammaln

from huitouke.insight.models.quadrature import FloatArray

__all__ = ["CountLaw", "count_grid", "log_count", "reach", "uniform_discount"]

_DENSE = 400
_RATIO = 1.02


@dataclass(frozen=True)
class CountLaw:
    """The law of the occasions to come of a customer who is still there.

    Parameters
    ----------
    grid
        Numbers of occasions m, increasing from 1 (every number up to 400, then sparser).
    survival
        P(at least m), one row per tenure.
    mean, square, product
        Given m occasions: the mean discount factor of one of them, the mean of its square,
        and the mean of the product of two of them; same shape as ``survival``.
    """

    grid: FloatArray
    survival: FloatArray
    mean: FloatArray
    square: FloatArray
    product: FloatArray


def count_grid(shape: float, *, odds: float) -> FloatArray:
    """Return the numbers of occasions at which a law is worked out.

    Parameters
    ----------
    shape
        Shape of the gamma distribution of the purchase rate (r + x).
    odds
        Horizon over (alpha + shortest tenure).

    Examples
    --------
    >>> count_grid(1.0, odds=0.1)[:3].tolist()
    [1.0, 2.0, 3.0]
    """
    most = float(gammaincinv(shape, 1.0 - 1e-5)) * odds
    most = np.ceil(most + 5.0 * np.sqrt(most) + 8.0)
    dense = np.arange(1.0, min(most, _DENSE) + 1.0)
    if most <= _DENSE:
        return dense
    steps = int(np.ceil(np.log(most / _DENSE) / np.log(_RATIO)))
    sparse = np.round(_DENSE * _RATIO ** np.arange(1, steps + 1))
    return np.concatenate([dense, sparse])


def log_count(shape: float, *, odds: FloatArray, grid: FloatArray) -> FloatArray:
    """Return ln P(N = n) of the negative binomial law of a gamma rate, rows per odds.

    Parameters
    ----------
    shape
        Shape of the rate.
    odds
        Time over scale of the rate, positive; one axis.
    grid
        Numbers n.
    """
    ways = gammaln(shape + grid) - gammaln(shape) - gammaln(grid + 1.0)
    log_out = -np.log1p(odds)[:, None]
    log_in = -np.log1p(1.0 / odds)[:, None]
    return np.asarray(ways + shape * log_out + grid * log_in)


def reach(shape: float, *, odds: FloatArray, grid: FloatArray) -> FloatArray:
    """Return P(N >= m) of the same law, rows per odds.

    Parameters
    ----------
    shape
        Shape of the rate.
    odds
        Time over scale of the rate, positive; one axis.
    grid
        Numbers m from 1, as ``count_grid`` gives them.

    Examples
    --------
    >>> reach(1.0, odds=np.array([1.0]), grid=np.array([1.0, 2.0])).round(12).tolist()
    [[0.5, 0.25]]
    """
    if grid[-1] == grid.size:
        below = np.exp(log_count(shape, odds=odds, grid=grid - 1.0)).cumsum(axis=1)
        return np.clip(1.0 - below, 0.0, 1.0)
    share = odds / (1.0 + odds)
    return np.asarray(betainc(grid[None, :], shape, share[:, None]))


def uniform_discount(length: FloatArray, *, rate: float) -> FloatArray:
    """Return the mean discount factor of a moment that is uniform on (0, length).

    Parameters
    ----------
    length
        Lengths of time.
    rate
        Continuous discount rate.
    """
    worn = rate * length
    return np.where(worn > 1e-12, -np.expm1(-worn) / np.where(worn > 1e-12, worn, 1.0), 1.0)
