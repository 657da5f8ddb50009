"""How long points can be redeemed, by the rules and by the points themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huitouke.service.programme.rules.calendar import add_months, last_day
from huitouke.service.programme.rules.definition import Definition, Delivered
from huitouke.service.programme.rules.expiry import Timing, expires_at, timing_of
from huitouke.service.programme.rules.shapes import Expiry

__all__ = ["life_in", "life_of", "lived", "months_between"]

#: So small a part of a month's points may outlive the rest: a favour is no rule.
_STRAGGLERS = 0.01


def months_between(first: date, last: date) -> int:
    """Return how many months the month of one day is after that of another.

    Parameters
    ----------
    first, last
        Any days.

    Examples
    --------
    >>> months_between(date(2026, 11, 30), date(2027, 1, 1))
    2
    """
    return (last.year - first.year) * 12 + last.month - first.month


def lived(points: Mapping[date | None, int], *, month: date) -> int | None:
    """Return in how many ages the points of a month can be redeemed; none is without end.

    A hundredth of them may live longer.

    Parameters
    ----------
    points
        By the month of their last day; none is never.
    month
        In which they were issued.

    Examples
    --------
    >>> lived({date(2027, 2, 1): 995, None: 5}, month=date(2026, 3, 1))
    12
    """
    found = sorted(
        (
            (None if last is None else max(1, months_between(month, last) + 1), count)
            for last, count in points.items()
            if count > 0
        ),
        key=lambda each: (each[0] is None, each[0] or 0),
    )
    later = sum(count for _, count in found)
    most = later * _STRAGGLERS
    for life, count in found:
        later -= count
        if later <= most:
            return life
    return None


def life_of(expiry: Expiry, *, pending_days: int = 0) -> int | None:
    """Return in how many ages (calendar months) points can be redeemed; none is without end.

    Parameters
    ----------
    expiry
        Policy of the unit.
    pending_days
        From issue until they may be used.

    Examples
    --------
    >>> from huitouke.service.programme.rules.shapes import Never, Rolling
    >>> life_of(Rolling(months=12, round="month"), pending_days=7), life_of(Never())
    (14, None)
    """
    most = 0
    for month in range(1, 13):
        issued = add_months(date(2027, month, 1), months=1) - timedelta(days=1)
        open_at = datetime.combine(issued, time(12), tzinfo=UTC) + timedelta(days=pending_days)
        gone = expires_at(expiry, available_at=open_at, zone=ZoneInfo("UTC"))
        if gone is None:
            return None
        last = last_day(gone, zone=ZoneInfo("UTC"))
        most = max(most, (last.year - issued.year) * 12 + last.month - issued.month + 1)
    return most


def life_in(definition: Definition | None, *, unit: str) -> tuple[int | None, bool]:
    """Return in how many ages points of a unit can be redeemed, and whether any rule says so.

    Parameters
    ----------
    definition
        Whose rules; the longest life of any of them counts.
    unit
        Code within the programme.

    Returns
    -------
    tuple of (int or None, bool)
        None is without end, or no rule gives any.
    """
    rules = () if definition is None else definition.rules
    lives = [
        _life(timing_of(rule, definition=definition))
        for rule in rules
        if definition is not None and rule.enabled and rule.unit == unit
    ]
    ends = [life for life in lives if life is not None]
    return (max(ends) if ends and len(ends) == len(lives) else None), bool(lives)


def _life(timing: Timing) -> int | None:
    pending = timing.pending
    days = pending.at_latest_days if isinstance(pending, Delivered) else pending
    return life_of(timing.expiry, pending_days=days)
