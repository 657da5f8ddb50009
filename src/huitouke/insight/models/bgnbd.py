"""BG/NBD: customers buy at their own rate and may leave after any repeat purchase."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from huitouke.insight.models.cells import Cells, LogTerms
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.counts import CountLaw, log_count, reach, uniform_discount
from huitouke.insight.models.quadrature import (
    FloatArray,
    IntArray,
    beta_decay_mean,
    gauss_rule,
)
from huitouke.insight.models.reasons import (
    ALIKE_LEAVING,
    ALIKE_RATES,
    NOBODY_LEAVES,
)

__all__ = ["BgNbd"]


_STOPS = 16


class BgNbd(RepeatModel):
    """Beta-geometric / negative binomial model.

    Purchase rates are gamma (r, alpha); after each repeat purchase the customer leaves with
    a chance that is beta (a, b). A customer without a repeat purchase cannot have left, so
    that P(alive) = 1 for x = 0: use ``p_buy`` as a sign of life, or the modified model.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science
    24: the likelihood of a randomly chosen customer, E[X(t)] and E[Y(t) | x, t_x, T].

    Examples
    --------
    >>> model = BgNbd().with_parameters({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> someone = Panel(np.array([2]), np.array([30.43]), np.array([38.86]))
    >>> round(float(model.orders_expected(someone, horizon=39.0)[0]), 3)
    1.226
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    label: ClassVar[str] = "BG/NBD"
    bounds: ClassVar[tuple[tuple[float, float], ...]] = (
        (-7.0, 9.0),
        (-12.0, 14.0),
        (-9.0, 9.0),
        (-7.0, 11.0),
    )
    # Purchases after which the customer may have left, beyond the repeat purchases.
    first_counts: ClassVar[int] = 0

    def _begin(self, rate: float, *, span: float) -> list[FloatArray]:
        del span
        begins = [
            (0.5, 2.0, 0.8, 2.5),
            (1.5, 2.0, 0.5, 5.0),
            (0.2, 3.0, 1.5, 1.5),
            (4.0, 1.3, 0.3, 8.0),
            (0.8, 1.0, 0.05, 3.0),
        ]
        return [np.array([r, r / (more * rate), a, b]) for r, more, a, b in begins]

    def _collapse(self, values: FloatArray, *, span: float) -> tuple[bool, str]:
        del span
        r, _, a, b = values
        if r > 1e3:
            return True, ALIKE_RATES
        if a / (a + b) < 1e-3:
            return a + b > 1e3, NOBODY_LEAVES
        if a + b > 1e3:
            return True, ALIKE_LEAVING
        return False, ""

    def _log_terms(self, values: FloatArray, *, cells: Cells) -> LogTerms:
        r, alpha, a, b = values
        x = cells.counts
        chances = x + self.first_counts
        both = digamma(a + b) - digamma(a + b + chances)
        last_chances = cells.last_count + self.first_counts
        able = last_chances > 0
        still = np.where(able, b + last_chances - 1.0, 1.0)
        early, late = alpha + cells.last_time, alpha + cells.tenure_time
        last_shape, late_shape = r + cells.last_count, r + cells.tenure_count
        nothing = np.zeros(late.size)
        return LogTerms(
            count=gammaln(r + x)
            - gammaln(r)
            + r * np.log(alpha)
            + betaln(a, b + chances)
            - betaln(a, b),
            count_slope=np.stack(
                [
                    digamma(r + x) - digamma(r) + np.log(alpha),
                    np.full(x.size, r / alpha),
                    both,
                    both + digamma(b + chances) - digamma(b),
                ]
            ),
            last=np.where(able, np.log(a / still) - last_shape * np.log(early), -np.inf),
            last_slope=able
            * np.stack(
                [-np.log(early), -last_shape / early, np.full(early.size, 1 / a), -1.0 / still]
            ),
            tenure=-late_shape * np.log(late),
            tenure_slope=np.stack([-np.log(late), -late_shape / late, nothing, nothing]),
        )

    def p_alive(self, panel: Panel) -> FloatArray:
        """Return the chance that each customer is still there.

        Parameters
        ----------
        panel
            The customers.

        References
        ----------
        Fader, Hardie & Lee (2008), "Computing P(alive) using the BG/NBD model".
        """
        r, alpha, a, b = self._values
        counts, rows = panel.counts
        chances = counts + self.first_counts
        able = chances > 0
        odds = np.where(able, np.log(a) - np.log(np.where(able, b + chances - 1, 1.0)), -np.inf)
        gain = np.log((alpha + panel.tenure) / (alpha + panel.recency))
        gain *= r + panel.repeat_count
        gain += odds[rows]
        return np.asarray(expit(-gain))

    def _buy(self, panel: Panel, *, horizon: float) -> FloatArray:
        # Whoever is still there leaves only after a further purchase.
        r, alpha = self._values[:2]
        with np.errstate(over="ignore"):
            gain = np.log1p(horizon / (alpha + panel.tenure))
        return np.asarray(-np.expm1(-(r + panel.repeat_count) * gain))

    def _stay(self, x: FloatArray) -> FloatArray:
        return self._values[3] + x + self.first_counts

    def _flow(self, x: FloatArray, *, tenure: FloatArray, time: FloatArray) -> FloatArray:
        r, alpha, a, _ = self._values
        scale = alpha + tenure
        decay = beta_decay_mean(
            time / scale[:, None],
            first=a,
            second=self._stay(x)[:, None],
            exponent=(r + x + 1.0)[:, None],
        )
        return ((r + x) / scale)[:, None] * decay

    def _scale(self, x: FloatArray, *, tenure: FloatArray) -> FloatArray:
        r, alpha, a, _ = self._values
        return (alpha + tenure) / (1.0 + (r + x) * a / (a + self._stay(x)))

    def _law(
        self, x: float, *, tenure: FloatArray, horizon: float, rate: float, grid: FloatArray
    ) -> CountLaw:
        # P(at least m) = E[(1 - p)^(m - 1)] P(m arrivals): p and the rate are independent.
        r, alpha, a, _ = self._values
        stay = float(self._stay(np.array([x]))[0])
        scale = alpha + tenure
        keep = np.exp(betaln(a, stay + grid - 1.0) - betaln(a, stay))
        arrive = reach(r + x, odds=horizon / scale, grid=grid)
        survival = keep * arrive
        if rate == 0:
            ones = np.ones_like(survival)
            return CountLaw(grid, survival, ones, ones, ones)
        going = np.exp(log_count(r + x, odds=horizon / scale, grid=grid))
        going *= np.exp(betaln(a, stay + grid) - betaln(a, stay))
        gone = np.exp(betaln(a + 1.0, stay + grid - 1.0) - betaln(a, stay)) * arrive
        share = (going + 1e-300) / (going + gone + 1e-300)
        left = self._left(r + x, scale=scale, horizon=horizon, rate=rate, grid=grid)
        whole = uniform_discount(np.array([horizon, horizon]), rate=rate)
        there = (
            whole[0],
            uniform_discount(np.array([horizon]), rate=2 * rate)[0],
            whole[0] ** 2,
        )
        mean, square, product = (
            share * at_end + (1.0 - share) * after
            for at_end, after in zip(there, left, strict=True)
        )
        return CountLaw(grid, survival, mean, square, product)

    @staticmethod
    def _left(
        shape: float, *, scale: FloatArray, horizon: float, rate: float, grid: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return discount moments of n occasions of which the last was the end."""
        nodes, weights = gauss_rule(_STOPS)
        stop = horizon * nodes
        n = grid[None, :, None]
        # Density of the n-th arrival at a gamma rate, up to what does not depend on time.
        density = (n - 1.0) * np.log(stop) - (shape + n) * np.log(scale[:, None, None] + stop)
        density = np.exp(density - density.max(axis=-1, keepdims=True)) * weights
        density /= density.sum(axis=-1, keepdims=True)
        first = ((n - 1.0) * uniform_discount(stop, rate=rate) + np.exp(-rate * stop)) / n
        second = (n - 1.0) * uniform_discount(stop, rate=2 * rate) + np.exp(-2 * rate * stop)
        return (
            (density * first).sum(axis=-1),
            (density * second / n).sum(axis=-1),
            (density * first**2).sum(axis=-1),
        )

    def _draw(self, panel: Panel, *, horizon: float, rng: np.random.Generator) -> IntArray:
        r, alpha, a, _ = self._values
        x = panel.repeat_count.astype(np.float64)
        pace = rng.gamma(r + x) / (alpha + panel.tenure)
        leave = np.clip(rng.beta(a, self._stay(x)), 1e-12, 1.0)
        arrivals = rng.poisson(np.minimum(pace * horizon, 1e15))
        return np.minimum(arrivals, rng.geometric(leave))
