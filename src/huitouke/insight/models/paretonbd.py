"""Pareto/NBD: customers buy at their own rate and leave unseen at their own pace."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import digamma, gammaln

from huitouke.insight.models.cells import Cells, LogTerms
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.counts import CountLaw, log_count, reach, uniform_discount
from huitouke.insight.models.quadrature import FloatArray, IntArray, gauss_rule, log_time
from huitouke.insight.models.reasons import (
    ALIKE_LIVES,
    ALIKE_RATES,
    NOBODY_LEAVES,
)
from huitouke.insight.models.tails import tails

__all__ = ["ParetoNbd"]


_STOPS = 12
_FALLEN = 40.0


class ParetoNbd(RepeatModel):
    """Pareto / negative binomial model.

    Purchase rates are gamma (r, alpha), the paces of leaving gamma (s, beta); a customer
    may leave at any moment, so that silence lowers P(alive) for everybody.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), "Counting your customers", Management Science
    33; Fader & Hardie (2005), "A note on deriving the Pareto/NBD model".

    Examples
    --------
    >>> model = ParetoNbd().with_parameters(
    ...     {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    ... )
    >>> someone = Panel(np.array([2]), np.array([30.43]), np.array([38.86]))
    >>> 0.8 < float(model.p_alive(someone)[0]) < 0.9
    True
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    label: ClassVar[str] = "Pareto/NBD"
    bounds: ClassVar[tuple[tuple[float, float], ...]] = (
        (-7.0, 9.0),
        (-12.0, 14.0),
        (-9.0, 9.0),
        (-9.0, 14.0),
    )

    def _begin(self, rate: float, *, span: float) -> list[FloatArray]:
        begins = [
            (0.6, 1.6, 0.6, 0.5),
            (1.5, 1.6, 1.5, 3.0),
            (0.2, 2.0, 0.2, 0.1),
            (1.0, 1.2, 0.4, 5.0),
            (3.0, 1.0, 0.1, 2.0),
        ]
        return [np.array([r, r / (more * rate), s, b * span]) for r, more, s, b in begins]

    def _collapse(self, values: FloatArray, *, span: float) -> tuple[bool, str]:
        r, _, s, beta = values
        if r > 1e3:
            return True, ALIKE_RATES
        if s * np.log1p(span / beta) < 1e-3:
            return s > 1e3, NOBODY_LEAVES
        if s > 1e3:
            return True, ALIKE_LIVES
        return False, ""

    def _log_terms(self, values: FloatArray, *, cells: Cells) -> LogTerms:
        r, alpha, s, beta = values
        x = cells.counts
        sums = tails(values, cells=cells)
        return LogTerms(
            count=gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta),
            count_slope=np.stack(
                [
                    digamma(r + x) - digamma(r) + np.log(alpha),
                    np.full(x.size, r / alpha),
                    np.full(x.size, np.log(beta)),
                    np.full(x.size, s / beta),
                ]
            ),
            last=sums.last,
            last_slope=sums.last_slope,
            tenure=sums.tenure,
            tenure_slope=sums.tenure_slope,
        )

    def p_alive(self, panel: Panel) -> FloatArray:
        """Return the chance that each customer is still there.

        Parameters
        ----------
        panel
            The customers.

        References
        ----------
        Schmittlein, Morrison & Colombo (1987), P[alive | information].
        """
        if len(panel) == 0:
            return np.zeros(0)
        r, alpha, s, beta = self._values
        cells = Cells.of(panel)
        sums = tails(np.array(self._values), cells=cells)
        here = -(r + cells.tenure_count) * np.log(alpha + cells.tenure_time)
        here -= s * np.log(beta + cells.tenure_time)
        last, later = sums.last[cells.last], sums.tenure[cells.tenure]
        gap = last - later
        whole = np.log1p(np.exp(-np.abs(gap))) + np.maximum(gap, 0.0)
        whole += (sums.tenure - here)[cells.tenure]
        return np.asarray(np.exp(-np.maximum(whole, 0.0)))

    def _buy(self, panel: Panel, *, horizon: float) -> FloatArray:
        return self._look_up(
            panel, function=lambda x, tenure: self._first(x, tenure=tenure, horizon=horizon)
        )

    def _first(self, x: FloatArray, *, tenure: FloatArray, horizon: float) -> FloatArray:
        """Return P(a purchase before leaving and before the horizon), given still there."""
        r, alpha, s, beta = self._values
        shape, scale, life = r + x, alpha + tenure, beta + tenure
        end = np.minimum(horizon, scale * np.expm1(np.minimum(_FALLEN / (shape + 1.0), 600.0)))
        near = np.minimum(scale, life)
        nodes = 32 + 8 * int(np.log1p(end / near).max())
        out = np.empty(x.size)
        size = max(1, 1_000_000 // nodes)
        for start in range(0, x.size, size):
            part = slice(start, start + size)
            time, weight = log_time(end[part], scale=near[part], count=nodes)
            height = (shape[part] + 1.0)[:, None] * np.log1p(time / scale[part][:, None])
            height += s * np.log1p(time / life[part][:, None])
            density = np.exp(-height) * weight
            out[part] = density.sum(axis=-1) * shape[part] / scale[part]
        return np.clip(out, 0.0, 1.0)

    def _orders(
        self, x: FloatArray, *, tenure: FloatArray, horizon: float, rate: float
    ) -> FloatArray:
        if rate > 0:
            return super()._orders(x, tenure=tenure, horizon=horizon, rate=rate)
        r, alpha, s, beta = self._values
        life = beta + tenure
        length = np.log1p(horizon / life)
        more = (s - 1.0) * length
        # (1 - e^-y) / y has no hole at y = 0, that is at s = 1.
        steady = np.where(np.abs(more) < 1e-9, 1.0, more)
        kept = np.where(np.abs(more) < 1e-9, 1.0 - more / 2.0, -np.expm1(-steady) / steady)
        return (r + x) / (alpha + tenure) * life * length * kept

    def _flow(self, x: FloatArray, *, tenure: FloatArray, time: FloatArray) -> FloatArray:
        r, alpha, s, beta = self._values
        life = (beta + tenure)[:, None]
        return ((r + x) / (alpha + tenure))[:, None] * np.exp(-s * np.log1p(time / life))

    def _scale(self, x: FloatArray, *, tenure: FloatArray) -> FloatArray:
        del x
        return (self._values[3] + tenure) / (1.0 + self._values[2])

    def _law(
        self, x: float, *, tenure: FloatArray, horizon: float, rate: float, grid: FloatArray
    ) -> CountLaw:
        # Given the time at which it stops (leaving or horizon) the number is negative
        # binomial and the moments are uniform up to the stop.
        r, alpha, s, beta = self._values
        life = beta + tenure
        left = -np.expm1(-s * np.log1p(horizon / life))
        nodes, weights = gauss_rule(_STOPS)
        stop = np.expm1(-np.log1p(-left[:, None] * nodes) / s) * life[:, None]
        stop = np.concatenate([np.minimum(stop, horizon), np.full((life.size, 1), horizon)], 1)
        weight = np.concatenate([left[:, None] * weights, (1.0 - left)[:, None]], axis=1)
        shape = (life.size, stop.shape[1], grid.size)
        odds = np.maximum(stop / (alpha + tenure)[:, None], 1e-300).ravel()
        arrive = reach(r + x, odds=odds, grid=grid).reshape(shape)
        survival = (weight[..., None] * arrive).sum(axis=1)
        if rate == 0:
            ones = np.ones_like(survival)
            return CountLaw(grid, survival, ones, ones, ones)
        exactly = np.exp(log_count(r + x, odds=odds, grid=grid)).reshape(shape)
        exactly = exactly * weight[..., None] + 1e-300 * (weight[..., None] > 0)
        exactly /= exactly.sum(axis=1, keepdims=True)
        first = uniform_discount(stop, rate=rate)[..., None]
        second = uniform_discount(stop, rate=2 * rate)[..., None]
        return CountLaw(
            grid,
            survival,
            (exactly * first).sum(axis=1),
            (exactly * second).sum(axis=1),
            (exactly * first**2).sum(axis=1),
        )

    def _draw(self, panel: Panel, *, horizon: float, rng: np.random.Generator) -> IntArray:
        r, alpha, s, beta = self._values
        pace = rng.gamma(r + panel.repeat_count) / (alpha + panel.tenure)
        # A life left of ln(1 + life / (beta + T)) ~ Exponential(s).
        left = np.minimum(rng.exponential(1.0 / s, len(panel)), 500.0)
        stop = np.minimum((beta + panel.tenure) * np.expm1(left), horizon)
        return rng.poisson(np.minimum(pace * stop, 1e15))
