"""What tests of imports share: a database each, files to write, the command to run."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from huitouke.service.config.embedded import embedded_postgres
from huitouke.service.config.prepare import django_on, prepare

_numbers = itertools.count()


@pytest.fixture(scope="session")
def import_server(tmp_path_factory, django_db_blocker) -> Iterator[str]:
    """A PostgreSQL whose database ``huitouke`` is in shape and stays empty."""
    with (
        embedded_postgres(tmp_path_factory.mktemp("imports"), delete=True) as url,
        django_db_blocker.unblock(),
    ):
        prepare(url)
        yield url


@pytest.fixture
def database(import_server, django_db_blocker, monkeypatch) -> Iterator[str]:
    """A database of this test alone, named by DATABASE_URL; Django's connection leads to it."""
    name = f"import_{next(_numbers)}"
    url = import_server.replace("/huitouke?", f"/{name}?")
    with psycopg.connect(import_server, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE huitouke").format(sql.Identifier(name))
        )
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.delenv("HUITOUKE_MIGRATE_URL", raising=False)
    with django_db_blocker.unblock(), django_on(url):
        yield url


@pytest.fixture
def bring(database) -> Callable[..., str]:
    """Run ``huitouke import KIND FILE …`` and return what it says."""

    def run(kind: str, file: Path, *options: str, lang: str = "en") -> str:
        from huitouke.cli.main import cli

        words = [kind, str(file), "--quiet", "--lang", lang, *map(str, options)]
        done = CliRunner().invoke(cli, ["import", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


@pytest.fixture
def table(database) -> Callable[..., list[tuple]]:
    """Ask the database."""

    def ask(query: str, *values) -> list[tuple]:
        with psycopg.connect(database) as connection:
            return connection.execute(query, values or None).fetchall()

    return ask


@pytest.fixture
def everything(table) -> Callable[[], dict[str, list[tuple]]]:
    """Read all rows of all tables, but for the notes of imports themselves."""

    def read() -> dict[str, list[tuple]]:
        asked = table(
            "SELECT tablename, format('SELECT t::text FROM %I.%I t', schemaname, tablename)"
            " FROM pg_tables"
            " WHERE schemaname IN ('public', 'ledger') AND tablename <> 'orders_import'"
        )
        return {name: sorted(table(query)) for name, query in asked}

    return read


@pytest.fixture
def written(tmp_path) -> Callable[..., Path]:
    """Write a file of text."""

    def write(text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write


@pytest.fixture
def rows_of() -> Callable[[Path], list[dict[str, str]]]:
    """Read a CSV with a header."""

    def read(path: Path) -> list[dict[str, str]]:
        return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))

    return read
