"""The one place that reads the clock: the database's, which every decision follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

__all__ = ["now", "set_back"]


def now() -> datetime:
    """Return the database's time, in UTC.

    It is the wall clock of the database server, also inside a transaction. Only tests and
    the demo may shift it (``huitouke.clock_shift``); a server refuses to start with a shift.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_now()")
        found: tuple[datetime] = cursor.fetchone()
    return found[0]


@contextmanager
def set_back() -> Iterator[Callable[[datetime], datetime]]:
    """Let a demo live through past days: only this connection's clock goes back.

    Yields
    ------
    Callable
        Given a moment of the past, it makes that the present and returns it; the true time
        comes back when the block ends.
    """

    def put(moment: datetime) -> datetime:
        _shift(timedelta(0))
        _shift(min(moment - now(), timedelta(0)))
        return moment

    try:
        yield put
    finally:
        if connection.is_usable():
            _shift(timedelta(0))
        else:
            # Cut off in the middle of a statement: the next connection has the true time.
            connection.close()


def _shift(by: timedelta) -> None:
    setting = f"{by.total_seconds()} seconds" if by else ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('huitouke.clock_shift', %s, false)", [setting])
