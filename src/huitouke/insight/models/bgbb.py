"""BG/BB: customers who may buy at set opportunities, and leave between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma, gammaln

from huitouke.insight.models.contract import (
    FitRecord,
    NotFitted,
    check_horizon,
    check_levels,
)
from huitouke.insight.models.opportunities import OpportunityPanel
from huitouke.insight.models.optimum import Optimum, covariance, search
from huitouke.insight.models.quadrature import FloatArray, IntArray
from huitouke.insight.models.reasons import (
    ALIKE_BUYING,
    ALIKE_LEAVING,
    FEW_CUSTOMERS,
    NO_OPTIMUM,
    NO_REPEAT,
)
from huitouke.insight.tables import Status

__all__ = ["BgBb"]


class BgBb:
    """Beta-geometric / beta-Bernoulli model.

    While there, a customer buys at each opportunity with an own chance, beta (alpha, beta);
    before each opportunity the customer leaves with a chance that is beta (gamma, delta).

    Parameters
    ----------
    minimum_customers
        Below this many customers the status is insufficient_evidence.

    References
    ----------
    Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time noncontractual
    setting", Marketing Science 29: likelihood, P(alive), E[X(n, n + n*) | x, t_x, n].

    Examples
    --------
    >>> model = BgBb().with_parameters(
    ...     {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    ... )
    >>> never = OpportunityPanel(np.array([0]), np.array([0]), np.array([6]))
    >>> round(float(model.p_alive(never)[0]), 2)
    0.12
    """

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    label: ClassVar[str] = "BG/BB"

    parameters_: dict[str, float]
    covariance_: FloatArray
    log_likelihood_: float
    n_: int
    status_: Status
    fit_record_: FitRecord

    def __init__(self, *, minimum_customers: int = 500) -> None:
        self.minimum_customers = minimum_customers

    def fit(self, panel: OpportunityPanel) -> Self:
        """Fit by maximum likelihood and return self.

        Parameters
        ----------
        panel
            The customers.
        """
        people = float(panel.weight.sum())
        self.n_ = round(people)
        begins = [(1.2, 0.8, 0.7, 2.8), (0.5, 2.0, 0.5, 5.0), (3.0, 3.0, 1.0, 1.0)]
        starts = [np.log(start) for start in [*begins, (0.3, 0.3, 0.2, 8.0)]]
        if float((panel.repeat_count * panel.weight).sum()) == 0:
            self._set(starts[1])
            self.covariance_ = np.zeros((4, 4))
            self.log_likelihood_ = -_negative(starts[1], panel=panel)[0] if people else 0.0
            self.status_ = Status.INSUFFICIENT
            self.fit_record_ = FitRecord(0.0, 0.0, 0, 0, False, False, NO_REPEAT)
            return self

        def objective(theta: FloatArray) -> tuple[float, FloatArray]:
            value, slope = _negative(theta, panel=panel)
            return value / people, slope / people

        found = search(objective, starts=starts, low=np.full(4, -9.0), high=np.full(4, 10.0))
        self._settle(found)
        return self

    def _set(self, theta: FloatArray) -> None:
        self.parameters_ = dict(zip(self.names, map(float, np.exp(theta)), strict=True))

    def _settle(self, found: Optimum) -> None:
        self._set(found.theta)
        self.covariance_ = covariance(found.hessian, customers=self.n_, inside=found.inside)
        self.log_likelihood_ = -found.value * self.n_
        alpha, beta, gamma, delta = self._values
        limit = ALIKE_BUYING if alpha + beta > 1e3 else ""
        limit = limit or (ALIKE_LEAVING if gamma + delta > 1e3 else "")
        accepted = found.accepted or (bool(limit) and found.flat)
        few = self.n_ < self.minimum_customers
        self.status_ = (
            Status.INSUFFICIENT if few else Status.OK if accepted else Status.NOT_IDENTIFIED
        )
        reason = FEW_CUSTOMERS if few else limit if accepted else NO_OPTIMUM
        self.fit_record_ = FitRecord(
            found.slope, found.eigenvalue, found.starts, found.evaluations, bool(limit),
            accepted, reason,
        )  # fmt: skip

    def with_parameters(self, parameters: Mapping[str, float]) -> BgBb:
        """Return a copy that scores with the given parameters.

        Parameters
        ----------
        parameters
            alpha, beta, gamma and delta.
        """
        other = BgBb(minimum_customers=self.minimum_customers)
        other.__dict__.update(self.__dict__)
        other.parameters_ = {name: float(parameters[name]) for name in self.names}
        return other

    @property
    def _values(self) -> FloatArray:
        if not hasattr(self, "parameters_"):
            raise NotFitted(model=self.label)
        return np.array([self.parameters_[name] for name in self.names])

    def p_alive(self, panel: OpportunityPanel) -> FloatArray:
        """Return the chance that each customer is still there at the last opportunity.

        Parameters
        ----------
        panel
            The customers.
        """
        here, gone, _ = _logs(self._values, panel=panel)
        return np.exp(here - np.logaddexp(here, _log_total(gone)))

    def _staying(self, panel: OpportunityPanel, *, horizon: float) -> FloatArray:
        """Return P(there at each opportunity ahead), given there now: rows, opportunities."""
        check_horizon(horizon)
        _, _, gamma, delta = self._values
        now = delta + panel.opportunities[:, None]
        ahead = np.arange(1.0, np.floor(horizon) + 1.0)
        return np.asarray(np.exp(betaln(gamma, now + ahead) - betaln(gamma, now)))

    def discounted_orders(
        self, panel: OpportunityPanel, *, horizon: float, rate_per_unit: float
    ) -> FloatArray:
        """Return the discounted expected purchases at the opportunities ahead.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Opportunities ahead, finite.
        rate_per_unit
            Continuous discount rate per opportunity.
        """
        check_horizon(horizon, rate=rate_per_unit)
        alpha, beta, _, _ = self._values
        chance = (alpha + panel.repeat_count) / (alpha + beta + panel.opportunities)
        stay = self._staying(panel, horizon=horizon)
        worth = np.exp(-rate_per_unit * np.arange(1.0, stay.shape[1] + 1.0))
        return np.asarray(self.p_alive(panel) * chance * (stay * worth).sum(axis=1))

    def orders_expected(self, panel: OpportunityPanel, *, horizon: float) -> FloatArray:
        """Return the expected purchases at the opportunities ahead.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Opportunities ahead.
        """
        return self.discounted_orders(panel, horizon=horizon, rate_per_unit=0.0)

    def p_buy(self, panel: OpportunityPanel, *, horizon: float) -> FloatArray:
        """Return the chance of at least one purchase at the opportunities ahead.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Opportunities ahead.
        """
        alpha, beta, _, _ = self._values
        yes, no = alpha + panel.repeat_count, beta + panel.opportunities - panel.repeat_count
        stay = self._staying(panel, horizon=horizon)
        missed = np.arange(stay.shape[1], dtype=np.float64)
        first = betaln((yes + 1.0)[:, None], no[:, None] + missed) - betaln(yes, no)[:, None]
        return np.asarray(self.p_alive(panel) * (stay * np.exp(first)).sum(axis=1))

    def expected_unconditional(self, time: float) -> float:
        """Return the expected purchases of a new customer in n opportunities.

        Parameters
        ----------
        time
            Opportunities n.
        """
        nothing = np.zeros(1, dtype=np.int64)
        new = OpportunityPanel(nothing, nothing, nothing)
        return float(self.orders_expected(new, horizon=time)[0])

    def predictive(
        self,
        panel: OpportunityPanel,
        *,
        horizon: float,
        levels: tuple[float, ...] = (0.1, 0.9),
    ) -> FloatArray:
        """Return quantiles of the purchases at the opportunities ahead.

        Parameters
        ----------
        panel
            The customers; keep rows distinct, each costs horizon^2.
        horizon
            Opportunities ahead.
        levels
            Quantile levels.
        """
        check_levels(levels)
        alpha, beta, _, _ = self._values
        yes = (alpha + panel.repeat_count)[:, None, None]
        no = (beta + panel.opportunities - panel.repeat_count)[:, None, None]
        stay = self._staying(panel, horizon=horizon)
        last = np.concatenate([np.ones((len(panel), 1)), stay], axis=1)
        exactly = np.diff(-np.concatenate([last, np.zeros((len(panel), 1))], axis=1), axis=1)
        trials = np.arange(stay.shape[1] + 1.0)[:, None]
        n = np.arange(stay.shape[1] + 1.0)
        possible = n <= trials
        short = np.where(possible, trials - n, 0.0)
        ways = gammaln(trials + 1.0) - gammaln(n + 1.0) - gammaln(short + 1.0)
        chance = np.where(
            possible, np.exp(ways + betaln(yes + n, no + short) - betaln(yes, no)), 0.0
        )
        given_alive = np.cumsum((exactly[..., None] * chance).sum(axis=1), axis=1)
        alive = self.p_alive(panel)[:, None]
        below = 1.0 - alive + alive * given_alive
        below[:, -1] = 1.0
        return np.stack([(below < level - 1e-12).sum(axis=1) for level in levels], 1).astype(
            float
        )

    def simulate(
        self, panel: OpportunityPanel, *, horizon: float, rng: np.random.Generator
    ) -> IntArray:
        """Return one draw of each row's purchases at the opportunities ahead.

        Parameters
        ----------
        panel
            The customers.
        horizon
            Opportunities ahead.
        rng
            Source of randomness.
        """
        check_horizon(horizon)
        alpha, beta, gamma, delta = self._values
        x, n = panel.repeat_count, panel.opportunities
        alive = rng.random(len(panel)) < self.p_alive(panel)
        chance = rng.beta(alpha + x, beta + n - x)
        leave = np.clip(rng.beta(gamma, delta + n), 1e-12, 1.0)
        there = np.minimum(rng.geometric(leave) - 1, int(horizon))
        drawn: npt.NDArray[np.int64] = rng.binomial(there, chance)
        return np.where(alive, drawn, 0)


def _logs(
    values: FloatArray, *, panel: OpportunityPanel
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ln of the likelihood of being there, of having left before each later one, i."""
    alpha, beta, gamma, delta = values
    x, last, n = panel.repeat_count, panel.last, panel.opportunities
    base = betaln(alpha, beta) + betaln(gamma, delta)
    here = betaln(alpha + x, beta + n - x) + betaln(gamma, delta + n) - base
    later = np.arange(max(int((n - last).max(initial=0)), 1), dtype=np.float64)
    possible = later < (n - last)[:, None]
    i = np.where(possible, later, 0.0)
    gone = betaln((alpha + x)[:, None], (beta + last - x)[:, None] + i)
    gone += betaln(gamma + 1.0, (delta + last)[:, None] + i) - base
    return here, np.where(possible, gone, -np.inf), i


def _log_total(logs: FloatArray) -> FloatArray:
    top = logs.max(axis=1)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(safe + np.log(np.exp(logs - safe[:, None]).sum(axis=1)))


def _negative(theta: FloatArray, *, panel: OpportunityPanel) -> tuple[float, FloatArray]:
    """Return the negative log-likelihood and its gradient in log-parameters."""
    values = np.exp(theta)
    alpha, beta, gamma, delta = values
    x, last, n = panel.repeat_count, panel.last, panel.opportunities
    here, gone, i = _logs(values, panel=panel)
    whole = np.logaddexp(here, _log_total(gone))
    there = np.exp(here - whole)
    left = np.exp(gone - whole[:, None])
    first, second = digamma(alpha + beta), digamma(gamma + delta)
    one, two = (last - x)[:, None] + i, last[:, None] + i
    both = digamma(alpha + beta + x[:, None] + one)
    ends = digamma(gamma + delta + 1.0 + two)
    slopes = (
        (digamma(alpha + x) - digamma(alpha) + first)
        - there * digamma(alpha + beta + n)
        - (left * both).sum(axis=1),
        first
        - digamma(beta)
        + there * (digamma(beta + n - x) - digamma(alpha + beta + n))
        + (left * (digamma(beta + one) - both)).sum(axis=1),
        second
        - digamma(gamma)
        + there * (digamma(gamma) - digamma(gamma + delta + n))
        + (left * (digamma(gamma + 1.0) - ends)).sum(axis=1),
        second
        - digamma(delta)
        + there * (digamma(delta + n) - digamma(gamma + delta + n))
        + (left * (digamma(delta + two) - ends)).sum(axis=1),
    )
    weight = panel.weight
    slope = np.array([float((weight * part).sum()) for part in slopes]) * values
    return -float((weight * whole).sum()), -slope
