"""What a back-test tells: frozen values, JSON on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from huitouke.service.programme.economics.breakage import Breakage
from huitouke.service.programme.economics.comparison import Comparison
from huitouke.service.programme.economics.outlook import Assumed, Outlook
from huitouke.service.programme.economics.plain import plain
from huitouke.service.programme.economics.replay_reading import LeftOut
from huitouke.service.programme.economics.worth import Money, Worth

__all__ = ["BacktestReport", "RuleIssue", "Run", "Seen"]


@dataclass(frozen=True, kw_only=True)
class RuleIssue:
    """What one rule gave in the period.

    Parameters
    ----------
    rule, unit, name
        Which; name as ``{"zh": …, "en": …}``.
    points, times
        Given, before refunds took some back.
    clawed_back
        Taken back by refunds.
    capped_points, capped_times
        What caps held back.
    months
        Points by first day of the local month.
    """

    rule: str
    unit: str
    name: dict[str, str]
    points: int
    times: int
    clawed_back: int
    capped_points: int
    capped_times: int
    months: tuple[tuple[date, int], ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """All orders under one set of rules.

    Parameters
    ----------
    name
        As given, or ``current``.
    issued, clawed_back, capped
        Points of the unit that is followed.
    earners
        Members who got points.
    rules
        In the order of the definition.
    tiers
        Members by tier at the end, lowest first; none are those without a tier.
    outlook
        What becomes of the points: cost, expiry, liability.
    issued_money
        All of them, if every single one were redeemed.
    worth
        One point in money.
    not_replayed
        Rules on facts that orders do not tell (reviews, check-ins …).
    """

    name: str
    issued: int
    clawed_back: int
    capped: int
    earners: int
    rules: tuple[RuleIssue, ...]
    tiers: tuple[tuple[str | None, int], ...]
    outlook: Outlook
    issued_money: Money
    worth: Worth
    not_replayed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was replayed.

    Parameters
    ----------
    orders, lines, refunds
        Of the period.
    earlier
        Orders before it, replayed for tiers and caps only.
    people
        Customers with orders.
    first_at, last_at
        First and last order of the period.
    """

    orders: int = 0
    lines: int = 0
    refunds: int = 0
    earlier: int = 0
    people: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class BacktestReport:
    """Several sets of rules over the same orders.

    Parameters
    ----------
    programme, unit, currency, zone
        Of the programme; the unit whose points are followed.
    since, until, at
        The period, and when it was asked.
    members
        ``enrolled`` (each from the day of joining) or ``buyers`` (everyone who buys, from
        the first order on).
    seen, left_out
        What was replayed, and which orders were not.
    assumed
        How much of the points is taken to be redeemed.
    breakage
        What the programme's own ledger says about that.
    runs
        The first is the one that others are compared with.
    comparisons
        One per further run.
    """

    programme: str
    unit: str
    currency: str
    zone: str
    since: datetime | None
    until: datetime
    at: datetime
    members: Literal["enrolled", "buyers"]
    seen: Seen
    left_out: LeftOut
    assumed: Assumed
    breakage: Breakage
    runs: tuple[Run, ...]
    comparisons: tuple[Comparison, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON carries it: dates as text, fractions as two numbers."""
        found: dict[str, Any] = plain(self)
        return found
