"""The ledger seals and checks itself."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from huitouke.service.core.models import Audit
from huitouke.service.ledger import commands, tasks
from huitouke.service.ledger.contract import Earn
from huitouke.service.ledger.grants import grant_application_role
from huitouke.service.ledger.seal import head
from huitouke.service.ledger.units import create_unit


def earn(key: str) -> int:
    unit = create_unit("main.points", kind="points")
    grant_application_role(connection)
    account = commands.open_accounts([UUID(int=1)], unit=unit)[0]
    commands.earn(
        Earn(
            account=account, key=key, amount=10, actor="key:till", reason={"code": "order"},
            effective_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
    )  # fmt: skip
    return account


def test_what_was_written_is_sealed(own_database):
    earn("order-1")

    tasks.seal_journal(0)

    first = head()
    assert first is not None
    tasks.seal_journal(0)
    assert head() == first


def test_the_nightly_check_of_good_books_says_nothing_and_seals(own_database):
    earn("order-1")

    tasks.check_books(0)

    assert head() is not None
    assert not Audit.objects.filter(action="ledger.broken").exists()


def pending(account: int, points: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger.account SET pending = %s WHERE account = %s", [points, account]
        )


def test_broken_books_fail_the_nightly_check_and_are_noted(own_database):
    account = earn("order-1")
    pending(account, 5)

    with pytest.raises(tasks.LedgerBroken):
        tasks.check_books(0)

    noted = Audit.objects.get(action="ledger.broken")
    assert noted.facts["number"] > 0
    assert head() is None
    pending(account, 0)
