"""Every source as Parquet: text and workbooks cell by cell as text, Parquet as it stands.

A staged file keeps every column of its source, because two rows are copies of each other
only if all their fields are equal. Line numbers are those of the source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from huitouke.insight.facts.columns import HEADER_ROWS, Columns, find_columns
from huitouke.insight.facts.delimited import LONGEST_CELL, Record, records, sniff
from huitouke.insight.facts.files import FileEmpty, NotATable, Source
from huitouke.insight.facts.headings import FieldSet
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.reading import Note
from huitouke.language import N_

__all__ = ["Chunk", "Staged", "stage"]

_ROWS = 1 << 18
_TEXT_ROWS = 1 << 15
_LINE = "__line"
_SNIFF_LINES = 60


@dataclass(frozen=True)
class Chunk:
    """Some rows of a staged file.

    Parameters
    ----------
    lines
        Line numbers in the source.
    cells
        One Arrow array per column of the source.
    """

    lines: npt.NDArray[np.int64]
    cells: list[pa.Array]


@dataclass(frozen=True)
class Staged:
    """One source, ready to be read column by column.

    Parameters
    ----------
    source
        Where it came from.
    path
        The Parquet file.
    columns
        Which column is which field.
    rows_read
        Rows found, those put aside while staging included.
    notes
        What was decided.
    """

    source: Source
    path: Path
    columns: Columns
    rows_read: int
    notes: tuple[Note, ...]

    @property
    def _own_lines(self) -> int:
        """How many leading columns of the staged file are ours, not the source's."""
        return 0 if self.source.kind == "parquet" else 1

    def kinds(self) -> list[pa.DataType]:
        """Return the Arrow type of each column of the source."""
        with pq.ParquetFile(self.path) as file:
            return list(file.schema_arrow.types)[self._own_lines :]

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows with all their columns, some hundred thousand at a time."""
        start = 1
        for batch in self._batches(None):
            if self._own_lines:
                lines = batch.column(0).to_numpy()
            else:
                lines = np.arange(start, start + batch.num_rows, dtype=np.int64)
            start += batch.num_rows
            yield Chunk(lines, list(batch.columns[self._own_lines :]))

    def some_columns(self, places: Sequence[int]) -> Iterator[dict[int, pa.Array]]:
        """Yield some columns by their place, chunk by chunk.

        Parameters
        ----------
        places
            Indexes of columns of the source.
        """
        if not places:
            return
        with pq.ParquetFile(self.path) as file:
            every = file.schema_arrow.names
        names = [every[place + self._own_lines] for place in places]
        by_name = len(set(every)) == len(every) and not any("." in name for name in names)
        for batch in self._batches(names if by_name else None):
            if by_name:
                yield {place: batch.column(n) for n, place in enumerate(places)}
            else:
                yield {place: batch.column(place + self._own_lines) for place in places}

    def _batches(self, names: list[str] | None) -> Iterator[pa.RecordBatch]:
        try:
            with pq.ParquetFile(self.path) as file:
                yield from file.iter_batches(batch_size=_ROWS, columns=names)
        except (pa.ArrowException, OSError) as error:
            raise NotATable(path=self.source.name, reason=NotATable.parquet) from error


def stage(
    source: Source,
    *,
    folder: Path,
    fields: FieldSet,
    mapping: Mapping[str, str],
    quarantine: Quarantine,
) -> Staged:
    """Bring one source into the form that all are read from.

    Parameters
    ----------
    source
        A file that has been looked into.
    folder
        Where the staged copy goes.
    fields
        The fields that are looked for.
    mapping
        Field to header or position.
    quarantine
        Takes rows whose cells cannot be told apart.

    Returns
    -------
    Staged
        The source as Parquet, with its columns known.

    Raises
    ------
    NotATable
        If the file is damaged.
    FileEmpty
        If a workbook has no cells.
    ColumnsMissing
        If the columns that are needed are not there; the other errors of ``columns`` too.
    """
    if source.kind == "parquet":
        return _parquet(source, fields, mapping)
    target = folder / f"staged_{fields.name}_{len(list(folder.iterdir()))}.parquet"
    notes: list[Note] = []
    writer = _Writer(source, target, fields, mapping, quarantine, notes)
    if source.kind == "workbook":
        return writer.write(_workbook(source, fields, mapping=mapping, notes=notes))
    with source.path.open(encoding=source.encoding, newline="") as stream:
        first = list(islice(stream, _SNIFF_LINES))
        delimiter = sniff(first)
        notes.append(
            Note(
                "facts.text_read",
                N_("{path}: {encoding}, separated by “{delimiter}”."),
                {
                    "path": source.name,
                    "encoding": source.encoding.upper().replace("-SIG", ""),
                    "delimiter": {"\t": "\\t"}.get(delimiter, delimiter),
                },
            )
        )
        width = _modal_width(first, delimiter)
        rows = records(chain(first, stream), delimiter=delimiter, width=width)
        return writer.write(rows)


def _modal_width(first: list[str], delimiter: str) -> int:
    widths = [len(record.cells) for record in records(first, delimiter=delimiter)]
    return max(set(widths), key=lambda width: (widths.count(width), width), default=1)


@dataclass(frozen=True)
class _Writer:
    """Writes the records of one source as Parquet."""

    source: Source
    target: Path
    fields: FieldSet
    mapping: Mapping[str, str]
    quarantine: Quarantine
    notes: list[Note]

    def write(self, rows: Iterator[Record]) -> Staged:
        head = list(islice(rows, HEADER_ROWS))
        columns = find_columns(
            [record.cells for record in head],
            fields=self.fields,
            mapping=self.mapping,
            path=self.source.name,
        )
        if columns.header_row > 0:
            line = head[columns.header_row].line
            says = N_("{path}: header on line {line}; the lines above are skipped.")
            where = {"path": self.source.name, "line": line}
            self.notes.append(Note("facts.header_row", says, where))
        body = chain(head[columns.header_row + 1 :], rows)
        width = len(columns.headers)
        names = [f"c{index}" for index in range(width)]
        schema = pa.schema([(_LINE, pa.int64()), *((name, pa.string()) for name in names)])
        rows_read = 0
        with pq.ParquetWriter(self.target, schema, compression="lz4") as writer:
            while some := list(islice(body, _TEXT_ROWS)):
                rows_read += len(some)
                lines, cells = self._even(some, width)
                arrays = [pa.array(lines, pa.int64())]
                arrays += [
                    pa.array([row[index] for row in cells], pa.string())
                    for index in range(width)
                ]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
        return Staged(self.source, self.target, columns, rows_read, tuple(self.notes))

    def _even(self, some: list[Record], width: int) -> tuple[list[int], list[list[str]]]:
        """Give every row the same width; put aside those that cannot have it."""
        lines: list[int] = []
        cells: list[list[str]] = []
        for line, given, unclosed in some:
            row = given
            if unclosed:
                reason = "cell_too_long" if len(row[0]) > LONGEST_CELL else "quote_unclosed"
                self._put_aside(line, column="", value=row[0], reason=reason)
                continue
            if len(row) != width:
                if any(cell.strip() for cell in row[width:]):
                    rest = " ".join(row[width:])
                    column = f"({width + 1})"
                    self._put_aside(line, column=column, value=rest, reason="cells_extra")
                    continue
                row = [*row[:width], *[""] * (width - len(row))]
            lines.append(line)
            cells.append(row)
        return lines, cells

    def _put_aside(self, line: int, *, column: str, value: str, reason: str) -> None:
        self.quarantine.add(
            self.source.name, [line], column=column, values=[value], reason=reason
        )


def _parquet(source: Source, fields: FieldSet, mapping: Mapping[str, str]) -> Staged:
    try:
        with pq.ParquetFile(source.path) as file:
            names = [str(name) for name in file.schema_arrow.names]
            rows_read = file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise NotATable(path=source.name, reason=NotATable.parquet) from error
    columns = find_columns([names], fields=fields, mapping=mapping, path=source.name)
    return Staged(source, source.path, columns, rows_read, ())


def _workbook(
    source: Source, fields: FieldSet, *, mapping: Mapping[str, str], notes: list[Note]
) -> Iterator[Record]:
    try:
        with source.path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
            sheets = [
                (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in book.sheet_names
            ]
    except (CalamineError, PasswordError, OSError, ValueError) as error:
        raise NotATable(path=source.name, reason=NotATable.workbook) from error
    filled = [(name, rows) for name, rows in sheets if any(any(map(_text, r)) for r in rows)]
    if not filled:
        raise FileEmpty(path=source.name)
    name, rows = max(filled, key=lambda sheet: _likeness(sheet[1], fields, mapping))
    if len(filled) > 1:
        notes.append(
            Note(
                "facts.sheet",
                N_("{path}: sheet {sheet} is read, {others} others are not."),
                {"path": source.name, "sheet": name, "others": len(filled) - 1},
            )
        )
    return _sheet_records(rows)


def _likeness(rows: list[list[Any]], fields: FieldSet, mapping: Mapping[str, str]) -> int:
    wanted = set(mapping.values())
    head = [row for row in rows if any(map(_text, row))][:HEADER_ROWS]
    return max(
        len({field for cell in row for field in fields.claims(_text(cell))})
        + len(wanted & {_text(cell) for cell in row})
        for row in head
    )


def _sheet_records(rows: Iterable[list[Any]]) -> Iterator[Record]:
    for number, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            yield Record(number, cells)


def _text(cell: Any) -> str:
    """Return a workbook's cell as text that reads one way only.

    A number with exactly three decimals gets a fourth, since 1.234 could also be a thousand.
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        if not np.isfinite(cell):
            return ""
        if cell.is_integer() and abs(cell) < 1e17:
            return str(int(cell))
        text = np.format_float_positional(cell, trim="-")
        return text + "0" if len(text.partition(".")[2]) == 3 else text
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell.isoformat()
    return str(cell).strip()
