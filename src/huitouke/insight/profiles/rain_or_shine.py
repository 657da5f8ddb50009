"""Rain or shine: the share of purchases that would remain without promotions.

A customer who buys on promotion because there is always one on is not deal-prone: what counts
is promotion use against opportunity. With ``d`` of ``n`` occasions on promotion and ``π`` the
share of the customer's time with a promotion on,

    logit E[p_i] = logit π_i + ln ρ,   p_i ~ Beta with precision φ,   d_i ~ Binomial(n_i, p_i).

``ρ`` and ``φ`` are fitted by beta-binomial maximum likelihood. When π is the same for everybody
this is Beta(a, b) with a = p φ, b = (1 - p) φ; when it differs, differences in opportunity are
not mistaken for differences between people. Per customer ``p̂ = (p φ + d)/(φ + n)``,
``ρ̂ = odds(p̂)/odds(π)`` and ``ROS = 1/(1 + π(ρ̂ - 1))``, at most 1; the 80 % interval comes
from the beta posterior of p.

**Gate.** A likelihood-ratio test of over-dispersion (beta-binomial against binomial) at 1 %;
φ = ∞ lies on the edge, so the p-value is half that of chi-squared with one degree of freedom.
If it is not rejected the promotion share says nothing about persons, and only the shop's
number is published.

**Assumption.** Promotion purchases of the deal-prone are brought forward or taken from
elsewhere and not made up at full price; see ``promotions.deal_timing``. Coupons sent *because*
a customer was quiet confound the estimate; only randomised coupons mend that.

References
----------
Webster (1965), deal-proneness relative to opportunity; Blattberg & Neslin (1990),
*Sales Promotion*; Skellam (1948), beta-binomial likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from huitouke.insight.profiles.judged import (
    INSUFFICIENT,
    NOT_IDENTIFIED,
    OK,
    Codes,
    Floats,
    Ints,
    Verdict,
    even_length,
)
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["PromoResponse", "RainOrShine", "rain_or_shine"]

#: Outside these shares of days a promotion is as good as never, or always, on.
OPPORTUNITY_LOW, OPPORTUNITY_HIGH = 0.02, 0.98
#: Occasions needed for a number, and for a number worth showing on a list.
MIN_OCCASIONS, SHOW_FROM = 3, 6
#: Customers with at least two occasions needed for the gate.
MIN_CUSTOMERS = 100
GATE_LEVEL = 0.01
_OPPORTUNITY_BINS = 64
_Z = 1.2815515655446004

NO_OPPORTUNITY = N_(
    "Promotions are as good as never or always on, or it is not known when they were on: what "
    "would remain without them cannot be told."
)
TOO_FEW = N_("Only {customers} customers bought twice or more; {needed} are needed.")
ALIKE = N_(
    "Customers do not differ in promotion use beyond chance (p = {p_value:.3f}): only the "
    "number of the whole shop is meant."
)


@dataclass(frozen=True)
class PromoResponse:
    """How a shop's customers use promotions, and whether they differ.

    Parameters
    ----------
    rate_ratio
        ρ: purchases per week on promotion against off, all customers; 1 is no response.
    precision
        φ: small when customers differ much; at the upper bound when they are alike.
    a, b
        The beta prior at the mean opportunity.
    likelihood_ratio
        Twice the gain in log-likelihood of beta-binomial over binomial.
    p_value
        Of that gain under customers who are alike.
    share, share_low, share_high
        The shop's ROS with its 80 % interval, clustered by customer.
    customers
        Customers behind the fit.
    """

    rate_ratio: float
    precision: float
    a: float
    b: float
    likelihood_ratio: float
    p_value: float
    share: float
    share_low: float
    share_high: float
    customers: int


@dataclass(frozen=True)
class RainOrShine:
    """Each customer's share of purchases that would remain without promotions.

    Parameters
    ----------
    share, low, high
        (customers,) ROS, 0 to 1, and its 80 % interval; NaN where the status is not ok.
    status
        (customers,) status codes.
    response
        The shop's response; None where it is not identified.
    verdict
        Whether numbers per customer may be shown.
    """

    share: Floats
    low: Floats
    high: Floats
    status: Codes
    response: PromoResponse | None
    verdict: Verdict


@dataclass(frozen=True)
class _Cells:
    """Customers alike in opportunity, occasions and promotion occasions, counted."""

    inverse: Ints
    opportunity: Floats
    n: Floats
    d: Floats
    weight: Floats


def rain_or_shine(
    promo_occasions: Ints, *, occasions: Ints, opportunity: Floats
) -> RainOrShine:
    """Estimate the share of each customer's purchases that would remain without promotions.

    Parameters
    ----------
    promo_occasions
        (customers,) occasions bought on promotion (d). Leave out each customer's first
        occasion if the shop wins customers by promotions.
    occasions
        (customers,) all occasions counted (n >= d).
    opportunity
        (customers,) share of the customer's time with a promotion on (π); NaN if unknown.

    Returns
    -------
    RainOrShine
        Statuses: π unknown or near 0 or 1 is not identified; n < 3, too few customers for
        the gate, or a gate that stays shut is insufficient.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> never = np.array([0.0])
    >>> none = rain_or_shine(np.array([0]), occasions=np.array([5]), opportunity=never)
    >>> none.verdict.status.value
    'not_identified'
    """
    customers = len(occasions)
    even_length(customers, promo_occasions=promo_occasions, opportunity=opportunity)
    with np.errstate(invalid="ignore"):
        identified = (opportunity >= OPPORTUNITY_LOW) & (opportunity <= OPPORTUNITY_HIGH)
    status = np.where(identified, INSUFFICIENT, NOT_IDENTIFIED).astype(np.int8)
    use = np.flatnonzero(identified & (occasions > 0))
    repeaters = int((occasions[use] >= 2).sum())
    if len(use) == 0:
        verdict = Verdict(Status.NOT_IDENTIFIED, NO_OPPORTUNITY)
        return _without(status, None, verdict)
    if repeaters < MIN_CUSTOMERS:
        needed = {"customers": repeaters, "needed": MIN_CUSTOMERS}
        return _without(status, None, Verdict(Status.INSUFFICIENT, TOO_FEW, needed))
    cells = _cells(promo_occasions[use], occasions[use], opportunity[use])
    response, prior = _response(cells)
    if response.p_value >= GATE_LEVEL:
        found = {"p_value": response.p_value}
        return _without(status, response, Verdict(Status.INSUFFICIENT, ALIKE, found))
    enough = occasions[use] >= MIN_OCCASIONS
    shown = use[enough]
    status[shown] = OK
    outcome = _without(status, response, Verdict(Status.OK))
    place = cells.inverse[enough]
    numbers = _posterior(cells, prior=prior, place=place, opportunity=opportunity[shown])
    outcome.share[shown], outcome.low[shown], outcome.high[shown] = numbers
    return outcome


def _without(status: Codes, response: PromoResponse | None, verdict: Verdict) -> RainOrShine:
    nothing = [np.full(len(status), np.nan) for _ in range(3)]
    return RainOrShine(nothing[0], nothing[1], nothing[2], status, response, verdict)


def _cells(d: Ints, n: Ints, opportunity: Floats) -> _Cells:
    """Count equal customers: a million of them share some ten thousand cells."""
    values, place = np.unique(opportunity, return_inverse=True)
    if len(values) > _OPPORTUNITY_BINS:
        edges = np.quantile(opportunity, np.linspace(0, 1, _OPPORTUNITY_BINS + 1)[1:-1])
        place = np.searchsorted(edges, opportunity, side="right")
        counts = np.bincount(place, minlength=_OPPORTUNITY_BINS)
        sums = np.bincount(place, weights=opportunity, minlength=_OPPORTUNITY_BINS)
        values = sums / np.maximum(counts, 1)
    size = int(n.max()) + 1
    keys, inverse, weight = np.unique(
        (place.astype(np.int64) * size + n) * size + d, return_inverse=True, return_counts=True
    )
    rest = keys // size
    return _Cells(
        inverse=inverse.astype(np.int64),
        opportunity=values[rest // size],
        n=(rest % size).astype(np.float64),
        d=(keys % size).astype(np.float64),
        weight=weight.astype(np.float64),
    )


def _common_ratio(cells: _Cells) -> tuple[float, Floats]:
    """Fit ln ρ by binomial maximum likelihood (Newton); return it and each cell's p."""
    base = special.logit(cells.opportunity)
    theta = 0.0
    for _ in range(60):
        p = special.expit(base + theta)
        slope = float((cells.weight * (cells.d - cells.n * p)).sum())
        curve = float((cells.weight * cells.n * p * (1 - p)).sum())
        step = max(-1.0, min(1.0, slope / max(curve, 1e-12)))
        theta = max(-8.0, min(8.0, theta + step))
        if abs(step) < 1e-10:
            break
    return theta, np.asarray(special.expit(base + theta))


