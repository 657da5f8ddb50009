"""The liability report: what points members hold, where they came from, what they will cost.

The roll-forward is read from entries, the balances before and after from the last entry of
each account: two readings of the ledger that must agree to the point.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from huitouke.service.ledger import issue_months, reporting
from huitouke.service.programme.economics.breakage import (
    Breakage,
    Rate,
    certain,
    estimate,
)
from huitouke.service.programme.economics.cohorts import (
    CohortBook,
    books,
    life_now,
    to_cohorts,
)
from huitouke.service.programme.economics.expiring import ExpiringPoints, expiring
from huitouke.service.programme.economics.period import closing_of
from huitouke.service.programme.economics.plain import plain
from huitouke.service.programme.economics.readings import Readings, read, scope_of
from huitouke.service.programme.economics.revenue import (
    CohortRevenue,
    Scope,
    View,
    of_period,
    revenue,
    standing,
)
from huitouke.service.programme.economics.rollforward import RollForward, roll_forward
from huitouke.service.programme.economics.vintages import Vintage, vintages
from huitouke.service.programme.economics.worth import Money, Worth, worth_of
from huitouke.service.programme.versions import queries as versions

__all__ = [
    "CohortLiability",
    "ExpiringPoints",
    "LiabilityReport",
    "Points",
    "liability",
    "report_of",
]

#: Points past their last day by month of issue, and whether they were brought in.
Overdue = defaultdict[tuple[date, bool], int]
_TAKEN_BACK = ("claw_back", "settle", "adjust_down")


@dataclass(frozen=True, kw_only=True)
class Points:
    """Points that are still to be redeemed, and what they come to.

    Parameters
    ----------
    points, low, high
        Expected, with an interval at the estimate's level; ``points`` none where the data
        cannot tell: then the bounds are nothing and everything.
    money, low_money, high_money
        The same in minor units.
    """

    points: int | None
    low: int
    high: int
    money: Money | None
    low_money: Money
    high_money: Money


@dataclass(frozen=True, kw_only=True)
class CohortLiability:
    """Points of one month of issue.

    Parameters
    ----------
    month, imported
        First day of the local month; balances brought in stand apart.
    issued
        Credited, transfers and merges included.
    redeemed, expired, forfeited, taken_back
        Above 0; forfeited by persons who were erased; taken back are refunds, negative
        adjustments and debts paid off with them.
    left
        ``issued − redeemed − expired − forfeited − taken_back``; points set aside count as
        redeemed, points past their last day are left until their expiry is written.
    rate
        Share of ``issued − taken_back`` that will be redeemed in the end.
    expected
        What is still to be redeemed of ``left``: nothing of what is past its last day.
    """

    month: date
    imported: bool
    issued: int
    redeemed: int
    expired: int
    forfeited: int
    taken_back: int
    left: int
    rate: Rate
    expected: Points


@dataclass(frozen=True, kw_only=True)
class LiabilityReport:
    """What members' points are, were and will come to.

    Parameters
    ----------
    programme, unit
        Code of the programme, and of the unit within it.
    currency, zone
        Of the money, and of the calendar.
    since, until, at
        The period (``since`` none: from the first entry), and when it was asked.
    roll
        From opening to closing, in points; ``money`` the same lines in money.
    position
        The closing balance in its four parts.
    overdue
        Of the closing balance: points past their last day whose expiry is not written yet.
    worth
        One point in money, exactly.
    breakage, vintages
        How much is ever redeemed, and how earlier data would have foretold it.
    cohorts
        By month of issue.
    expected
        All that is still to be redeemed: the liability.
    expiring
        Open points by the month of their last day.
    revenue
        Contract liability by month of sale (IFRS 15), as the books stood at the end of the
        period; empty where points have no price.
    entries
        How many entries the period has.
    through
        First day that the breakage estimate does not know: complete months only.
    """

    programme: str
    unit: str
    currency: str
    zone: str
    since: datetime | None
    until: datetime
    at: datetime
    roll: RollForward
    money: dict[str, Money]
    position: reporting.Position
    overdue: int
    worth: Worth
    breakage: Breakage
    vintages: tuple[Vintage, ...]
    cohorts: tuple[CohortLiability, ...]
    expected: Points
    expiring: tuple[ExpiringPoints, ...]
    revenue: tuple[CohortRevenue, ...]
    entries: int
    through: date

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON carries it: dates as text, fractions as two numbers."""
        found: dict[str, Any] = plain(self)
        return found


def liability(
    programme: str,
    *,
    at: datetime,
    unit: str = "points",
    since: datetime | None = None,
    until: datetime | None = None,
    cost: Fraction | None = None,
) -> LiabilityReport:
    """Return the liability report of a programme's unit.

    Parameters
    ----------
    programme
        Its code.
    at
        Now: what ``until`` is where it is not given, or lies in the future.
    unit
        Code within the programme.
    since, until
        Entries written from (including) and to (excluding) these moments.
    cost
        What one redeemed point costs, in minor units; none is its face value.

    Raises
    ------
    ProgrammeUnknown
        If there is no such programme.
    UnitUnknown
        If nothing is counted under the code.
    PeriodBackwards
        If the period ends before it begins.
    BooksDisagree
        If the ledger does not add up.
    """
    here = scope_of(programme, unit=unit)
    last = closing_of(since=since, until=until, at=at)
    found = read(here, since=since, until=last)
    return report_of(found, here=here, since=since, until=last, at=at, cost=cost)


