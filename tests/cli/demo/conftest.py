"""A small simulated shop, loaded once by the command itself, as a user would have it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from running import many

from huitouke.service.config.embedded import embedded_postgres

READY = "delete it to have"


@pytest.fixture(scope="session")
def run_demo():
    """Start the demo on a folder and wait until it answers; it ends with the tests."""
    with many(300) as starts:

        def act(folder, *words, until=READY):
            return starts(folder, "demo", *words, until=until)

        yield act


@pytest.fixture(scope="session")
def folders():
    # Not under pytest's own folder: under root PostgreSQL runs as another user.
    with TemporaryDirectory(prefix="huitouke-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def shop_folder(folders):
    return folders / "shop"


@pytest.fixture(scope="session")
def loaded(run_demo, shop_folder):
    """The small shop, being served."""
    return run_demo(shop_folder, "--customers", "200")


@pytest.fixture
def database(loaded, shop_folder):
    """A connection to the small shop's database."""
    with (
        embedded_postgres(shop_folder) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        yield connection
