"""What members hold and what it will come to: month by month, by cohort, by IFRS 15."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.backoffice.programme.acts import own_programme, shown
from huitouke.service.backoffice.programme.charts import Series, stacked
from huitouke.service.backoffice.programme.exports import as_csv, as_workbook
from huitouke.service.core import clock
from huitouke.service.ledger.units import UnitUnknown
from huitouke.service.programme.economics.closings import books
from huitouke.service.programme.economics.expiring import ExpiringPoints
from huitouke.service.programme.economics.liability import (
    CohortLiability,
    LiabilityReport,
)
from huitouke.service.programme.economics.months import Month, Months
from huitouke.service.programme.economics.revenue import CohortRevenue
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.versions import queries
from huitouke.service.ui.reader import current

__all__ = ["LiabilityPage", "MonthRow", "export", "show"]

_WHY = {
    "few_ended": N_("Fewer than two months of issue have come to their end."),
    "longer_life": N_("Points live longer than any month of issue has been followed."),
    "long_tail": N_("Points have no end, and too much of them is used later than was seen."),
}


@dataclass(frozen=True)
class MonthRow:
    """One month of the roll-forward.

    Parameters
    ----------
    month, complete
        First day, and whether it is over.
    opening, issued, redeemed, returned, expired, clawed_back, other, closing
        Points; ``other`` is all that is rare: brought in, adjusted, given up, forgiven.
    closing_minor
        The closing balance at face value; none where points have none.
    """

    month: date
    complete: bool
    opening: int
    issued: int
    redeemed: int
    returned: int
    expired: int
    clawed_back: int
    other: int
    closing: int
    closing_minor: int | None


@dataclass(frozen=True)
class LiabilityPage:
    """The page of what is owed.

    Parameters
    ----------
    report
        The report as of its moment; none: nothing was ever counted.
    unit
        Name of the unit.
    rows
        Month by month.
    chart
        What came and went.
    cohorts
        By month of issue, newest first.
    expiring
        Open points by the month of their end.
    revenue
        By month of sale, newest first.
    why
        English message of why redemption cannot be told; empty where it can.
    earlier
        Whether it is of a moment before now: that of the last closing.
    query
        Of the addresses of its files: the same moment.
    """

    report: LiabilityReport | None
    unit: str
    rows: tuple[MonthRow, ...]
    chart: dict[str, Any]
    cohorts: tuple[CohortLiability, ...]
    expiring: tuple[ExpiringPoints, ...]
    revenue: tuple[CohortRevenue, ...]
    why: str
    earlier: bool
    query: str = ""

    @property
    def expected(self) -> str:
        """What is still to be redeemed, in money where points have a price."""
        reader, found = current(), self.report.expected if self.report else None
        if found is None or found.points is None:
            return reader.words.say(N_("too few to tell"))
        money = found.money.cost_minor if found.money else None
        return reader.number(found.points) if money is None else reader.money(money)

    @property
    def expected_range(self) -> str:
        """The same from and to."""
        reader, found = current(), self.report.expected if self.report else None
        if found is None:
            return ""
        ends = (found.low_money.cost_minor, found.high_money.cost_minor)
        low, high = (
            (reader.number(found.low), reader.number(found.high))
            if None in ends
            else (reader.money(ends[0]), reader.money(ends[1]))
        )
        return _range(low, high, known=found.points is not None)

    @property
    def breakage(self) -> str:
        """Share of all points that is never redeemed."""
        rate = self.report.breakage.redemption if self.report else None
        if rate is None or rate.value is None:
            return current().words.say(N_("too few to tell"))
        return current().share(1 - rate.value)

    @property
    def breakage_range(self) -> str:
        """The same from and to."""
        rate, reader = self.report.breakage.redemption if self.report else None, current()
        if rate is None:
            return ""
        low, high = reader.share(1 - rate.high), reader.share(1 - rate.low)
        return _range(low, high, known=rate.value is not None)

    @property
    def headline(self) -> str:
        """The finding of the chart."""
        reader = current()
        if len(self.rows) < 2:
            return reader.words.say(N_("What came and what went"))
        last = self.rows[-1]
        change = last.closing - self.rows[0].opening
        n = reader.number(abs(change))
        says = (
            N_("Members hold {n} {unit} more than a year ago")
            if change >= 0
            else N_("Members hold {n} {unit} fewer than a year ago")
        )
        return reader.words.say(says, n=n, unit=self.unit)


def _range(low: str, high: str, *, known: bool) -> str:
    says = N_("90% interval {low} to {high}") if known else N_("between {low} and {high}")
    return current().words.say(says, low=low, high=high)


def _row(month: Month, *, of: Months) -> MonthRow:
    roll = month.roll
    named = roll.issued + roll.redeemed + roll.returned + roll.expired + roll.clawed_back
    return MonthRow(
        month=month.month,
        complete=month.complete,
        opening=roll.opening,
        issued=roll.issued,
        redeemed=roll.redeemed,
        returned=roll.returned,
        expired=roll.expired,
        clawed_back=roll.clawed_back,
        other=roll.closing - roll.opening - named,
        closing=roll.closing,
        closing_minor=of.worth.money(roll.closing).face_minor,
    )


def _page(request: HttpRequest, *, own: Programme) -> LiabilityPage:
    at, insists = clock.now(), request.GET.get("as_of") == "latest"
    try:
        found = books(own.code, at=at, now=insists)
    except UnitUnknown:
        return LiabilityPage(None, "", (), {}, (), (), (), "", earlier=False)
    report, rolled = found.report, found.months
    force = queries.in_force(own, at=at)
    unit = None if force is None else force[1].unit("points")
    rows = tuple(_row(each, of=rolled) for each in rolled.months)
    return LiabilityPage(
        report=report,
        unit="" if unit is None else unit.name.said(current().language),
        rows=rows,
        chart=_chart(rows),
        cohorts=tuple(reversed(report.cohorts)),
        expiring=report.expiring,
        revenue=tuple(reversed(report.revenue)),
        why=_WHY.get(report.breakage.why or "", "") if report.breakage.status != "ok" else "",
        earlier=report.at < at,
        query="?as_of=latest" if insists else "",
    )


def _chart(rows: tuple[MonthRow, ...]) -> dict[str, Any]:
    reader = current()
    say = reader.words.say
    return stacked(
        [reader.month(row.month) for row in rows],
        series=[
            Series(say(N_("Issued")), [row.issued for row in rows]),
            Series(say(N_("Redeemed")), [row.redeemed + row.returned for row in rows]),
            Series(say(N_("Expired")), [row.expired for row in rows]),
            Series(say(N_("Taken back")), [row.clawed_back for row in rows]),
            Series(say(N_("Other")), [row.other for row in rows]),
        ],
    )


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what is owed.

    Parameters
    ----------
    request
        Of whoever may see it.
    """
    own = own_programme(request)
    return shown(
        request,
        name="liability",
        page=_page(request, own=own),
        own=own,
        here="programme_liability",
    )


