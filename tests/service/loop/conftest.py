"""A shop brought in from a file and analysed once; each test has a copy of its own."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from huitouke.insight.flow import Analysis as OfFile
from huitouke.insight.flow import analyze
from huitouke.insight.world.simulate import simulate
from huitouke.insight.world.write import write
from huitouke.service.config.embedded import embedded_postgres
from huitouke.service.config.prepare import django_on, prepare
from huitouke.service.core.actor import Actor

_numbers = itertools.count()
ANALYST = Actor("staff", "analyst")


def brought(file: Path) -> str:
    """Run ``huitouke import orders FILE`` on the database that DATABASE_URL names."""
    from huitouke.cli.main import cli

    words = ["import", "orders", str(file), "--quiet", "--lang", "en", "--currency", "CNY"]
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def done_with(**wish):
    """Ask for an analysis and wait for it, as the command line does."""
    from huitouke.service.core import clock
    from huitouke.service.loop import commands, running

    asked = commands.ask(at=clock.now(), actor=ANALYST, ring=False, **wish)
    return running.run_here(asked, tell=lambda _: None)


@pytest.fixture(scope="session")
def orders_file(tmp_path_factory) -> Path:
    """A simulated shop's orders, without the column that an import does not keep."""
    folder = tmp_path_factory.mktemp("loop")
    write(simulate("W1", customers=1_200, seed=5, truth=False), folder=folder)
    with (folder / "orders.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "recorded_at"]
    path = folder / "told.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, names, extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)
    return path


@pytest.fixture(scope="session")
def of_file(orders_file) -> OfFile:
    """What ``analyze`` says of that file."""
    return analyze([orders_file], timezone="Asia/Shanghai", currency="CNY", lang="en")


@contextmanager
def leading_to(url: str, monkeypatch) -> Iterator[str]:
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.delenv("HUITOUKE_MIGRATE_URL", raising=False)
        with django_on(url):
            yield url


@pytest.fixture(scope="session")
def loop_server(tmp_path_factory, django_db_blocker) -> Iterator[str]:
    """A PostgreSQL whose database ``huitouke`` is in shape and stays empty."""
    with (
        embedded_postgres(tmp_path_factory.mktemp("loop-pg"), delete=True) as url,
        django_db_blocker.unblock(),
    ):
        prepare(url)
        yield url


@pytest.fixture(scope="session")
def copy_of(loop_server) -> Callable[[str], str]:
    def copy(template: str) -> str:
        name = f"loop_{next(_numbers)}"
        with psycopg.connect(loop_server, autocommit=True) as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return loop_server.replace("/huitouke?", f"/{name}?")

    return copy


@pytest.fixture(scope="session")
def analysed_shop(loop_server, copy_of, orders_file, django_db_blocker) -> str:
    """The name of a database with the simulated shop, analysed."""
    url = copy_of("huitouke")
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        leading_to(url, patch),
    ):
        brought(orders_file)
        done = done_with()
        assert done.state == "done", done.error_says
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def shop(analysed_shop, copy_of, django_db_blocker, monkeypatch) -> Iterator[str]:
    """The analysed shop, for this test alone."""
    with django_db_blocker.unblock(), leading_to(copy_of(analysed_shop), monkeypatch) as url:
        yield url


@pytest.fixture
def nothing(copy_of, django_db_blocker, monkeypatch) -> Iterator[str]:
    """A service in which nothing was bought, for this test alone."""
    with django_db_blocker.unblock(), leading_to(copy_of("huitouke"), monkeypatch) as url:
        yield url


@pytest.fixture
def written(tmp_path) -> Callable[..., Path]:
    """Write a file of orders: customer, order, day, product, amount, discount, quantity."""

    def make(rows: list[str], name: str = "orders.csv") -> Path:
        path = tmp_path / name
        header = "customer_id,order_id,ordered_at,product,amount,discount,quantity,category"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return make


@pytest.fixture
def bring() -> Callable[[Path], str]:
    """Bring a file of orders in."""
    return brought


@pytest.fixture
def analysed() -> Callable[..., object]:
    """Ask for an analysis and wait for its end."""
    return done_with
