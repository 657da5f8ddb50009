"""Files of every make, read whole: text in all encodings, workbooks, Parquet, and many."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huitouke.insight import tables
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


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
def test_every_encoding_and_delimiter_gives_the_same(
    read: Read, duckdb_engine: Engine, encoding: str, delimiter: str
) -> None:
    facts = read(as_text(delimiter), encoding=encoding)

    assert facts.rows.read == facts.rows.used == 3
    assert facts.rows.adds_up
    assert (facts.orders, facts.revenue_e4) == (3, REVENUE_E4)
    assert (facts.first_on, facts.last_on) == (dt.date(2024, 3, 5), dt.date(2024, 4, 1))
    assert customers(facts, duckdb_engine) == ["乙2", "甲1"]
    tables.POSTINGS.check(facts.postings.schema())
    tables.CUSTOMER_KEYS.check(facts.customers.schema())


def test_a_packed_file_is_unpacked(tmp_path: Path, duckdb_engine: Engine) -> None:
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(as_text(",").encode("gb18030")))

    facts = read_orders([path], engine=duckdb_engine, reading=Reading())

    assert facts.revenue_e4 == REVENUE_E4


def test_postings_come_sorted_and_say_the_day_of_their_order(
    read: Read, postings: Postings
) -> None:
    facts = read(as_text(","))

    rows = postings(facts, *tables.POSTINGS.names)

    march5, march20, april1 = dt.date(2024, 3, 5), dt.date(2024, 3, 20), dt.date(2024, 4, 1)
    assert rows == [
        (0, 0, april1, april1, False, 32_500, 32_500, 0, 32_500),
        (1, 1, march5, march5, False, 12_345_000, 12_345_000, 0, 12_345_000),
        (1, 2, march20, march20, False, 80_000, 80_000, 0, 80_000),
    ]


def test_rows_that_cannot_be_used_are_named_with_place_value_and_reason(read: Read) -> None:
    text = (
        "Orders of spring,,\n"  # line 1, a title
        "\n"
        "customer_id,date,amount\n"
        '"a\nb",2024-03-05,5\n'  # lines 4 and 5
        "\n"
        "c,soon,5\n"  # 7
        "c,,5\n"
        "c,2024-03-05,lots\n"
        "c,2024-03-05,\n"
        "c,1875-03-05,5\n"
        "c,2024-03-05,99999999999\n"
        "c,2024-03-05,5,shifted\n"  # 13
        "c,2024-03-05\n"
        ",,\n"
        'd,"2024-03-05,5\n'  # 16
        "d,2024-03-06,7,\n"
        "合计,,12\n"
    )

    facts = read(text, language="zh")

    rows = facts.quarantine.to_pylist()
    assert [
        (row["line_number"], row["column"], row["value"], row["reason"]) for row in rows
    ] == [
        (7, "date", "soon", "date_unreadable"),
        (8, "date", "", "date_missing"),
        (9, "amount", "lots", "amount_unreadable"),
        (10, "amount", "", "amount_missing"),
        (11, "date", "1875-03-05", "date_out_of_range"),
        (12, "amount", "99999999999", "amount_out_of_range"),
        (13, "(4)", "shifted", "cells_extra"),
        (14, "amount", "", "amount_missing"),
        (16, "", 'd,"2024-03-05,5', "quote_unclosed"),
        (18, "date", "", "date_missing"),
    ]
    assert rows[0]["explanation"] == "无法识别为日期。"
    assert (facts.rows.read, facts.rows.used, facts.rows.quarantined) == (12, 2, 10)
    assert facts.rows.adds_up
    assert "facts.header_row" in codes(facts)
    assert facts.quarantine.schema == tables.QUARANTINE.arrow_schema()


def test_values_in_the_quarantine_are_cut(read: Read) -> None:
    facts = read("customer_id,date,amount\na,2024-03-05,1\nb," + "x" * 500 + ",1\n")

    assert facts.quarantine["value"].to_pylist() == ["x" * 80]


def test_an_ambiguous_date_order_is_decided_and_said_with_its_evidence(
    read: Read, postings: Postings
) -> None:
    text = "customer_id,date,amount\na,4/9/2012,1\nb,21-08-2013,1\nb,9/4/2012,1\n"

    facts = read(text)

    assert [day for (day,) in postings(facts, "ordered_on")] == [
        dt.date(2012, 9, 4),
        dt.date(2012, 4, 9),
        dt.date(2013, 8, 21),
    ]
    note = next(note for note in facts.notes if note.code == "facts.date_order")
    assert "21-08-2013" in note.text("en")
    assert "21-08-2013" in note.text("zh")


def test_dates_against_the_order_of_their_column_are_put_aside(read: Read) -> None:
    text = "customer_id,date,amount\na,21/9/2012,1\na,22/9/2012,1\nb,9/21/2012,1\n"

    facts = read(text)

    assert facts.quarantine["reason"].to_pylist() == ["date_contradicts_order"]
    assert facts.quarantine["line_number"].to_pylist() == [4]


def test_a_given_date_order_is_kept(read: Read, postings: Postings) -> None:
    text = "customer_id,date,amount\na,4/9/2012,1\n"

    facts = read(text, date_order="mdy")

    assert postings(facts, "ordered_on") == [(dt.date(2012, 4, 9),)]


def test_a_file_that_cannot_tell_follows_the_others(read: Read, postings: Postings) -> None:
    facts = read(
        "customer_id,date,amount\na,4/9/2012,1\n",
        "customer_id,date,amount\na,25/9/2012,1\n",
    )

    assert postings(facts, "ordered_on") == [(dt.date(2012, 9, 4),), (dt.date(2012, 9, 25),)]


def test_decimal_commas_are_decided_over_the_column(read: Read) -> None:
    facts = read("customer_id;date;amount\na;2024-03-05;1.234\nb;2024-03-06;12,50\n")

    assert facts.revenue_e4 == 12_465_000
    assert "facts.decimal" in codes(facts)


def test_an_open_decimal_sign_is_said(read: Read) -> None:
    facts = read("customer_id,date,amount\na,2024-03-05,1.234\n")

    assert facts.revenue_e4 == 12_340
    assert "facts.decimal_open" in codes(facts)


def test_currencies_are_seen_and_clashes_said(read: Read) -> None:
    facts = read("customer_id,date,amount\na,2024-03-05,£5\n", currency="CNY")
    assert facts.currency == "GBP"
    assert "facts.currency_clash" in codes(facts)

    mixed = read("customer_id,date,amount\na,2024-03-05,£5\nb,2024-03-05,$5\n")
    assert mixed.currency is None
    assert "facts.currency_mixed" in codes(mixed)


def test_a_dollar_is_one_of_those_asked_for(read: Read) -> None:
    text = "customer_id,date,amount\na,2024-03-05,$5\nb,2024-03-05,HK$6\n"

    facts = read(text, currency="HKD")

    assert facts.currency == "HKD"
    assert not {"facts.currency_clash", "facts.currency_mixed"} & set(codes(facts))
    assert "facts.currency_mixed" in codes(read(text))


def test_rows_without_a_customer_count_in_revenue_only(read: Read) -> None:
    facts = read(
        "customer_id,order_id,date,amount\n"
        "a,1,2024-03-05,10\n,2,2024-03-06,5\nnan,3,2024-03-06,7\n-,4,2024-04-06,1\n"
    )

    assert facts.rows.used == 4
    assert facts.rows.without_customer == 3
    assert facts.orders == 1
    assert (facts.revenue_e4, facts.revenue_without_customer_e4) == (230_000, 130_000)
    assert facts.last_on == dt.date(2024, 4, 6)


def test_exact_copies_go_only_where_an_order_number_or_a_time_tells(read: Read) -> None:
    numbered = read("customer_id,order_id,date,amount\n" + "a,1,2024-03-05,10\n" * 3)
    assert (numbered.rows.used, numbered.rows.merged, numbered.revenue_e4) == (1, 2, 100_000)

    timed = read("customer_id,date,amount\n" + "a,2024-03-05 10:00,10\n" * 3)
    assert (timed.rows.used, timed.rows.merged) == (1, 2)

    neither = read("customer_id,date,amount\n" + "a,2024-03-05,10\n" * 3)
    assert (neither.rows.used, neither.rows.merged) == (3, 0)
    assert neither.revenue_e4 == 300_000
    assert neither.orders == 1
    assert "facts.copies_kept" in codes(neither)


def test_rows_that_differ_in_an_unused_column_are_no_copies(read: Read) -> None:
    facts = read(
        "customer_id,order_id,date,amount,remark\na,1,2024-03-05,10,x\na,1,2024-03-05,10,y\n"
    )

    assert (facts.rows.used, facts.rows.merged, facts.revenue_e4) == (2, 0, 200_000)


def test_copies_are_found_across_files_whatever_the_order_of_columns(read: Read) -> None:
    facts = read(
        "customer_id,order_id,date,amount\na,1,2024-03-05,10\na,2,2024-03-06,10\n",
        "order_id,customer_id,amount,date\n1,a,10,2024-03-05\n3,b,10,2024-03-07\n",
    )

    assert (facts.rows.read, facts.rows.used, facts.rows.merged) == (4, 3, 1)


def test_lines_add_up_to_orders_with_discounts(read: Read, postings: Postings) -> None:
    facts = read(
        "customer_id,order_id,date,amount,discount\n"
        "a,1,2024-03-05 10:00,10,2\na,1,2024-03-05 10:01,5,0\na,1,2024-03-05 10:02,7,-1\n"
        "a,2,2024-03-06,3,\n"
    )

    rows = postings(facts, "amount_e4", "list_e4", "discount_e4", "full_price_e4")

    assert rows == [(220_000, 250_000, 30_000, 50_000), (30_000, 30_000, 0, 30_000)]
    assert {"discount", "order_id"} <= facts.provides


def test_a_list_amount_or_a_tag_price_tells_the_discount(
    read: Read, postings: Postings
) -> None:
    whole = read("会员号,下单时间,实付,原价\na,2024-03-05,8,10\na,2024-03-06,5,0\n")
    assert postings(whole, "list_e4", "discount_e4") == [(100_000, 20_000), (50_000, 0)]

    each = read("会员号,下单时间,实付,吊牌价,数量\na,2024-03-05,8,5,2\n")
    assert postings(each, "list_e4", "discount_e4") == [(100_000, 20_000)]


def test_amounts_are_quantity_times_unit_price_without_a_float(read: Read) -> None:
    facts = read(
        "CustomerID,InvoiceNo,InvoiceDate,Quantity,UnitPrice\n"
        "17850.0,1,2010-12-01 08:26,3,0.123456\n17851.0,2,2010-12-01 08:27,0.5,1.1\n"
    )

    assert facts.revenue_e4 == 3704 + 5500
    assert "facts.amount_from_price" in codes(facts)


def test_two_clocks_are_kept_apart(read: Read, postings: Postings) -> None:
    facts = read(
        "customer_id,order_id,ordered_at,recorded_at,amount\n"
        "a,1,2024-03-05,2024-03-07,10\na,1,2024-03-05,2024-03-05,4\na,2,2024-03-06,,3\n"
        "a,3,2024-03-08,2024-03-01,1\na,4,2024-03-09,never,1\n"
    )

    day = dt.date(2024, 3, 1)
    rows = [
        ((o - day).days, (r - day).days, amount)
        for o, r, amount in postings(facts, "ordered_on", "recorded_on", "amount_e4")
    ]
    assert rows == [
        (4, 4, 40_000),
        (4, 6, 100_000),
        (5, 5, 30_000),
        (7, 7, 10_000),
        (8, 8, 10_000),
    ]
    assert "recorded_at" in facts.provides
    assert "facts.optional_unreadable" in codes(facts)


def test_ids_are_kept_as_given_but_for_what_programs_add(
    read: Read, duckdb_engine: Engine
) -> None:
    floats = read("customer_id,date,amount\n17850.0,2024-03-05,1\n13047.0,2024-03-05,1\n")
    assert customers(floats, duckdb_engine) == ["13047", "17850"]

    mixed = read(
        'customer_id,date,amount\n 007 ,2024-03-05,1\n1.0,2024-03-05,1\n"=""9""",2024-03-05,1\n'
    )
    assert customers(mixed, duckdb_engine) == ["007", "1.0", "9"]


