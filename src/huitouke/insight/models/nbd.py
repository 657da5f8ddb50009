"""NBD: customers buy at their own steady rate for ever. The cheap rival of the others."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import digamma, gammaln

from huitouke.insight.models.cells import Cells, LogTerms
from huitouke.insight.models.contract import Panel, check_horizon
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.counts import CountLaw, reach, uniform_discount
from huitouke.insight.models.quadrature import FloatArray, IntArray
from huitouke.insight.models.reasons import (
    ALIKE_RATES,
)

__all__ = ["Nbd"]


class Nbd(RepeatModel):
    """Negative binomial model: purchase rates are gamma distributed and nobody leaves.

    Parameters r (shape) and alpha (rate, in time units). It cannot see that customers
    leave, so that it forecasts too much; it is here to be beaten.

    References
    ----------
    Ehrenberg (1959), "The pattern of consumer purchases", Applied Statistics 8.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.negative_binomial(1, 0.5, 800)
    >>> tenure = np.full(800, 10.0)
    >>> model = Nbd().fit(Panel(x, np.where(x > 0, 5.0, 0.0), tenure))
    >>> str(model.status_)
    'ok'
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha")
    label: ClassVar[str] = "NBD"
    bounds: ClassVar[tuple[tuple[float, float], ...]] = ((-7.0, 9.0), (-12.0, 14.0))

    def _begin(self, rate: float, *, span: float) -> list[FloatArray]:
        del span
        return [np.array([r, r / rate]) for r in (0.5, 2.0, 0.1, 20.0)]

    def _collapse(self, values: FloatArray, *, span: float) -> tuple[bool, str]:
        del span
        alike = bool(values[0] > 1e3)
        return alike, ALIKE_RATES if alike else ""

    def _log_terms(self, values: FloatArray, *, cells: Cells) -> LogTerms:
        r, alpha = values
        x, late = cells.counts, alpha + cells.tenure_time
        shape = r + cells.tenure_count
        none = np.zeros((2, cells.last_row.size))
        return LogTerms(
            count=gammaln(r + x) - gammaln(r) + r * np.log(alpha),
            count_slope=np.stack(
                [digamma(r + x) - digamma(r) + np.log(alpha), np.full(x.size, r / alpha)]
            ),
            last=np.full(cells.last_row.size, -np.inf),
            last_slope=none,
            tenure=-shape * np.log(late),
            tenure_slope=np.stack([-np.log(late), -shape / late]),
        )

    def p_alive(self, panel: Panel) -> FloatArray:
        """Return 1 for everybody: in this model nobody leaves.

        Parameters
        ----------
        panel
            The customers.
        """
        return np.ones(len(panel))

    def _buy(self, panel: Panel, *, horizon: float) -> FloatArray:
        r, alpha = self._values
        shape = r + panel.repeat_count
        with np.errstate(over="ignore"):
            return np.asarray(-np.expm1(-shape * np.log1p(horizon / (alpha + panel.tenure))))

    def alive_orders(
        self, panel: Panel, *, horizon: float, rate_per_unit: float = 0.0
    ) -> FloatArray:
        """Return the discounted expected occasions in the horizon.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Length in the panel's time unit.
        rate_per_unit
            Continuous discount rate.
        """
        check_horizon(horizon, rate=rate_per_unit)
        return self._orders(
            panel.repeat_count.astype(np.float64),
            tenure=panel.tenure,
            horizon=horizon,
            rate=rate_per_unit,
        )

    def _orders(
        self, x: FloatArray, *, tenure: FloatArray, horizon: float, rate: float
    ) -> FloatArray:
        r, alpha = self._values
        length = -np.expm1(-rate * horizon) / rate if rate > 0 else horizon
        return (r + x) / (alpha + tenure) * length

    def _flow(self, x: FloatArray, *, tenure: FloatArray, time: FloatArray) -> FloatArray:
        r, alpha = self._values
        return np.broadcast_to(((r + x) / (alpha + tenure))[:, None], time.shape)

    def _scale(self, x: FloatArray, *, tenure: FloatArray) -> FloatArray:
        del x
        return self._values[1] + tenure

    def _law(
        self, x: float, *, tenure: FloatArray, horizon: float, rate: float, grid: FloatArray
    ) -> CountLaw:
        r, alpha = self._values
        survival = reach(r + x, odds=horizon / (alpha + tenure), grid=grid)
        whole = np.ones_like(survival)
        mean = uniform_discount(np.array([horizon]), rate=rate)[0]
        square = uniform_discount(np.array([horizon]), rate=2 * rate)[0]
        return CountLaw(grid, survival, mean * whole, square * whole, mean**2 * whole)

    def _draw(self, panel: Panel, *, horizon: float, rng: np.random.Generator) -> IntArray:
        r, alpha = self._values
        pace = rng.gamma(r + panel.repeat_count) / (alpha + panel.tenure)
        return rng.poisson(np.minimum(pace * horizon, 1e15))
