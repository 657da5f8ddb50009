"""Exports of known shops: what their headers mean together, and orders of several lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huitouke.insight.engine import Engine
from huitouke.insight.facts import staging
from huitouke.insight.facts.columns import find_columns
from huitouke.insight.facts.headings import ORDER_FIELDS
from huitouke.insight.facts.read import Facts, Reading, read_orders

Read = Callable[..., Facts]
Postings = Callable[..., list[Any]]

HEADERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,"
    "Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Refunded Amount,Id,Phone,Receipt Number"
)
#: An order of three lines, an unpaid one, and one of two lines that was refunded.
LINES = (
    "#1,a@x.cn,paid,2024-03-02 08:00,done,USD,20,5,0,25,2,2024-03-01 23:00,1,cup,11,0,91,,\n"
    "#1,a@x.cn,,,,,,,,,,2024-03-01 23:00,1,mug,5.5,,,,\n"
    "#1,,,,,,,,,,,,1,mug,5.5,,,,\n"
    "#2,b@x.cn,pending,,,USD,9,0,0,9,0,2024-03-03 09:00,1,cup,9,0,92,,\n"
    "#3,b@x.cn,refunded,2024-03-04 09:00,done,USD,9,0,0,9,0,2024-03-04 08:00,1,cup,4,9,93,,\n"
    "#3,b@x.cn,,,,,,,,,,2024-03-04 08:00,1,mug,5,,,,\n"
)


def codes(facts: Facts) -> dict[str, dict[str, Any]]:
    return {note.code: note.values for note in facts.notes}


def named(headers: str) -> dict[str, str]:
    row = headers.split(",")
    places = find_columns([row], fields=ORDER_FIELDS, mapping={}, path="x.csv").places
    return {name: row[place[0]] for name, place in places.items()}


def test_shopify_headers_mean_order_customer_and_time_of_the_order() -> None:
    taken = named(HEADERS)

    assert taken["order_id"] == "Name"
    assert taken["customer_id"] == "Email"
    assert taken["ordered_at"] == "Created at"
    assert taken["amount"] == "Total"
    assert taken["refund"] == "Refunded Amount"
    assert named(HEADERS + ",Customer Id")["customer_id"] == "Customer Id"


def test_a_name_alone_is_no_order_number() -> None:
    assert "order_id" not in named("Name,Email,Created at,Total")
    assert "order_id" not in named("Name,Email,Created at,Total,Financial Status")


def test_the_time_of_an_order_wins_over_the_time_of_its_payment() -> None:
    assert named("email,paid_at,created_at,total")["ordered_at"] == "created_at"
    assert named("会员号,付款时间,创建时间,实付")["ordered_at"] == "创建时间"
    assert named("会员号,时间,付款时间,实付")["ordered_at"] == "付款时间"


def test_further_lines_of_a_shopify_order_belong_to_it_and_add_nothing(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(f"{HEADERS}\n{LINES}", engine=engine)

    rows = facts.rows
    assert (rows.read, rows.used, rows.quarantined, rows.without_customer) == (6, 6, 0, 0)
    assert rows.adds_up
    assert postings(
        facts, "customer_no", "ordered_on", "is_return", "amount_e4", engine=engine
    ) == [
        (0, dt.date(2024, 3, 1), False, 250_000),
        (1, dt.date(2024, 3, 3), False, 90_000),
        (1, dt.date(2024, 3, 4), False, 90_000),
        (1, dt.date(2024, 3, 4), True, -90_000),
    ]
    assert facts.orders == 2
    assert facts.revenue_e4 == (25 + 9) * 10_000
    assert codes(facts)["facts.order_lines"]["rows"] == 3


def test_further_lines_find_their_order_wherever_it_stands(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_ROWS", 2)
    monkeypatch.setattr(staging, "_TEXT_ROWS", 2)
    backwards = "\n".join(reversed(LINES.splitlines()))

    facts = read(f"{HEADERS}\n{backwards}\n")

    assert (facts.rows.used, facts.rows.quarantined) == (6, 0)
    assert (facts.orders, facts.revenue_e4) == (2, 340_000)
    assert codes(facts)["facts.order_lines"]["rows"] == 3


def test_lines_without_a_first_line_are_put_aside(read: Read) -> None:
    stray = "#7,c@x.cn,,,,,,,,,,2024-03-04 08:00,1,mug,5,,,,\n,c@x.cn" + "," * 17 + "\n"

    facts = read(f"{HEADERS}\n{LINES}{stray}")
    assert facts.quarantine["reason"].to_pylist() == ["amount_missing", "date_missing"]
    assert facts.rows.adds_up

    first = LINES.splitlines()[0]
    facts = read(f"{HEADERS}\n{first}\n{first.replace('#1', '#8').replace(',25,', ',?,')}\n")
    assert facts.quarantine["reason"].to_pylist() == ["amount_unreadable"]
    assert "facts.order_lines" not in codes(facts)


def test_a_further_line_with_a_bad_date_is_put_aside(read: Read) -> None:
    facts = read(f"{HEADERS}\n{LINES}#1,a@x.cn,,,,,,,,,,soon,1,pot,5,,,,\n")

    assert facts.quarantine["reason"].to_pylist() == ["date_unreadable"]
    assert facts.rows.adds_up


def test_a_missing_amount_is_not_nothing_in_other_files(read: Read) -> None:
    facts = read("customer_id,order_id,date,amount\na,1,2024-03-05,5\na,1,2024-03-05,\n")

    assert facts.quarantine["reason"].to_pylist() == ["amount_missing"]


def test_a_shopify_export_kept_as_parquet_reads_the_same(
    tmp_path: Path, duckdb_engine: Engine
) -> None:
    day = dt.datetime(2024, 3, 1, 23, tzinfo=dt.UTC)
    path = tmp_path / "orders.parquet"
    table = pa.table(
        {
            "Name": [1001, 1001, 1002],
            "Customer Id": [7, None, 8],
            "Created at": [day, None, day],
            "Total": [25.0, None, 9.0],
            "Lineitem name": ["cup", "mug", "cup"],
            "Financial Status": ["paid", None, "paid"],
        }
    )
    pq.write_table(table, path)

    facts = read_orders([path], engine=duckdb_engine, reading=Reading())

    assert (facts.rows.used, facts.rows.without_customer) == (3, 0)
    assert (facts.orders, facts.revenue_e4) == (2, 340_000)
