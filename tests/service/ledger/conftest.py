"""Accounts, a way past all triggers, and what the reference model shows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from huitouke.service.ledger import commands
from huitouke.service.ledger.model_account import NEVER, State

sys.path.append(str(Path(__file__).resolve().parent))
pytest.register_assert_rewrite("ledger_machine")


@pytest.fixture
def tamper(db) -> Callable[..., None]:
    """Change rows as one who owns the database could, past all triggers."""

    def change(statement: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, values)
            assert cursor.rowcount > 0
            cursor.execute("SET LOCAL session_replication_role = origin")

    return change


@pytest.fixture
def shown(db) -> Callable[[int], State]:
    """Settle an account and read what it shows, as the reference model tells it."""

    def show(account: int) -> State:
        """What the account shows after settling what is due."""
        commands.settle(account)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT available, pending, held, debt FROM ledger.account WHERE account = %s",
                [account],
            )
            row = cursor.fetchone()
            cursor.execute(
                "SELECT nullif(expires_at, 'infinity'), source_key, active,"
                " sum(remaining)::bigint FROM ledger.lot"
                " WHERE account = %s AND remaining > 0 GROUP BY 1, 2, 3",
                [account],
            )
            lots = [(expires or NEVER, *rest) for expires, *rest in cursor.fetchall()]
        return State(*row, tuple(sorted(lots)))

    return show
