"""The fitting half of the repeat-purchase models: moments, search, judgement.

The likelihood is worked out on distinct tuples. With many tuples the search runs on every
k-th customer and Newton steps with that Hessian carry the optimum over to the whole.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np

from huitouke.insight.models.cells import Cells, LogTerms, log_sum
from huitouke.insight.models.contract import FitRecord, Panel
from huitouke.insight.models.optimum import (
    Objective,
    Optimum,
    covariance,
    follow,
    hessian,
    search,
)
from huitouke.insight.models.predictive import occasion_quantiles
from huitouke.insight.models.quadrature import FloatArray
from huitouke.insight.models.reasons import (
    FEW_CUSTOMERS,
    FEW_REPEATERS,
    NO_OPTIMUM,
    NO_REPEAT,
    SHORT_HISTORY,
)
from huitouke.insight.models.scores import Scores
from huitouke.insight.tables import Status

__all__ = ["RepeatModel"]

_SAMPLE = 10_000
_WHOLE = 20_000


class RepeatModel(Scores):
    """A model of repeat purchases with a likelihood c(x) [P(x, t_x) + Q(x, T)].

    Parameters
    ----------
    minimum_customers
        Below this many customers the status is insufficient_evidence.
    minimum_repeaters
        The same for customers with at least one repeat occasion.
    """

    bounds: ClassVar[tuple[tuple[float, float], ...]] = ()

    fit_record_: FitRecord

    def __init__(self, *, minimum_customers: int = 500, minimum_repeaters: int = 30) -> None:
        self.minimum_customers = minimum_customers
        self.minimum_repeaters = minimum_repeaters

    @abstractmethod
    def _log_terms(self, values: FloatArray, *, cells: Cells) -> LogTerms:
        """Return the logarithms of c, P and Q and their derivatives in the parameters."""

    @abstractmethod
    def _begin(self, rate: float, *, span: float) -> list[FloatArray]:
        """Return starting parameters from the purchase rate and the mean tenure."""

    @abstractmethod
    def _collapse(self, values: FloatArray, *, span: float) -> tuple[bool, str]:
        """Return whether customers cannot be told apart, and which limit was reached."""

    def log_likelihood(self, panel: Panel) -> float:
        """Return the log-likelihood of a panel under the parameters.

        Parameters
        ----------
        panel
            The customers.
        """
        cells = Cells.compressed(panel)
        return log_sum(self._log_terms(np.array(self._values), cells=cells), cells=cells)[0]

    def predictive(
        self,
        panel: Panel,
        *,
        horizon: float,
        levels: tuple[float, ...] = (0.1, 0.9),
        draws: int = 16,
        seed: int = 1,
    ) -> FloatArray:
        """Return quantiles of the number of occasions each customer will have.

        They hold what is uncertain about this customer and about the parameters.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Length in the panel's time unit.
        levels
            Quantile levels.
        draws
            Parameter draws (see ``predictive.parameter_models``).
        seed
            Seed of the parameter draws.

        Returns
        -------
        FloatArray
            One row per customer, one column per level; whole numbers.
        """
        return occasion_quantiles(
            self, panel, horizon=horizon, levels=levels, draws=draws, seed=seed
        )

    def fit(self, panel: Panel) -> Self:
        """Fit by maximum likelihood and return self.

        Never raises on a legal panel: where the data cannot decide, ``status_`` says so and
        ``fit_record_.reason`` says why.

        Parameters
        ----------
        panel
            The customers.
        """
        self.n_ = len(panel)
        total = float(panel.tenure.sum())
        repeats = float(panel.repeat_count.sum())
        span = total / self.n_ if total > 0 else 1.0
        rate = max(repeats, 0.5) / max(total, span)
        starts = [np.log(start) for start in self._begin(rate, span=span)]
        if repeats == 0:
            self._settle_without_repeats(panel, theta=starts[0])
            return self
        scale = np.log(
            np.array([self._unit(name, rate=rate, span=span) for name in self.names])
        )
        low, high = (scale + np.array(side) for side in zip(*self.bounds, strict=True))
        found = self._search(panel, starts=starts, low=low, high=high)
        self._settle(panel, found=found, span=span)
        return self

    @staticmethod
    def _unit(name: str, *, rate: float, span: float) -> float:
        return {"alpha": 1.0 / rate, "beta": span}.get(name, 1.0)

    def _objective(self, cells: Cells) -> Objective:
        customers = float(cells.weight.sum())

        def negative(theta: FloatArray) -> tuple[float, FloatArray]:
            values = np.exp(theta)
            value, slope = log_sum(self._log_terms(values, cells=cells), cells=cells)
            return -value / customers, -slope * values / customers

        return negative

    def _search(
        self, panel: Panel, *, starts: list[FloatArray], low: FloatArray, high: FloatArray
    ) -> Optimum:
        whole = Cells.compressed(panel)
        objective = self._objective(whole)
        if whole.weight.size <= _WHOLE:
            return search(objective, starts=starts, low=low, high=high)
        sample = self._objective(Cells.compressed(panel, every=len(panel) // _SAMPLE))
        near = search(sample, starts=starts, low=low, high=high)
        if near.accepted:
            found = follow(objective, begin=near)
            if np.isfinite(found.value) and found.accepted:
                curve = hessian(sample, theta=found.theta)
                return Optimum(
                    found.theta, found.value, found.gradient, curve, found.inside,
                    found.evaluations, found.starts,
                )  # fmt: skip
        return search(objective, starts=[near.theta, *starts[1:]], low=low, high=high)

    def _set(self, theta: FloatArray) -> None:
        self.parameters_ = dict(zip(self.names, map(float, np.exp(theta)), strict=True))

    def _settle_without_repeats(self, panel: Panel, *, theta: FloatArray) -> None:
        self._set(theta)
        self.covariance_ = np.zeros((theta.size, theta.size))
        self.log_likelihood_ = self.log_likelihood(panel) if self.n_ else 0.0
        self.status_ = Status.INSUFFICIENT
        self.fit_record_ = FitRecord(0.0, 0.0, 0, 0, False, False, NO_REPEAT)

    def _settle(self, panel: Panel, *, found: Optimum, span: float) -> None:
        self._set(found.theta)
        self.log_likelihood_ = -found.value * self.n_
        homogeneous, limit = self._collapse(np.exp(found.theta), span=span)
        at_limit = not found.accepted and bool(limit) and found.flat
        accepted = found.accepted or at_limit
        self.covariance_ = covariance(found.hessian, customers=self.n_, inside=found.inside)
        thin = self._thin(panel)
        reason = thin or (limit if at_limit else "" if accepted else NO_OPTIMUM)
        self.status_ = (
            Status.INSUFFICIENT if thin else Status.OK if accepted else Status.NOT_IDENTIFIED
        )
        self.fit_record_ = FitRecord(
            gradient=found.slope,
            eigenvalue=found.eigenvalue,
            starts=found.starts,
            evaluations=found.evaluations,
            homogeneous=homogeneous,
            accepted=accepted,
            reason=reason,
        )

    def _thin(self, panel: Panel) -> str:
        """Return why the panel carries too little evidence, or nothing."""
        repeaters = panel.repeat_count > 0
        if self.n_ < self.minimum_customers:
            return FEW_CUSTOMERS
        if int(repeaters.sum()) < self.minimum_repeaters:
            return FEW_REPEATERS
        gaps = panel.recency[repeaters] / panel.repeat_count[repeaters]
        if float(panel.tenure.max()) < 2.0 * float(np.median(gaps)):
            return SHORT_HISTORY
        return ""
