"""Whatever a file holds, its rows add up and its money is exact."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import Reading, read_orders

MONEY = st.decimals(-99_999, 99_999, places=2)
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31)).map(dt.date.isoformat)
DIRT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"),
    max_size=8,
)
#: A row is (customer, order, day, amount, remark); each cell may be dirt.
ROW = st.tuples(
    st.sampled_from(["a", "b", "c", ""]),
    st.sampled_from(["1", "2", "3", "4", "5", ""]),
    st.one_of(DAYS, DIRT),
    st.one_of(MONEY.map(str), MONEY.map(lambda value: f"{value:,}"), DIRT),
    st.sampled_from(["x", "two\nlines", 'with "quotes"', ""]),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(st.lists(ROW, min_size=1, max_size=30))
def test_rows_add_up_and_revenue_is_exact(
    tmp_path: Path, duckdb_engine: Engine, rows: list[tuple[str, str, str, str, str]]
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["customer_id", "order_id", "date", "amount", "remark"])
    rows = [*rows, ("a", "9", "2024-03-05", "1", "")]
    writer.writerows(rows)
    path = tmp_path / "orders.csv"
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")

    facts = read_orders([path], engine=duckdb_engine, reading=Reading(date_order="dmy"))

    counts = facts.rows
    assert counts.adds_up
    assert counts.read == sum(not is_blank(row) for row in rows)
    assert counts.quarantined == facts.quarantine.num_rows

    lines = set(facts.quarantine["line_number"].to_pylist())
    line = 2
    kept = []
    for row in rows:
        if line not in lines and not is_blank(row):
            kept.append(row)
        line += 1 + sum(cell.count("\n") for cell in row)
    assert len(kept) == counts.used + counts.merged
    seen = set()
    total = Decimal(0)
    nobody = Decimal(0)
    for row in kept:
        telling = row[1] != ""
        if telling and row in seen:
            continue
        seen.add(row)
        amount = Decimal(row[3].replace(",", "")) if is_plain(row[3]) else None
        if amount is None:
            return  # dirt that happens to be an amount: the counts were checked
        total += amount
        nobody += amount if row[0] == "" else 0
    assert facts.revenue_e4 == int(total * 10_000)
    assert facts.revenue_without_customer_e4 == int(nobody * 10_000)


def is_plain(text: str) -> bool:
    return text.isascii() and text.replace(",", "").replace("-", "").replace(".", "").isdigit()


def is_blank(row: tuple[str, ...]) -> bool:
    return not "".join(row).strip(" \xa0\u3000")
