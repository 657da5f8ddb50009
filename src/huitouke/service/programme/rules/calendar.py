"""Local days: when they begin, which period they are in, and what lies months later.

A programme lives by its own zone's calendar. Moments are turned into local dates, reckoned
as dates, and turned back, so that a change of the clocks moves nothing.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from huitouke.service.programme.rules.shapes import Window

__all__ = [
    "add_months",
    "birthday_periods",
    "days_after",
    "end_of",
    "is_open",
    "last_day",
    "period_key",
    "start_of_day",
    "yearly",
]

Round = Literal["none", "month", "quarter", "year"]
_MONTHS_OF: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


@lru_cache(maxsize=4096)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a local day, in UTC.

    That is midnight, but for days that begin later because the clocks went forward over it.

    Parameters
    ----------
    day
        The local day.
    zone
        Whose day.

    Examples
    --------
    >>> start_of_day(date(2026, 3, 1), ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-02-28T16:00:00+00:00'
    """
    late = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, time()):
        return late
    early = datetime.combine(day, time(fold=1), tzinfo=zone).astimezone(UTC)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).date() >= day:
            late = middle
        else:
            early = middle
    return late


def days_after(at: datetime, *, days: int, zone: ZoneInfo) -> datetime:
    """Return the same local time of day so many days later, in UTC.

    Parameters
    ----------
    at
        A moment with an offset.
    days
        At least 0.
    zone
        Whose days.
    """
    if not days:
        return at.astimezone(UTC)
    return (at.astimezone(zone) + timedelta(days=days)).astimezone(UTC)


def add_months(day: date, *, months: int) -> date:
    """Return the day so many calendar months later (or earlier), held to the month's end.

    Parameters
    ----------
    day
        From which.
    months
        Negative is earlier.

    Examples
    --------
    >>> add_months(date(2027, 1, 31), months=1), add_months(date(2028, 1, 31), months=1)
    (datetime.date(2027, 2, 28), datetime.date(2028, 2, 29))
    """
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of(day: date, *, period: Round) -> date:
    """Return the last day of the month, quarter or year of a day; ``none`` is the day.

    Parameters
    ----------
    day
        Any day of the period.
    period
        Which period.

    Examples
    --------
    >>> end_of(date(2028, 2, 3), period="quarter")
    datetime.date(2028, 3, 31)
    """
    if period == "none":
        return day
    length = _MONTHS_OF[period]
    month = -(-day.month // length) * length
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def last_day(expires_at: datetime, *, zone: ZoneInfo) -> date:
    """Return the last local day on which something valid until a moment is valid.

    Parameters
    ----------
    expires_at
        First moment at which it is gone.
    zone
        Whose day.
    """
    return (expires_at - timedelta(microseconds=1)).astimezone(zone).date()


def yearly(day: date, *, year: int) -> date:
    """Return the day's return in a year; 29 February is the 28th where there is none.

    Parameters
    ----------
    day
        A birthday or an anniversary.
    year
        In which it returns.
    """
    if day.month == 2 and day.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


_KEYS: dict[str, Callable[[date], str]] = {
    "day": date.isoformat,
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()),
    "month": lambda day: f"{day.year:04}-{day.month:02}",
    "year": lambda day: f"{day.year:04}",
    "ever": lambda _day: "ever",
    "order": lambda _day: "order",
}


def period_key(per: str, *, day: date) -> str:
    """Return the name of the period that a local day is in.

    Parameters
    ----------
    per
        ``order``, ``day``, ``week`` (ISO 8601), ``month``, ``year`` or ``ever``.
    day
        The local day.

    Examples
    --------
    >>> period_key("week", day=date(2027, 1, 1))
    '2026-W53'
    """
    return _KEYS[per](day)


def birthday_periods(born_on: date | None, *, day: date) -> tuple[str, ...]:
    """Return which of ``day``, ``week`` (Monday to Sunday) and ``month`` of a birthday it is.

    Parameters
    ----------
    born_on
        The birthday, or none.
    day
        The local day.

    Examples
    --------
    >>> birthday_periods(date(1990, 3, 4), day=date(2026, 3, 2))
    ('week', 'month')
    """
    if born_on is None:
        return ()
    returns = [yearly(born_on, year=day.year + shift) for shift in (-1, 0, 1)]
    found = ["day"] if day in returns else []
    if any(one.isocalendar()[:2] == day.isocalendar()[:2] for one in returns):
        found.append("week")
    if born_on.month == day.month:
        found.append("month")
    return tuple(found)


def is_open(window: Window, *, local: datetime) -> bool:
    """Return whether a window is open at a local moment.

    Parameters
    ----------
    window
        When a rule is in force.
    local
        The moment in the programme's zone.
    """
    day = local.date()
    if (window.from_on and day < window.from_on) or (window.to_on and day > window.to_on):
        return False
    if window.weekdays and local.isoweekday() not in window.weekdays:
        return False
    if window.month_days and local.day not in window.month_days:
        return False
    return _within_hours(window, moment=local.time())


def _within_hours(window: Window, *, moment: time) -> bool:
    first, end = window.from_time or time.min, window.to_time
    if end is None:
        return moment >= first
    if first <= end:
        return first <= moment < end
    return moment >= first or moment < end
