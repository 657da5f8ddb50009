"""Locks of the bridge, held in PostgreSQL: they end with whoever holds them."""

from __future__ import annotations

from django.db import connection

__all__ = ["RUNNING", "running_is_free", "share_writing", "take_writing"]

#: Held by the process that analyses, for as long as it lives.
RUNNING = 4_848_201_601
_WRITING = 4_848_201_602


def running_is_free() -> bool:
    """Say whether nobody analyses; it stays so to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RUNNING])
        found: tuple[bool] = cursor.fetchone()
    return found[0]


def share_writing() -> None:
    """Wait until no profiles are being brought to sight; keep it so to the transaction's end.

    Whoever takes a person's profile away holds it: rows that are written at this very moment
    cannot be seen, and would appear after the person is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_WRITING])


def take_writing() -> None:
    """Wait until nobody takes profiles away; keep it so to the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITING])
