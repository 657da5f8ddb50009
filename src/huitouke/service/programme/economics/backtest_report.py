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

__all__ = [
    "BacktestReport",
    "CardIssue",
    "ReferralIssue",
    "RuleIssue",
    "Run",
    "Seen",
]


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
class CardIssue:
    """What one stamp card did in the period.

    Parameters
    ----------
    card, name
        Which; name as ``{"zh": …, "en": …}``.
    stamps, taken_off
        Put on by orders of the period, and taken off by their refunds.
    full, taken_back
        Cards completed, and those whose points went when goods came back.
    unit, points, clawed_back
        What full cards gave in points, and what of it went again; 0 if they give a reward.
    reward
        Code of what a full card gives; empty if it gives points.
    reward_minor
        Rewards that were given, at their worth; none where the catalogue does not say it.
    """

    card: str
    name: dict[str, str]
    stamps: int
    taken_off: int
    full: int
    taken_back: int
    unit: str
    points: int
    clawed_back: int
    reward: str
    reward_minor: int | None


@dataclass(frozen=True, kw_only=True)
class ReferralIssue:
    """What became of friends who came before the end of the period.

    Pairs are those rewarded, those earlier, those waiting and those not replayed.

    Parameters
    ----------
    unit
        Of the points.
    pairs
        Friends who came with a code.
    rewarded, earlier
        Whose first order was kept: within the period, and before it.
    waiting
        Without an order that counts, or still in its return window.
    capped
        Of those rewarded, how often a limit left the advocate without.
    taken_back
        Of those rewarded, how many came undone.
    advocate_points, friend_points, clawed_back
        Given in the period, and taken back again.
    not_replayed
        Pairs by reason: ``review`` (a person has not decided yet), ``refused`` (a person
        said no).
    """

    unit: str
    pairs: int
    rewarded: int
    earlier: int
    waiting: int
    capped: int
    taken_back: int
    advocate_points: int
    friend_points: int
    clawed_back: int
    not_replayed: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Run:
    """All orders under one set of rules.

    Parameters
    ----------
    name
        As given, or ``current``.
    issued, clawed_back, capped
        Points of the unit that is followed, by rules, stamp cards and referrals.
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
        Rules and stamp cards on facts that orders do not tell (reviews, check-ins …).
    cards
        Stamp cards that orders fill.
    referrals
        Friends who were brought; none where the rules reward no referral.
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
    cards: tuple[CardIssue, ...]
    referrals: ReferralIssue | None


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
