"""``huitouke serve``, ``huitouke migrate`` and ``huitouke worker``: the running service."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import click

from huitouke.cli.children import work
from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import Running, data_dir_option, service, typed_again
from huitouke.cli.supervisor import Child, Supervisor
from huitouke.errors import HuitoukeError
from huitouke.language import N_, Words
from huitouke.service.config.checks import (
    open_host,
    refuse_unsafe_database,
    refuse_unsafe_settings,
)
from huitouke.service.config.embedded import revive
from huitouke.service.config.environment import Environment

__all__ = [
    "DemoInPublic",
    "Listening",
    "PortTaken",
    "address_of",
    "free_port",
    "keep_serving",
    "migrate",
    "serve",
    "worker",
]

_MOST_WORKERS = 4
_SPARE_THREADS = 8
_ANSWERS = N_("Huitouke answers at {address} (stop with Ctrl-C).")
_FOLDER = N_("The data are in {folder}.")
_FIRST = N_("There is no API key yet. Make one in another window: {command}")
_NOBODY = N_("Nobody can sign in yet. Enter yourself in another window: {command}")
_PAGES = N_("Staff sign in at {address}/staff/, members at {address}/my/")
_READS = N_("What it can do: {address}/v1/openapi.json")
_RESTARTED = N_("The {kind} process ended (code {code}); it is started again.")
_REVIVED = N_("PostgreSQL was gone; it runs again.")
_SHAPE = N_("The database has the shape of this version.")


class PortTaken(HuitoukeError):
    """Something else listens on this address."""

    code = "cli.port_taken"
    says = N_("Nothing can listen on {address} now: {why}.")
    remedy = N_("Stop what listens there, or choose another with --port.")


class DemoInPublic(HuitoukeError):
    """A demo shop is for this machine only: its sign-ins are no secret of a merchant's."""

    code = "cli.demo_in_public"
    says = N_("This is a demo shop; it is not served on {host}, where others can reach it.")
    remedy = N_("Serve it on 127.0.0.1, or begin with a folder of your own.")


def free_port(host: str, *, port: int) -> int:
    """Return the port, or a free one for 0.

    Parameters
    ----------
    host, port
        Where somebody wants to listen.

    Raises
    ------
    PortTaken
        If something else listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise PortTaken(address=f"{host}:{port}", why=error.strerror or "?") from error
        found: int = probe.getsockname()[1]
    return found


def _static() -> AbstractContextManager[Path]:
    from huitouke.service.ui.assets import shared_folder  # noqa: PLC0415 - needs Django

    return shared_folder()


def _missing(folder: Path | None) -> list[tuple[str, str]]:
    """Return what nobody has made yet: a sentence, and the command that makes it."""
    from huitouke.service.core.keys import all_keys  # noqa: PLC0415 - needs Django
    from huitouke.service.core.roster import all_staff  # noqa: PLC0415

    found = []
    if not all_staff():
        create = "staff create you@example.com --role owner"
        found.append((_NOBODY, typed_again(create, folder=folder)))
    if not all_keys():
        create = "api-key create till-1 --scopes all"
        found.append((_FIRST, typed_again(create, folder=folder)))
    return found


def address_of(host: str, *, port: int) -> str:
    """Return the address under which this machine reaches a server that listens on another.

    Parameters
    ----------
    host, port
        Where it listens.

    Examples
    --------
    >>> address_of("0.0.0.0", port=8000)
    'http://127.0.0.1:8000'
    """
    return f"http://{_reachable(host)}:{port}"


def _reachable(host: str) -> str:
    """Return the host under which this machine reaches a server that listens on another."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - not bound here
    return everywhere.get(host, f"[{host}]" if ":" in host and host[0] != "[" else host)


def _answering(host: str, *, port: int, say: Callable[[], None]) -> Callable[[], bool]:
    """Return what asks the service for its health, and tells the user the first time."""

    def ask() -> bool:
        connection = http.client.HTTPConnection(_reachable(host).strip("[]"), port, timeout=1)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            answered = connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            answered = False
        finally:
            connection.close()
        if answered:
            say()
        return answered

    return ask


