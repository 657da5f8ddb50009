"""Facts told by a system that knows its orders: lines in Arrow batches, no file to read.

Such a system names the order of every return and the customer of every order, so nothing
has to be recognised, guessed or set aside. From the typed lines on, the way is the one of
files: ``rollup``, and everything after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huitouke.errors import HuitoukeError
from huitouke.insight.engine import Engine
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.read import Facts
from huitouke.insight.facts.reading import Note, RowCounts
from huitouke.insight.facts.rollup import RolledUp, roll_up
from huitouke.insight.facts.totals import provides_of, totals_of
from huitouke.language import N_

__all__ = ["TOLD", "NothingTold", "take_lines"]

#: The columns of a batch; ids are whole numbers whose order as text is that of customers.
TOLD = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("order_id", pa.string()),
        ("ordered_at", pa.timestamp("us")),
        ("amount_e4", pa.int64()),
        ("discount_e4", pa.int64()),
        ("reversal_e4", pa.int64()),
        ("is_return", pa.bool_()),
        ("category", pa.dictionary(pa.int32(), pa.string())),
        ("store", pa.dictionary(pa.int32(), pa.string())),
        ("channel", pa.dictionary(pa.int32(), pa.string())),
    ]
)
_SOURCE = "orders"
_NUMBERED = pa.schema(
    [
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("line_number", pa.int64()),
        *((field.name, field.type) for field in TOLD),
    ]
)
#: Where no line has anything to say in such a column, it is as if it were not there.
_OPTIONAL = ("discount_e4", "reversal_e4", "category", "store", "channel")


class NothingTold(HuitoukeError):
    """There is no order of a known customer among the lines."""

    code = "facts.nothing_told"
    says = N_("There is no paid order of a known customer to analyse ({lines} lines in all).")
    remedy = N_("Bring orders in first, with the customers who placed them.")


def take_lines(
    batches: Iterable[pa.RecordBatch],
    *,
    engine: Engine,
    currency: str,
    notes: tuple[Note, ...] = (),
) -> Facts:
    """Take order lines that are typed already, and add them up as those of a file.

    Parameters
    ----------
    batches
        Rows of :data:`TOLD`, some hundred thousand at a time; only one is held in memory.
        A return carries the number of its order and a negative amount; a discount that is
        nowhere above zero counts as not told.
    engine
        Where lines are added up; its working folder takes them.
    currency
        ISO 4217.
    notes
        What the teller has to say of them.

    Returns
    -------
    Facts
        As ``read_orders`` gives them.

    Raises
    ------
    NothingTold
        If no line is an order of a known customer.

    Examples
    --------
    >>> from datetime import datetime
    >>> row = {"customer_id": 7, "order_id": "a", "ordered_at": datetime(2026, 3, 1, 12),
    ...        "amount_e4": 125_000, "discount_e4": 0, "is_return": False}
    >>> batch = pa.RecordBatch.from_pylist([row], schema=TOLD)
    >>> with Engine() as engine:
    ...     facts = take_lines([batch], engine=engine, currency="CNY")
    ...     facts.orders, facts.revenue_e4, sorted(facts.provides)
    (1, 125000, ['order_id'])
    """
    path = engine.folder / "told_lines.parquet"
    given, lines = _keep(batches, path)
    if not given["customer_id"]:
        raise NothingTold(lines=lines)
    table = engine.read_parquet(path)
    table = table.drop(*(name for name in _OPTIONAL if not given[name]))
    totals = totals_of(table, engine=engine)
    rolled = _rolled(table, engine=engine, totals=totals)
    if not rolled.placed:
        raise NothingTold(lines=lines)
    return Facts(
        postings=rolled.postings,
        customers=rolled.customers,
        categories=rolled.categories,
        rows=RowCounts(lines, lines, 0, 0, totals["without_customer"]),
        orders=rolled.orders,
        revenue_e4=totals["revenue_e4"],
        revenue_without_customer_e4=totals["revenue_without_customer_e4"],
        first_on=totals["first_on"],
        last_on=totals["last_on"],
        provides=provides_of(given, totals=totals),
        currency=currency,
        notes=notes,
        quarantine=Quarantine("en").table(),
    )


def _rolled(table: ir.Table, *, engine: Engine, totals: Mapping[str, Any]) -> RolledUp:
    return roll_up(
        table,
        engine=engine,
        has_returns=bool(totals["returns"]),
        has_reversals=bool(totals["reversals"]),
    )


def _keep(batches: Iterable[pa.RecordBatch], path: Path) -> tuple[Counter[str], int]:
    """Write the lines; return how many have something to say in each column, and all."""
    given: Counter[str] = Counter()
    lines = 0
    with pq.ParquetWriter(path, _NUMBERED, compression="snappy") as writer:
        for batch in batches:
            source = pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(batch.num_rows, np.int32)), pa.array([_SOURCE])
            )
            numbers = pa.array(np.arange(lines + 1, lines + 1 + batch.num_rows))
            columns = [source, numbers, *batch.cast(TOLD).columns]
            writer.write_batch(pa.record_batch(columns, schema=_NUMBERED))
            lines += batch.num_rows
            for name in TOLD.names:
                given[name] += _said(batch, name)
    return given, lines


def _said(batch: pa.RecordBatch, name: str) -> int:
    """Count the rows that have a value; of discounts and reversals those above zero."""
    column = batch.column(name)
    if name in {"discount_e4", "reversal_e4"}:
        return int(pc.sum(pc.fill_null(pc.not_equal(column, 0), False)).as_py() or 0)
    return int(len(column) - column.null_count)