def _beta_binomial(params: Floats, cells: _Cells) -> tuple[float, Floats]:
    """Return minus the log-likelihood over (ln ρ, ln φ) and its gradient."""
    phi = math.exp(params[1])
    p = special.expit(special.logit(cells.opportunity) + params[0])
    a, b = p * phi, (1 - p) * phi
    hit, miss = cells.d, cells.n - cells.d
    value = (
        special.gammaln(a + hit)
        - special.gammaln(a)
        + special.gammaln(b + miss)
        - special.gammaln(b)
        - special.gammaln(phi + cells.n)
        + special.gammaln(phi)
    )
    by_a = special.digamma(a + hit) - special.digamma(a)
    by_b = special.digamma(b + miss) - special.digamma(b)
    by_phi = special.digamma(phi) - special.digamma(phi + cells.n)
    w = cells.weight
    gradient = np.array(
        [
            -float((w * (by_a - by_b) * p * (1 - p) * phi).sum()),
            -float((w * (by_a * p + by_b * (1 - p) + by_phi) * phi).sum()),
        ]
    )
    return -float((w * value).sum()), gradient


def _response(cells: _Cells) -> tuple[PromoResponse, Floats]:
    """Fit the shop's response; return it with (ln ρ, ln φ) of the prior."""
    theta, p = _common_ratio(cells)
    w = cells.weight
    binomial = float((w * (cells.d * np.log(p) + (cells.n - cells.d) * np.log1p(-p))).sum())
    fits = [
        optimize.minimize(
            _beta_binomial,
            np.array([theta, start]),
            args=(cells,),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-9.0, 9.0), (-3.0, 11.0)],
        )
        for start in (0.0, 2.0, 5.0)
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    ratio = max(0.0, 2 * (-float(best.fun) - binomial))
    rho, phi = math.exp(best.x[0]), math.exp(best.x[1])
    mean = float((w * cells.opportunity).sum() / w.sum())
    share_at_mean = rho * mean / (1 - mean + rho * mean)
    residual = cells.d - cells.n * p
    information = float((w * cells.n * p * (1 - p)).sum())
    error = math.sqrt(float((w * residual**2).sum())) / max(information, 1e-12)
    volume = w * cells.n
    shop = float((volume * cells.opportunity).sum() / volume.sum())
    share, low, high = (
        min(1.0, 1 / (1 + shop * (math.exp(theta + shift * error) - 1)))
        for shift in (0.0, _Z, -_Z)
    )
    response = PromoResponse(
        rate_ratio=math.exp(theta),
        precision=phi,
        a=share_at_mean * phi,
        b=(1 - share_at_mean) * phi,
        likelihood_ratio=ratio,
        p_value=0.5 * float(stats.chi2.sf(ratio, 1)),
        share=share,
        share_low=low,
        share_high=high,
        customers=int(w.sum()),
    )
    return response, np.asarray(best.x, dtype=np.float64)


def _posterior(
    cells: _Cells, *, prior: Floats, place: Ints, opportunity: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return ROS and its 80 % interval of the customers at these places."""
    p = special.expit(special.logit(cells.opportunity) + prior[0])
    phi = math.exp(prior[1])
    a, b = p * phi + cells.d, (1 - p) * phi + cells.n - cells.d
    needed = cells.n >= MIN_OCCASIONS
    ends = np.full((3, len(a)), np.nan)
    ends[0] = a / (a + b)
    ends[1, needed] = special.betaincinv(a[needed], b[needed], 0.9)
    ends[2, needed] = special.betaincinv(a[needed], b[needed], 0.1)
    odds = ends / np.maximum(1 - ends, 1e-12)
    rho = odds * (1 - cells.opportunity) / cells.opportunity
    share, low, high = (
        np.minimum(1.0, 1 / (1 + opportunity * (ratio[place] - 1))) for ratio in rho
    )
    return share, low, high
