"""The engine keeps what it is given: types, order, nothing left behind."""

from __future__ import annotations

from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from huitouke.insight.engine import Engine, EngineMissing


def test_sums_of_whole_numbers_stay_whole_numbers(engine: Engine) -> None:
    large = 2**53 + 1
    table = engine.put(pa.table({"who": [1, 1, 0], "amount": [large, 0, 5]}))

    kept = engine.keep(
        table.group_by("who").agg(total=table.amount.sum(), rows=table.count()),
        order_by=("who",),
    )

    assert str(kept.schema()["total"]) == "int64"
    assert engine.fetch(kept, order_by=("who",))["total"].to_pylist() == [5, large]


def test_row_numbers_are_kept_as_whole_numbers_of_64_bits(engine: Engine) -> None:
    table = engine.put(pa.table({"name": ["b", "a"]}))

    kept = engine.keep(table.mutate(place=ibis.row_number().over(order_by="name")))

    assert str(kept.schema()["place"]) == "int64"
    assert engine.fetch(kept, order_by=("place",))["name"].to_pylist() == ["a", "b"]


def test_kept_rows_are_sorted_as_asked(duckdb_engine: Engine) -> None:
    table = duckdb_engine.put(pa.table({"b": [3, 1, 2], "name": ["x", "y", "z"]}))

    kept = duckdb_engine.keep(table, order_by=("b",))

    assert duckdb_engine.fetch(kept)["name"].to_pylist() == ["y", "z", "x"]


def test_the_working_folder_goes_with_the_engine() -> None:
    with Engine() as engine:
        engine.put(pa.table({"a": [1]}))
        folder = engine.folder
        assert folder.is_dir()

    assert not folder.exists()


def test_spark_without_java_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    with pytest.raises(EngineMissing) as caught:
        Engine("spark")

    assert "huitouke[spark]" in caught.value.text("zh")
