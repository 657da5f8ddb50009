"""Workbooks and Parquet bring types of their own; they read like text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import Facts, Reading, read_orders

Read = Callable[..., Facts]
Postings = Callable[..., list[Any]]

ROWS = [
    ("甲1", "2024-03-05", "1234.50"),
    ("甲1", "2024-03-20", "8.00"),
    ("乙2", "2024-04-01", "3.25"),
]
REVENUE_E4 = 12_457_500


def as_text(delimiter: str) -> str:
    lines = [delimiter.join(("会员号", "下单时间", "实付"))]
    lines += [delimiter.join(row) for row in ROWS]
    return "\n".join(lines) + "\n"


def codes(facts: Facts) -> list[str]:
    return [note.code for note in facts.notes]


def customers(facts: Facts, engine: Engine) -> list[str]:
    table = engine.fetch(facts.customers, order_by=("customer_no",))
    assert table["customer_no"].to_pylist() == list(range(table.num_rows))
    ids: list[str] = table["customer_id"].to_pylist()
    return ids


def test_a_workbook_with_serial_dates_and_a_title_is_read(
    tmp_path: Path, duckdb_engine: Engine, postings: Postings
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["这是导出说明"])
    sheet = book.create_sheet("订单")
    sheet.append(["2024 年订单"])
    sheet.append([])
    sheet.append(["会员号", "下单时间", "实付金额"])
    sheet.append([17850, 45356.58472222222, 12.1])
    sheet.append([17850, dt.datetime(2024, 3, 6, 9, 30), 1.234])  # noqa: DTZ001
    sheet.append(["0017", "2024/3/7", "¥3.50"])
    sheet.append([None, None, None])
    sheet.append(["合计", None, 16.834])
    path = tmp_path / "orders.xlsx"
    book.save(path)

    facts = read_orders([path], engine=duckdb_engine, reading=Reading())

    assert customers(facts, duckdb_engine) == ["0017", "17850"]
    assert postings(facts, "ordered_on", "amount_e4") == [
        (dt.date(2024, 3, 7), 35_000),
        (dt.date(2024, 3, 5), 121_000),
        (dt.date(2024, 3, 6), 12_340),
    ]
    assert facts.quarantine["line_number"].to_pylist() == [8]
    assert {"facts.sheet", "facts.header_row", "facts.serial"} <= set(codes(facts))


def test_parquet_of_every_type_is_read(
    tmp_path: Path, duckdb_engine: Engine, postings: Postings
) -> None:
    when = dt.datetime(2024, 3, 5, 14, 2)  # noqa: DTZ001
    path = tmp_path / "orders.parquet"
    pq.write_table(
        pa.table(
            {
                "customer_id": pa.array([17850.0, None, 9.0]),
                "ordered_at": pa.array([when] * 3, pa.timestamp("ns", tz="UTC")),
                "amount": pa.array([Decimal("1.25"), Decimal("2.50"), None]),
                "store.name": pa.array(["x", "y", "z"]).dictionary_encode(),
                "tags": [[1], [2], [3]],
            }
        ),
        path,
    )

    facts = read_orders(
        [path], engine=duckdb_engine, reading=Reading(timezone="Pacific/Auckland")
    )

    assert facts.rows.adds_up
    assert customers(facts, duckdb_engine) == ["17850"]
    assert postings(facts, "ordered_on", "amount_e4") == [(dt.date(2024, 3, 6), 12_500)]
    assert (facts.revenue_e4, facts.rows.without_customer) == (37_500, 1)
    assert facts.quarantine["line_number"].to_pylist() == [3]
    assert "facts.offset" in codes(facts)


def test_whole_number_ids_of_parquet_are_ranked_as_text(
    tmp_path: Path, duckdb_engine: Engine
) -> None:
    path = tmp_path / "orders.parquet"
    day = dt.date(2024, 3, 5)
    pq.write_table(
        pa.table({"customer_id": [9, 10, 100], "date": [day] * 3, "amount": [1.0] * 3}), path
    )

    facts = read_orders([path], engine=duckdb_engine, reading=Reading())

    assert customers(facts, duckdb_engine) == ["10", "100", "9"]


def test_text_and_parquet_of_the_same_customers_come_together(
    tmp_path: Path, duckdb_engine: Engine
) -> None:
    binary = tmp_path / "a.parquet"
    day = dt.date(2024, 3, 5)
    pq.write_table(pa.table({"customer_id": [9], "date": [day], "amount": [1.0]}), binary)
    text = tmp_path / "b.csv"
    text.write_text("会员号,下单时间,实付,门店\n9,2024-03-06,2,东店\n", encoding="utf-8")

    facts = read_orders([binary, text], engine=duckdb_engine, reading=Reading())

    assert customers(facts, duckdb_engine) == ["9"]
    assert (facts.orders, facts.revenue_e4) == (2, 30_000)
    assert "store" in facts.provides
