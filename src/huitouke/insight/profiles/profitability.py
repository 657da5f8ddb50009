"""How profitable each customer has been a year, as a posterior in closed form.

Orders come at rate λ ~ Gamma(r + x, α + T)
after x repeat orders in T (Poisson with a gamma prior); the mean order is M = p/ν with
ν ~ Gamma(q + p n, γ + n m̄) after n orders of mean m̄ (Gamma-Gamma). Their product is a scaled
beta-prime variable, so ``P(λ M > c) = 1 - I_u(r + x, q + p n)`` with ``u = w/(1 + w)``,
``w = c (α + T) / (p (γ + n m̄))`` and I the regularised incomplete beta function. λ and M are
taken to be independent. A pause or a departure within T counts as a lower rate: the axis
looks at the past.

References
----------
Fader, Hardie & Lee (2005), "RFM and CLV" (Gamma-Gamma posterior).
Schmittlein, Morrison & Colombo (1987), "Counting your customers" (gamma order rates).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from huitouke.insight.profiles.judged import Floats, Ints, even_length
from huitouke.insight.profiles.value import MarginInvalid

__all__ = ["Profitability", "RatePrior", "SpendPrior", "profitability", "rate_prior"]

MIN_COST_COVERAGE = 0.8
_WEEKS_PER_YEAR = 365.25 / 7


@dataclass(frozen=True)
class RatePrior:
    """How order rates differ between customers: Gamma(shape, rate), per week.

    Parameters
    ----------
    shape
        r in the papers.
    rate
        α in the papers, weeks.
    """

    shape: float
    rate: float


@dataclass(frozen=True)
class SpendPrior:
    """The Gamma-Gamma parameters p, q, γ of mean order value."""

    p: float
    q: float
    gamma: float


def rate_prior(repeat_count: Ints, *, tenure_weeks: Floats) -> RatePrior:
    """Estimate how order rates differ between customers, by moments.

    Parameters
    ----------
    repeat_count
        (customers,) orders after the first (x).
    tenure_weeks
        (customers,) weeks under observation (T), >= 0.

    Returns
    -------
    RatePrior
        Shape at most 1,000: beyond it the customers are as good as alike.

    Examples
    --------
    >>> prior = rate_prior(np.array([0, 1, 2, 9]), tenure_weeks=np.full(4, 10.0))
    >>> round(prior.shape / prior.rate, 3)
    0.3
    """
    x = repeat_count.astype(np.float64)
    weeks = float(tenure_weeks.sum())
    mean = max(float(x.sum()), 0.5) / max(weeks, 1.0)
    squares = float((tenure_weeks**2).sum())
    excess = float(((x - mean * tenure_weeks) ** 2).sum()) - mean * weeks
    variance = max(excess / squares if squares > 0 else 0.0, mean**2 / 1_000.0)
    return RatePrior(mean**2 / variance, mean / variance)


@dataclass(frozen=True)
class Profitability:
    """Posterior of each customer's annual profit over the past.

    Parameters
    ----------
    orders
        (customers,) shape of the order-rate posterior.
    exposure_weeks
        (customers,) rate of the order-rate posterior.
    spend_shape, spend_total
        (customers,) shape and rate of the spend posterior.
    per_unit
        What p times one currency unit a week brings a year: p x margin x weeks per year.
    cost
        (customers,) cost to serve a year, currency; None when it is not known widely enough.
    """

    orders: Floats
    exposure_weeks: Floats
    spend_shape: Floats
    spend_total: Floats
    per_unit: float
    cost: Floats | None

    @property
    def mean(self) -> Floats:
        """(customers,) posterior mean of annual profit, currency."""
        margin = self.per_unit * self.orders / self.exposure_weeks
        margin = margin * self.spend_total / np.maximum(self.spend_shape - 1.0, 0.1)
        return margin if self.cost is None else margin - self.cost

    def chance_above(self, threshold: float) -> Floats:
        """Return the chance that each customer's annual profit exceeds a threshold.

        Parameters
        ----------
        threshold
            Currency a year.

        Returns
        -------
        Floats
            (customers,) in [0, 1].
        """
        needed = threshold if self.cost is None else threshold + self.cost
        w = np.maximum(needed, 0.0) * self.exposure_weeks / (self.per_unit * self.spend_total)
        # I_u(a, b) = 1 - I_{1-u}(b, a); written so that nothing is subtracted from 1.
        return np.asarray(special.betainc(self.spend_shape, self.orders, 1.0 / (1.0 + w)))


def profitability(
    repeat_count: Ints,
    *,
    tenure_weeks: Floats,
    mean_spend: Floats,
    spend_count: Ints,
    rates: RatePrior,
    spends: SpendPrior,
    margin: float,
    cost_to_serve: Floats | None = None,
    spend_total: Floats | None = None,
) -> Profitability:
    """Return the posterior of annual profit from sufficient statistics.

    Parameters
    ----------
    repeat_count
        (customers,) orders after the first (x).
    tenure_weeks
        (customers,) weeks under observation (T).
    mean_spend
        (customers,) mean of ``spend_count`` orders, currency; not used where the count is 0.
    spend_count
        (customers,) orders behind the mean (n).
    rates, spends
        The priors.
    margin
        Contribution margin, share of spend.
    cost_to_serve
        (customers,) contacts, returns, discounts and points at cost, currency a year; NaN
        where unknown. Used only if known for customers with at least 80 % of revenue.
    spend_total
        (customers,) revenue, to measure that coverage.

    Raises
    ------
    MarginInvalid
        If the margin is not in (0, 1].
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> profit = profitability(
    ...     np.array([10]), tenure_weeks=np.array([40.0]), mean_spend=np.array([50.0]),
    ...     spend_count=np.array([10]), rates=RatePrior(1.0, 10.0),
    ...     spends=SpendPrior(6.0, 4.0, 15.0), margin=0.3,
    ... )
    >>> profit.chance_above(0.0), profit.chance_above(1e9).round(6)
    (array([1.]), array([0.]))
    """
    if not 0 < margin <= 1:
        raise MarginInvalid(margin=margin)
    even_length(
        len(repeat_count),
        tenure_weeks=tenure_weeks,
        mean_spend=mean_spend,
        spend_count=spend_count,
        cost_to_serve=cost_to_serve,
        spend_total=spend_total,
    )
    count = spend_count.astype(np.float64)
    return Profitability(
        orders=rates.shape + repeat_count.astype(np.float64),
        exposure_weeks=rates.rate + tenure_weeks,
        spend_shape=spends.q + spends.p * count,
        spend_total=spends.gamma + np.where(count > 0, count * mean_spend, 0.0),
        per_unit=spends.p * margin * _WEEKS_PER_YEAR,
        cost=_known_cost(cost_to_serve, spend_total=spend_total),
    )


def _known_cost(cost: Floats | None, *, spend_total: Floats | None) -> Floats | None:
    if cost is None:
        return None
    known = np.isfinite(cost)
    revenue = np.ones(len(cost)) if spend_total is None else np.maximum(spend_total, 0.0)
    if revenue.sum() <= 0 or revenue[known].sum() < MIN_COST_COVERAGE * revenue.sum():
        return None
    return np.where(known, cost, np.mean(cost[known]))
