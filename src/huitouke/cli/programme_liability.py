"""What the liability report says on one screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.numbers import format_percent

from huitouke.cli.programme_words import (
    month_name,
    number,
    period,
    share,
    span,
    sum_at_cost,
    table,
)
from huitouke.language import N_, Words
from huitouke.service.programme.rules.shown import money

if TYPE_CHECKING:  # it needs Django's settings
    from huitouke.service.programme.economics.liability import LiabilityReport

__all__ = ["liability_screen"]

_ROLL = {
    "opening": N_("Opening"),
    "issued": N_("Issued"),
    "imported": N_("Brought in"),
    "redeemed": N_("Redeemed"),
    "returned": N_("Given back from redemptions"),
    "expired": N_("Expired"),
    "clawed_back": N_("Clawed back"),
    "adjusted": N_("Adjusted by hand"),
    "forfeited": N_("Given up"),
    "written_off": N_("Debts written off"),
    "transferred": N_("Transferred"),
    "merged": N_("Merged"),
    "other": N_("Other"),
    "closing": N_("Closing"),
}


def liability_screen(report: LiabilityReport, *, reader: Words) -> str:
    """Return a liability report as a person reads it.

    Parameters
    ----------
    report
        Of :func:`huitouke.service.programme.economics.liability.liability`.
    reader
        The reader's words.
    """
    rows = [
        ["", reader.say(N_("points")), reader.say(N_("face value")), reader.say(N_("cost"))]
    ]
    for name, says in _ROLL.items():
        points = getattr(report.roll, name)
        if points or name in {"opening", "closing", "issued", "redeemed", "expired"}:
            worth = report.money[name]
            rows.append(
                [
                    reader.say(says),
                    number(points, reader=reader),
                    *(
                        _cash(each, report, reader)
                        for each in (worth.face_minor, worth.cost_minor)
                    ),
                ]
            )
    place = report.position
    lines = [
        reader.say(
            N_("Points of {programme}.{unit}, {period}: {entries} entries, {n} accounts."),
            programme=report.programme,
            unit=report.unit,
            period=period(report.since, until=report.until, zone=report.zone, reader=reader),
            entries=number(report.entries, reader=reader),
            n=number(place.accounts, reader=reader),
        ),
        "",
        *table(rows),
        reader.say(
            N_(
                "Of the closing balance {available} can be used, {pending} are pending, {held} "
                "set aside, {owed} owed; {overdue} are past their last day."
            ),
            available=number(place.available, reader=reader),
            pending=number(place.pending, reader=reader),
            held=number(place.held, reader=reader),
            owed=number(place.owed, reader=reader),
            overdue=number(report.overdue, reader=reader),
        ),
        "",
        *_breakage(report, reader),
        *_expiring(report, reader),
        *_revenue(report, reader),
    ]
    return "\n".join(lines)


def _cash(minor: int | None, report: LiabilityReport, reader: Words) -> str:
    if minor is None:
        return "–"
    return money(minor, currency=report.currency, language=reader.language)


_STATUS = {
    "ok": N_(
        "Redeemed in the end: {share}, by {n} redemptions in {cohorts} months of issue; "
        "complete months to {through}, intervals meant to hold {level} of the time."
    ),
    "too_few": N_(
        "How much is redeemed cannot be told: {n} redemptions in {cohorts} months of issue are "
        "too few (complete months to {through})."
    ),
    "few_ended": N_(
        "How much is redeemed cannot be told: fewer than two months of issue have lived to "
        "their end ({n} redemptions in {cohorts} months, complete months to {through})."
    ),
    "longer_life": N_(
        "How much is redeemed cannot be told: points live longer than any month of issue has "
        "been followed ({n} redemptions in {cohorts} months, complete months to {through})."
    ),
    "long_tail": N_(
        "How much is redeemed cannot be told: points have no end, and too much of them may be "
        "redeemed later than what was seen ({n} redemptions in {cohorts} months, complete "
        "months to {through})."
    ),
}


def _breakage(report: LiabilityReport, reader: Words) -> list[str]:
    made = report.breakage
    lines = [
        reader.say(
            _STATUS[made.why or made.status],
            share=share(made.redemption, reader=reader),
            n=number(made.redemptions, reader=reader),
            cohorts=len(made.cohorts),
            through=format_date(
                report.through - timedelta(days=1), format="medium", locale=reader.locale
            ),
            level=format_percent(made.level, locale=reader.locale),
        ),
        reader.say(
            N_("Still to be redeemed, in points: {points}; at cost: {cost}."),
            points=span(report.expected, reader=reader),
            cost=sum_at_cost(report.expected, currency=report.currency, reader=reader),
        ),
    ]
    if report.vintages:
        inside = sum(one.inside for one in report.vintages)
        says = N_(
            "Earlier data would have foretold it, within the interval, from {k} of {n} past "
            "months; these overlap and are no independent trials."
        )
        lines.append(reader.say(says, k=inside, n=len(report.vintages)))
    head = (
        N_("Month of issue"),
        N_("issued"),
        N_("redeemed"),
        N_("expired"),
        N_("left"),
        N_("redeemed in the end"),
    )
    rows = [[reader.say(each) for each in head]]
    for one in report.cohorts:
        name = month_name(one.month, reader=reader)
        rows.append(
            [
                reader.say(N_("{month}, brought in"), month=name) if one.imported else name,
                *(
                    number(each, reader=reader)
                    for each in (one.issued, one.redeemed, one.expired, one.left)
                ),
                share(one.rate, reader=reader),
            ]
        )
    return [*lines, "", *table(rows)] if report.cohorts else lines


def _expiring(report: LiabilityReport, reader: Words) -> list[str]:
    if not report.expiring:
        return []
    rows = [
        [reader.say(N_("Last day in")), reader.say(N_("points")), reader.say(N_("face value"))]
    ]
    rows += [
        [
            month_name(one.month, reader=reader),
            number(one.points, reader=reader),
            _cash(one.money.face_minor, report, reader),
        ]
        for one in report.expiring
    ]
    return ["", *table(rows)]


def _revenue(report: LiabilityReport, reader: Words) -> list[str]:
    if not report.revenue:
        return []
    head = [N_("Month of sale"), N_("transaction price"), N_("allocated to points"),
            N_("revenue from points so far"), N_("of this in the period"),
            N_("contract liability")]  # fmt: skip
    rows = [[reader.say(each) for each in head]]
    rows += [
        [
            month_name(one.month, reader=reader),
            *(
                _cash(each, report, reader)
                for each in (
                    one.allocation.price_minor,
                    one.allocation.points_minor,
                    one.release.released_minor,
                    one.release.revenue_minor,
                    one.release.left_minor,
                )
            ),
        ]
        for one in report.revenue
    ]
    return ["", *table(rows)]
