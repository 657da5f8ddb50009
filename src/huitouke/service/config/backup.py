"""A whole database into one file and back, with PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from huitouke.language import N_
from huitouke.service.config.embedded import binary
from huitouke.service.config.prepare import probe
from huitouke.service.core.errors import ServiceError

__all__ = [
    "BackupExists",
    "BackupUnreadable",
    "DatabaseInUse",
    "DatabaseNotEmpty",
    "ProgramFailed",
    "ProgramMissing",
    "dump",
    "restore",
]

# Wherever anything is written, one of these has a row.
#: How often, in tenths of a second, it is looked whether others have left.
_LOOKS = 20
_TELLING = (
    "public.core_apikey",
    "public.core_audit",
    "public.core_request",
    "public.core_staff",
    "public.customers_customer",
    "ledger.op",
)
_SCHEMAS = ("public", "ledger")


class BackupExists(ServiceError):
    """The file is there already."""

    code = "config.backup_exists"
    status = 409
    says = N_("{file} is there already; a backup never replaces another.")
    remedy = N_("Give another name.")


class BackupUnreadable(ServiceError):
    """The file is no backup."""

    code = "config.backup_unreadable"
    status = 422
    says = N_("{file} is no backup that can be read here.")
    remedy = N_("Give a file that huitouke backup made with this version or an older one.")


class DatabaseNotEmpty(ServiceError):
    """Something is in the database already."""

    code = "config.database_not_empty"
    status = 409
    says = N_("The database holds data already.")
    remedy = N_("Restore into an empty one, or add --replace to lose what it holds now.")


class DatabaseInUse(ServiceError):
    """Others work on the database."""

    code = "config.database_in_use"
    status = 409
    says = N_("{count} other connections use the database.")
    remedy = N_("Stop huitouke serve and all else that uses it, then restore.")


class ProgramMissing(ServiceError):
    """No program of PostgreSQL fits the server."""

    code = "config.program_missing"
    status = 500
    says = N_("There is no {program} for PostgreSQL {version} here.")
    remedy = N_("Install the PostgreSQL client programs of that version or a newer one.")


class ProgramFailed(ServiceError):
    """A program of PostgreSQL failed."""

    code = "config.program_failed"
    status = 500
    says = N_("{program} failed: {why}.")
    remedy = N_("Nothing was changed. Mend what it names, then try again.")


def _major(program: Path | str) -> int:
    """Return the version of a program; 0 when it is not there."""
    try:
        said = subprocess.run(  # noqa: S603 - a program of PostgreSQL
            [str(program), "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"(\d+)[.\d]*(?:devel|beta|rc)?", said)
    return int(found[1]) if found else 0


def _program(name: str, *, url: str) -> str:
    """Return a program that understands the server: the wheel's, else one on the PATH."""
    with psycopg.connect(url) as connection:
        version = connection.info.server_version // 10_000
    for candidate in (binary(name), shutil.which(name)):
        if candidate is not None and _major(candidate) >= version:
            return str(candidate)
    raise ProgramMissing(program=name, version=version)


def _run(words: Sequence[str], *, url: str) -> str:
    """Run a program on a database; the password goes by the environment, not by the line."""
    parts: dict[str, Any] = conninfo_to_dict(url)
    password = str(parts.pop("password", "") or "")
    variables = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    line = [*words, "--dbname", make_conninfo(**parts)]
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL
        line, capture_output=True, text=True, check=False, env=variables
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise ProgramFailed(program=Path(words[0]).name, why=last[:300].removesuffix("."))
    return done.stdout


def dump(url: str, *, file: Path) -> int:
    """Write a backup: one moment of the whole database, also while it is at work.

    Parameters
    ----------
    url
        Address with the owner's rights.
    file
        Where to; made readable for this user only.

    Returns
    -------
    int
        Size of the file, bytes.

    Raises
    ------
    BackupExists
        If the file is there already.
    ProgramMissing, ProgramFailed
        If it cannot be made.
    """
    if file.exists():
        raise BackupExists(file=file)
    probe(url)
    program = _program("pg_dump", url=url)
    part = file.with_name(f"{file.name}.part")
    try:
        # A file or link that somebody left under this name is not written through.
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _run([program, "--format=custom", f"--file={part}"], url=url)
        os.replace(part, file)
    except OSError as error:
        raise ProgramFailed(program="pg_dump", why=error.strerror) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return file.stat().st_size


def restore(url: str, *, file: Path, replace: bool = False) -> None:
    """Put a backup into a database; whatever goes wrong, it is then as it was before.

    Parameters
    ----------
    url
        Address with the owner's rights.
    file
        Made by :func:`dump`.
    replace
        Whether what the database holds may be lost.

    Raises
    ------
    BackupUnreadable
        If the file is no backup.
    DatabaseNotEmpty
        If the database holds data and may not lose it.
    DatabaseInUse
        If others are connected to it.
    ProgramMissing, ProgramFailed
        If it cannot be restored.
    """
    probe(url)
    program = _program("pg_restore", url=url)
    _readable(program, file=file)
    with psycopg.connect(url, autocommit=True) as connection:
        _refuse_in_use(connection)
        if not replace and _holds_data(connection):
            raise DatabaseNotEmpty
        with _set_aside(connection):
            # Rights are given anew by the migration: the roles of another server are its own.
            words = [program, "--no-owner", "--no-privileges", "--single-transaction"]
            _run([*words, "--exit-on-error", str(file)], url=url)


def _readable(program: str, *, file: Path) -> None:
    listed = subprocess.run(  # noqa: S603 - a program of PostgreSQL
        [program, "--list", str(file)], capture_output=True, text=True, check=False
    )
    if listed.returncode or "core_request" not in listed.stdout:
        raise BackupUnreadable(file=file)


def _refuse_in_use(connection: psycopg.Connection) -> None:
    """Refuse while others are connected; who is just leaving has two seconds for it."""
    count = 0
    for _ in range(_LOOKS):
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
        count = row[0] if row else 0
        if not count:
            return
        connection.execute("SELECT pg_sleep(0.1)")
    raise DatabaseInUse(count=count)


def _holds_data(connection: psycopg.Connection) -> bool:
    for name in _TELLING:
        there = connection.execute("SELECT to_regclass(%s)", [name]).fetchone()
        if there is None or there[0] is None:
            continue
        query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(
            sql.Identifier(*name.split("."))
        )
        row = connection.execute(query).fetchone()
        if row and row[0]:
            return True
    return False


def _schemas(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [list(_SCHEMAS)]
    )
    return [row[0] for row in rows]


def _rename(connection: psycopg.Connection, *, name: str, to: str) -> None:
    connection.execute(
        sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))
    )


def _drop(connection: psycopg.Connection, names: Sequence[str]) -> None:
    for name in names:
        connection.execute(
            sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name))
        )


@contextmanager
def _set_aside(connection: psycopg.Connection) -> Iterator[None]:
    """Keep what is there under other names until the block is done, or put it back."""
    names = _schemas(connection)
    with connection.transaction():
        _drop(connection, [f"{name}_before" for name in names])
        for name in names:
            _rename(connection, name=name, to=f"{name}_before")
        connection.execute("CREATE SCHEMA public")
    try:
        yield
    except BaseException:
        with connection.transaction():
            _drop(connection, _SCHEMAS)
            for name in names:
                _rename(connection, name=f"{name}_before", to=name)
        raise
    with connection.transaction():
        _drop(connection, [f"{name}_before" for name in names])
