"""How long an answer is waited for: the database gives up where a page would have to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import connection, transaction
from django.db.utils import OperationalError

__all__ = ["in_time"]

Found = TypeVar("Found")
_CANCELLED = "57014"


def in_time(ask: Callable[[], Found], *, milliseconds: int) -> Found | None:
    """Return an answer, or none where the database would take longer.

    Parameters
    ----------
    ask
        Asks the database.
    milliseconds
        How long each of its statements may take.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)]
                )
            answer = ask()
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return answer
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _CANCELLED:
            raise
        return None
