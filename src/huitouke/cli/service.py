"""A ready service for a command: a database in shape, and Django on it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import platformdirs

from huitouke.service.config.embedded import embedded_postgres
from huitouke.service.config.environment import Environment
from huitouke.service.config.prepare import django_on, kept_secret, prepare

__all__ = [
    "Running",
    "data_dir_option",
    "data_folder",
    "owner_database",
    "service",
    "typed_again",
]

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True)
class Running:
    """A database that is ready for work.

    Parameters
    ----------
    url
        Its address for serving (with the rights of the application).
    owner_url
        Its address with the owner's rights: migrations, backup, restore.
    folder
        The data folder of the embedded PostgreSQL; None for one behind ``DATABASE_URL``.
    """

    url: str
    owner_url: str
    folder: Path | None


def data_dir_option(function: F) -> F:
    """Add ``--data-dir`` to a command.

    Parameters
    ----------
    function
        The click command function.
    """
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the embedded PostgreSQL; otherwise DATABASE_URL, HUITOUKE_DATA_DIR or "
        "the user's data folder.",
    )(function)


def data_folder(given: Path | None, *, environment: Environment) -> Path | None:
    """Return the folder of the embedded PostgreSQL, or None where a URL names another.

    Parameters
    ----------
    given
        What ``--data-dir`` says; it goes before everything.
    environment
        May name a database or a folder.
    """
    if given is not None:
        return given
    if environment.database_url:
        return None
    if environment.data_dir:
        return Path(environment.data_dir)
    return Path(platformdirs.user_data_dir("huitouke", appauthor=False))


def typed_again(command: str, *, folder: Path | None) -> str:
    """Return a command of ours as whoever reads this types it in another window.

    Parameters
    ----------
    command
        Its words after ``huitouke``.
    folder
        Of the database that is used, as :class:`Running` says it: another window need not
        have the variable that named it. None for one behind ``DATABASE_URL``.
    """
    started = sys.argv[0]
    found = shutil.which("huitouke")
    ours = Path(started).name == "huitouke"
    name = shlex.quote(started) if ours and found is None else "huitouke"
    where = f" --data-dir {shlex.quote(str(folder))}" if folder else ""
    return f"{name} {command}{where}"


@contextmanager
def _variables(**values: str) -> Iterator[None]:
    """Set environment variables, also for child processes, while the block runs."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def owner_database(*, data_dir: Path | None = None) -> Iterator[str]:
    """Have the database reachable, as it is, and give its address with the owner's rights.

    Parameters
    ----------
    data_dir
        What ``--data-dir`` says, if anything.

    Yields
    ------
    str
        ``postgresql://…``.
    """
    environment = Environment.read(os.environ)
    folder = data_folder(data_dir, environment=environment)
    if folder is None:
        yield environment.migrate_url or environment.database_url
        return
    with embedded_postgres(folder) as url:
        yield url


@contextmanager
def service(*, data_dir: Path | None = None, starter: bool = True) -> Iterator[Running]:
    """Have a migrated database and Django ready on it while the block runs.

    The database is the one behind ``DATABASE_URL``, or the embedded PostgreSQL, which is
    started where it is not running and stopped by the last who uses it. ``DATABASE_URL`` of
    this process (and its children) names it inside the block.

    Parameters
    ----------
    data_dir
        What ``--data-dir`` says, if anything.
    starter
        False: an empty database stays without a programme.

    Yields
    ------
    Running
        Where the database is.

    Raises
    ------
    ServiceError
        ``config.data_folder_foreign``, ``config.data_folder_unusable``,
        ``config.postgres_not_started``, ``config.database_unreachable``,
        ``config.postgres_too_old``.
    """
    environment = Environment.read(os.environ)
    folder = data_folder(data_dir, environment=environment)
    with ExitStack() as open_things:
        owner_url = environment.migrate_url or environment.database_url
        if folder is not None:
            owner_url = open_things.enter_context(embedded_postgres(folder))
            if not environment.secret_key:
                secret = kept_secret(folder)
                open_things.enter_context(_variables(HUITOUKE_SECRET_KEY=secret))
            # Processes that are started from here find what else lies in the folder.
            open_things.enter_context(_variables(HUITOUKE_DATA_DIR=str(folder)))
        open_things.enter_context(_variables(DATABASE_URL=owner_url))
        url = prepare(owner_url, starter=starter)
        if folder is None and environment.migrate_url:
            url = environment.database_url
        open_things.enter_context(_variables(DATABASE_URL=url))
        open_things.enter_context(django_on(url))
        yield Running(url=url, owner_url=owner_url, folder=folder)
