"""What every repeat-purchase model says of a customer once it has parameters.

All scores have one form: the chance of still being there, which depends on (x, t_x, T),
times something that depends on (x, T) only. The second factor is worked out for the
distinct pairs, or at nodes of tenure, and looked up.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Self

import numpy as np

from huitouke.insight.models.contract import NotFitted, Panel, check_horizon
from huitouke.insight.models.counts import CountLaw, count_grid
from huitouke.insight.models.quadrature import FloatArray, IntArray, TenureTable, log_time
from huitouke.insight.tables import Status

__all__ = ["Scores"]

_WIDEST = 4_000_000
_FADED = 45.0


class Scores(ABC):
    """The scoring half of a repeat-purchase model."""

    names: ClassVar[tuple[str, ...]] = ()
    label: ClassVar[str] = ""

    parameters_: dict[str, float]
    covariance_: FloatArray
    log_likelihood_: float
    n_: int
    status_: Status

    def with_parameters(self, parameters: Mapping[str, float]) -> Self:
        """Return a copy that scores with the given parameters.

        Parameters
        ----------
        parameters
            One positive number per name.

        Examples
        --------
        >>> from huitouke.insight.models.nbd import Nbd
        >>> Nbd().with_parameters({"r": 1.0, "alpha": 2.0}).expected_unconditional(4.0)
        2.0
        """
        other = copy.copy(self)
        other.parameters_ = {name: float(parameters[name]) for name in self.names}
        if not hasattr(self, "covariance_"):
            other.covariance_ = np.zeros((len(self.names), len(self.names)))
        return other

    def draw_parameters(self, n: int, *, rng: np.random.Generator) -> list[dict[str, float]]:
        """Return draws of the parameters: normal in their logarithms (Laplace).

        Parameters
        ----------
        n
            How many.
        rng
            Source of randomness.
        """
        centre = np.log(np.array(self._values))
        variances, axes = np.linalg.eigh(self.covariance_)
        spread = axes * np.sqrt(np.clip(variances, 0.0, 4.0))
        draws = np.exp(centre + rng.standard_normal((n, centre.size)) @ spread.T)
        return [dict(zip(self.names, map(float, row), strict=True)) for row in draws]

    @property
    def _values(self) -> tuple[float, ...]:
        if not hasattr(self, "parameters_"):
            raise NotFitted(model=self.label)
        return tuple(self.parameters_[name] for name in self.names)

    @abstractmethod
    def p_alive(self, panel: Panel) -> FloatArray:
        """Return the chance that each customer is still there (will buy again some day).

        Parameters
        ----------
        panel
            The customers.
        """

    @abstractmethod
    def _buy(self, panel: Panel, *, horizon: float) -> FloatArray:
        """Return P(at least one occasion in the horizon), given still there."""

    @abstractmethod
    def _flow(self, x: FloatArray, *, tenure: FloatArray, time: FloatArray) -> FloatArray:
        """Return occasions per time unit at tenure + time, given still there at tenure.

        ``time`` has one more axis than the other two.
        """

    @abstractmethod
    def _scale(self, x: FloatArray, *, tenure: FloatArray) -> FloatArray:
        """Return the time scale on which the flow begins to decay."""

    def law(
        self,
        x: float,
        *,
        tenure: FloatArray,
        horizon: float,
        rate: float = 0.0,
        grid: FloatArray | None = None,
    ) -> CountLaw:
        """Return the law of the occasions to come of customers known to be still there.

        Parameters
        ----------
        x
            Their repeat count.
        tenure
            Tenures, one axis.
        horizon
            Length in the panel's time unit, finite.
        rate
            Continuous discount rate, for the moments of the discount factors.
        grid
            Numbers of occasions; by default as far as matters (see ``reach_of``).
        """
        if grid is None:
            grid = self.reach_of(x, shortest=float(tenure.min()), horizon=horizon)
        return self._law(x, tenure=tenure, horizon=horizon, rate=rate, grid=grid)

    def reach_of(self, x: float, *, shortest: float, horizon: float) -> FloatArray:
        """Return the numbers of occasions that a law has to cover.

        Parameters
        ----------
        x
            Repeat count.
        shortest
            Shortest tenure.
        horizon
            Length in the panel's time unit.
        """
        r, alpha = self._values[:2]
        return count_grid(float(r + x), odds=float(horizon / (alpha + shortest)))

    @property
    def time_shift(self) -> float:
        """The shift in ln(shift + tenure), the scale on which scores are smooth."""
        return min(
            value for name, value in self.parameters_.items() if name in {"alpha", "beta"}
        )

    @abstractmethod
    def _law(
        self, x: float, *, tenure: FloatArray, horizon: float, rate: float, grid: FloatArray
    ) -> CountLaw:
        """Return the law of the occasions to come for one repeat count."""

    @abstractmethod
    def _draw(self, panel: Panel, *, horizon: float, rng: np.random.Generator) -> IntArray:
        """Return a draw of the occasions to come of each customer, given still there."""

    def p_buy(self, panel: Panel, *, horizon: float) -> FloatArray:
        """Return the chance of at least one occasion in the horizon.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Length in the panel's time unit; may be infinite.
        """
        check_horizon(horizon, rate=1.0)
        return self.p_alive(panel) * self._buy(panel, horizon=horizon)

    def orders_expected(self, panel: Panel, *, horizon: float) -> FloatArray:
        """Return the expected number of occasions in the horizon.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Length in the panel's time unit, finite.
        """
        return self.discounted_orders(panel, horizon=horizon, rate_per_unit=0.0)

    def discounted_orders(
        self, panel: Panel, *, horizon: float, rate_per_unit: float
    ) -> FloatArray:
        """Return the expected sum of the discount factors of the occasions to come.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Length in the panel's time unit; infinite only with a positive rate, which
            gives the discounted expected residual transactions (DERT).
        rate_per_unit
            Continuous rate: ln(1 + yearly rate) over the time units of a year.

        References
        ----------
        Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42 (DERT).
        """
        return self.p_alive(panel) * self.alive_orders(
            panel, horizon=horizon, rate_per_unit=rate_per_unit
        )

    def alive_orders(
        self, panel: Panel, *, horizon: float, rate_per_unit: float = 0.0
    ) -> FloatArray:
        """Return the discounted expected occasions of a customer known to be still there.

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
        return self._look_up(
            panel,
            function=lambda x, tenure: self._orders(
                x, tenure=tenure, horizon=horizon, rate=rate_per_unit
            ),
        )

    def expected_unconditional(self, time: float) -> float:
        """Return E[X(t)], the expected repeat occasions of a new customer by time t.

        Parameters
        ----------
        time
            Time since the first occasion.
        """
        zero = np.zeros(1)
        new = Panel(np.zeros(1, dtype=np.int64), zero, zero)
        orders = self._orders(zero, tenure=zero, horizon=time, rate=0.0)
        return float(self.p_alive(new)[0] * orders[0])

    def simulate(self, panel: Panel, *, horizon: float, rng: np.random.Generator) -> IntArray:
        """Return one draw of each customer's number of occasions in the horizon.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Length in the panel's time unit, finite.
        rng
            Source of randomness.
        """
        check_horizon(horizon)
        alive = rng.random(len(panel)) < self.p_alive(panel)
        return np.where(alive, self._draw(panel, horizon=horizon, rng=rng), 0)

    def _orders(
        self, x: FloatArray, *, tenure: FloatArray, horizon: float, rate: float
    ) -> FloatArray:
        """Return the integral of flow times discount, by Gauss's rule in log time."""
        end = min(horizon, _FADED / rate) if rate > 0 else horizon
        scale = self._scale(x, tenure=tenure)
        longest = float(np.log1p(end / scale.min()))
        nodes = 12 + 8 * int(longest) + 4 * min(int(rate * end), 12)
        out = np.empty(x.size)
        size = max(1, _WIDEST // (8 * nodes))
        for start in range(0, x.size, size):
            part = slice(start, start + size)
            time, weight = log_time(
                np.full(tenure[part].shape, end), scale=scale[part], count=nodes
            )
            flow = self._flow(x[part], tenure=tenure[part], time=time)
            out[part] = (weight * flow * np.exp(-rate * time)).sum(axis=-1)
        return out

    def _look_up(
        self, panel: Panel, *, function: Callable[[FloatArray, FloatArray], FloatArray]
    ) -> FloatArray:
        """Return a function of (x, T) for every customer at the cost of its nodes."""
        if len(panel) == 0:
            return np.zeros(0)
        counts, rows = panel.counts
        if len(panel) <= 17 * counts.size:
            return function(panel.repeat_count.astype(np.float64), panel.tenure)
        tenure = panel.tenure_codes
        if tenure.values.size <= 17:
            x, times = np.meshgrid(counts, tenure.values, indexing="ij")
            return function(x.ravel(), times.ravel()).reshape(x.shape)[rows, tenure.codes]
        span = (float(panel.tenure.min()), float(panel.tenure.max()))
        table = TenureTable(function, counts=counts, span=span, shift=self.time_shift)
        if counts.size * tenure.values.size > _WIDEST:
            return table.at(rows, tenure=panel.tenure)
        return table.grid(tenure.values)[rows, tenure.codes]
