"""Fill the report's picture from what the analysis found."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from huitouke import __version__
from huitouke.insight.profiles.equity import (
    PURCHASES,
    equity_by_purchases,
    equity_drivers,
)
from huitouke.insight.profiles.equity import Equity as Sum
from huitouke.insight.profiles.groups import GROUPS
from huitouke.insight.profiles.judged import Verdict
from huitouke.insight.profiles.lists import CustomerList
from huitouke.insight.profiles.lists import ListRow as Listed
from huitouke.insight.profiles.type_signals import TYPES
from huitouke.insight.report.picture import (
    Absent,
    Concentration,
    Equity,
    Estimate,
    Fitted,
    Group,
    GroupPoint,
    Groups,
    Histogram,
    Holder,
    ListRow,
    Parameter,
    People,
    Picture,
    Rain,
    Rows,
    Score,
    Types,
    TypeShare,
)
from huitouke.insight.report.texts import Message, Text
from huitouke.insight.steps.evidence import (
    candidates_of,
    churn_of,
    cohorts_of,
    score_calibration,
    score_checks,
    tracking_of,
)
from huitouke.insight.steps.outcome import Outcome
from huitouke.insight.steps.warnings import warnings_of
from huitouke.insight.tables import Status
from huitouke.insight.validation.ranks import wilson
from huitouke.language import N_

__all__ = ["picture_of"]

Floats = npt.NDArray[np.float64]

_AT_RISK = N_(
    "The most valuable fifth of repeat customers who have been silent longer than their own "
    "rhythm explains. First the one with the most margin at stake. Whether a contact keeps "
    "them, only a holdout can tell."
)
_SURELY_LOYAL = N_(
    "At least three purchases, and even the low end of the loyalty score (or of the chance to "
    "buy) is above one half."
)
_UNLIKELY = N_(
    "Even at the high end, the chance to buy is below 10%. The biggest spenders of the past "
    "come first."
)
_LONGEST_NAME = 60
_POINTS = 1_200
_Z = 1.2815515655446004


def picture_of(outcome: Outcome, *, shop: Text | None, attribution: Text | None) -> Picture:
    """Return everything that the report shows.

    Parameters
    ----------
    outcome
        What the analysis found.
    shop
        The title; None for a plain one.
    attribution
        Where public data come from; None for a merchant's own.
    """
    facts, options, rows = outcome.facts, outcome.options, outcome.facts.rows
    return Picture(
        as_of=outcome.as_of,
        horizon_days=outcome.shop.horizon_days,
        currency=outcome.currency,
        margin=options.margin,
        discount_rate=options.discount_rate,
        rows=Rows(rows.read, rows.used, rows.merged, rows.quarantined, rows.without_customer),
        period_first=facts.first_on,
        period_last=facts.last_on,
        customers=outcome.panel.num_rows,
        orders=facts.orders,
        revenue=facts.revenue_e4 / 1e4,
        shop=shop,
        attribution=attribution,
        value_days=options.value_days,
        repeaters=int((outcome.panel["repeat_count"].to_numpy() > 0).sum()),
        median_gap_days=outcome.shop.median_gap_days,
        notes=outcome.notes,
        warnings=tuple(warnings_of(outcome)),
        fitted=_fitted(outcome),
        candidates=candidates_of(outcome),
        equity=_equity(outcome),
        tracking=tracking_of(outcome),
        cohorts=cohorts_of(outcome),
        groups=_groups(outcome),
        types=_types(outcome),
        rain=_rain(outcome),
        score=_score(outcome),
        churn=churn_of(outcome),
        at_risk=_people(outcome.lists.at_risk, outcome, rule=_AT_RISK),
        likely_loyal=_people(outcome.lists.likely_loyal, outcome, rule=_SURELY_LOYAL),
        unlikely=_people(outcome.lists.unlikely, outcome, rule=_UNLIKELY),
        perceived=_absent(next(iter(equity_drivers().values()))),
        version=__version__,
    )


def _absent(verdict: Verdict) -> Absent:
    why = Message(verdict.reason, dict(verdict.values)) if verdict.reason else None
    status = Status.INSUFFICIENT if verdict.ok else verdict.status
    return Absent(status, why=why)


def _parameters(
    names: tuple[str, ...], values: Floats, spread: Floats
) -> tuple[Parameter, ...]:
    sd = np.sqrt(np.clip(np.diag(spread), 0.0, None))
    return tuple(
        Parameter(name, float(v), float(v * math.exp(-_Z * s)), float(v * math.exp(_Z * s)))
        for name, v, s in zip(names, values, sd, strict=True)
    )


def _fitted(outcome: Outcome) -> tuple[Fitted, ...]:
    made = []
    model, spend = outcome.purchases.model, outcome.worth.spend_model
    if model is not None and outcome.purchases.chosen is not None:
        values = np.array([model.parameters_[name] for name in model.names])
        made.append(
            Fitted(
                outcome.purchases.chosen,
                "purchases",
                _parameters(model.names, values, model.covariance_),
                model.log_likelihood_,
                model.n_,
            )
        )
    if outcome.worth.spend_known:
        made.append(
            Fitted(
                "gamma_gamma",
                "spend",
                _parameters(spend.names, spend.values, spend.covariance_),
                spend.log_likelihood_,
                spend.n_,
            )
        )
    return tuple(made)


def _equity(outcome: Outcome) -> Equity | Absent:
    found, clv = outcome.worth.equity, outcome.worth.values.clv
    known = clv[np.isfinite(clv)]
    if found.total is None or found.total <= 0 or known.size == 0:
        return _absent(found.verdict)
    spreads = {p.name: found.total * p.log_sd if p.verdict.ok else None for p in found.parts}
    ranked = np.sort(known)[::-1]
    ends = np.unique(np.linspace(0, known.size, 51).astype(np.int64))
    running = np.concatenate(([0.0], np.cumsum(ranked)))
    return Equity(
        total=Estimate(found.total, found.low, found.high, found.customers),
        spread_parameters=spreads["parameters"],
        spread_customers=spreads["individuals"],
        spread_past_misses=spreads["misspecification"],
        concentration=Concentration(
            tuple((ends / known.size).tolist()), tuple((running[ends] / running[-1]).tolist())
        ),
        by_customer=_money_histogram(known),
        orders=_of_sum(outcome.worth.orders_to_come),
        spend_per_order=_of_sum(outcome.worth.spend_per_order),
        holders=_holders(outcome),
    )


def _of_sum(found: Sum) -> Estimate:
    return Estimate(found.total, found.low, found.high, found.customers)


def _holders(outcome: Outcome) -> tuple[Holder, ...]:
    worth = outcome.worth
    split = equity_by_purchases(
        worth.values.clv,
        repeat_count=outcome.panel["repeat_count"].to_numpy(),
        variances=worth.variances,
        equity=worth.equity,
    )
    ends = [*(least - 1 for least in PURCHASES[1:]), None]
    return tuple(
        Holder(
            int(each.name), most, each.customers,
            Estimate(each.equity, each.low, each.high, each.customers), each.share or 0.0,
        )
        for each, most in zip(split, ends, strict=True)
        if each.customers
    )  # fmt: skip


def _money_histogram(values: Floats) -> Histogram:
    top = float(np.quantile(values, 0.98))
    edges = np.linspace(0.0, max(top, 1e-6), 25)
    counts, _ = np.histogram(values, bins=np.append(edges, np.inf))
    # Values below zero are returns beyond purchases: they stand in the first bin.
    counts[0] += int((values < 0).sum())
    return Histogram((*edges.tolist(), math.inf), tuple(counts.tolist()))


def _groups(outcome: Outcome) -> Groups | Absent:
    found, placement = outcome.placement.groups, outcome.placement
    if not found.verdict.ok:
        return _absent(found.verdict)
    n = found.label.size
    counts = np.bincount(found.label[found.label >= 0], minlength=len(GROUPS))
    shares = found.shares()
    clv = np.nan_to_num(outcome.worth.values.clv)
    sums = np.bincount(
        found.label[found.label >= 0], weights=clv[found.label >= 0], minlength=len(GROUPS)
    )
    groups = []
    for code, name in enumerate(GROUPS):
        share = Estimate(
            shares[name], *wilson(int(counts[code]), n=max(int(counts.sum()), 1)), n=n
        )
        if name == "barnacle" and outcome.placement.profit.cost is None:
            share = Estimate(status=Status.NOT_IDENTIFIED)
        groups.append(Group(name, int(counts[code]), share, float(sums[code])))  # type: ignore[arg-type]
    moves = placement.moves
    table: tuple[tuple[float, ...], ...] = ()
    # A group that cannot be told apart has no row of its own.
    told = [
        c
        for c, name in enumerate(GROUPS)
        if name != "barnacle" or placement.profit.cost is not None
    ]
    if moves is not None and moves.customers:
        counted = moves.counts[np.ix_(told, told)]
        shares_moved = counted / np.maximum(counted.sum(axis=1, keepdims=True), 1)
        table = tuple(tuple(row) for row in shares_moved.tolist())
    return Groups(
        groups=tuple(groups),
        n=n,
        profit_threshold=found.profit.value,
        loyalty_threshold=found.loyalty.value,
        rule="descriptive" if found.profit.basis == "descriptive" else "decision",
        points=_points(outcome),
        move_names=tuple(GROUPS[code] for code in told) if table else (),
        moves=table,
        kappa=None if moves is None else moves.kappa,
        cost_to_serve_known=outcome.placement.profit.cost is not None,
    )


def _points(outcome: Outcome) -> tuple[GroupPoint, ...]:
    label = outcome.placement.groups.label
    rows = np.flatnonzero((label >= 0) & np.isfinite(outcome.worth.p_buy))
    rows = rows[:: max(1, rows.size // _POINTS)][:_POINTS]
    profit = outcome.placement.profit.mean
    return tuple(
        GroupPoint(float(outcome.worth.p_buy[i]), float(profit[i]), GROUPS[label[i]])
        for i in rows
    )


def _types(outcome: Outcome) -> Types | Absent:
    found = outcome.types
    named = int((found.label >= 0).sum())
    if not named:
        return _absent(found.verdict)
    counts = np.bincount(found.label[found.label >= 0], minlength=len(TYPES))
    rows = [
        TypeShare(
            name,
            int(counts[code]),
            Estimate(int(counts[code]) / named, *wilson(int(counts[code]), n=named), n=named),
        )
        for code, name in enumerate(TYPES)
    ]
    mixed = int(counts[len(TYPES) :].sum())
    rows.append(
        TypeShare("mixed", mixed, Estimate(mixed / named, *wilson(mixed, n=named), n=named))
    )
    return Types(tuple(rows), named, found.label.size)


def _rain(outcome: Outcome) -> Rain | Absent:
    found = outcome.steady
    response = found.response
    if response is None:
        return _absent(found.verdict)
    opportunity = outcome.panel["promo_days_share"].to_numpy(zero_copy_only=False)
    known = found.share[np.isfinite(found.share)]
    histogram: Histogram | Absent = _absent(found.verdict)
    if known.size:
        counts, edges = np.histogram(known, bins=20, range=(0.0, 1.0))
        histogram = Histogram(tuple(edges.tolist()), tuple(counts.tolist()))
    return Rain(
        shop=Estimate(
            response.share, response.share_low, response.share_high, response.customers
        ),
        opportunity=float(np.nanmean(opportunity.astype(np.float64))),
        by_customer=histogram,
        overdispersion_p=response.p_value,
    )


def _score(outcome: Outcome) -> Score | Absent:
    known = outcome.scores.score[np.isfinite(outcome.scores.score)]
    if not outcome.loyalty.verdict.ok or known.size == 0:
        return _absent(outcome.loyalty.verdict)
    counts, edges = np.histogram(known, bins=20, range=(0.0, 100.0))
    checks = outcome.loyalty.checks
    return Score(
        by_customer=Histogram(tuple(edges.tolist()), tuple(counts.tolist())),
        n=known.size,
        mean=_mean_score(outcome),
        calibration=score_calibration(outcome),
        checks=score_checks(outcome),
        accepted=checks is not None and checks.accepted,
    )


def _mean_score(outcome: Outcome) -> Estimate:
    """Return the mean score; its ends are the means of the customers' own."""
    found = outcome.scores.mean()
    return Estimate(found.mean, found.low, found.high, found.customers)


