"""What tests of the service share: a real PostgreSQL, fresh databases, a clock to set."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connection, connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from psycopg import sql
from psycopg.pq import TransactionStatus

from huitouke.service.config.connecting import database
from huitouke.service.config.embedded import embedded_postgres
from huitouke.service.config.environment import Environment
from huitouke.service.ledger.verify import verify

_numbers = itertools.count()
CHROMIUM = Path("/usr/bin/chromium")


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
        # What is about to be deleted need not reach the disk before.
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")


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
def own_database(postgres, django_db_setup, django_db_blocker) -> Iterator[str]:
    """A database of this test alone, for what really commits, waits or fails.

    Yields its URL; Django's default connection (of every thread) leads to it.
    """
    with copied_database(postgres, django_db_blocker) as url:
        yield url


@pytest.fixture(autouse=True)
def ledger_whole(request) -> Iterator[None]:
    """After every test that touches the ledger its books are whole.

    Unless the test is about breaking them: then it has the fixture ``tamper``, or says so by
    the marker ``broken_books``.
    """
    own = "own_database" in request.fixturenames
    marked = request.node.get_closest_marker("django_db")
    if not (own or marked or "db" in request.fixturenames):
        yield
        return
    whole = "transactional_db" if marked and marked.kwargs.get("transaction") else "db"
    request.getfixturevalue("own_database" if own else whole)
    yield
    about = "tamper" in request.fixturenames or request.node.get_closest_marker("broken_books")
    status = connection.connection.info.transaction_status if connection.connection else None
    # A test that failed with an error of the database, or whose last answer closed the
    # connection, has left nothing to look at.
    gone = {TransactionStatus.INERROR, TransactionStatus.UNKNOWN}
    if not about and status not in gone and _posted():
        assert verify(role=None).broken == ()


def _posted() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET datestyle TO DEFAULT")  # Tests try others; moments are read here.
        cursor.execute("SELECT EXISTS (SELECT FROM ledger.entry)")
        return bool(cursor.fetchone()[0])


@contextmanager
def copied_database(postgres: str, django_db_blocker: Any) -> Iterator[str]:
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


@pytest.fixture(scope="module")
def chromium(site) -> Iterator[Any]:
    """A real browser; what needs it carries the marker ``browser``.

    Its driver keeps an event loop running in this thread, which Django would take for a
    mistake, and under which it opens other connections. So the browser comes after the
    database and goes before it.
    """
    if not CHROMIUM.is_file():
        pytest.skip("there is no /usr/bin/chromium here")
    sync_api = pytest.importorskip("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


class Silent(WSGIRequestHandler):
    """Answers without a line for each request; the service writes its own."""

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def site(postgres, django_db_setup, django_db_blocker) -> Iterator[str]:
    """The whole service listening on a free port, on a database of this module alone."""
    with copied_database(postgres, django_db_blocker):
        server = ThreadedWSGIServer(("127.0.0.1", 0), Silent)
        server.set_app(WSGIHandler())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def visit(
    chromium, site
) -> Iterator[Callable[..., AbstractContextManager[tuple[Any, list[str]]]]]:
    """Open a page of the site: ``with visit("/look", staff=person) as (page, complaints)``.

    Complaints are what the console says, errors of scripts, and requests to other hosts.
    """

    @contextmanager
    def opened(
        path: str,
        *,
        staff: Any = None,
        width: int = 1280,
        theme: str = "system",
        language: str = "",
        scheme: str = "light",
        scripts: bool = True,
    ) -> Iterator[tuple[Any, list[str]]]:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            base_url=site,
        )
        cookies = {"huitouke_theme": theme, "huitouke_language": language}
        if staff is not None:
            client = Client()
            client.force_login(staff)
            name = settings.SESSION_COOKIE_NAME
            cookies[name] = client.cookies[name].value
        context.add_cookies(
            [{"name": name, "value": each, "url": site} for name, each in cookies.items()]
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((site, "data:"))
                else complaints.append(f"request: {request.url}")
            ),
        )
        page.goto(path)
        yield page, complaints
        context.close()

    yield opened
    connections.close_all()
