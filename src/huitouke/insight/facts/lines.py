"""Cells to typed lines: every row of every file becomes a line, a copy, or is put aside.

The lines are written as Parquet, a file per source and some hundred thousand rows at a time,
so that no file has to fit in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huitouke.insight.facts.amounts import Scaled, read_amounts, times
from huitouke.insight.facts.copies import Copies, fingerprints, salts
from huitouke.insight.facts.habits import Habits
from huitouke.insight.facts.headings import normalised
from huitouke.insight.facts.labels import as_text, read_labels
from huitouke.insight.facts.moments import (
    CONTRADICTS,
    MISSING,
    OK,
    OUT_OF_RANGE,
    UNREADABLE,
    Moments,
    read_moments,
)
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.reading import Reading
from huitouke.insight.facts.staging import Chunk, Staged

__all__ = ["DATE_REASONS", "VOID_WORDS", "Lines", "put_aside", "type_lines"]

#: Words of a status that say that the order never came to be or was undone, normalised.
VOID_WORDS = frozenset(
    normalised(word)
    for word in (
        "cancelled canceled cancel refunded refund returned return void voided chargeback "
        "reversed failed declined expired unpaid abandoned 已取消 取消 已退款 退款 退款成功 "
        "全额退款 已退货 退货 退货退款 已退货退款 交易关闭 交易取消 已关闭 订单关闭 订单取消 "
        "关闭 作废 已作废 待付款 未付款 等待买家付款 支付失败 撤销 已撤销 冲正 退單 已取消訂單 "
        "退貨 已退貨 交易關閉 作廢"
    ).split()
)
_LABELS = ("product", "category", "store", "channel")
DATE_REASONS = {
    MISSING: "date_missing",
    UNREADABLE: "date_unreadable",
    CONTRADICTS: "date_contradicts_order",
    OUT_OF_RANGE: "date_out_of_range",
}
_SUM_REASONS = {
    MISSING: "amount_missing",
    UNREADABLE: "amount_unreadable",
    OUT_OF_RANGE: "amount_out_of_range",
}

Mask = npt.NDArray[np.bool_]


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
        For each optional field, lines that have it.
    unreadable
        For each (file, column) of an optional field, values that cannot be read.
    """

    paths: list[Path]
    schema: pa.Schema
    used: int = 0
    merged: int = 0
    kept_copies: int = 0
    given: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Part:
    """One chunk of one file, with how it is to be read."""

    staged: Staged
    number: int
    chunk: Chunk
    habits: Habits
    reading: Reading
    lines: Lines

    def column(self, name: str) -> pa.Array | None:
        place = self.staged.columns.place(name)
        return None if place is None else self.chunk.cells[place]

    def header(self, place: int) -> str:
        return self.staged.columns.headers[place]

    def moments(self, name: str) -> Moments | None:
        place = self.staged.columns.place(name)
        if place is None:
            return None
        return read_moments(
            self.chunk.cells[place],
            order=self.habits.order[self.number, place],
            timezone=self.reading.timezone,
        )

    def sums(self, name: str, *, places: int = 4) -> Scaled | None:
        """Read a column of numbers; several columns of one field add up."""
        found = self.staged.columns.places.get(name)
        if not found:
            return None
        parts = [
            read_amounts(
                self.chunk.cells[place],
                places=places,
                decimal=self.habits.decimal[self.number, place],
            )
            for place in found
        ]
        for place, part in zip(found, parts, strict=True):
            lost = int(np.isin(part.state, (UNREADABLE, OUT_OF_RANGE)).sum())
            if lost and name in {"discount", "list_amount", "list_price", "quantity"}:
                self.lines.unreadable[self.staged.source.name, self.header(place)] += lost
        if len(parts) == 1:
            return parts[0]
        some = np.any([part.state == OK for part in parts], axis=0)
        total = sum(np.where(part.state == OK, np.abs(part.units), 0) for part in parts)
        return Scaled(np.asarray(total), np.where(some, OK, MISSING).astype(np.uint8))


