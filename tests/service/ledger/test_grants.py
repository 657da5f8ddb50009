"""The service may add to the journal and not change it, whatever it tries."""

from __future__ import annotations

import pytest
from django.db import Error, connection, transaction

from huitouke.service.ledger.grants import APPLICATION, grant_application_role

pytestmark = pytest.mark.django_db

JOURNAL = ("op", "entry", "alloc", "reversal", "leaf", "seal")
PROJECTIONS = ("account", "lot", "hold", "debt")
DELETE = "DELETE FROM {}"
UPDATE = "UPDATE ledger.{} SET account = account"
COUNT = "SELECT count(*) FROM {}"


@pytest.fixture
def as_service(db) -> None:
    """The rest of the test runs with the rights of the service."""
    grant_application_role(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {APPLICATION}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except Error as error:
        return error.__cause__.sqlstate == "42501"  # insufficient_privilege
    return False


@pytest.mark.parametrize("table", JOURNAL)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.{} SET {} = {}",
        "DELETE FROM ledger.{}",
        "TRUNCATE ledger.{}",
        "DROP TRIGGER kept ON ledger.{}",
        "ALTER TABLE ledger.{} DISABLE TRIGGER kept",
        "DROP TABLE ledger.{}",
    ],
)
def test_the_service_cannot_change_the_journal(as_service, table, statement):
    column = "block" if table == "seal" else "account"

    assert refused(statement.format(table, column, column))


@pytest.mark.parametrize("table", PROJECTIONS)
def test_the_service_cannot_take_rows_away(as_service, table):
    assert refused(DELETE.format(f"ledger.{table}"))
    assert refused(f"TRUNCATE ledger.{table}")
    assert not refused(UPDATE.format(table))


@pytest.mark.parametrize("table", ["core_request", "core_audit"])
def test_answers_and_the_audit_log_are_only_added_to(as_service, table):
    assert refused(DELETE.format(table))
    assert not refused(COUNT.format(table))


def test_the_service_cannot_switch_triggers_off_for_its_session(as_service):
    assert refused("SET session_replication_role = replica")


def test_the_service_reads_and_writes_everything_else(as_service):
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_now()")
        cursor.execute("SELECT count(*) FROM ledger.broken")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        cursor.execute(
            "SELECT nextval('core_outbox_position'), nextval('ledger.account_number')"
        )
        cursor.execute("DELETE FROM core_outbox")


def test_the_owner_is_refused_as_well():
    for table in JOURNAL:
        with (
            pytest.raises(Error, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(DELETE.format(f"ledger.{table}"))


def test_granting_twice_changes_nothing(db):
    grant_application_role(connection)
    grant_application_role(connection)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger.broken_guard(%s)", [APPLICATION])
        assert cursor.fetchall() == []


def test_a_right_too_many_is_named(db):
    grant_application_role(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE ON ledger.entry TO {APPLICATION}")
        cursor.execute("SELECT key, found FROM ledger.broken_guard(%s)", [APPLICATION])
        assert cursor.fetchall() == [("ledger.entry", "UPDATE")]


def test_a_trigger_that_is_switched_off_is_named(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger.seal DISABLE TRIGGER kept")
        cursor.execute("SELECT key, what FROM ledger.broken_guard(NULL)")
        assert cursor.fetchall() == [("ledger.seal", "trigger that refuses changes")]
        cursor.execute("ALTER TABLE ledger.seal ENABLE TRIGGER kept")
