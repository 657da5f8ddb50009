"""What many tests share: the real data beside the checkout, and running engines."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule

from huitouke.insight.engine import Engine, EngineMissing

#: Of a few rows a question takes longer to compile than to answer.
QUICK = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
CHECKOUT = Path(__file__).resolve().parents[1]
#: Folders of files that take minutes: whoever begins with them does not end by waiting.
LONG = ("service/walk", "cli/demo", "cli/serving", "journeys")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files first that take longest; a file's own tests stay in their order."""
    long = tuple(f"tests/{folder}/" for folder in LONG)
    items.sort(key=lambda item: not item.nodeid.startswith(long))


# Until all is loaded there is no garbage to look for.
gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Leave files of tests to the collector of tests; examples stand in the package."""
    found = yield
    return [each for each in found if not isinstance(each, DoctestModule)]


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of every later look for garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


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
    _quick(engine)
    yield engine
    engine.close()


def _quick(engine: Engine) -> None:
    for name, value in QUICK.items():
        engine.backend.raw_sql(f"SET {name}={value}")


@pytest.fixture
def spark_as_installed(spark_engine: Engine) -> Iterator[None]:
    """Spark as whoever installs it has it, for a test that compares whole answers."""
    for name in QUICK:
        spark_engine.backend.raw_sql(f"RESET {name}")
    yield
    _quick(spark_engine)


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found