def put_aside(
    aside: Quarantine,
    staged: Staged,
    chunk: Chunk,
    *,
    place: int,
    state: npt.NDArray[np.uint8],
    reasons: dict[int, str],
    bad: Mask,
) -> None:
    """Put rows aside by the state of one column, those already put aside excepted.

    Parameters
    ----------
    aside
        Takes the rows.
    staged, chunk
        Where the rows are from.
    place
        The column.
    state
        One state per row.
    reasons
        The reason of each bad state.
    bad
        Rows put aside so far; changed in place.
    """
    for code, reason in reasons.items():
        rows = np.flatnonzero((state == code) & ~bad)
        if len(rows):
            values = as_text(chunk.cells[place].take(pa.array(rows))).to_pylist()
            aside.add(
                staged.source.name,
                chunk.lines[rows],
                column=staged.columns.headers[place],
                values=values,
                reason=reason,
            )
            bad[rows] = True


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
    cancelling = _cancelling(staged, habits)
    lines = Lines([], _schema(staged))
    copies = Copies()
    for number, file in enumerate(staged):
        progress(file.source.name)
        path = folder / f"lines_{number}.parquet"
        salt = salts(file.columns.headers)
        with pq.ParquetWriter(path, lines.schema, compression="snappy") as writer:
            for chunk in file.chunks():
                part = _Part(file, number, chunk, habits, reading, lines)
                table, good, telling = _typed(part, aside, cancelling)
                writer.write_batch(table)
                prints = fingerprints(chunk.cells, salt=salt)
                if not good.all():
                    prints, telling = prints[:, good], telling[good]
                copies.add(prints, telling=telling)
                lines.used += table.num_rows
        lines.paths.append(path)
    dropped = copies.find()
    lines.kept_copies = copies.kept
    if len(dropped):
        lines.merged = len(dropped)
        lines.used -= len(dropped)
        lines.paths = _without(lines, dropped)
    _count_given(lines)
    return lines


def _cancelling(staged: Sequence[Staged], habits: Habits) -> bool:
    pooled = None
    for number, file in enumerate(staged):
        seen = habits.ids.get((number, file.columns.places.get("order_id", (-1,))[0]))
        if seen is not None:
            pooled = seen if pooled is None else pooled.plus(seen)
    return pooled is not None and pooled.marks_cancellations


def _schema(staged: Sequence[Staged]) -> pa.Schema:
    """Return the columns that some file gives; ids are whole numbers if all files say so."""
    given = {name for file in staged for name in file.columns.places}
    columns = [
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("line_number", pa.int64()),
        ("customer_id", _id_type(staged, "customer_id")),
    ]
    if "order_id" in given:
        columns.append(("order_id", _id_type(staged, "order_id")))
    columns.append(("ordered_at", pa.timestamp("us")))
    if "recorded_at" in given:
        columns.append(("recorded_at", pa.timestamp("us")))
    columns.append(("amount_e4", pa.int64()))
    if given & {"list_amount", "list_price"}:
        columns.append(("list_e4", pa.int64()))
    if "discount" in given:
        columns.append(("discount_e4", pa.int64()))
    if "quantity" in given:
        columns.append(("quantity", pa.float64()))
    columns.append(("is_return", pa.bool_()))
    columns += [(name, pa.string()) for name in _LABELS if name in given]
    if "refund" in given or "status" in given:
        columns += [("reversal_e4", pa.int64()), ("is_void", pa.bool_())]
    return pa.schema(columns)


def _id_type(staged: Sequence[Staged], name: str) -> pa.DataType:
    kinds = [
        file.kinds()[place] for file in staged for place in file.columns.places.get(name, ())
    ]
    whole = kinds and all(
        pa.types.is_integer(kind) and not pa.types.is_uint64(kind) for kind in kinds
    )
    return pa.int64() if whole else pa.string()


def _typed(
    part: _Part, aside: Quarantine, cancelling: bool
) -> tuple[pa.RecordBatch, Mask, Mask]:
    """Return the usable rows, which they are, and for every row whether copies are told."""
    rows = len(part.chunk.lines)
    bad = np.zeros(rows, dtype=bool)
    columns = part.staged.columns
    when = part.moments("ordered_at")
    assert when is not None  # noqa: S101 - find_columns requires the column
    quantity = part.sums("quantity")
    amount, blamed = _amount(part, quantity)
    refund = part.sums("refund")
    check = [(columns.places["ordered_at"][0], when.state, DATE_REASONS)]
    check += [(place, state, _SUM_REASONS) for place, state in blamed]
    if refund is not None:
        lost = {code: _SUM_REASONS[code] for code in (UNREADABLE, OUT_OF_RANGE)}
        check.append((columns.places["refund"][0], refund.state, lost))
    for place, state, reasons in check:
        put_aside(
            aside, part.staged, part.chunk, place=place, state=state, reasons=reasons, bad=bad
        )
    labels = _labels(part)
    order_id = labels.get("order_id")
    returned = _returned(amount, quantity, order_id if cancelling else None)
    values = labels | _figures(part, amount, quantity, refund, returned)
    values["ordered_at"] = pa.array(when.micros).cast(pa.timestamp("us"))
    recorded = part.moments("recorded_at")
    if recorded is not None:
        missing = recorded.state != OK
        values["recorded_at"] = pa.array(recorded.micros, mask=missing).cast(pa.timestamp("us"))
        lost_days = int((missing & (recorded.state != MISSING)).sum())
        if lost_days:
            header = part.header(columns.places["recorded_at"][0])
            part.lines.unreadable[part.staged.source.name, header] += lost_days
    telling = when.clock
    if order_id is not None:
        telling = telling | order_id.is_valid().to_numpy(zero_copy_only=False)
    values["line_number"] = pa.array(part.chunk.lines)
    values["source"] = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, dtype=np.int32)), pa.array([part.staged.source.name])
    )
    schema = part.lines.schema
    batch = pa.record_batch(
        [_as(values.get(name), schema.field(name).type, rows) for name in schema.names],
        schema=schema,
    )
    return (batch.filter(pa.array(~bad)) if bad.any() else batch), ~bad, telling


