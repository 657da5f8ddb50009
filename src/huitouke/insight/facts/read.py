"""Order files in, facts out: postings, customers, categories, counts, notes, quarantine.

The way of a row: file (``files``) → cells (``delimited``, ``staging``) → fields
(``columns``) → habits of its column (``habits``) → typed line (``lines``) → copy, or order
and posting (``rollup``, ``returns``). A row that falls out goes to the quarantine with its
place and reason, so that rows read = used + merged + quarantined.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa

from huitouke.errors import HuitoukeError
from huitouke.insight.engine import Engine
from huitouke.insight.facts.files import open_sources
from huitouke.insight.facts.habits import learn
from huitouke.insight.facts.headings import ORDER_FIELDS
from huitouke.insight.facts.lines import type_lines
from huitouke.insight.facts.quarantine import REASONS, Quarantine
from huitouke.insight.facts.reading import Note, Reading, RowCounts
from huitouke.insight.facts.returns import tell_refunds
from huitouke.insight.facts.rollup import roll_up
from huitouke.insight.facts.said import aside_notes, column_notes, row_notes
from huitouke.insight.facts.staging import stage
from huitouke.insight.facts.totals import provides_of, totals_of
from huitouke.language import N_, Language, words

__all__ = [
    "Facts",
    "NoOrders",
    "NoRows",
    "NoUsableRows",
    "NobodyNamed",
    "Note",
    "Reading",
    "RowCounts",
    "read_orders",
]


class NoUsableRows(HuitoukeError):
    """Rows could not be read, and the others, if any, name no customer."""

    code = "facts.no_usable_rows"
    says = N_(
        "None of the {read} rows of {path} can be used: {quarantined} could not be read "
        "(the first: {example}) and {without_customer} name no customer."
    )
    remedy = N_("Check which columns were taken, and set them with --map field=column.")

    def text(self, language: Language) -> str:
        """Return the sentence with its example of a reason in the same language.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        reader = words(language)
        example = reader.say(self.values["example"])
        says = reader.say(self.says, **{**self.values, "example": example})
        return reader.gap.join([says, reader.say(self.remedy)])


class NoRows(HuitoukeError):
    """The files have headers and nothing below."""

    code = "facts.no_rows"
    says = N_("{path} has a header but no rows.")
    remedy = N_("Export the orders again and check that the file has rows.")


class NobodyNamed(HuitoukeError):
    """Every row can be read, but none names a customer."""

    code = "facts.nobody_named"
    says = N_("None of the {read} rows of {path} names a customer.")
    remedy = N_("Check which columns were taken, and set them with --map field=column.")


class NoOrders(HuitoukeError):
    """Every row that names a customer is a return."""

    code = "facts.no_orders"
    says = N_("{path} holds returns only: no row is an order of a named customer.")
    remedy = N_("Give the orders as well, and check the signs of the amounts.")


@dataclass(frozen=True)
class Facts:
    """Everything that the order files say.

    Parameters
    ----------
    postings
        ``tables.POSTINGS``, stored in the order of customer_no, ordered_on, order_no,
        recorded_on.
    customers
        ``tables.CUSTOMER_KEYS``.
    categories
        ``tables.CATEGORIES``, or None if no line has a category.
    rows
        What became of the rows.
    orders
        Orders of a customer that were kept; an order with returns is kept if its net amount
        is above 0.
    revenue_e4
        Net amount of all used rows, in ten-thousandths of the currency unit.
    revenue_without_customer_e4
        The part of it that names no customer.
    first_on, last_on
        First and last day of any used row.
    provides
        Optional fields really present: discount, category, recorded_at, store, channel,
        order_id, returns, quantity.
    currency
        The currency marked on the amounts, if it is one.
    notes
        What was decided, and on what evidence.
    quarantine
        ``tables.QUARANTINE``.
    """

    postings: ir.Table
    customers: ir.Table
    categories: ir.Table | None
    rows: RowCounts
    orders: int
    revenue_e4: int
    revenue_without_customer_e4: int
    first_on: dt.date
    last_on: dt.date
    provides: frozenset[str]
    currency: str | None
    notes: tuple[Note, ...]
    quarantine: pa.Table


