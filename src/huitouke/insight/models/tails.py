"""The two integrals of the Pareto/NBD likelihood, without any hypergeometric function.

With D the longest tenure, f(u) = s (alpha+u)^-(r+x) (beta+u)^-(s+1) the density of leaving
at u with x occasions, and k(u) = (r+x) (alpha+u)^-(r+x+1) (beta+u)^-s the density of buying
again first, the likelihood is c(x) [P + Q] with

    P(x, t) = integral of f from t to D,
    Q(x, T) = (alpha+D)^-(r+x) (beta+D)^-s + integral of k from T to D.

Nothing is ever subtracted. Where the times are whole days and a repeat count is common, both
integrals are running sums over the grid of days (four Gauss points a day), so that all its
customers together cost one pass over the calendar. All other cells get a Gauss rule of their
own, in logarithms, cut where the density has fallen by e^-40; that path takes any time and
any repeat count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huitouke.insight.models.cells import Cells
from huitouke.insight.models.quadrature import FloatArray, gauss_rule

__all__ = ["Tails", "tails"]

_GAUSS = 4
_OWN = 32
_STEEPEST = 0.75
_LARGEST = 600.0
_FALLEN = 40.0
_PART = 20_000


@dataclass(frozen=True)
class Tails:
    """ln P and ln Q of the cells, with derivatives in (r, alpha, s, beta) as rows.

    Parameters
    ----------
    last, last_slope
        Per (x, t_x) cell.
    tenure, tenure_slope
        Per (x, T) cell.
    """

    last: FloatArray
    last_slope: FloatArray
    tenure: FloatArray
    tenure_slope: FloatArray


def tails(values: FloatArray, *, cells: Cells) -> Tails:
    """Return both integrals for every cell.

    Parameters
    ----------
    values
        r, alpha, s, beta.
    cells
        The distinct cells of a panel.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), "Counting your customers", Management Science
    33: the likelihood, before its integral over the time of leaving is solved.
    """
    last = np.empty(cells.last_row.size)
    last_slope = np.empty((4, last.size))
    tenure = np.empty(cells.tenure_row.size)
    tenure_slope = np.empty((4, tenure.size))
    longest = float(cells.tenure_time.max())
    grid = _on_grid(values, cells=cells, longest=longest)
    if grid.any():
        sums = _calendar(values, cells=cells, grid=grid, longest=longest)
        here, there = grid[cells.last_row], grid[cells.tenure_row]
        last[here], last_slope[:, here] = _read_last(
            sums, values=values, cells=cells, mask=here
        )
        tenure[there], tenure_slope[:, there] = _read_tenure(
            sums, values=values, cells=cells, mask=there, longest=longest
        )
    for mask, count, time, leaving in (
        (~grid[cells.last_row], cells.last_count, cells.last_time, True),
        (~grid[cells.tenure_row], cells.tenure_count, cells.tenure_time, False),
    ):
        out, slope = (last, last_slope) if leaving else (tenure, tenure_slope)
        rows = np.flatnonzero(mask)
        for start in range(0, rows.size, _PART):
            part = rows[start : start + _PART]
            log_value, log_slope = _own_rule(
                values, x=count[part], time=time[part], longest=longest, leaving=leaving
            )
            if not leaving:
                log_value, log_slope = _add_end(
                    values, x=count[part], longest=longest, log_value=log_value, slope=log_slope
                )
            out[part], slope[:, part] = log_value, log_slope
    return Tails(last, last_slope, tenure, tenure_slope)


def _on_grid(values: FloatArray, *, cells: Cells, longest: float) -> np.ndarray:
    """Return which repeat counts are worth, and safe on, the grid of days."""
    grid = np.zeros(cells.counts.size, dtype=np.bool_)
    if cells.step is None or longest <= 0:
        return grid
    r, alpha, s, beta = values
    first = _first_times(cells, longest=longest)
    count = r + cells.counts
    fall = count / (alpha + first) + (s + 1.0) / (beta + first)
    depth = count * np.log((alpha + longest) / (alpha + first))
    depth += (s + 1.0) * np.log((beta + longest) / (beta + first))
    smooth = cells.step < 0.5 * (min(alpha, beta) + first)
    safe = smooth & (fall * cells.step < _STEEPEST) & (depth < _LARGEST)
    used = np.bincount(cells.last_row, minlength=grid.size)
    used += np.bincount(cells.tenure_row, minlength=grid.size)
    return np.asarray(safe & (used * _OWN > _GAUSS * longest / cells.step))


def _first_times(cells: Cells, *, longest: float) -> FloatArray:
    """Return the earliest last occasion of each repeat count."""
    first = np.full(cells.counts.size, longest)
    np.minimum.at(first, cells.last_row, cells.last_time)
    return first


@dataclass(frozen=True)
class _Calendar:
    """Running sums from each day to the longest tenure: axes day, repeat count, moment.

    Moments: 1, ln(alpha+u), 1/(alpha+u), ln(beta+u), 1/(beta+u), under f (leaving) and
    under k (buying), each divided by the size of f at the first time of its repeat count.
    """

    place: np.ndarray
    size: FloatArray
    leaving: FloatArray
    buying: FloatArray


def _calendar(
    values: FloatArray, *, cells: Cells, grid: np.ndarray, longest: float
) -> _Calendar:
    r, alpha, s, beta = values
    step = cells.step or 1.0
    days = round(longest / step)
    nodes, weights = gauss_rule(_GAUSS)
    time = step * (np.arange(days)[:, None] + nodes)
    early, late = alpha + time, beta + time
    log_early, log_late = np.log(early), np.log(late)
    x = cells.counts[grid]
    begin = _first_times(cells, longest=longest)[grid]
    size = np.log(s) - (r + x) * np.log(alpha + begin) - (s + 1.0) * np.log(beta + begin)
    power = np.log(s) - (s + 1.0) * log_late
    log_f = power[:, None, :] - (r + x)[:, None] * log_early[:, None, :] - size[:, None]
    # Days before the first time of a repeat count are never read: kept from overflowing.
    f = np.exp(np.minimum(log_f, 1.0)) * (weights * step)
    ones = np.ones_like(time)
    moments = np.stack([ones, log_early, 1.0 / early, log_late, 1.0 / late], axis=-1)
    ratio = (late / (s * early))[..., None]
    leaving = _running(np.matmul(f, moments))
    buying = _running(np.matmul(f, moments * ratio)) * (r + x)[:, None]
    place = np.cumsum(grid) - 1
    return _Calendar(place, size, leaving, buying)


def _running(daily: FloatArray) -> FloatArray:
    out = np.zeros((daily.shape[0] + 1, *daily.shape[1:]))
    np.cumsum(daily[::-1], axis=0, out=out[1:])
    return out[::-1]


def _read_last(
    sums: _Calendar, *, values: FloatArray, cells: Cells, mask: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    rows = sums.place[cells.last_row[mask]]
    days = np.rint(cells.last_time[mask] / (cells.step or 1.0)).astype(np.int64)
    moments = sums.leaving[days, rows].T
    return _leaving_terms(
        values, x=cells.last_count[mask], moments=moments, size=sums.size[rows]
    )


def _leaving_terms(
    values: FloatArray, *, x: FloatArray, moments: FloatArray, size: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r, _, s, _ = values
    whole = np.maximum(moments[0], 1e-300)
    means = np.where(moments[0] > 0, moments / whole, 0.0)
    log_value = np.where(moments[0] > 0, np.log(whole) + size, -np.inf)
    slope = np.stack(
        [-means[1], -(r + x) * means[2], 1.0 / s - means[3], -(s + 1.0) * means[4]]
    )
    return log_value, slope


def _read_tenure(
    sums: _Calendar, *, values: FloatArray, cells: Cells, mask: np.ndarray, longest: float
) -> tuple[FloatArray, FloatArray]:
    rows = sums.place[cells.tenure_row[mask]]
    days = np.rint(cells.tenure_time[mask] / (cells.step or 1.0)).astype(np.int64)
    moments = sums.buying[days, rows].T
    x = cells.tenure_count[mask]
    log_value, slope = _buying_terms(values, x=x, moments=moments, size=sums.size[rows])
    return _add_end(values, x=x, longest=longest, log_value=log_value, slope=slope)


def _buying_terms(
    values: FloatArray, *, x: FloatArray, moments: FloatArray, size: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r, _, s, _ = values
    whole = np.maximum(moments[0], 1e-300)
    means = np.where(moments[0] > 0, moments / whole, 0.0)
    log_value = np.where(moments[0] > 0, np.log(whole) + size, -np.inf)
    slope = np.stack(
        [1.0 / (r + x) - means[1], -(r + x + 1.0) * means[2], -means[3], -s * means[4]]
    )
    return log_value, slope


def _add_end(
    values: FloatArray,
    *,
    x: FloatArray,
    longest: float,
    log_value: FloatArray,
    slope: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Add what is still there at the longest tenure."""
    r, alpha, s, beta = values
    early, late = np.log(alpha + longest), np.log(beta + longest)
    end = -(r + x) * early - s * late
    end_slope = np.stack(
        [
            np.full(x.size, -early),
            -(r + x) / (alpha + longest),
            np.full(x.size, -late),
            np.full(x.size, -s / (beta + longest)),
        ]
    )
    both = np.logaddexp(log_value, end)
    share = np.exp(log_value - both)
    return both, share * slope + (1.0 - share) * end_slope


