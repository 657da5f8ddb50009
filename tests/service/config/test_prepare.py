"""A database is brought into shape once, and served with the rights of the application."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from huitouke.service.config import prepare


@pytest.fixture
def empty(own_database):
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA ledger CASCADE")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return own_database


def test_an_empty_database_gets_its_shape_and_a_second_time_nothing(empty):
    first, second = prepare.migrate(empty), prepare.migrate(empty)

    assert "core.0001_initial" in first
    assert "ledger.0001_tables" in first
    assert second == []


def test_the_service_may_add_to_the_journal_and_not_change_it(empty):
    url = prepare.prepare(empty)

    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT current_user").fetchone()[0] == "huitouke_app"
        connection.execute("SELECT count(*) FROM ledger.entry")
        for statement in (
            "DELETE FROM ledger.entry",
            "UPDATE ledger.entry SET amount = 0",
            "TRUNCATE ledger.entry",
            "DROP TABLE ledger.entry",
            "ALTER TABLE ledger.entry DISABLE TRIGGER ALL",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody:hush@127.0.0.1:1/none",
        "not a url",
    ],
)
def test_a_database_that_is_not_there_is_named_without_its_password(url):
    with pytest.raises(prepare.DatabaseUnreachable) as refused:
        prepare.probe(url)

    assert "hush" not in refused.value.text("en")


def test_a_missing_database_is_told_by_its_name(postgres):
    with pytest.raises(prepare.DatabaseUnreachable) as refused:
        prepare.probe(postgres.replace("/huitouke?", "/no_such_shop?"))

    assert "no_such_shop" in refused.value.text("en")


def test_an_old_server_is_refused(postgres, monkeypatch):
    monkeypatch.setattr(prepare, "_OLDEST", 99)

    with pytest.raises(prepare.PostgresTooOld):
        prepare.probe(postgres)