def report_of(
    given: Readings,
    *,
    here: Scope,
    since: datetime | None,
    until: datetime,
    at: datetime,
    cost: Fraction | None = None,
) -> LiabilityReport:
    """Return the report that readings make.

    Parameters
    ----------
    given
        What was read of the period.
    here
        Which points.
    since, until, at, cost
        As for :func:`liability`; ``until`` is not in the future.

    Raises
    ------
    BooksDisagree
        If the ledger does not add up.
    """
    own = versions.programme(here.programme)
    found = versions.in_force(here.programme, at=until)
    definition = None if found is None else found[1]
    worth = worth_of(definition, unit=here.unit, cost=cost)
    through = until.astimezone(here.zone).date().replace(day=1)
    after, open_now = given.after, given.open_now
    roll = roll_forward(given.moves, opening=given.before.net, closing=after.net)
    by_month = books(given.known)
    life = life_now(by_month, definition=definition, unit=here.unit, through=through)
    data = to_cohorts(by_month, through=through)
    counted = None if definition is None else definition.unit(here.unit)
    is_money = counted is not None and counted.kind == "stored_value"
    made = certain(data) if is_money else estimate(data, life=life)
    late = _overdue(open_now)
    cohorts = tuple(
        _cohort(book, made=made, worth=worth, overdue=late[book.month, book.imported])
        for book in by_month
    )
    view = View(made, worth.face)
    sales = revenue(here, moves=given.known, sales=given.sales, now=view, until=until)
    if since is not None:
        sales = of_period(sales, before=standing(here, at=since))
    return LiabilityReport(
        programme=here.programme,
        unit=here.unit,
        currency=own.currency,
        zone=own.zone,
        since=since,
        until=until,
        at=at,
        roll=roll,
        money={name: worth.money(getattr(roll, name)) for name in _roll_names()},
        position=after,
        overdue=sum(one.points for one in open_now if one.overdue),
        worth=worth,
        breakage=made,
        vintages=vintages(data, life=life) if made.status == "ok" and not is_money else (),
        cohorts=cohorts,
        expected=_total(cohorts, made=made, worth=worth, held=after.held, overdue=late),
        expiring=expiring(open_now, worth=worth),
        revenue=sales,
        entries=sum(move.entries for move in given.moves),
        through=through,
    )


def _roll_names() -> Sequence[str]:
    return tuple(RollForward.__dataclass_fields__)


def _points(worth: Worth, *, low: int, high: int, expected: int | None = None) -> Points:
    return Points(
        points=expected,
        low=low,
        high=high,
        money=None if expected is None else worth.money(expected),
        low_money=worth.money(low),
        high_money=worth.money(high),
    )


def _overdue(given: Sequence[issue_months.OpenLots]) -> Overdue:
    found: Overdue = defaultdict(int)
    for one in given:
        found[one.month, one.imported] += one.points if one.overdue else 0
    return found


def _cohort(book: CohortBook, *, made: Breakage, worth: Worth, overdue: int) -> CohortLiability:
    unknown = Rate(value=None, low=0.0, high=1.0)
    # Of balances brought in nobody knows what was used before: anything is possible.
    told = made.certain or not book.imported
    rate = made.of(book.month, life=book.life) if told else unknown
    redeemed = -book.points["redeem"] - book.points["held"]
    left = max(0, book.left - overdue)
    expected, low, high = None, 0, left
    if rate.value is not None:
        expected, low, high = (
            min(left, max(0, round(share * book.exposed) - redeemed))
            for share in (rate.value, rate.low, rate.high)
        )
    expired, forfeited = -book.points["expire"], -book.points["forfeit"]
    issued = sum(
        points
        for contra, points in book.points.items()
        if contra not in {"redeem", "held", "expire", "forfeit", *_TAKEN_BACK}
    )
    return CohortLiability(
        month=book.month,
        imported=book.imported,
        issued=issued,
        redeemed=redeemed,
        expired=expired,
        forfeited=forfeited,
        taken_back=-sum(book.points[contra] for contra in _TAKEN_BACK),
        left=book.left,
        rate=rate,
        expected=_points(worth, expected=expected, low=low, high=high),
    )


def _total(
    cohorts: Sequence[CohortLiability],
    *,
    made: Breakage,
    worth: Worth,
    held: int,
    overdue: Overdue,
) -> Points:
    """Return all that is still to be redeemed, points set aside included.

    The whole has an interval of its own, because bounds of cohorts do not add up: months that
    the estimate knows have it, and this month's points stray beside it. Balances brought in
    are redeemed wholly or not at all.
    """
    open_points = {
        (each.month, each.imported): max(0, each.left - overdue[each.month, each.imported])
        for each in cohorts
    }
    others = sum(points for (_, imported), points in open_points.items() if imported)
    left = sum(open_points.values()) - others
    if made.certain:
        owed = left + others + held
        return _points(worth, expected=owed, low=owed, high=owed)
    earned = [each for each in cohorts if not each.imported]
    found = [each.expected.points for each in earned if each.expected.points is not None]
    rate = made.redemption
    if rate.value is None or len(found) < len(earned):
        return _points(worth, low=held, high=left + others + held)
    known = {cohort.month for cohort in made.cohorts}
    fresh = [each.expected for each in earned if each.month not in known]
    middle = sum(found)
    down = round((rate.value - rate.low) * made.issued)
    down += sum((each.points or 0) - each.low for each in fresh)
    up = round((rate.high - rate.value) * made.issued)
    up += sum(each.high - (each.points or 0) for each in fresh)
    return _points(
        worth,
        expected=None if others else middle + held,
        low=max(0, middle - down) + held,
        high=min(left, middle + up) + others + held,
    )
