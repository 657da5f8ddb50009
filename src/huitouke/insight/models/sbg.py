"""sBG: how many contract customers renew, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma

from huitouke.errors import HuitoukeError
from huitouke.insight.models.contract import FitRecord, NotFitted
from huitouke.insight.models.optimum import covariance, search
from huitouke.insight.models.quadrature import FloatArray
from huitouke.insight.models.reasons import (
    ALIKE_CONTRACTS,
    EVERYBODY_LEFT,
    FEW_CONTRACTS,
    NO_OPTIMUM,
    NOBODY_LEFT_YET,
)
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["Sbg", "SurvivorsInvalid"]


class SurvivorsInvalid(HuitoukeError):
    """Survivor counts that rise or are negative."""

    code = "models.survivors_invalid"
    says = N_("Survivors of a cohort must never rise and never be negative.")
    remedy = N_("Give each cohort as counts: at the start, after the first renewal, and so on.")


class Sbg:
    """Shifted beta-geometric model of renewal.

    At every renewal a customer leaves with an own, constant chance; the chances are beta
    (alpha, beta). The cohort's retention rises because the likely leavers go first.

    Parameters
    ----------
    minimum_customers
        Below this many contracts the status is insufficient_evidence.

    References
    ----------
    Fader & Hardie (2007), "How to project customer retention", Journal of Interactive
    Marketing 21: P(T = t), S(t), r(t) and their recursions.

    Examples
    --------
    >>> model = Sbg().fit([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> {name: round(value, 2) for name, value in model.parameters_.items()}
    {'alpha': 0.67, 'beta': 3.81}
    >>> round(float(model.survival([12])[0]), 3)
    0.378
    """

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    label: ClassVar[str] = "sBG"

    parameters_: dict[str, float]
    covariance_: FloatArray
    log_likelihood_: float
    n_: int
    status_: Status
    fit_record_: FitRecord

    def __init__(self, *, minimum_customers: int = 100) -> None:
        self.minimum_customers = minimum_customers

    def fit(self, survivors: Sequence[Any] | npt.NDArray[Any]) -> Self:
        """Fit by maximum likelihood and return self.

        Parameters
        ----------
        survivors
            One cohort as counts at the start and after each renewal, or a list of such
            cohorts, which may be observed for different times (censored).

        Raises
        ------
        SurvivorsInvalid
            If a cohort's survivors rise or are negative.
        """
        lost, kept, n = _tally(survivors)
        self.n_ = round(n)
        if lost.sum() == 0 or lost[1:].sum() + kept.sum() == 0:
            alpha, beta = (0.5, max(n, 1.0)) if lost.sum() == 0 else (max(n, 1.0), 0.5)
            self._set(np.log([alpha, beta]))
            self.covariance_ = np.zeros((2, 2))
            self.log_likelihood_ = 0.0
            self.status_ = Status.INSUFFICIENT
            reason = NOBODY_LEFT_YET if lost.sum() == 0 else EVERYBODY_LEFT
            self.fit_record_ = FitRecord(0.0, 0.0, 0, 0, False, False, reason)
            return self
        found = search(
            lambda theta: _negative(theta, lost=lost, kept=kept),
            starts=[
                np.log(start) for start in ((1.0, 2.0), (0.5, 4.0), (5.0, 5.0), (0.2, 0.2))
            ],
            low=np.full(2, -9.0),
            high=np.full(2, 12.0),
        )
        self._set(found.theta)
        self.covariance_ = covariance(found.hessian, customers=self.n_, inside=found.inside)
        self.log_likelihood_ = -found.value * n
        alike = float(np.exp(found.theta).sum()) > 1e3
        accepted = found.accepted or (alike and found.flat)
        few = self.n_ < self.minimum_customers
        self.status_ = (
            Status.INSUFFICIENT if few else Status.OK if accepted else Status.NOT_IDENTIFIED
        )
        reason = FEW_CONTRACTS if few else "" if accepted else NO_OPTIMUM
        self.fit_record_ = FitRecord(
            found.slope, found.eigenvalue, found.starts, found.evaluations, alike, accepted,
            reason or (ALIKE_CONTRACTS if alike else ""),
        )  # fmt: skip
        return self

    def _set(self, theta: FloatArray) -> None:
        self.parameters_ = dict(zip(self.names, map(float, np.exp(theta)), strict=True))

    @property
    def _values(self) -> tuple[float, float]:
        if not hasattr(self, "parameters_"):
            raise NotFitted(model=self.label)
        return self.parameters_["alpha"], self.parameters_["beta"]

    def survival(self, time: npt.ArrayLike) -> FloatArray:
        """Return the share of a new cohort still there after t renewals.

        Parameters
        ----------
        time
            Numbers of renewals t, from 0.
        """
        alpha, beta = self._values
        t = np.asarray(time, dtype=np.float64)
        return np.asarray(np.exp(betaln(alpha, beta + t) - betaln(alpha, beta)))

    def retention(self, time: npt.ArrayLike) -> FloatArray:
        """Return the share of those there before renewal t who renew.

        Parameters
        ----------
        time
            Numbers of the renewal t, from 1.
        """
        alpha, beta = self._values
        t = np.asarray(time, dtype=np.float64)
        return np.asarray((beta + t - 1.0) / (alpha + beta + t - 1.0))

    def renewals_expected(
        self, age: npt.ArrayLike, *, periods: int, rate_per_period: float = 0.0
    ) -> FloatArray:
        """Return the discounted expected renewals to come of customers of an age.

        Parameters
        ----------
        age
            Renewals each customer has already made.
        periods
            Renewals ahead that count.
        rate_per_period
            Continuous discount rate.

        References
        ----------
        Fader & Hardie (2010), "Customer-base valuation in a contractual setting",
        Marketing Science 29: discounted expected residual lifetime, cut at ``periods``.
        """
        now = np.atleast_1d(np.asarray(age, dtype=np.float64))
        ahead = np.arange(1.0, periods + 1.0)
        later = self.survival(now[:, None] + ahead) / self.survival(now)[:, None]
        return np.asarray((later * np.exp(-rate_per_period * ahead)).sum(axis=1))


def _tally(survivors: Any) -> tuple[FloatArray, FloatArray, float]:
    """Return customers lost at each renewal, customers last seen after each, and all."""
    cohorts = [survivors] if np.ndim(survivors[0]) == 0 else survivors
    lines = [np.asarray(cohort, dtype=np.float64) for cohort in cohorts]
    if any(
        line.size == 0 or not np.isfinite(line).all() or line.min() < 0 or np.diff(line).max(
            initial=0.0) > 0
        for line in lines
    ):  # fmt: skip
        raise SurvivorsInvalid
    longest = max(line.size for line in lines)
    lost, kept = np.zeros(longest), np.zeros(longest)
    for line in lines:
        lost[1 : line.size] += -np.diff(line)
        kept[line.size - 1] += line[-1]
    return lost[1:] if longest > 1 else np.zeros(1), kept[1:], sum(float(x[0]) for x in lines)


def _negative(
    theta: FloatArray, *, lost: FloatArray, kept: FloatArray
) -> tuple[float, FloatArray]:
    alpha, beta = np.exp(theta)
    t = np.arange(1.0, lost.size + 1.0)
    n = float(lost.sum() + kept.sum())
    value = lost * (betaln(alpha + 1.0, beta + t - 1.0) - betaln(alpha, beta))
    value += kept * (betaln(alpha, beta + t) - betaln(alpha, beta))
    both, after = digamma(alpha + beta), digamma(alpha + beta + t)
    slope_alpha = lost * (1.0 / alpha + both - after) + kept * (both - after)
    slope_beta = lost * (digamma(beta + t - 1.0) - digamma(beta) + both - after)
    slope_beta += kept * (digamma(beta + t) - digamma(beta) + both - after)
    slope = np.array([slope_alpha.sum() * alpha, slope_beta.sum() * beta])
    return -float(value.sum()) / n, -slope / n