def _besides(running: Running, *, reader: Words) -> Callable[[], None]:
    folder = running.folder

    def keep() -> None:
        if folder is not None and revive(folder):
            click.echo(reader.say(_REVIVED), err=True)

    return keep


def _welcome(running: Running, *, address: str, reader: Words) -> Callable[[], None]:
    missing = _missing(running.folder)

    def say() -> None:
        click.echo(reader.say(_ANSWERS, address=address))
        if running.folder is not None:
            click.echo(reader.say(_FOLDER, folder=running.folder))
        click.echo(reader.say(_PAGES, address=address))
        for sentence, command in missing:
            click.echo(reader.say(sentence, command=command))
        click.echo(reader.say(_READS, address=address))

    return say


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--workers", type=click.IntRange(1), help="Server processes (default: by CPUs).")
@click.option("--no-worker", is_flag=True, help="Leave background work to huitouke worker.")
@data_dir_option
@language_option
def serve(
    *,
    host: str,
    port: int,
    workers: int | None,
    no_worker: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Create, migrate and serve: the whole service with one command."""
    reader = words_of(lang)
    port = free_port(host, port=port)
    with service(data_dir=data_dir) as running:
        address = address_of(host, port=port)
        say = _welcome(running, address=address, reader=reader)
        at = Listening(host, port, workers, worker=not no_worker)
        keep_serving(running, at=at, reader=reader, say=say)


@dataclass(frozen=True)
class Listening:
    """Where the service listens, and with what.

    Parameters
    ----------
    host, port
        The address; the port is free.
    workers
        Server processes; None: by settings and processors.
    worker
        Whether background work is done here too.
    """

    host: str
    port: int
    workers: int | None = None
    worker: bool = True


def keep_serving(
    running: Running, *, at: Listening, reader: Words, say: Callable[[], None]
) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    running
        The database.
    at
        Where.
    reader
        Whose language the messages are in.
    say
        Called once, when the service answers.

    Raises
    ------
    ServiceError
        If settings or database are unsafe.
    DemoInPublic
        If others could reach a shop whose sign-ins lie on this machine.
    """
    environment = Environment.read(os.environ)
    count = at.workers or environment.workers or min(os.cpu_count() or 1, _MOST_WORKERS)
    _refuse_demo_in_public(open_host(environment, host=at.host))
    refuse_unsafe_settings(environment, host=at.host)
    refuse_unsafe_database(running.url, connections=environment.pool_size, workers=count)
    threads = environment.at_a_time + environment.queue + _SPARE_THREADS
    asked = ["--host", at.host, "--port", str(at.port), "--workers", str(count)]
    children = [Child(["child", "http", *asked, "--threads", str(threads)])]
    if at.worker:
        children.append(Child(["child", "worker"]))

    def died(words: Sequence[str], code: int) -> None:
        click.echo(reader.say(_RESTARTED, kind=words[1], code=code), err=True)

    supervisor = Supervisor(children, besides=_besides(running, reader=reader), died=died)
    with _static():
        supervisor.run(ready=_answering(at.host, port=at.port, say=say))


def _refuse_demo_in_public(others: str) -> None:
    from huitouke.service.core.shop import shop  # noqa: PLC0415 - needs Django

    if others and shop().is_demo:
        raise DemoInPublic(host=others)


@click.command()
@data_dir_option
@language_option
def migrate(*, data_dir: Path | None, lang: str | None) -> None:
    """Bring the database to the shape of this version."""
    with service(data_dir=data_dir):
        click.echo(words_of(lang).say(_SHAPE))


@click.command()
@data_dir_option
@language_option
def worker(*, data_dir: Path | None, lang: str | None) -> None:  # noqa: ARG001 - for all alike
    """Do background and scheduled work (``serve`` does it too, unless told not to)."""
    with service(data_dir=data_dir) as running:
        # It signs links and closes secrets with the key that serve opens them with.
        refuse_unsafe_settings(Environment.read(os.environ), host="127.0.0.1")
        refuse_unsafe_database(running.url)
        work()
