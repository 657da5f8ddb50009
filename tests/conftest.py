"""What many tests share: the real data beside the checkout, and running engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from huitouke.insight.engine import Engine, EngineMissing

CHECKOUT = Path(__file__).resolve().parents[1]
#: Folders of files that take minutes: whoever begins with them does not end by waiting.
LONG = ("service/walk", "cli/demo", "cli/serving", "journeys")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files first that take longest; a file's own tests stay in their order."""
    long = tuple(f"tests/{folder}/" for folder in LONG)
    items.sort(key=lambda item: not item.nodeid.startswith(long))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the public data sets are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def duckdb_engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="session")
def spark_engine() -> Iterator[Engine]:
    try:
        engine = Engine("spark", threads=2)
    except EngineMissing as missing:
        pytest.skip(f"Spark is not here: {missing}")
    yield engine
    engine.close()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found