def test_ids_rounded_by_a_spreadsheet_are_said(read: Read) -> None:
    facts = read("手机号,下单时间,实付\n1.38E+10,2024-03-05,1\n")

    assert "facts.id_rounded" in codes(facts)


def test_categories_stand_by_customer_and_day(read: Read, duckdb_engine: Engine) -> None:
    facts = read(
        "会员号,下单时间,实付,品类\na,2024-03-05 08:00,1,茶\na,2024-03-05 09:00,1,茶\n"
        "a,2024-03-06,1,酒\na,2024-03-06,1,\n"
    )

    assert facts.categories is not None
    tables.CATEGORIES.check(facts.categories.schema())
    rows = duckdb_engine.fetch(facts.categories, order_by=("ordered_on",)).to_pylist()
    assert [row["category"] for row in rows] == ["茶", "酒"]
    assert "category" in facts.provides


def test_progress_speaks_the_readers_language(tmp_path: Path, duckdb_engine: Engine) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(as_text(","), encoding="utf-8")
    said: list[str] = []

    read_orders(
        [path], engine=duckdb_engine, reading=Reading(language="zh"), progress=said.append
    )

    assert said[0] == f"正在读取 {path}"


def test_every_note_can_be_said_in_both_languages(read: Read) -> None:
    facts = read(
        "会员号,手机号,订单号,下单时间,付款时间,实付,状态,退款金额,优惠\n"
        "a,1,C1,2024-03-05T08:00:00Z,,¥1.234,,,?\nb,1,1,4/13/2024,,¥5,已取消,,\n"
        "b,1,1,45356,,¥5,,2,\n,1,2,1709647320,,$5,,,\n"
    )

    for note in facts.notes:
        assert note.text("en")
        assert note.text("zh") != note.text("en") or note.code == "facts.columns"


def test_no_working_file_is_left_behind(tmp_path: Path, duckdb_engine: Engine) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(as_text(","), encoding="utf-8")

    read_orders([path], engine=duckdb_engine, reading=Reading())

    assert not [entry for entry in duckdb_engine.folder.iterdir() if "lines" in entry.name]
    assert not [entry for entry in duckdb_engine.folder.iterdir() if entry.is_dir()]
