"""How the service is: what the database says of itself, its worker and its log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from huitouke.service.core import audit
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.health import health

pytestmark = pytest.mark.django_db


def beat(ago=timedelta(0)):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (core_now() - %s)", [ago]
        )


def test_a_database_without_a_worker_says_so():
    found = health()

    assert (found.worker_at, found.worker_alive) == (None, False)
    assert found.postgres.startswith("1")
    assert found.size_bytes > 1_000_000
    assert (found.checked, found.backed_up) == (None, None)


def test_a_worker_is_alive_for_a_minute_after_its_last_sign():
    beat(timedelta(seconds=61))
    assert not health().worker_alive

    beat(timedelta(seconds=5))
    assert health().worker_alive


def test_the_last_check_and_backup_are_told_whatever_came_between():
    for target, action in (
        ("ledger", "ledger.broken"),
        ("database", "backup.made"),
        ("ledger", "ledger.checked"),
        ("ledger", "ledger.sealed_late"),
    ):
        audit.note(action, actor=SYSTEM, target=target)

    found = health()

    assert found.checked.action == "ledger.checked"
    assert found.backed_up.action == "backup.made"
