"""What a replay counts under one definition: points by rule and month, lots, caps, tiers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huitouke.service.programme.rules.calendar import last_day
from huitouke.service.programme.rules.cart import Effect

__all__ = ["NEVER", "CardTally", "ReferralTally", "RuleCount", "Totals"]

#: Month of expiry of points that have no last day.
NEVER = date.max


@dataclass(slots=True)
class RuleCount:
    """What one rule gave in the period."""

    points: int = 0
    times: int = 0
    capped_points: int = 0
    capped_times: int = 0
    clawed_back: int = 0
    months: dict[date, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class CardTally:
    """What one stamp card did in the period."""

    stamps: int = 0
    taken_off: int = 0
    full: int = 0
    taken_back: int = 0


@dataclass(slots=True)
class ReferralTally:
    """What became of the pairs; ``earlier`` were paid before the period."""

    pairs: int = 0
    rewarded: int = 0
    earlier: int = 0
    waiting: int = 0
    capped: int = 0
    taken_back: int = 0
    not_replayed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    points: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    clawed_back: int = 0


@dataclass(slots=True)
class Totals:
    """All counts of one run; its size does not grow with the number of orders.

    Parameters
    ----------
    zone
        Whose months.
    unit
        The unit whose lots are followed.
    rules
        By (rule, unit).
    lots
        Points of ``unit`` still standing after refunds, by (month of issue, month of the
        last day).
    tiers
        Members by tier at the end; none for those without one.
    cards
        By id of the stamp card.
    referrals
        Of all pairs; their points by whose they are.
    """

    zone: ZoneInfo
    unit: str
    rules: dict[tuple[str, str], RuleCount] = field(
        default_factory=lambda: defaultdict(RuleCount)
    )
    lots: dict[tuple[date, date], int] = field(default_factory=lambda: defaultdict(int))
    tiers: dict[str | None, int] = field(default_factory=lambda: defaultdict(int))
    cards: dict[str, CardTally] = field(default_factory=lambda: defaultdict(CardTally))
    referrals: ReferralTally = field(default_factory=ReferralTally)
    earners: int = 0
    _ends: dict[datetime, date] = field(default_factory=dict)

    def give(self, effect: Effect, *, month: date) -> None:
        """Count what a rule gave.

        Parameters
        ----------
        effect
            Of a rule.
        month
            First day of the local month.
        """
        count = self.rules[effect.rule_id, effect.unit]
        count.points += effect.value
        count.times += 1
        count.months[month] += effect.value
        if effect.desired > effect.value:
            count.capped_points += effect.desired - effect.value
            count.capped_times += 1

    def take(self, rule_id: str, *, unit: str, points: int) -> None:
        """Count what a refund took back.

        Parameters
        ----------
        rule_id, unit
            Whose points.
        points
            Above 0.
        """
        self.rules[rule_id, unit].clawed_back += points

    def ends(self, expires_at: datetime | None) -> date:
        """Return the first day of the month that holds the last day of points.

        Parameters
        ----------
        expires_at
            First moment at which they are gone; none is never.
        """
        if expires_at is None:
            return NEVER
        found = self._ends.get(expires_at)
        if found is None:
            found = last_day(expires_at, zone=self.zone).replace(day=1)
            self._ends[expires_at] = found
        return found
