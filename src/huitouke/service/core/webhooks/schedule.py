"""When to try again: soon at first, then more and more seldom, for three days."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

__all__ = ["LASTS", "PAUSE_AFTER", "next_try", "pause"]

LASTS = timedelta(days=3)
PAUSE_AFTER = 5
_FIRST_SECONDS = 5
_LONGEST = timedelta(hours=12)
_PAUSE_SECONDS = 30
_PAUSE_LONGEST = timedelta(minutes=15)


def next_try(tries: int, *, since: datetime, at: datetime, delivery: UUID) -> datetime | None:
    """Return when a delivery that failed is tried again, or None when its time is over.

    Waits grow fourfold from five seconds to twelve hours: after 5 s, 20 s, 80 s, 5 min,
    21 min, 85 min, 6 h, 12 h, 12 h … A fixed tenth more or less, by the delivery's id, keeps
    the many of one outage apart.

    Parameters
    ----------
    tries
        How often it was tried, at least 1.
    since
        When its three days began.
    at
        When it failed.
    delivery
        Its id.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> for tries in (1, 2, 3, 12):
    ...     print(next_try(tries, since=noon, at=noon, delivery=UUID(int=50)) - noon)
    0:00:05
    0:00:20
    0:01:20
    12:00:00
    >>> next_try(20, since=noon, at=noon + LASTS, delivery=UUID(int=50)) is None
    True
    """
    end = since + LASTS
    if at >= end:
        return None
    wait = min(timedelta(seconds=_FIRST_SECONDS * 4 ** min(tries - 1, 12)), _LONGEST)
    share = 90 + (delivery.int % 101) * 20 // 100
    return min(at + wait * share / 100, end)


def pause(failures: int) -> timedelta | None:
    """Return how long an address that fails again and again is left alone.

    Parameters
    ----------
    failures
        Tries that failed in a row, over all its deliveries.

    Examples
    --------
    >>> [str(pause(n)) for n in (1, 5, 6, 40)]
    ['None', '0:00:30', '0:01:00', '0:15:00']
    """
    if failures < PAUSE_AFTER:
        return None
    doublings = min(failures - PAUSE_AFTER, 10)
    return min(timedelta(seconds=_PAUSE_SECONDS * 2**doublings), _PAUSE_LONGEST)
