from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from huitouke.insight.world.layout import SHOP_TABLES, TRUTH_TABLES
from huitouke.insight.world.scenarios import TYPES
from huitouke.insight.world.simulate import World, simulate
from huitouke.insight.world.write import FolderUnusable, write

ORDER_HEADER = [
    "order_id", "customer_id", "ordered_at", "amount", "list_amount", "discount", "category",
    "store", "channel", "status", "recorded_at",
]  # fmt: skip


def small() -> World:
    return simulate("W1", customers=300, weeks=60, future_draws=2, dirty=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_world_is_written_to_the_same_bytes(tmp_path: Path) -> None:
    write(small(), folder=tmp_path / "a")
    write(small(), folder=tmp_path / "b")

    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert first == second
    assert set(first) == {
        *(f"{name}.csv" for name in SHOP_TABLES),
        *(f"truth/{name}.parquet" for name in TRUTH_TABLES),
        "truth/README.txt",
    }


def test_the_shops_files_never_hold_the_truth(tmp_path: Path) -> None:
    world = small()
    write(world, folder=tmp_path)
    shop = set().union(*(set(getattr(world, name).column_names) for name in SHOP_TABLES))
    hidden = set().union(*(set(getattr(world, name).column_names) for name in TRUTH_TABLES))
    types = set(TYPES) - {"none"}

    shared = "customer_id order_id referrer_id referred_id store kind outcome"
    assert shop & hidden == set(shared.split())
    for name in SHOP_TABLES:
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not types & set(row)


def test_orders_have_the_header_that_importers_know(tmp_path: Path) -> None:
    world = small()
    write(world, folder=tmp_path)

    with (tmp_path / "orders.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ORDER_HEADER
    assert len(rows) == world.orders.num_rows
    assert len(rows[0]["ordered_at"]) == len("2024-01-01 09:00:00")


def test_the_truth_reads_back_and_calls_itself_simulated(tmp_path: Path) -> None:
    world = small()
    write(world, folder=tmp_path)

    for name in TRUTH_TABLES:
        assert pq.read_table(tmp_path / "truth" / f"{name}.parquet").equals(
            getattr(world, name)
        )
    text = (tmp_path / "truth" / "README.txt").read_text(encoding="utf-8")
    assert "Simulated data" in text
    assert "模拟数据" in text
    assert "2 simulated futures" in text


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(FolderUnusable) as caught:
        write(small(), folder=tmp_path / "taken")

    assert "taken" in caught.value.text("zh")
