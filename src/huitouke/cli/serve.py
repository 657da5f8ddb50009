"""``huitouke serve``, ``huitouke migrate`` and ``huitouke worker``: the running service."""

from __future__ import annotations

import http.client
import os
import shlex
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click

from huitouke.cli.children import work
from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import Running, data_dir_option, service
from huitouke.cli.supervisor import Child, Supervisor
from huitouke.errors import HuitoukeError
from huitouke.language import N_, Words
from huitouke.service.config.checks import refuse_unsafe_database, refuse_unsafe_settings
from huitouke.service.config.embedded import revive
from huitouke.service.config.environment import Environment

__all__ = ["PortTaken", "migrate", "serve", "worker"]

_MOST_WORKERS = 4
_SPARE_THREADS = 8
_ANSWERS = N_("Huitouke answers at {address} (stop with Ctrl-C).")
_FOLDER = N_("The data are in {folder}.")
_FIRST = N_("There is no API key yet. Make one in another window: {command}")
_READS = N_("What it can do: {address}/v1/openapi.json")
_RESTARTED = N_("The {kind} process ended (code {code}); it is started again.")
_REVIVED = N_("PostgreSQL was gone; it runs again.")
_SHAPE = N_("The database has the shape of this version.")


class PortTaken(HuitoukeError):
    """Something else listens on this address."""

    code = "cli.port_taken"
    says = N_("Nothing can listen on {address} now: {why}.")
    remedy = N_("Stop what listens there, or choose another with --port.")


def _free_port(host: str, *, port: int) -> int:
    """Return the port, or a free one for 0; refuse one that is taken."""
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


def _first_time() -> bool:
    from huitouke.service.core.keys import all_keys  # noqa: PLC0415 - needs Django

    return not all_keys()


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


def _welcome(
    running: Running, *, address: str, where: str, reader: Words
) -> Callable[[], None]:
    first = _first_time()

    def say() -> None:
        click.echo(reader.say(_ANSWERS, address=address))
        if running.folder is not None:
            click.echo(reader.say(_FOLDER, folder=running.folder))
        if first:
            command = "huitouke api-key create till-1 --scopes all"
            click.echo(reader.say(_FIRST, command=f"{command}{where}"))
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
    port = _free_port(host, port=port)
    with service(data_dir=data_dir) as running, _static():
        environment = Environment.read(os.environ)
        count = workers or environment.workers or min(os.cpu_count() or 1, _MOST_WORKERS)
        refuse_unsafe_settings(environment, host=host)
        refuse_unsafe_database(running.url, connections=environment.pool_size, workers=count)
        address = f"http://{_reachable(host)}:{port}"
        threads = environment.at_a_time + environment.queue + _SPARE_THREADS
        asked = ["--host", host, "--port", str(port), "--workers", str(count)]
        children = [Child(["child", "http", *asked, "--threads", str(threads)])]
        if not no_worker:
            children.append(Child(["child", "worker"]))

        def died(words: Sequence[str], code: int) -> None:
            click.echo(reader.say(_RESTARTED, kind=words[1], code=code), err=True)

        where = f" --data-dir {shlex.quote(str(data_dir))}" if data_dir else ""
        say = _welcome(running, address=address, where=where, reader=reader)
        supervisor = Supervisor(children, besides=_besides(running, reader=reader), died=died)
        supervisor.run(ready=_answering(host, port=port, say=say))


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
        refuse_unsafe_database(running.url)
        work()
