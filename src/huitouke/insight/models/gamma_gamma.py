"""Gamma-Gamma: what a customer spends per occasion, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaincinv, gammaln

from huitouke.errors import HuitoukeError
from huitouke.insight.models.contract import FitRecord, NotFitted, check_levels
from huitouke.insight.models.optimum import (
    Objective,
    Optimum,
    covariance,
    follow,
    hessian,
    search,
)
from huitouke.insight.models.quadrature import FloatArray
from huitouke.insight.models.reasons import (
    ALIKE_SPEND,
    CONSTANT_SPEND,
    FEW_SPENDERS,
    INFINITE_MEAN,
    NO_OPTIMUM,
    NO_SPEND,
    SPEND_WITH_FREQUENCY,
)
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["GammaGamma", "SpendInvalid"]

_SAMPLE = 15_000
_WHOLE = 30_000
_ALIKE = 1e-6


class SpendInvalid(HuitoukeError):
    """Spend and counts that do not belong together."""

    code = "models.spend_invalid"
    says = N_("The spend table breaks the rule {rule}.")
    remedy = N_("Give one mean spend and one count per customer, as finite numbers.")


class GammaGamma:
    """Gamma-Gamma model of spend per occasion.

    A customer's spends are gamma (p, nu) and nu is gamma (q, gamma) across customers; spend
    is taken not to depend on frequency (see ``correlation_``).

    Parameters
    ----------
    minimum_repeaters
        Below this many customers with a repeat spend the status is insufficient_evidence.
    most_correlation
        Largest |correlation| of count and mean spend that passes without a remark.

    References
    ----------
    Fader, Hardie & Lee (2005), "RFM and CLV: using iso-value curves for customer base
    analysis", Journal of Marketing Research 42; Fader & Hardie (2013), "The gamma-gamma
    model of monetary value": likelihood and E[Z | m, x].

    Examples
    --------
    >>> model = GammaGamma().with_parameters({"p": 6.25, "q": 3.74, "gamma": 15.44})
    >>> spend = model.expected_mean_spend(np.array([0.0, 20.0]), count=np.array([0, 10]))
    >>> spend.round(2).tolist()
    [35.22, 20.64]
    """

    names: ClassVar[tuple[str, ...]] = ("p", "q", "gamma")
    label: ClassVar[str] = "Gamma-Gamma"

    parameters_: dict[str, float]
    covariance_: FloatArray
    log_likelihood_: float
    correlation_: float
    observed_mean_: float
    n_: int
    status_: Status
    fit_record_: FitRecord

    def __init__(self, *, minimum_repeaters: int = 30, most_correlation: float = 0.15) -> None:
        self.minimum_repeaters = minimum_repeaters
        self.most_correlation = most_correlation

    def fit(self, mean_spend: npt.ArrayLike, *, count: npt.ArrayLike) -> Self:
        """Fit by maximum likelihood and return self.

        Parameters
        ----------
        mean_spend
            Mean spend of each customer's repeat occasions, currency. Rows at or below zero
            and rows without a repeat occasion are left out.
        count
            Repeat occasions behind each mean.

        Raises
        ------
        SpendInvalid
            If the lengths differ or a number is missing.
        """
        spend, counts = _pair(mean_spend, count)
        use = (counts > 0) & (spend > 0)
        spend, counts = spend[use], counts[use]
        self.n_ = int(spend.size)
        self.correlation_ = _correlation(counts, spend)
        total = float(counts.sum())
        self.observed_mean_ = float((spend * counts).sum() / total) if total else 1.0
        if self.n_ == 0 or float(spend.max()) <= float(spend.min()) * (1 + 1e-9):
            self._settle_constant(counts)
            return self
        unit = float(np.exp(np.log(spend).mean()))
        starts = [(6.0, 4.0), (2.0, 3.0), (1.0, 2.0), (20.0, 12.0), (0.5, 1.2)]
        begins = [np.log([p, q, max(q - 1.0, 0.3) / p]) for p, q in starts]
        low, high = np.array([-7.0, -7.0, -9.0]), np.array([14.0, 14.0, 18.0])
        found = self._search(spend / unit, counts=counts, begins=begins, low=low, high=high)
        self._settle(found, unit=unit, spend=spend)
        return self

    @staticmethod
    def _search(
        spend: FloatArray,
        *,
        counts: FloatArray,
        begins: list[FloatArray],
        low: FloatArray,
        high: FloatArray,
    ) -> Optimum:
        whole = _objective(spend, counts=counts)
        if spend.size <= _WHOLE:
            return search(whole, starts=begins, low=low, high=high)
        every = spend.size // _SAMPLE
        sample = _objective(spend[::every].copy(), counts=counts[::every].copy())
        near = search(sample, starts=begins, low=low, high=high)
        if near.accepted:
            found = follow(whole, begin=near)
            if np.isfinite(found.value) and found.accepted:
                curve = hessian(sample, theta=found.theta)
                return Optimum(
                    found.theta, found.value, found.gradient, curve, found.inside,
                    found.evaluations, found.starts,
                )  # fmt: skip
        return search(whole, starts=[near.theta, *begins[1:]], low=low, high=high)

    def _settle_constant(self, counts: FloatArray) -> None:
        p, q = 1e6, 1e6
        gamma = self.observed_mean_ * (q - 1.0) / p
        self.parameters_ = {"p": p, "q": q, "gamma": gamma}
        self.covariance_ = np.zeros((3, 3))
        self.log_likelihood_ = 0.0
        enough = counts.size >= self.minimum_repeaters
        self.status_ = Status.OK if enough else Status.INSUFFICIENT
        reason = CONSTANT_SPEND if enough else FEW_SPENDERS if counts.size else NO_SPEND
        self.fit_record_ = FitRecord(0.0, 0.0, 0, 0, True, False, reason)

    def _settle(self, found: Optimum, *, unit: float, spend: FloatArray) -> None:
        p, q, gamma = (float(value) for value in np.exp(found.theta))
        self.parameters_ = {"p": p, "q": q, "gamma": gamma * unit}
        self.log_likelihood_ = -found.value * self.n_ - self.n_ * float(np.log(unit))
        self.covariance_ = covariance(found.hessian, customers=self.n_, inside=found.inside)
        alike = q > 1e3
        accepted = found.accepted or (alike and found.flat)
        reason = ""
        self.status_ = Status.OK
        if spend.size < self.minimum_repeaters:
            self.status_, reason = Status.INSUFFICIENT, FEW_SPENDERS
        elif not accepted:
            self.status_, reason = Status.NOT_IDENTIFIED, NO_OPTIMUM
        elif q <= 1.0:
            self.status_, reason = Status.NOT_IDENTIFIED, INFINITE_MEAN
        elif alike:
            reason = ALIKE_SPEND
        elif abs(self.correlation_) > self.most_correlation:
            reason = SPEND_WITH_FREQUENCY
        self.fit_record_ = FitRecord(
            found.slope,
            found.eigenvalue,
            found.starts,
            found.evaluations,
            alike,
            accepted,
            reason,
        )

    def with_parameters(self, parameters: Mapping[str, float]) -> GammaGamma:
        """Return a copy that scores with the given parameters.

        Parameters
        ----------
        parameters
            p, q and gamma.
        """
        other = GammaGamma(
            minimum_repeaters=self.minimum_repeaters, most_correlation=self.most_correlation
        )
        other.__dict__.update(self.__dict__)
        other.parameters_ = {name: float(parameters[name]) for name in self.names}
        if not hasattr(self, "covariance_"):
            other.covariance_ = np.zeros((3, 3))
            p, q, gamma = other.values
            other.observed_mean_ = p * gamma / max(q - 1.0, q / 10.0)
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
        variances, axes = np.linalg.eigh(self.covariance_)
        spread = axes * np.sqrt(np.clip(variances, 0.0, 4.0))
        draws = np.exp(np.log(self.values) + rng.standard_normal((n, 3)) @ spread.T)
        return [dict(zip(self.names, map(float, row), strict=True)) for row in draws]

    @property
    def values(self) -> FloatArray:
        """The parameters p, q, gamma."""
        if not hasattr(self, "parameters_"):
            raise NotFitted(model=self.label)
        return np.array([self.parameters_[name] for name in self.names])

    @property
    def population_mean(self) -> float:
        """Mean spend per occasion over customers, p gamma / (q - 1); infinite for q <= 1."""
        p, q, gamma = self.values
        return float(p * gamma / (q - 1.0)) if q > 1.0 else float("inf")

    def identified(self, count: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return for which customers the expected spend has a finite value.

        Parameters
        ----------
        count
            Repeat occasions with spend.
        """
        p, q, _ = self.values
        return np.asarray(p * np.asarray(count, dtype=np.float64) + q > 1.0 + _ALIKE)

    def expected_mean_spend(
        self, mean_spend: npt.ArrayLike, *, count: npt.ArrayLike
    ) -> FloatArray:
        """Return each customer's expected spend per occasion.

        Without a repeat spend it is the population mean. Where that has no finite value
        (see ``identified``) the mean spend of all occasions observed stands in.

        Parameters
        ----------
        mean_spend
            Mean spend of repeat occasions; not read where the count is 0.
        count
            Repeat occasions with spend.
        """
        p, q, _ = self.values
        spend, counts = _pair(mean_spend, count)
        known = self.identified(counts)
        weight = np.where(known, p * counts + q - 1.0, 1.0)
        value = p * self.scale(spend, count=counts) / weight
        return np.where(known, value, self.observed_mean_)

    def scale(self, mean_spend: FloatArray, *, count: FloatArray) -> FloatArray:
        """Return gamma + x m, the scale that a customer's spends are known up to.

        Parameters
        ----------
        mean_spend
            Mean spend of repeat occasions.
        count
            Repeat occasions with spend.
        """
        return float(self.values[2]) + np.where(
            count > 0, count * np.maximum(mean_spend, 0), 0.0
        )

    def spend_quantiles(
        self,
        mean_spend: npt.ArrayLike,
        *,
        count: npt.ArrayLike,
        levels: tuple[float, ...] = (0.1, 0.9),
    ) -> FloatArray:
        """Return quantiles of each customer's own long-run spend per occasion.

        Parameters
        ----------
        mean_spend
            Mean spend of repeat occasions.
        count
            Repeat occasions with spend.
        levels
            Quantile levels.

        Returns
        -------
        FloatArray
            One row per customer, one column per level.
        """
        check_levels(levels)
        p, q, _ = self.values
        spend, counts = _pair(mean_spend, count)
        distinct, rows = _distinct(counts)
        low = gammaincinv((q + p * distinct)[:, None], 1.0 - np.array(levels))
        share = p / np.maximum(low, 1e-300)
        return np.asarray(share[rows] * self.scale(spend, count=counts)[:, None])


