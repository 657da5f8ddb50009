"""What tests of the service share: a real PostgreSQL, fresh databases, a clock to set."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from psycopg import sql

from huitouke.service.config.embedded import embedded_postgres
from huitouke.service.config.environment import Environment, database

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of this test process, fsync and all.

    Not under pytest's own folder: that is closed to other users, and under root PostgreSQL
    runs as one.
    """
    with (
        TemporaryDirectory(prefix="huitouke-tests-", ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder), delete=True) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres) -> None:
    described = database(postgres, environment=Environment())
    described["OPTIONS"].pop("pool")
    kept = connections["default"].settings_dict
    kept.update(described)
    settings.DATABASES["default"].update(described)


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings, django_db_blocker) -> Iterator[None]:
    """The migrated database that all tests begin from, whichever of them are run."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        teardown_databases(made, verbosity=0)


@pytest.fixture
def own_database(request, postgres, django_db_setup, django_db_blocker) -> Iterator[str]:
    """A database of this test alone, for what really commits, waits or fails.

    Yields its URL; Django's default connection (of every thread) leads to it.
    """
    template = connection.settings_dict["NAME"]
    name = f"own_{next(_numbers)}"
    with django_db_blocker.unblock():
        connection.close()
        with psycopg.connect(postgres, autocommit=True) as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        connection.settings_dict["NAME"] = name
        yield postgres.replace("/huitouke?", f"/{name}?")
        connections.close_all()
        connection.settings_dict["NAME"] = template
        with psycopg.connect(postgres, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def shift_clock() -> Iterator[Callable[[timedelta], None]]:
    """Set the database's clock ahead (or back) for this test's connection.

    Call it inside the test, as often as wanted: the shift counts from the true time.
    """

    def shift(by: timedelta) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('huitouke.clock_shift', %s, false)",
                [f"{by.total_seconds()} seconds"],
            )

    yield shift
    if connection.connection is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('huitouke.clock_shift', '', false)")
