"""The parts of the page: which charts stand where, and what stands for an absent one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from huitouke.insight.report import charts, equity_charts, group_charts, trust_charts
from huitouke.insight.report.absences import Gap, absence, gap
from huitouke.insight.report.options import Chart
from huitouke.insight.report.picture import (
    Churn,
    Cohorts,
    Equity,
    Groups,
    Histogram,
    Picture,
    Rain,
    Score,
    Tracking,
    Types,
)
from huitouke.insight.report.reader import Reader, known
from huitouke.language import N_

__all__ = ["Section", "sections", "trust"]


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Parameters
    ----------
    key
        Its id.
    title, lead
        Its heading and the question it answers.
    charts
        Its charts in order.
    absent
        What could not be shown here, and why.
    """

    key: str
    title: str
    lead: str
    charts: tuple[Chart, ...]
    absent: tuple[Gap, ...] = ()


def sections(picture: Picture, *, reader: Reader) -> tuple[Section, ...]:
    """Return the parts about the customers, in reading order."""
    plan = (
        (
            "value",
            N_("What they are worth"),
            N_("Expected margin from today on, and how unevenly it is spread."),
            ("equity", "perceived"),
            (*_value(picture, reader),),
        ),
        (
            "return",
            N_("Do they come back?"),
            N_("What customers did, and what was expected of them before they did it."),
            ("cohorts", "tracking"),
            (*_returning(picture, reader),),
        ),
        (
            "groups",
            N_("Who they are"),
            N_("Profit and loyalty are two things: four groups, and the reasons to stay."),
            ("groups", "types"),
            (*_kinds(picture, reader),),
        ),
        (
            "loyalty",
            N_("Loyal, rain or shine"),
            N_("Who would buy without a promotion, and how likely a full-price purchase is."),
            ("rain", "rain_by_customer", "score"),
            (*_loyalty(picture, reader),),
        ),
    )
    return tuple(
        Section(
            key,
            reader.say(title),
            reader.say(lead),
            drawn,
            tuple(_gaps(picture, parts, reader)),
        )
        for key, title, lead, parts, drawn in plan
    )


def _gaps(picture: Picture, parts: tuple[str, ...], reader: Reader) -> Iterator[Gap]:
    for part in parts:
        absent = absence(picture, part)
        if absent is not None:
            yield gap(part, absent=absent, reader=reader)


def _value(picture: Picture, reader: Reader) -> Iterator[Chart]:
    equity = picture.equity
    if not isinstance(equity, Equity):
        return
    n = equity.total.n or picture.customers
    if equity.concentration is not None:
        yield charts.value_concentration(equity.concentration, n=n, reader=reader)
    if equity.by_customer is not None and any(known(e) for e in equity.by_customer.edges[1:]):
        yield charts.value_distribution(equity.by_customer, n=n, reader=reader)
    spreads = (equity.spread_past_misses, equity.spread_customers, equity.spread_parameters)
    if any(known(spread) for spread in spreads):
        yield charts.value_uncertainty(equity, reader=reader)
    if equity.holders and known(equity.orders.value) and known(equity.spend_per_order.value):
        yield equity_charts.equity_drivers(equity, margin=picture.margin, reader=reader)


def _returning(picture: Picture, reader: Reader) -> Iterator[Chart]:
    if isinstance(picture.cohorts, Cohorts) and any(
        cohort.returned for cohort in picture.cohorts.cohorts
    ):
        yield charts.cohort_retention(picture.cohorts, reader=reader)
    if isinstance(picture.tracking, Tracking):
        yield trust_charts.purchase_tracking(picture.tracking, reader=reader)


def _kinds(picture: Picture, reader: Reader) -> Iterator[Chart]:
    groups = picture.groups
    if isinstance(groups, Groups):
        if any(known(group.share.value) for group in groups.groups):
            yield group_charts.group_shares(groups, reader=reader)
        if groups.moves and groups.move_names:
            yield group_charts.group_moves(groups, reader=reader)
        if any(known(p.profit) and known(p.loyalty) for p in groups.points):
            yield group_charts.group_map(
                groups, horizon_days=picture.horizon_days, reader=reader
            )
    if isinstance(picture.types, Types) and any(
        known(share.share.value) for share in picture.types.shares
    ):
        yield group_charts.type_shares(picture.types, reader=reader)


def _loyalty(picture: Picture, reader: Reader) -> Iterator[Chart]:
    if isinstance(picture.rain, Rain) and isinstance(picture.rain.by_customer, Histogram):
        yield charts.rain_or_shine(picture.rain, reader=reader)
    if isinstance(picture.score, Score):
        yield charts.score_distribution(
            picture.score, horizon_days=picture.horizon_days, reader=reader
        )


def trust(picture: Picture, *, reader: Reader) -> tuple[Chart, ...]:
    """Return the charts of how far to believe the rest."""
    return tuple(_trust(picture, reader))


def _trust(picture: Picture, reader: Reader) -> Iterator[Chart]:
    if any(known(candidate.mae) for candidate in picture.candidates):
        yield trust_charts.candidate_errors(picture.candidates, reader=reader)
    churn = picture.churn
    if isinstance(churn, Churn) and any(known(score.auc.value) for score in churn.scores):
        yield trust_charts.churn_models(churn, reader=reader)
    if isinstance(picture.score, Score) and picture.score.calibration:
        yield trust_charts.calibration(
            picture.score.calibration,
            key="score-calibration",
            title=N_("The loyalty score was off by {points} percentage points on average."),
            note=N_(
                "Customers grouped by predicted chance; what happened later, with 80%"
                " intervals. Dashed: perfect. n = {n}."
            ),
            reader=reader,
        )
    if isinstance(churn, Churn) and churn.calibration:
        yield trust_charts.calibration(
            churn.calibration,
            key="churn-calibration",
            title=N_("The risk of leaving was off by {points} percentage points on average."),
            note=N_(
                "Customers grouped by predicted risk; the share that left, with 80% intervals."
                " Dashed: perfect. n = {n}."
            ),
            reader=reader,
        )