def _pair(mean_spend: Any, count: Any) -> tuple[FloatArray, FloatArray]:
    counts = np.atleast_1d(np.asarray(count, dtype=np.float64))
    spend = np.atleast_1d(np.asarray(mean_spend, dtype=np.float64))
    if spend.shape != counts.shape or spend.ndim != 1:
        raise SpendInvalid(rule="n = n")
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise SpendInvalid(rule="0 <= count < inf")
    spend = np.where(counts > 0, spend, 0.0)
    if not np.isfinite(spend).all():
        raise SpendInvalid(rule="-inf < mean_spend < inf")
    return spend, counts


def _correlation(count: FloatArray, spend: FloatArray) -> float:
    if count.size < 2 or np.ptp(count) == 0 or np.ptp(spend) == 0:
        return 0.0
    return float(np.corrcoef(count, spend)[0, 1])


def _distinct(counts: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return the distinct counts and each row's place among them."""
    most = float(counts.max(initial=0.0))
    whole = counts.astype(np.int64)
    if most < 2**20 and bool((whole == counts).all()):
        present = np.bincount(whole) > 0
        return np.flatnonzero(present).astype(np.float64), (np.cumsum(present) - 1)[whole]
    values, rows = np.unique(counts, return_inverse=True)
    return values, rows.astype(np.int64, copy=False)


def _objective(spend: FloatArray, *, counts: FloatArray) -> Objective:
    """Return the negative log-likelihood per customer in log-parameters and its gradient.

    Everything but ln(gamma + x m) depends on the count only and is summed beforehand.
    """
    c, rows = _distinct(counts)
    total = spend * counts
    people = np.bincount(rows).astype(np.float64)
    log_spend = np.bincount(rows, np.log(spend))
    n = float(spend.size)

    def negative(theta: FloatArray) -> tuple[float, FloatArray]:
        p, q, gamma = np.exp(theta)
        shape = p * c
        scale = gamma + total
        logs = np.bincount(rows, np.log(scale))
        inverses = np.bincount(rows, 1.0 / scale)
        value = people * (
            gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * theta[2] + shape * np.log(c)
        )
        value += (shape - 1.0) * log_spend - (shape + q) * logs
        both = digamma(shape + q)
        slope_p = people * c * (both - digamma(shape) + np.log(c)) + c * (log_spend - logs)
        slope_q = people * (both - digamma(q) + theta[2]) - logs
        slope_gamma = people * q / gamma - (shape + q) * inverses
        slope = np.array([slope_p.sum() * p, slope_q.sum() * q, slope_gamma.sum() * gamma])
        return -float(value.sum()) / n, -slope / n

    return negative
