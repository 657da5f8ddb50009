"""The one place that reads the clock: the database's, which every decision follows."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

__all__ = ["now"]


def now() -> datetime:
    """Return the database's time, in UTC.

    It is the wall clock of the database server, also inside a transaction. Only tests and
    the demo may shift it (``huitouke.clock_shift``); a server refuses to start with a shift.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_now()")
        found: tuple[datetime] = cursor.fetchone()
    return found[0]
