"""A service of its own for every file of fault tests, prepared once and copied."""

from __future__ import annotations

import itertools
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))

logging.getLogger("httpx").setLevel(logging.WARNING)

from harness.driver import Driver  # noqa: E402
from harness.served import Service, copy_data  # noqa: E402
from harness.shop import Shop  # noqa: E402

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def seeds() -> int:
    """The first seed; HUITOUKE_SEED moves all of them."""
    return int(os.environ.get("HUITOUKE_SEED", "1"))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> tuple[Path, str]:
    """A data folder with its shape, the starter programme and one key."""
    first = Service(tmp_path_factory.mktemp("prepared") / "data", background=False)
    key = first.make_key()
    first.stop()
    return first.folder, key


@pytest.fixture
def make_service(prepared, tmp_path) -> Iterator[Callable[..., Service]]:
    """Have services on copies of the prepared folder; none is left at the end."""
    made: list[Service] = []

    def make(folder: Path | None = None, **settings) -> Service:
        place = folder or copy_data(prepared[0], to=tmp_path / f"data{len(made)}")
        service = Service(place, key=prepared[1], **settings)
        made.append(service)
        return service

    yield make
    for each in made:
        each.stop()


@pytest.fixture(scope="module")
def served(prepared, tmp_path_factory) -> Iterator[Service]:
    """The running service of one file."""
    folder = copy_data(prepared[0], to=tmp_path_factory.mktemp("served") / "data")
    service = Service(folder, key=prepared[1])
    yield service.start()
    service.stop()


@pytest.fixture
def drive(tmp_path) -> Iterator[Callable[..., Driver]]:
    """Make drivers; their seeds are printed with every failure."""
    made: list[Driver] = []

    def make(service: Service, *, seed: int, urls: tuple[str, ...] = (), **settings) -> Driver:
        driver = Driver(
            urls or (service.url,), key=service.key, folder=tmp_path, seed=seed, **settings
        )
        print(f"seed {seed}, book {driver.book.place}")  # noqa: T201
        made.append(driver)
        return driver

    yield make
    for each in made:
        print(each.summary())  # noqa: T201
        each.book.close()


@pytest.fixture
def shop(served, request) -> Iterator[Shop]:
    """A client of the file's service, with a name of its own."""
    source = f"{request.node.originalname[5:40]}-{next(_numbers)}"
    made = Shop(served.url, key=served.key, source=source)
    yield made
    made.client.close()