def _own_rule(
    values: FloatArray, *, x: FloatArray, time: FloatArray, longest: float, leaving: bool
) -> tuple[FloatArray, FloatArray]:
    """Return ln of the integral of f or k from time to the end, by a rule per cell."""
    r, alpha, s, beta = values
    near = min(alpha, beta)
    power = r + x + (0.0 if leaving else 1.0)
    with np.errstate(over="ignore"):
        cut = time + (alpha + time) * np.expm1(np.minimum(_FALLEN / power, 300.0))
    end = np.minimum(longest, cut)
    length = np.log((near + end) / (near + time))
    nodes, weights = gauss_rule(_OWN)
    shift = length[:, None] * nodes
    later = (near + time)[:, None] * np.expm1(shift)
    early, late = (alpha + time)[:, None] + later, (beta + time)[:, None] + later
    log_early, log_late = np.log(early), np.log(late)
    fall = s + 1.0 if leaving else s
    begin = np.log(s) if leaving else np.log(power - 1.0)
    begin = begin - power * np.log(alpha + time) - fall * np.log(beta + time)
    height = -power[:, None] * (log_early - np.log(alpha + time)[:, None])
    height -= fall * (log_late - np.log(beta + time)[:, None])
    density = np.exp(height + shift) * weights * (length * (near + time))[:, None]
    moments = np.stack(
        [
            density.sum(axis=1),
            (density * log_early).sum(axis=1),
            (density / early).sum(axis=1),
            (density * log_late).sum(axis=1),
            (density / late).sum(axis=1),
        ]
    )
    terms = _leaving_terms if leaving else _buying_terms
    return terms(values, x=x, moments=moments, size=np.asarray(begin))
