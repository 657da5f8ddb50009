"""Customer equity: the sum of today's customers' values, and how sure it is.

Customers still to be won are not in it. The interval has three parts that stay visible: what
the parameters leave open (drawn parameters), what individuals will happen to do, and how
wrong the model has been at past origins. The first two alone under-cover badly: on CDNOW a
95 % parameter interval of the 39-week total ended at 1,774 orders and 1,940 came.

References
----------
Gupta, Lehmann & Stuart (2004), "Valuing customers", J. Marketing Research 41.
Rust, Lemon & Zeithaml (2004), "Return on marketing", J. Marketing 68.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from huitouke.insight.profiles.judged import Codes, Floats, Ints, Verdict, even_length
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "PURCHASES",
    "Equity",
    "EquityPart",
    "GroupEquity",
    "customer_equity",
    "equity_by_group",
    "equity_by_purchases",
    "equity_drivers",
    "top_share",
]

#: Two-sided 80 % of a normal distribution.
_Z = float(stats.norm.ppf(0.9))

NO_PAST = N_(
    "No past origin has been checked, so how wrong the model tends to be is unknown: "
    "the total has no interval."
)
NO_DRAWS = N_(
    "Fewer than two sets of parameters were drawn, so what the fit leaves open is unknown: "
    "the total has no interval."
)
NO_VALUE = N_("No customer has a value, so there is no total.")
DRIVERS = N_(
    "Value, brand and relationship equity need a survey of perceptions and of switching "
    "between brands; orders alone cannot tell them apart."
)


@dataclass(frozen=True)
class EquityPart:
    """One source of doubt about a total.

    Parameters
    ----------
    name
        ``parameters``, ``individuals`` or ``misspecification``.
    log_sd
        Its standard deviation on the log scale: 0.1 is about 10 % of the total.
    quantile
        How many standard deviations the 80 % interval of this part alone spans each way.
    count
        Draws, customers or past origins behind it.
    verdict
        Whether the part is known.
    """

    name: str
    log_sd: float
    quantile: float
    count: int
    verdict: Verdict


@dataclass(frozen=True)
class Equity:
    """Customer equity with its 80 % interval and the parts of it.

    Parameters
    ----------
    total
        Sum of the values of today's customers, currency; None if none has a value.
    low, high
        80 % interval, currency; None while a part is unknown.
    customers
        Customers with a value.
    unvalued
        Customers without one; they are not in the total.
    top_tenth_share
        Share of equity held by the most valuable tenth of customers; None if total <= 0.
    parts
        Parameters, individuals, misspecification.
    verdict
        Whether the interval may be shown, and why not.
    """

    total: float | None
    low: float | None
    high: float | None
    customers: int
    unvalued: int
    top_tenth_share: float | None
    parts: tuple[EquityPart, ...]
    verdict: Verdict

    @property
    def half_width(self) -> float:
        """Half of the 80 % interval on the log scale, all parts together."""
        return math.sqrt(sum((part.quantile * part.log_sd) ** 2 for part in self.parts))


def _parts(
    total: float, *, draws: Floats, variance: float, customers: int, errors: Floats
) -> tuple[EquityPart, ...]:
    drawn = draws[np.isfinite(draws) & (draws > 0)]
    known = len(drawn) >= 2
    parameters = EquityPart(
        "parameters",
        float(np.std(np.log(drawn), ddof=1)) if known else 0.0,
        _Z,
        len(drawn),
        Verdict(Status.OK) if known else Verdict(Status.INSUFFICIENT, NO_DRAWS),
    )
    individuals = EquityPart(
        "individuals",
        math.sqrt(math.log1p(variance / total**2)) if total > 0 else 0.0,
        _Z,
        customers,
        Verdict(Status.OK),
    )
    checked = len(errors) >= 1
    misspecification = EquityPart(
        "misspecification",
        # Around zero, not around their mean: a bias that was there before may be there again.
        float(np.sqrt(np.mean(errors**2))) if checked else 0.0,
        float(stats.t.ppf(0.9, len(errors))) if checked else _Z,
        len(errors),
        Verdict(Status.OK) if checked else Verdict(Status.INSUFFICIENT, NO_PAST),
    )
    return parameters, individuals, misspecification


def customer_equity(
    clv: Floats, *, draws: Floats, variances: Floats, past_log_errors: Sequence[float] | Floats
) -> Equity:
    """Add up customer equity and say how sure the sum is.

    On the log scale the half width of the 80 % interval is
    ``sqrt(z²(s_p² + s_i²) + t_k² s_m²)``: ``s_p`` the standard deviation of the log of the
    equity over parameter draws, ``s_i² = ln(1 + Σ Var_i / total²)``, ``s_m`` the root mean
    square of the log errors ``ln(actual/predicted)`` of totals at ``k`` past origins, which
    are taken to err as much over the value calendar as they did over the holdout. ``t_k``
    (Student's t with k degrees of freedom) pays for few origins.

    Parameters
    ----------
    clv
        (customers,) values, currency; NaN is left out and counted.
    draws
        (draws,) the total under each set of drawn parameters, currency.
    variances
        (customers,) variance of what each customer will do, currency squared.
    past_log_errors
        ``ln(actual/predicted)`` of the totals at past origins.

    Raises
    ------
    ArraysUneven
        If clv and variances differ in length.

    Examples
    --------
    >>> equity = customer_equity(
    ...     np.array([60.0, 40.0]), draws=np.array([95.0, 105.0]),
    ...     variances=np.array([50.0, 50.0]), past_log_errors=[0.1, -0.1, 0.12],
    ... )
    >>> equity.total, round(equity.low), round(equity.high)
    (100.0, 79, 127)
    """
    even_length(len(clv), variances=variances)
    known = np.isfinite(clv)
    count = int(known.sum())
    total = float(clv[known].sum())
    errors = np.asarray(past_log_errors, dtype=np.float64)
    errors = errors[np.isfinite(errors)]
    variance = float(np.nansum(np.where(known, variances, 0.0)))
    parts = _parts(total, draws=draws, variance=variance, customers=count, errors=errors)
    verdict = next((part.verdict for part in parts if not part.verdict.ok), Verdict(Status.OK))
    if count == 0 or total <= 0:
        verdict = Verdict(Status.INSUFFICIENT, NO_VALUE)
    equity = Equity(
        total=total if count else None,
        low=None,
        high=None,
        customers=count,
        unvalued=len(clv) - count,
        top_tenth_share=top_share(clv[known], share=0.1),
        parts=parts,
        verdict=verdict,
    )
    if not verdict.ok:
        return equity
    spread = math.exp(equity.half_width)
    return replace(equity, low=total / spread, high=total * spread)


def top_share(clv: Floats, *, share: float) -> float | None:
    """Return the part of the total that the most valuable customers hold.

    Parameters
    ----------
    clv
        (customers,) values without NaN.
    share
        Which top share of customers, rounded up to whole customers.

    Returns
    -------
    float or None
        0 to 1; None without a positive total.

    Examples
    --------
    >>> top_share(np.array([9.0] + [1.0] * 9), share=0.1)
    0.5
    """
    total = float(clv.sum())
    if len(clv) == 0 or total <= 0:
        return None
    top = math.ceil(share * len(clv) - 1e-9)
    largest = np.partition(clv, len(clv) - top)[len(clv) - top :]
    return float(np.sort(largest).sum()) / total


#: The least purchases of each class by which equity is split: once, again, often, regularly.
PURCHASES = (1, 2, 4, 10)


def equity_by_purchases(
    clv: Floats, *, repeat_count: Ints, variances: Floats, equity: Equity
) -> tuple[GroupEquity, ...]:
    """Split the equity over customers by how often they have bought.

    Parameters
    ----------
    clv, variances, equity
        As for :func:`equity_by_group`.
    repeat_count
        (customers,) purchases after the first.

    Returns
    -------
    tuple of GroupEquity
        One for each of ``PURCHASES``, named by it.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    place = np.searchsorted(PURCHASES, repeat_count + 1, side="right") - 1
    return equity_by_group(
        clv, groups=place, names=[str(least) for least in PURCHASES], variances=variances,
        equity=equity,
    )  # fmt: skip


@dataclass(frozen=True)
class GroupEquity:
    """The equity of one group of customers.

    Parameters
    ----------
    name
        The group.
    customers
        Customers with a value in it.
    equity
        Their sum, currency.
    share
        Part of all equity, 0 to 1; None without a positive total.
    low, high
        80 % interval of the sum, currency; None while the total has none.
    """

    name: str
    customers: int
    equity: float
    share: float | None
    low: float | None
    high: float | None


def equity_by_group(
    clv: Floats,
    *,
    groups: Ints | Codes,
    names: Sequence[str],
    variances: Floats,
    equity: Equity,
) -> tuple[GroupEquity, ...]:
    """Split the equity over groups of customers.

    The doubt about parameters and about the model is the whole shop's; what individuals
    will do is the group's own.

    Parameters
    ----------
    clv
        (customers,) values, currency; NaN is left out.
    groups
        (customers,) places in ``names``; negative is left out.
    names
        The groups.
    variances
        (customers,) variance of what each customer will do, currency squared.
    equity
        The total, for the shared parts of doubt.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    even_length(len(clv), groups=groups, variances=variances)
    use = np.isfinite(clv) & (groups >= 0)
    place = groups[use].astype(np.int64)
    size = len(names)
    counts = np.bincount(place, minlength=size)
    sums = np.bincount(place, weights=clv[use], minlength=size)
    spreads = np.bincount(place, weights=np.nan_to_num(variances[use]), minlength=size)
    shared = sum((p.quantile * p.log_sd) ** 2 for p in equity.parts if p.name != "individuals")
    rows = []
    for name, count, value, variance in zip(names, counts, sums, spreads, strict=True):
        interval: tuple[float | None, float | None] = (None, None)
        if equity.verdict.ok and value > 0:
            own = math.log1p(float(variance) / float(value) ** 2)
            factor = math.exp(math.sqrt(shared + _Z**2 * own))
            interval = (float(value) / factor, float(value) * factor)
        total = equity.total
        share = float(value) / total if total is not None and total > 0 else None
        rows.append(GroupEquity(name, int(count), float(value), share, *interval))
    return tuple(rows)


def equity_drivers() -> dict[str, Verdict]:
    """Return what may be said of the drivers of equity from orders alone: nothing.

    Returns
    -------
    dict
        ``value_equity``, ``brand_equity``, ``relationship_equity``: not identified.

    References
    ----------
    Rust, Lemon & Zeithaml (2004): the drivers are estimated from a survey of perceptions
    and a brand-switching matrix.
    """
    names = ("value_equity", "brand_equity", "relationship_equity")
    return {name: Verdict(Status.NOT_IDENTIFIED, DRIVERS) for name in names}
