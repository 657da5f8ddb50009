"""After every test that touches the ledger, its books must balance."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from psycopg.pq import TransactionStatus

from huitouke.service.ledger import commands
from huitouke.service.ledger.model_account import NEVER, State

sys.path.append(str(Path(__file__).resolve().parent))
pytest.register_assert_rewrite("ledger_machine")


@pytest.fixture(autouse=True)
def books(request) -> Iterator[None]:
    """No invariant is broken at the end, unless the test is about breaking one."""
    own = "own_database" in request.fixturenames
    if not own and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("own_database" if own else "db")
    yield
    status = connection.connection.info.transaction_status if connection.connection else None
    # A test that failed with an error of the database has left nothing to look at.
    if "tamper" not in request.fixturenames and status != TransactionStatus.INERROR:
        with connection.cursor() as cursor:
            cursor.execute("SELECT invariant, account, seq, key, says FROM ledger.broken")
            assert cursor.fetchall() == []


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
