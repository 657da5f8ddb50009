"""The processes that ``huitouke serve`` keeps: those that answer, and the one that works.

Each holds the reading end of a pipe whose other end dies with ``serve``: however that ends,
they end too.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import click
import django

from huitouke.service.config.environment import Environment
from huitouke.service.config.prepare import bounded_url

if TYPE_CHECKING:
    from procrastinate.contrib.django.django_connector import DjangoConnector

__all__ = ["answer_requests", "child", "work"]

_GRACE_SECONDS = 15
_AT_A_TIME = 4
_CONNECTIONS = 1_024


@click.command(hidden=True)
@click.argument("kind", type=click.Choice(["http", "worker"]))
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, default=8000)
@click.option("--workers", type=int, default=1)
@click.option("--threads", type=int, default=80)
def child(*, kind: str, host: str, port: int, workers: int, threads: int) -> None:
    """Run one of the processes of ``huitouke serve``."""
    _end_with_the_parent()
    if kind == "http":
        environment = Environment.read(os.environ)
        os.environ["DATABASE_URL"] = bounded_url(
            environment.database_url, seconds=environment.statement_seconds
        )
        answer_requests(host=host, port=port, workers=workers, threads=threads)
    else:
        work()


def _end_with_the_parent() -> None:
    def wait() -> None:
        while os.read(sys.stdin.fileno(), 64):
            continue
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _application(*_: object, **__: object) -> Any:
    """Return the application in a server process, which ends with the one that made it."""
    made_by = multiprocessing.parent_process()
    if made_by is not None:
        # What the server's own process does when it is told to stop came along with the fork,
        # and would swallow the order until this process has learnt its own answer to it.
        for order in (signal.SIGTERM, signal.SIGINT):
            signal.signal(order, signal.SIG_DFL)

        def wait() -> None:
            made_by.join()
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=wait, daemon=True).start()
    from huitouke.service.config.wsgi import application  # noqa: PLC0415 - needs the settings

    return application


def answer_requests(*, host: str, port: int, workers: int, threads: int) -> None:
    """Serve HTTP until told to stop.

    There are more threads than requests that are worked on: those that wait their turn hold
    one too, and those that are sent away need one for a moment (see ``config.admission``).

    Parameters
    ----------
    host, port
        Where to listen.
    workers
        Server processes.
    threads
        Threads of one process.
    """
    from granian.constants import Interfaces  # noqa: PLC0415 - only this process needs it
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    server: Any = Server(
        "huitouke.service.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # It counts connections, open ones that say nothing too.
        backpressure=_CONNECTIONS,
        backlog=1024,
        log_level=LogLevels.error,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_GRACE_SECONDS,
    )
    # Loaded here once: the processes that answer are forks of this one, begin in a moment,
    # also in place of one that died, and share the memory of what is loaded. No connection
    # to the database is made by it.
    _application()
    server.serve(target_loader=_application, wrap_loader=False)


def work() -> None:
    """Do background and scheduled work until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitouke.service.config.settings")
    django.setup()
    from procrastinate.contrib.django import app  # noqa: PLC0415 - needs Django

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(
                concurrency=_AT_A_TIME,
                delete_jobs="successful",
                shutdown_graceful_timeout=_GRACE_SECONDS,
            )

    connector = cast("DjangoConnector", app.connector).get_worker_connector()
    with app.replace_connector(connector):
        asyncio.run(run())
