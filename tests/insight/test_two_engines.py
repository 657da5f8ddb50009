"""The whole path gives the same table on DuckDB and on Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from huitouke.insight.flow import analyze
from huitouke.insight.world.simulate import simulate
from huitouke.insight.world.write import write


@pytest.mark.spark
@pytest.mark.usefixtures("spark_as_installed")
def test_duckdb_and_spark_judge_alike(tmp_path: Path) -> None:
    write(simulate("W1", customers=700, seed=5, truth=False, dirty=True), folder=tmp_path)
    orders = [tmp_path / "orders.csv"]

    here = analyze(orders, engine="duckdb")
    there = analyze(orders, engine="spark")

    assert here.customers is not None
    assert there.customers is not None
    assert here.customers.num_rows > 500
    assert here.customers.equals(there.customers)
    assert here.summary == there.summary
    assert here.validation == there.validation