def _as(values: pa.Array | None, kind: pa.DataType, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, kind)
    return values if values.type == kind else values.cast(kind)


def _amount(
    part: _Part, quantity: Scaled | None
) -> tuple[Scaled, list[tuple[int, npt.NDArray[np.uint8]]]]:
    """Return the amounts, and the columns to blame for those that are not there."""
    places = part.staged.columns.places
    amount = part.sums("amount")
    if amount is not None:
        return amount, [(places["amount"][0], amount.state)]
    price = part.sums("unit_price", places=8)
    assert price is not None  # noqa: S101 - find_columns requires both columns
    assert quantity is not None  # noqa: S101
    product = times(price, quantity=quantity)
    return product, [
        (places["unit_price"][0], price.state),
        (places["quantity"][0], quantity.state),
        (places["unit_price"][0], product.state),
    ]


def _labels(part: _Part) -> dict[str, pa.Array]:
    found = {}
    for name in ("customer_id", "order_id", *_LABELS):
        column = part.column(name)
        if column is not None:
            place = part.staged.columns.places[name][0]
            seen = part.habits.ids.get((part.number, place))
            found[name] = read_labels(
                column, drop_point_zero=seen is not None and seen.drops_point_zero
            )
    return found


def _returned(amount: Scaled, quantity: Scaled | None, order_id: pa.Array | None) -> Mask:
    returned = amount.units < 0
    if quantity is not None:
        returned = returned | ((quantity.state == OK) & (quantity.units < 0))
    if order_id is not None:
        marked = pc.fill_null(pc.match_substring_regex(order_id, "^[Cc][0-9]+$"), False)
        returned = returned | marked.to_numpy(zero_copy_only=False)
    mask: Mask = returned
    return mask


def _figures(
    part: _Part,
    amount: Scaled,
    quantity: Scaled | None,
    refund: Scaled | None,
    returned: Mask,
) -> dict[str, pa.Array]:
    net = np.where(returned, -np.abs(amount.units), amount.units)
    values = {"amount_e4": pa.array(net), "is_return": pa.array(returned)}
    if quantity is not None:
        values["quantity"] = pa.array(quantity.units / 1e4, mask=quantity.state != OK)
    before = part.sums("list_amount")
    if before is None:
        tag = part.sums("list_price", places=8)
        if tag is not None:
            one = Scaled(np.full(len(net), 10_000), np.zeros(len(net), dtype=np.uint8))
            before = times(tag, quantity=quantity or one)
    if before is not None:
        values["list_e4"] = pa.array(np.abs(before.units), mask=before.state != OK)
    off = part.sums("discount")
    if off is not None:
        values["discount_e4"] = pa.array(np.abs(off.units), mask=off.state != OK)
    status = part.column("status")
    if "reversal_e4" in part.lines.schema.names:
        back = np.zeros(len(net), dtype=np.int64)
        if refund is not None:
            back = np.where((refund.state == OK) & ~returned, np.abs(refund.units), 0)
        void = _void(status) & ~returned & (back == 0) if status is not None else back < 0
        values["reversal_e4"] = pa.array(np.where(void, net, back))
        values["is_void"] = pa.array(void)
    return values


def _void(status: pa.Array) -> Mask:
    coded = as_text(status).dictionary_encode()
    words = [normalised(word or "") in VOID_WORDS for word in coded.dictionary.to_pylist()]
    rows = pc.fill_null(coded.indices, len(words)).to_numpy(zero_copy_only=False)
    found: Mask = np.array([*words, False])[rows]
    return found


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
            for batch in file.iter_batches(batch_size=1 << 18):
                first, last = np.searchsorted(dropped, (start, start + batch.num_rows))
                keep = np.ones(batch.num_rows, dtype=bool)
                keep[dropped[first:last] - start] = False
                start += batch.num_rows
                writer.write_batch(batch.filter(pa.array(keep)).cast(lines.schema))
        path.unlink()
        paths.append(target)
    return paths


def _count_given(lines: Lines) -> None:
    """Count lines with each optional field from the files' own statistics."""
    for path in lines.paths:
        with pq.ParquetFile(path) as file:
            for group in range(file.metadata.num_row_groups):
                part = file.metadata.row_group(group)
                for index, name in enumerate(lines.schema.names):
                    statistics = part.column(index).statistics
                    nulls = statistics.null_count if statistics else 0
                    lines.given[name] += part.num_rows - nulls
