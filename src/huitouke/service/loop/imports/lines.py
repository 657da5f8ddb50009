"""Order files as typed lines, in the order of the orders they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.insight.engine import Engine
from huitouke.insight.facts.files import open_sources
from huitouke.insight.facts.habits import learn
from huitouke.insight.facts.headings import ORDER_FIELDS, FieldSet
from huitouke.insight.facts.lines import type_lines
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.read import NoRows
from huitouke.insight.facts.reading import Reading
from huitouke.insight.facts.returns import tell_refunds
from huitouke.insight.facts.staging import stage

__all__ = ["COLUMNS", "OrderLines", "read_lines"]

#: The columns of a line, in the order in which they are handed over.
COLUMNS: dict[str, str] = {
    "order_key": "string",
    "named": "boolean",
    "source": "string",
    "line_number": "int64",
    "customer_id": "string",
    "at": "int64",
    "amount_e4": "int64",
    "list_e4": "int64",
    "discount_e4": "int64",
    "quantity": "float64",
    "product": "string",
    "category": "string",
    "store": "string",
    "channel": "string",
    "reversal_e4": "int64",
    "is_void": "boolean",
}
_SORTED = ("order_key", "source", "line_number")
_BATCH = 1 << 16


@dataclass(frozen=True)
class OrderLines:
    """The lines of an orders file.

    Parameters
    ----------
    sales
        Parquet file of what was bought, ``COLUMNS``, sorted by order and place in the file.
    returns
        What came back, ``COLUMNS``, in the order of time; amounts below 0.
    touched
        Lines of ``sales`` that may have come back, with their ``position`` in the order.
    unnamed
        Place of every line that names neither a customer nor an order.
    currency
        What the amounts are marked with, if it is one.
    customer_header
        The header of the customer column.
    unread
        Rows that could not be read, ``tables.QUARANTINE``.
    """

    sales: Path
    returns: pa.Table
    touched: pa.Table
    unnamed: pa.Table
    currency: str | None
    customer_header: str
    unread: pa.Table

    def batches(self) -> Iterator[dict[str, list[Any]]]:
        """Yield the lines of ``sales``, some ten thousand at a time, as columns of values."""
        with pq.ParquetFile(self.sales) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=list(COLUMNS)):
                yield {name: batch.column(name).to_pylist() for name in COLUMNS}


def read_lines(
    path: Path,
    *,
    engine: Engine,
    reading: Reading,
    fields: FieldSet = ORDER_FIELDS,
    name: str = "",
) -> OrderLines:
    """Read an orders file as the analysis does, and sort its lines by order.

    Parameters
    ----------
    path
        The file.
    engine
        Where lines are sorted; its folder takes the copies.
    reading
        The options.
    fields
        What its columns may be.
    name
        What the file is called; empty: its path.

    Raises
    ------
    NoRows
        If there is nothing below the header.
    HuitoukeError
        As ``read_orders`` of the analysis.
    """
    folder = engine.folder
    aside = Quarantine(reading.language)
    staged = [
        stage(
            replace(source, name=name or source.name),
            folder=folder,
            fields=fields,
            mapping=reading.mapping,
            quarantine=aside,
        )
        for source in open_sources([path], folder=folder)
    ]
    if not sum(file.rows_read for file in staged):
        raise NoRows(path=name or path.name)
    habits = learn(staged, fields=fields, reading=reading)
    lines = type_lines(
        staged, habits=habits, reading=reading, folder=folder, aside=aside, progress=_silent
    )
    table = engine.read_parquet([str(each) for each in lines.paths])
    if "is_void" in table.columns:
        table = engine.keep(tell_refunds(table))
    keyed = _keyed(table)
    sales = engine.folder / "sales_in_order.parquet"
    bought = keyed.filter(~keyed.is_return & keyed.order_key.notnull())
    engine.write(bought.select(*COLUMNS), sales, order_by=_SORTED)
    back = keyed.filter(keyed.is_return)
    columns = staged[0].columns
    return OrderLines(
        sales=sales,
        returns=engine.fetch(back.select(*COLUMNS), order_by=("at", "source", "line_number")),
        touched=_touched(engine, engine.read_parquet(sales), back),
        unnamed=engine.fetch(
            keyed.filter(keyed.order_key.isnull() & ~keyed.is_return).select(
                "source", "line_number"
            ),
            order_by=("source", "line_number"),
        ),
        currency=habits.currency,
        customer_header=columns.headers[columns.places["customer_id"][0]],
        unread=aside.table(),
    )


def _silent(_: str) -> None:
    """Tell nobody which file is checked: there is one."""


def _keyed(table: ir.Table) -> ir.Table:
    """Return the lines with every column, and with the key of their order.

    The key is the order's number; without one, the moment and who bought.
    """
    missing = {
        name: ibis.null().cast(kind)
        for name, kind in COLUMNS.items()
        if name not in {*table.columns, "order_key", "named", "at"}
    }
    if "order_id" not in table.columns:
        missing["order_id"] = ibis.null().cast("string")
    table = table.mutate(**missing)
    number = table.order_id.cast("string")
    customer = table.customer_id.cast("string")
    moment = ibis.literal("@") + table.ordered_at.cast("string") + ibis.literal("|") + customer
    return table.mutate(
        order_key=ibis.coalesce(number, moment),
        named=number.notnull(),
        source=table.source.cast("string"),
        customer_id=customer,
        at=table.ordered_at.epoch_seconds().cast("int64") * 1_000_000
        + table.ordered_at.microsecond().cast("int64"),
    )


def _touched(engine: Engine, sales: ir.Table, back: ir.Table) -> pa.Table:
    """Return the lines of customers and orders that a return may refer to."""
    position = ibis.row_number().over(
        ibis.window(group_by=sales.order_key, order_by=[sales.source, sales.line_number])
    )
    placed = sales.mutate(position=position.cast("int64") + 1)
    bare = back.order_key.re_replace("^[Cc]", "")
    wanted = (
        placed.customer_id.isin(back.filter(back.customer_id.notnull()).customer_id)
        | placed.order_key.isin(back.filter(back.order_key.notnull()).order_key)
        | placed.order_key.isin(bare.name("bare").as_table().bare)
    )
    return engine.fetch(
        placed.filter(wanted).select(*COLUMNS, "position"),
        order_by=("at", "order_key", "position"),
    )
