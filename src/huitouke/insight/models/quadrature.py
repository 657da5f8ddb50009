"""Numerical integrals and look-ups that the repeat-purchase models share.

Three tools: Gauss rules on [0, 1]; the mean of a power of a linear function under a beta
distribution (2F1), which stays exact where the series of 2F1 fails; and
``TenureTable``, which turns a costly function of (repeat count, tenure) into a look-up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit, hyp2f1

__all__ = ["FloatArray", "IntArray", "TenureTable", "beta_decay_mean", "gauss_rule", "log_time"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CELLS = 2_000_000
_SERIES_Z = 0.9
_SERIES_POWER = 20.0
_SERIES_SHAPE = 50.0
_PEAK = 16.0
_TABLE_DEGREES = (10, 16, 24, 40, 64)
_TABLE_ERROR = 1e-9


@cache
def gauss_rule(count: int) -> tuple[FloatArray, FloatArray]:
    """Return the Gauss-Legendre nodes and weights on [0, 1].

    Parameters
    ----------
    count
        Number of nodes.

    Examples
    --------
    >>> nodes, weights = gauss_rule(4)
    >>> round(float((weights * nodes**7).sum()), 12)
    0.125
    """
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1.0) / 2.0, weights / 2.0


def log_time(
    horizon: FloatArray, *, scale: FloatArray, count: int
) -> tuple[FloatArray, FloatArray]:
    """Return times and weights for integrals over (0, horizon] of functions of scale + time.

    The rule is Gauss-Legendre in ln(1 + time / scale): what decays as a power of
    (scale + time) is smooth there, however long the horizon.

    Parameters
    ----------
    horizon
        End of the integral, any shape.
    scale
        Positive, same shape as ``horizon``.
    count
        Number of nodes.

    Returns
    -------
    tuple
        Times and weights with one more axis, of length ``count``, at the end.

    Examples
    --------
    >>> times, weights = log_time(np.array([50.0]), scale=np.array([1.0]), count=16)
    >>> bool(abs((weights / (1 + times)).sum() - np.log(51)) < 1e-12)
    True
    """
    nodes, weights = gauss_rule(count)
    length = np.log1p(horizon / scale)[..., None]
    times = scale[..., None] * np.expm1(length * nodes)
    return times, weights * length * (scale[..., None] + times)


def beta_decay_mean(
    growth: FloatArray, *, first: float, second: FloatArray, exponent: FloatArray
) -> FloatArray:
    """Return E[(1 + p growth)^-exponent] for p ~ Beta(first, second), elementwise.

    With z = growth / (1 + growth) it is (1 - z)^first times
    2F1(first, first + second - exponent; first + second; z). The series is used where it is
    safe, otherwise the trapezoid rule in logit(p), whose error falls exponentially: all its
    terms are positive and at most 1, so that nothing cancels and nothing overflows.

    Parameters
    ----------
    growth
        At least 0, any shape.
    first
        First parameter of the beta distribution, positive.
    second
        Second parameter, positive; broadcasts with ``growth``.
    exponent
        Positive; broadcasts with ``growth``.

    Returns
    -------
    FloatArray
        Values in [0, 1].

    References
    ----------
    Abramowitz & Stegun (1964), 15.3.1 and 15.3.4; Trefethen & Weideman (2014), "The
    exponentially convergent trapezoidal rule".

    Examples
    --------
    >>> one = np.array([1.0])
    >>> value = beta_decay_mean(one, first=1.0, second=one, exponent=one)
    >>> bool(abs(value[0] - np.log(2.0)) < 1e-14)
    True
    """
    w, b, e = np.broadcast_arrays(growth, second, exponent)
    z = w / (1.0 + w)
    c = first + b
    d = c - e
    # Where d is negative the series alternates: kept where its terms stay small.
    safe = (z <= _SERIES_Z) & (np.abs(d) <= _SERIES_POWER) & (first <= _SERIES_SHAPE)
    safe &= -d * first <= np.maximum(2.0 * c, first)
    if safe.all():
        return np.asarray(np.exp(-first * np.log1p(w)) * hyp2f1(first, d, c, z))
    out = np.empty(w.shape)
    out[safe] = np.exp(-first * np.log1p(w[safe])) * hyp2f1(first, d[safe], c[safe], z[safe])
    peaked = ~safe & (b >= _PEAK) if first >= _PEAK else np.zeros_like(safe)
    for mask, rule in ((peaked, _around_peak), (~safe & ~peaked, _trapezoids)):
        if mask.any():
            out[mask] = rule(w[mask], first=first, second=b[mask], exponent=e[mask])
    return np.clip(out, 0.0, 1.0)


def _around_peak(
    growth: FloatArray, *, first: float, second: FloatArray, exponent: FloatArray
) -> FloatArray:
    """Return the mean where the beta is narrow: the same rule, around each peak."""
    low, high = np.full(growth.shape, -60.0), np.full(growth.shape, 60.0)
    whole = first + second
    for _ in range(60):
        p = expit((low + high) / 2.0)
        slope = first - whole * p - exponent * growth * p * (1.0 - p) / (1.0 + p * growth)
        low = np.where(slope > 0, (low + high) / 2.0, low)
        high = np.where(slope > 0, high, (low + high) / 2.0)
    middle = (low + high) / 2.0
    p = expit(middle)
    bend = (
        whole * p * (1.0 - p)
        + exponent
        * growth
        * p
        * (1.0 - p)
        * (1.0 - 2.0 * p - p * p * growth)
        / (1.0 + p * growth) ** 2
    )
    # Never narrower than the beta together with the decay allows, never wider than the beta.
    width = 1.0 / np.sqrt(np.maximum(bend, 0.5 * np.minimum(first, second)))
    offsets = np.arange(-12.0, 12.01, 0.4)
    nodes = middle[:, None] + width[:, None] * offsets
    log_p, log_rest = -np.logaddexp(0.0, -nodes), -np.logaddexp(0.0, nodes)
    height = first * log_p + second[:, None] * log_rest - betaln(first, second)[:, None]
    height -= exponent[:, None] * np.log1p(np.exp(log_p) * growth[:, None])
    total: FloatArray = 0.4 * width * np.exp(height).sum(axis=1)
    return total


def _tail(exponent: float) -> float:
    # Below 1 the value at that end is taken off first, which adds one to the exponent.
    return exponent if exponent >= 1.0 else exponent + 1.0


def _trapezoids(
    growth: FloatArray, *, first: float, second: FloatArray, exponent: FloatArray
) -> FloatArray:
    fastest = float(second.max() + (exponent * growth).max())
    left = -np.log1p(fastest) - 38.0 / _tail(first)
    right = np.log1p(first) + 38.0 / _tail(float(second.min()))
    step = min(0.25, 0.5 / np.sqrt(max(first, 1.0)))
    nodes = np.arange(left, right + step, step)
    size = max(1, _CELLS // nodes.size)
    out = np.empty(growth.size)
    for start in range(0, growth.size, size):
        part = slice(start, start + size)
        out[part] = _trapezoid(
            growth[part],
            nodes=nodes,
            step=step,
            first=first,
            second=second[part],
            exponent=exponent[part],
        )
    return out


def _trapezoid(
    growth: FloatArray,
    *,
    nodes: FloatArray,
    step: float,
    first: float,
    second: FloatArray,
    exponent: FloatArray,
) -> FloatArray:
    log_p = -np.logaddexp(0.0, -nodes)
    log_rest = -np.logaddexp(0.0, nodes)
    p = np.exp(log_p)
    b = second[:, None]
    density = np.exp(first * log_p + b * log_rest - betaln(first, b))
    value = np.exp(-exponent[:, None] * np.log1p(p * growth[:, None]))
    low = (1.0 if first < 1.0 else 0.0) * np.ones_like(growth)
    high = np.where(second < 1.0, np.exp(-exponent * np.log1p(growth)), 0.0)
    share = first / (first + second)
    value -= low[:, None] * np.exp(log_rest) + high[:, None] * p
    mean: FloatArray = low * (1.0 - share) + high * share
    mean += step * (density * value).sum(axis=1)
    return mean


class TenureTable:
    """A positive function of (repeat count, tenure) as a look-up.

    For each distinct repeat count the logarithm of the function is a Chebyshev polynomial
    in ln(shift + tenure); its degree rises until the error between the nodes is below 1e-9.

    Parameters
    ----------
    function
        Takes repeat counts and tenures (same shape, one axis), returns positive values.
    counts
        The distinct repeat counts, increasing.
    span
        Smallest and largest tenure.
    shift
        Positive; the scale on which the function changes (alpha of the purchase process).
    """

    def __init__(
        self,
        function: Callable[[FloatArray, FloatArray], FloatArray],
        *,
        counts: FloatArray,
        span: tuple[float, float],
        shift: float,
    ) -> None:
        self.shift = shift
        self.low = float(np.log(shift + span[0]))
        self.high = float(np.log(shift + span[1]))
        checks = self._evaluate(function, counts=counts, ends=np.linspace(-0.97, 0.97, 5))
        for degree in (0,) if self.high == self.low else _TABLE_DEGREES:
            angles = np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1)
            values = self._evaluate(function, counts=counts, ends=np.cos(angles))
            basis = np.cos(np.outer(angles, np.arange(degree + 1)))
            self.coefficients = values @ basis * (2.0 / (degree + 1))
            self.coefficients[:, 0] /= 2.0
            fitted = np.polynomial.chebyshev.chebval(
                np.linspace(-0.97, 0.97, 5), self.coefficients.T
            )
            self.error = float(np.abs(fitted - checks).max())
            if self.error < _TABLE_ERROR:
                break

    def _evaluate(
        self,
        function: Callable[[FloatArray, FloatArray], FloatArray],
        *,
        counts: FloatArray,
        ends: FloatArray,
    ) -> FloatArray:
        middle, half = (self.high + self.low) / 2.0, (self.high - self.low) / 2.0
        tenures = np.maximum(np.exp(middle + half * ends) - self.shift, 0.0)
        x, tenure = np.meshgrid(counts, tenures, indexing="ij")
        value = function(x.ravel(), tenure.ravel()).reshape(x.shape)
        return np.log(np.maximum(value, 1e-300))

    def _unit(self, tenure: FloatArray) -> FloatArray:
        if self.high == self.low:
            return np.zeros_like(tenure)
        unit: FloatArray = (2.0 * np.log(self.shift + tenure) - self.high - self.low) / (
            self.high - self.low
        )
        return np.clip(unit, -1.0, 1.0)

    def grid(self, tenure: FloatArray) -> FloatArray:
        """Return the function for every distinct count (rows) and given tenure (columns).

        Parameters
        ----------
        tenure
            Tenures inside the span.
        """
        degree = self.coefficients.shape[1] - 1
        basis = np.polynomial.chebyshev.chebvander(self._unit(tenure), degree)
        return np.asarray(np.exp(np.einsum("xk,tk->xt", self.coefficients, basis)))

    def at(self, rows: IntArray, *, tenure: FloatArray) -> FloatArray:
        """Return the function for each pair of row of the counts and tenure.

        Parameters
        ----------
        rows
            Index into the distinct counts.
        tenure
            Tenures inside the span, same length.
        """
        degree = self.coefficients.shape[1] - 1
        out = np.empty(tenure.size)
        size = max(1, _CELLS // (degree + 1))
        for start in range(0, tenure.size, size):
            part = slice(start, start + size)
            basis = np.polynomial.chebyshev.chebvander(self._unit(tenure[part]), degree)
            out[part] = np.exp((basis * self.coefficients[rows[part]]).sum(axis=1))
        return out
