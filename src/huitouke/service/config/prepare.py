"""Bring a database to the shape that this version needs, and Django onto a database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
from django.apps import apps
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from huitouke.language import N_
from huitouke.service.config.connecting import database
from huitouke.service.config.environment import Environment
from huitouke.service.core.errors import ServiceError

__all__ = [
    "DatabaseUnreachable",
    "PostgresTooOld",
    "SecretUnreadable",
    "bounded_url",
    "django_on",
    "kept_secret",
    "migrate",
    "prepare",
    "probe",
    "serving_url",
]

_OLDEST = 15
_CONNECT_SECONDS = 5
# One number for all who migrate one database, so that two starts do it one after the other.
_MIGRATING = 4_848_201_501


class DatabaseUnreachable(ServiceError):
    """No connection to PostgreSQL can be made."""

    code = "config.database_unreachable"
    status = 503
    says = N_("No connection to the database {name} at {host}: {why}.")
    remedy = N_("Check DATABASE_URL, the server and its password, then try again.")


class PostgresTooOld(ServiceError):
    """The PostgreSQL server is older than what Huitouke needs."""

    code = "config.postgres_too_old"
    status = 500
    says = N_("The database runs PostgreSQL {found}; Huitouke needs {oldest} or newer.")
    remedy = N_("Upgrade the PostgreSQL server, or use the one that Huitouke brings along.")


class SecretUnreadable(ServiceError):
    """The kept secret key cannot be read or written."""

    code = "config.secret_unreadable"
    status = 500
    says = N_("The secret key in {file} cannot be read or written: {why}.")
    remedy = N_("Make the file readable for the user that runs Huitouke, and for no other.")


def _where(url: str) -> dict[str, str]:
    parts = conninfo_to_dict(url)
    return {"name": str(parts.get("dbname", "")), "host": str(parts.get("host", "localhost"))}


def probe(url: str) -> None:
    """Connect once and look at the server's version.

    Parameters
    ----------
    url
        ``postgresql://…``.

    Raises
    ------
    DatabaseUnreachable
        If no connection can be made in five seconds.
    PostgresTooOld
        If the server is older than PostgreSQL 15.
    """
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        # The last line of the driver's words; none of them hold the password.
        why = str(error).strip().splitlines()[-1].removesuffix(".")
        raise DatabaseUnreachable(**_where(url), why=why) from error
    except psycopg.ProgrammingError as error:
        raise DatabaseUnreachable(name="?", host="?", why="the URL cannot be read") from error
    if version < _OLDEST * 10_000:
        raise PostgresTooOld(found=version // 10_000, oldest=_OLDEST)


@contextmanager
def django_on(url: str) -> Iterator[None]:
    """Have Django ready, its default connection leading to a database, while the block runs.

    A process that serves requests reads the same address from ``DATABASE_URL`` and keeps a
    pool; here one plain connection per thread is enough.

    Parameters
    ----------
    url
        ``postgresql://…``.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitouke.service.config.settings")
    if not apps.ready:
        django.setup()
    from django.db import connections  # noqa: PLC0415 - needs the settings

    default: Any = connections["default"]
    described = database(url, environment=Environment())
    described["OPTIONS"].pop("pool")
    before = dict(default.settings_dict)
    _leave(connections)
    default.settings_dict.update(described)
    try:
        yield
    finally:
        _leave(connections)
        default.settings_dict.update(before)


def _leave(connections: Any) -> None:
    """Close what leads to the database; a pool belongs to one address."""
    connections["default"].close()
    connections["default"].close_pool()


def migrate(url: str, *, starter: bool = True) -> list[str]:
    """Run the migrations that are open, as the owner of the tables.

    A database without any programme gets the one to start from, unless told not to.

    Two processes that start at once migrate one after the other; the second finds nothing
    to do.

    Parameters
    ----------
    url
        Address with the owner's rights.
    starter
        False: who loads a shop brings its programme along.

    Returns
    -------
    list of str
        Names of the migrations that were run, ``app.name``.
    """
    with django_on(url):
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415
        from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

        from huitouke.service.core import clock  # noqa: PLC0415
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415
        from huitouke.service.ledger.grants import grant_application_role  # noqa: PLC0415
        from huitouke.service.programme.versions.starter import begin  # noqa: PLC0415

        with psycopg.connect(url, autocommit=True) as lock:
            lock.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                call_command("migrate", interactive=False, verbosity=0)
            grant_application_role(connection)
            if starter:
                own = Environment.read(os.environ)
                begin(at=clock.now(), actor=SYSTEM, zone=own.timezone, currency=own.currency)
    return [f"{step.app_label}.{step.name}" for step, _ in plan]


def serving_url(url: str) -> str:
    """Return the address for serving: the same login, acting as the application's role.

    That role may add to the journals of the ledger and change nothing in them. Where the
    login may not take the role (it is granted to nobody else), the address stays as it is.

    Parameters
    ----------
    url
        Address of the owner, after :func:`migrate`.
    """
    from huitouke.service.ledger.grants import APPLICATION  # noqa: PLC0415

    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT pg_has_role(current_user, oid, 'member') FROM pg_roles WHERE rolname = %s",
            [APPLICATION],
        ).fetchone()
    if row is None or not row[0]:
        return url
    return _with_option(url, option=f"-c role={APPLICATION}")


def bounded_url(url: str, *, seconds: int) -> str:
    """Return an address whose statements end after so long, for serving requests.

    Parameters
    ----------
    url
        ``postgresql://…``.
    seconds
        Longest time of one statement; 0: no limit.
    """
    return _with_option(url, option=f"-c statement_timeout={seconds}s")


def _with_option(url: str, *, option: str) -> str:
    parts: dict[str, Any] = conninfo_to_dict(url)
    parts["options"] = " ".join(filter(None, (parts.get("options"), option)))
    return make_conninfo(**parts)


def prepare(url: str, *, starter: bool = True) -> str:
    """Make a database ready and return the address for serving.

    Parameters
    ----------
    url
        Address of the owner.
    starter
        As for :func:`migrate`.

    Raises
    ------
    DatabaseUnreachable
        If no connection can be made.
    PostgresTooOld
        If the server is too old.
    """
    probe(url)
    migrate(url, starter=starter)
    return serving_url(url)


def kept_secret(folder: Path) -> str:
    """Return the secret key of an embedded installation; make and keep it the first time.

    Parameters
    ----------
    folder
        The data folder; the key lies in ``secret-key``, readable by its owner only.

    Raises
    ------
    SecretUnreadable
        If the file cannot be read or written.
    """
    from django.utils.crypto import get_random_string  # noqa: PLC0415

    file = folder / "secret-key"
    try:
        # Created and read in one way: of two that start at once one makes the key.
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as new:
            new.write(get_random_string(64))
    except FileExistsError:
        pass
    except OSError as error:
        raise SecretUnreadable(file=file, why=error.strerror) from error
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SecretUnreadable(file=file, why=error.strerror) from error
