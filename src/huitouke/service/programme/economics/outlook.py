"""From points that were given to what becomes of them: redeemed, expired, still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

from huitouke.service.programme.economics.breakage import Breakage, Rate
from huitouke.service.programme.economics.lives import months_between
from huitouke.service.programme.economics.replay_totals import NEVER
from huitouke.service.programme.economics.worth import Money, Worth

__all__ = ["Assumed", "Outlook", "Span", "outlook"]

_SAME = 1e-6


@dataclass(frozen=True, kw_only=True)
class Span:
    """Points with their bounds, and the same in money.

    Parameters
    ----------
    points
        Expected; none where the data cannot tell.
    low, high
        90 % interval; where ``points`` is none, what is possible at all.
    low_money, high_money, money
        In minor units.
    """

    points: int | None
    low: int
    high: int
    money: Money | None
    low_money: Money
    high_money: Money


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """How much of the points is redeemed, and when.

    Parameters
    ----------
    source
        ``ledger`` (measured from this programme's redemptions), ``given`` (by who asked) or
        ``unknown``.
    rate
        Share that is redeemed in the end.
    pattern
        Share of that which has happened by the end of age 0, 1, 2 … months; empty if unknown.
    """

    source: str
    rate: Rate
    pattern: tuple[float, ...] = ()

    @classmethod
    def measured(cls, breakage: Breakage) -> Assumed:
        """Return what the programme's own redemptions say.

        Parameters
        ----------
        breakage
            An estimate of any status.
        """
        if breakage.status != "ok":
            return cls(source="unknown", rate=Rate(value=None, low=0.0, high=1.0))
        return cls(source="ledger", rate=breakage.prior, pattern=breakage.pattern)

    @classmethod
    def given(cls, share: float) -> Assumed:
        """Return one share for all points.

        Parameters
        ----------
        share
            In [0, 1].
        """
        return cls(source="given", rate=Rate(value=share, low=share, high=share))

    def by_age(self, age: int, *, default: float) -> float:
        """Return the share of all redemption that has happened by the end of an age.

        Parameters
        ----------
        age
            In months.
        default
            What is returned where the pattern is unknown.
        """
        if not self.pattern:
            return default
        return self.pattern[min(max(age, 0), len(self.pattern) - 1)]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What becomes of points that were given in a period.

    Parameters
    ----------
    redeemed
        In the end: what the points cost.
    expired
        By the end of the period.
    open
        Given, not redeemed and not expired at the end of the period: the liability's points.
    liability
        What of them is still to be redeemed.
    """

    redeemed: Span
    expired: Span
    open: Span
    liability: Span


def outlook(
    lots: Mapping[tuple[date, date], int], *, assumed: Assumed, worth: Worth, last_on: date
) -> Outlook:
    """Return what becomes of points.

    A rule that lets points live shorter than those the rate was measured on cuts the pattern
    off at their end. Where it is known how much is redeemed and not when, what is open today
    lies between all and what is left at the end.

    Parameters
    ----------
    lots
        Points by (month of issue, month of the last day).
    assumed
        How much is redeemed, and when.
    worth
        One point in money.
    last_on
        Last day of the period.
    """
    rate, sums = assumed.rate, _Sums()
    for (month, end), points in lots.items():
        sums.add(points, month=month, end=end, assumed=assumed, last_on=last_on)
    shares = (rate.value, rate.low, rate.high)
    timed = bool(assumed.pattern)
    return Outlook(
        redeemed=_span([None if s is None else s * sums.ever for s in shares], worth=worth),
        expired=_span(
            [None if s is None else sums.lapsed - s * sums.lapsed_ever for s in shares],
            worth=worth,
        ),
        open=_span(
            [None if s is None else sums.bare - s * sums.now for s in shares], worth=worth
        )
        if timed
        else _span([None, sums.bare * (1 - rate.high), float(sums.bare)], worth=worth),
        liability=_span(
            [None if s is None else s * (sums.bare_ever - sums.now) for s in shares],
            worth=worth,
        )
        if timed
        else _span([None, 0.0, sums.bare * rate.high], worth=worth),
    )


@dataclass
class _Sums:
    """What is linear in the share that is redeemed.

    ``lapsed`` and ``bare`` are points that are over and that still live; ``ever``,
    ``lapsed_ever``, ``bare_ever`` and ``now`` what of all, of those that are over, of the
    living in the end and of the living by today would be redeemed if all ever were.
    """

    lapsed: int = 0
    bare: int = 0
    lapsed_ever: float = 0.0
    bare_ever: float = 0.0
    now: float = 0.0

    @property
    def ever(self) -> float:
        """Of all points."""
        return self.lapsed_ever + self.bare_ever

    def add(
        self, points: int, *, month: date, end: date, assumed: Assumed, last_on: date
    ) -> None:
        """Take points of one month of issue and one month of expiry in."""
        ever = 1.0 if end == NEVER else assumed.by_age(months_between(month, end), default=1.0)
        if end != NEVER and (end.year, end.month) < (last_on.year, last_on.month):
            self.lapsed += points
            self.lapsed_ever += points * ever
            return
        self.bare += points
        self.bare_ever += points * ever
        today = assumed.by_age(months_between(month, last_on), default=0.0)
        self.now += points * min(ever, today)


def _span(found: Sequence[float | None], *, worth: Worth) -> Span:
    """Return a span of (middle or none, one bound, the other bound)."""
    middle = None if found[0] is None else round(found[0])
    ends = [each for each in found if each is not None]
    least, most = floor(min(ends)), ceil(max(ends))
    if max(ends) - min(ends) < _SAME:
        # One number and no interval: exact, or rounded the one way or the other.
        middle = least = most = round(ends[0])
    return Span(
        points=middle,
        low=least,
        high=most,
        money=None if middle is None else worth.money(middle),
        low_money=worth.money(least),
        high_money=worth.money(most),
    )
