"""Order files written on the spot, and their facts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import Facts, Reading, read_orders

Read = Callable[..., Facts]


@pytest.fixture
def read(tmp_path: Path, duckdb_engine: Engine) -> Read:
    """Read one text, or several by name, as orders; options go to ``Reading``."""

    def run(
        *texts: str, encoding: str = "utf-8", engine: Engine | None = None, **options: Any
    ) -> Facts:
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"orders{number}.csv"
            path.write_bytes(text.encode(encoding))
            paths.append(path)
        return read_orders(paths, engine=engine or duckdb_engine, reading=Reading(**options))

    return run


@pytest.fixture
def postings(duckdb_engine: Engine) -> Callable[..., list[tuple[Any, ...]]]:
    """Return chosen columns of the postings in their order."""

    def rows(
        facts: Facts, *columns: str, engine: Engine | None = None
    ) -> list[tuple[Any, ...]]:
        table = (engine or duckdb_engine).fetch(
            facts.postings, order_by=("customer_no", "order_no", "recorded_on", "is_return")
        )
        return list(zip(*(table[name].to_pylist() for name in columns), strict=True))

    return rows