@require_safe
def export(request: HttpRequest, *, kind: str) -> HttpResponse:
    """Hand the roll-forward, the cohorts and the revenue out as a file.

    Parameters
    ----------
    request
        Of whoever may see them.
    kind
        ``csv`` (the roll-forward) or ``xlsx`` (all three).
    """
    own = own_programme(request)
    page = _page(request, own=own)
    name = f"liability-{own.code}-{clock.now():%Y-%m-%d}"
    if kind == "csv":
        return as_csv(name, rows=_roll(page))
    return as_workbook(
        name,
        sheets={
            current().words.say(N_("By month")): _roll(page),
            current().words.say(N_("By month of issue")): _cohorts(page),
            current().words.say(N_("Revenue")): _revenue(page),
        },
    )


Rows = list[list[Any]]


def _roll(page: LiabilityPage) -> Rows:
    say = current().words.say
    head = [
        say(N_("Month")),
        say(N_("Opening")),
        say(N_("Issued")),
        say(N_("Redeemed")),
        say(N_("Given back")),
        say(N_("Expired")),
        say(N_("Taken back")),
        say(N_("Other")),
        say(N_("Closing")),
        say(N_("Closing at face value, minor units")),
    ]
    return [
        head,
        *(
            [
                row.month.isoformat()[:7],
                row.opening,
                row.issued,
                row.redeemed,
                row.returned,
                row.expired,
                row.clawed_back,
                row.other,
                row.closing,
                row.closing_minor,
            ]
            for row in page.rows
        ),
    ]


def _cohorts(page: LiabilityPage) -> Rows:
    say = current().words.say
    head = [
        say(N_("Month of issue")),
        say(N_("Issued")),
        say(N_("Redeemed")),
        say(N_("Expired")),
        say(N_("Left")),
        say(N_("Share redeemed in the end")),
        say(N_("From")),
        say(N_("To")),
        say(N_("Still to be redeemed")),
        say(N_("From")),
        say(N_("To")),
    ]
    return [
        head,
        *(
            [
                each.month.isoformat()[:7],
                each.issued,
                each.redeemed,
                each.expired,
                each.left,
                each.rate.value,
                each.rate.low,
                each.rate.high,
                each.expected.points,
                each.expected.low,
                each.expected.high,
            ]
            for each in page.cohorts
        ),
    ]


def _revenue(page: LiabilityPage) -> Rows:
    say = current().words.say
    head = [
        say(N_("Month of sale")),
        say(N_("Orders")),
        say(N_("Points")),
        say(N_("Paid, minor units")),
        say(N_("Goods, minor units")),
        say(N_("Points, minor units")),
        say(N_("Released, minor units")),
        say(N_("Contract liability, minor units")),
    ]
    return [
        head,
        *(
            [
                each.month.isoformat()[:7],
                each.orders,
                each.points,
                each.allocation.price_minor,
                each.allocation.goods_minor,
                each.allocation.points_minor,
                each.release.released_minor,
                each.release.left_minor,
            ]
            for each in page.revenue
        ),
    ]