def _people(found: CustomerList, outcome: Outcome, *, rule: str) -> People | Absent:
    if outcome.purchases.chosen is None:
        return Absent()
    rows = tuple(_row(listed, outcome) for listed in found.rows)
    value = (
        Estimate(found.total, found.total_low, found.total_high, found.meeting)
        if found.total is not None
        else Estimate(status=Status.INSUFFICIENT)
    )
    return People(rows, found.meeting, value, Message(rule))


def _row(listed: Listed, outcome: Outcome) -> ListRow:
    i, worth = listed.place, outcome.worth
    panel = outcome.panel
    return ListRow(
        customer_id=_cut(outcome.ids[i].as_py()),
        last_order_on=panel["last_order_on"][i].as_py(),
        orders=panel["orders"][i].as_py(),
        spend=panel["spend_e4"][i].as_py() / 1e4,
        p_buy=_estimate(worth.p_buy[i], worth.p_buy_lo[i], worth.p_buy_hi[i]),
        value=_estimate(worth.values.clv[i], worth.values.low[i], worth.values.high[i]),
        orders_expected=_estimate(worth.orders[i], worth.orders_lo[i], worth.orders_hi[i]),
        score=_estimate(outcome.scores.score[i], outcome.scores.low[i], outcome.scores.high[i]),
        reasons=tuple(Message(r.says, dict(r.values)) for r in listed.reasons),
    )


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _estimate(value: float, low: float, high: float) -> Estimate:
    if not math.isfinite(value):
        return Estimate(status=Status.INSUFFICIENT)
    return Estimate(float(value), float(low), float(high))