def read_orders(
    paths: Sequence[Path],
    *,
    engine: Engine,
    reading: Reading,
    progress: Callable[[str], None] | None = None,
) -> Facts:
    r"""Read order files.

    Parameters
    ----------
    paths
        CSV, TSV, blank-separated text, these as .gz, Excel or Parquet; one or many.
    engine
        Where lines are added up; its working folder takes the staged copies.
    reading
        The options.
    progress
        Told in words what is being done.

    Returns
    -------
    Facts
        Tables on the engine, and counts that add up.

    Raises
    ------
    HuitoukeError
        If a file is not what it claims, columns are missing or not clear, the date order
        never shows, or no row can be used; each obstacle is a class of its own.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Engine() as engine:
    ...     orders = Path(folder) / "orders.csv"
    ...     text = "会员号,下单时间,实付\nA1,2024-03-05,¥12.50\nA1,2024-03-20,¥8\nA2,?,¥3\n"
    ...     _ = orders.write_text(text, encoding="gb18030")
    ...     facts = read_orders([orders], engine=engine, reading=Reading())
    ...     facts.rows.used, facts.rows.quarantined, facts.orders, facts.revenue_e4 / 10_000
    (2, 1, 2, 20.5)
    """
    with tempfile.TemporaryDirectory(dir=engine.folder) as folder:
        return _read(
            paths,
            Path(folder),
            engine=engine,
            reading=reading,
            tell=progress or (lambda _: None),
        )


def _read(
    paths: Sequence[Path],
    folder: Path,
    *,
    engine: Engine,
    reading: Reading,
    tell: Callable[[str], None],
) -> Facts:
    reader = words(reading.language)
    aside = Quarantine(reading.language)
    staged = []
    for source in open_sources(paths, folder=folder):
        tell(reader.say(N_("Reading {path}"), path=source.name))
        staged.append(
            stage(
                source,
                folder=folder,
                fields=ORDER_FIELDS,
                mapping=reading.mapping,
                quarantine=aside,
            )
        )
    habits = learn(staged, fields=ORDER_FIELDS, reading=reading)
    lines = type_lines(
        staged,
        habits=habits,
        reading=reading,
        folder=folder,
        aside=aside,
        progress=lambda name: tell(reader.say(N_("Checking {path}"), path=name)),
    )
    read = sum(file.rows_read for file in staged)
    table = engine.read_parquet([str(path) for path in lines.paths])
    if "is_void" in table.columns:
        table = engine.keep(tell_refunds(table))
    totals = totals_of(table, engine=engine)
    rows = RowCounts(read, lines.used, lines.merged, aside.rows, totals["without_customer"])
    if rows.used == rows.without_customer:
        raise _nothing(rows, aside, ", ".join(file.source.name for file in staged))
    tell(reader.say(N_("Adding lines up to orders")))
    rolled = roll_up(
        table,
        engine=engine,
        has_returns=bool(totals["returns"]),
        has_reversals=bool(totals["reversals"]),
    )
    if not rolled.placed:
        raise NoOrders(path=", ".join(file.source.name for file in staged))
    notes = [note for file in staged for note in (*file.notes, *column_notes(file))]
    notes += habits.notes
    notes += row_notes(rows, lines, rolled=rolled, totals=totals)
    notes += aside_notes(rows, aside.reasons())
    return Facts(
        postings=rolled.postings,
        customers=rolled.customers,
        categories=rolled.categories if lines.given["category"] else None,
        rows=rows,
        orders=rolled.orders,
        revenue_e4=totals["revenue_e4"],
        revenue_without_customer_e4=totals["revenue_without_customer_e4"],
        first_on=totals["first_on"],
        last_on=totals["last_on"],
        provides=provides_of(lines.given, totals=totals),
        currency=habits.currency,
        notes=tuple(notes),
        quarantine=aside.table(),
    )


def _nothing(rows: RowCounts, aside: Quarantine, path: str) -> HuitoukeError:
    if not rows.read:
        return NoRows(path=path)
    if not rows.quarantined:
        return NobodyNamed(path=path, read=rows.read)
    reasons = aside.table()["reason"]
    return NoUsableRows(
        path=path,
        read=rows.read,
        quarantined=rows.quarantined,
        without_customer=rows.without_customer,
        example=REASONS[reasons[0].as_py()],
    )
