"""Cells to typed lines: every row of every file becomes a line, a copy, or is put aside.

The lines are written as Parquet, a file per source and some hundred thousand rows at a time,
so that no file has to fit in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.insight.facts.cells import DATE_REASONS, Check, Mask, Part, put_aside
from huitouke.insight.facts.continuations import Heads, continued, read_heads
from huitouke.insight.facts.copies import Copies, fingerprints, salts
from huitouke.insight.facts.figures import amounts, figures, returned
from huitouke.insight.facts.habits import Habits
from huitouke.insight.facts.labels import IdEvidence
from huitouke.insight.facts.moments import OK
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.reading import Reading
from huitouke.insight.facts.staging import Staged

__all__ = ["Lines", "type_lines"]

_LABELS = ("product", "category", "store", "channel")
_ROWS = 1 << 18
_MICROS = pa.timestamp("us")


@dataclass
class Lines:
    """The typed lines of all files.

    Parameters
    ----------
    paths
        Parquet files with the columns of ``schema``.
    schema
        Columns of ``tables.LINES`` that some file gives, ids of whole numbers as ``int64``,
        and, where files speak of refunds or status, ``reversal_e4`` (the part of a line's
        amount that was undone) and ``is_void``.
    used, merged, kept_copies
        Lines, copies dropped, equal lines kept.
    given
        For each column, lines that have it.
    unreadable
        For each (file, column, field) that is optional, values that cannot be read.
    continued
        For each file, lines that took customer and time from the first line of their order.
    """

    paths: list[Path]
    schema: pa.Schema
    used: int = 0
    merged: int = 0
    kept_copies: int = 0
    given: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    continued: Counter[str] = field(default_factory=Counter)


def type_lines(
    staged: Sequence[Staged],
    *,
    habits: Habits,
    reading: Reading,
    folder: Path,
    aside: Quarantine,
    progress: Callable[[str], None],
) -> Lines:
    """Type every row of every file.

    Parameters
    ----------
    staged
        The files.
    habits
        How their columns are read.
    reading
        The options.
    folder
        Where the lines are written.
    aside
        Takes the rows that cannot be used.
    progress
        Told each file's name when its turn comes.

    Returns
    -------
    Lines
        The lines, copies dropped.
    """
    cancelling = _marks_cancellations(staged, habits)
    lines = Lines([], _schema(staged))
    copies = Copies()
    for number, file in enumerate(staged):
        progress(file.source.name)
        path = folder / f"lines_{number}.parquet"
        salt = salts(file.columns.headers)
        heads = read_heads(file, number=number, habits=habits, timezone=reading.timezone)
        with pq.ParquetWriter(path, lines.schema, compression="snappy") as writer:
            for chunk in file.chunks():
                part = Part(file, number, chunk, habits, reading.timezone, lines.unreadable)
                batch, bad, telling = _typed(
                    part, lines, aside=aside, cancelling=cancelling, heads=heads
                )
                writer.write_batch(batch)
                prints = fingerprints(chunk.cells, salt=salt)
                if bad.any():
                    prints, telling = prints[:, ~bad], telling[~bad]
                copies.add(prints, telling=telling)
                lines.used += batch.num_rows
        lines.paths.append(path)
    dropped = copies.find()
    lines.kept_copies = copies.kept
    if len(dropped):
        lines.merged = len(dropped)
        lines.used -= len(dropped)
        lines.paths = _without(lines, dropped)
    _count_given(lines)
    return lines


def _marks_cancellations(staged: Sequence[Staged], habits: Habits) -> bool:
    pooled = IdEvidence()
    for number, file in enumerate(staged):
        for place in file.columns.places.get("order_id", ()):
            pooled = pooled.plus(habits.ids[number, place])
    return pooled.marks_cancellations


def _schema(staged: Sequence[Staged]) -> pa.Schema:
    """Return the columns that some file gives; ids are whole numbers if all files say so."""
    given = {name for file in staged for name in file.columns.places}
    wanted: dict[str, tuple[set[str], pa.DataType]] = {
        "source": (given, pa.dictionary(pa.int32(), pa.string())),
        "line_number": (given, pa.int64()),
        "customer_id": (given, _id_type(staged, "customer_id")),
        "order_id": ({"order_id"}, _id_type(staged, "order_id")),
        "ordered_at": (given, _MICROS),
        "recorded_at": ({"recorded_at"}, _MICROS),
        "amount_e4": (given, pa.int64()),
        "list_e4": ({"list_amount", "list_price"}, pa.int64()),
        "discount_e4": ({"discount"}, pa.int64()),
        "quantity": ({"quantity"}, pa.float64()),
        "is_return": (given, pa.bool_()),
        **{name: ({name}, pa.string()) for name in _LABELS},
        "reversal_e4": ({"refund", "status"}, pa.int64()),
        "is_void": ({"refund", "status"}, pa.bool_()),
    }
    return pa.schema([(name, kind) for name, (by, kind) in wanted.items() if given & by])


def _id_type(staged: Sequence[Staged], name: str) -> pa.DataType:
    kinds = [
        file.kinds()[place] for file in staged for place in file.columns.places.get(name, ())
    ]
    whole = kinds and all(
        pa.types.is_integer(kind) and not pa.types.is_uint64(kind) for kind in kinds
    )
    return pa.int64() if whole else pa.string()


def _typed(
    part: Part, lines: Lines, *, aside: Quarantine, cancelling: bool, heads: Heads | None
) -> tuple[pa.RecordBatch, Mask, Mask]:
    """Return the usable rows, which are not, and for every row whether it tells copies."""
    when = part.moments("ordered_at")
    assert when is not None  # noqa: S101 - find_columns requires the column
    amount, quantity, refund, checks = amounts(part)
    values = {name: part.labels(name) for name in ("customer_id", "order_id", *_LABELS)}
    order_id = values["order_id"]
    if heads is not None:
        assert order_id is not None  # noqa: S101 - heads are found by it
        whole = continued(
            heads,
            order_id=order_id,
            amount=amount,
            when=when,
            customer_id=values["customer_id"],
        )
        amount, when, values["customer_id"] = whole.amount, whole.when, whole.customer_id
        checks = [replace(check, state=amount.state) for check in checks]
        lines.continued[part.staged.source.name] += whole.rows
    placed = Check(part.staged.columns.places["ordered_at"][0], when.state, DATE_REASONS)
    bad = put_aside(part, checks=[placed, *checks], aside=aside)
    back = returned(amount, quantity=quantity, order_id=order_id if cancelling else None)
    values |= figures(part, amount=amount, quantity=quantity, refund=refund, back=back)
    values["ordered_at"] = pa.array(when.micros).cast(_MICROS)
    values["recorded_at"] = _recorded(part)
    values["line_number"] = pa.array(part.chunk.lines)
    values["source"] = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(part.rows, dtype=np.int32)), pa.array([part.staged.source.name])
    )
    telling = when.clock
    if order_id is not None:
        telling = telling | order_id.is_valid().to_numpy(zero_copy_only=False)
    columns = [_as(values.get(field.name), field.type, part.rows) for field in lines.schema]
    batch = pa.record_batch(columns, schema=lines.schema)
    return (batch.filter(pa.array(~bad)) if bad.any() else batch), bad, telling


def _recorded(part: Part) -> pa.Array | None:
    place = part.place("recorded_at")
    recorded = part.moments("recorded_at")
    if recorded is None or place is None:
        return None
    part.count_unreadable("recorded_at", place=place, state=recorded.state)
    return pa.array(recorded.micros, mask=recorded.state != OK).cast(_MICROS)


def _as(values: pa.Array | None, kind: pa.DataType, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, kind)
    return values if values.type == kind else values.cast(kind)


def _without(lines: Lines, dropped: npt.NDArray[np.int64]) -> list[Path]:
    """Write the lines again without the copies, given by position over all files."""
    paths = []
    start = 0
    for path in lines.paths:
        target = path.with_name(path.stem + "_once.parquet")
        with (
            pq.ParquetFile(path) as file,
            pq.ParquetWriter(target, lines.schema, compression="snappy") as writer,
        ):
            for batch in file.iter_batches(batch_size=_ROWS):
                first, last = np.searchsorted(dropped, (start, start + batch.num_rows))
                keep = np.ones(batch.num_rows, dtype=bool)
                keep[dropped[first:last] - start] = False
                start += batch.num_rows
                writer.write_batch(batch.filter(pa.array(keep)).cast(lines.schema))
        path.unlink()
        paths.append(target)
    return paths


def _count_given(lines: Lines) -> None:
    """Count the lines with each column from the files' own statistics."""
    for path in lines.paths:
        with pq.ParquetFile(path) as file:
            for number in range(file.metadata.num_row_groups):
                group = file.metadata.row_group(number)
                for index, name in enumerate(lines.schema.names):
                    statistics = group.column(index).statistics
                    nulls = statistics.null_count if statistics else 0
                    lines.given[name] += group.num_rows - nulls
