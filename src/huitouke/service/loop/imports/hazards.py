"""What a file may not be, looked at before anything reads it: bombs, macros, endless tables.

A few kilobytes can unfold to terabytes. So what a file says of its own size is added up
first; and as it may lie, whoever reads it afterwards is a process with bounds of its own.
"""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.errors import HuitoukeError
from huitouke.language import N_, Language, words

__all__ = ["FileHazard", "HasMacros", "HasNul", "TooManyColumns", "Unfolds", "look_over"]

_BLOCK = 1 << 20
_COLUMNS_MOST = 500
_CELLS_MOST = 100_000_000
_LINE_MOST = 4 << 20
#: How much a file may grow when it is unpacked, and how much every file may.
_GROWTH_MOST = 200
_UNPACKED_FREE = 64 << 20
_UNPACKED_MOST = 1 << 30
_PARTS_MOST = 10_000
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_MARKS_16 = (b"\xff\xfe", b"\xfe\xff")


class FileHazard(HuitoukeError):
    """A file that is not read, for the good of the shop."""


class Unfolds(FileHazard):
    """The file is small and would become enormous."""

    code = "imports.file_unfolds"
    says = N_("{path} would unfold to more than can be read here.")
    remedy = N_("Export it again as CSV, or split it.")


class HasMacros(FileHazard):
    """The workbook carries programs."""

    code = "imports.file_has_macros"
    says = N_("{path} contains macros. They are never run, and such files are not taken.")
    remedy = N_("Save it as .xlsx or CSV, without macros.")


class TooManyColumns(FileHazard):
    """The table is wider or larger than any export of a shop."""

    code = "imports.file_too_wide"
    says = N_("{path} has more than {most:,} {what}.")
    remedy = N_("Keep the columns that are needed, and split the rest.")
    columns = N_("columns")
    cells = N_("cells")
    letters = N_("letters in one line")

    def text(self, language: Language) -> str:
        """Return the sentence, what there is too much of in the same language.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        reader = words(language)
        values = {**self.values, "what": reader.say(self.values["what"])}
        return reader.gap.join([reader.say(self.says, **values), reader.say(self.remedy)])


class HasNul(FileHazard):
    """The text holds bytes that no text has."""

    code = "imports.file_has_nul"
    says = N_("{path} has a zero byte at position {position:,}; texts have none.")
    remedy = N_("It may be damaged, or another kind of file. Export it again as CSV (UTF-8).")


def look_over(file: Path, *, name: str) -> None:
    """Refuse a file that is a hazard; whether it is a table is for others to say.

    Parameters
    ----------
    file
        Where it lies.
    name
        What it is called.

    Raises
    ------
    FileHazard
        In words, by what it is.
    """
    with file.open("rb") as stream:
        head = stream.read(8)
        stream.seek(0)
        if head.startswith(b"PK"):
            _workbook(file, name)
        elif head.startswith(b"\xd0\xcf\x11\xe0"):
            _old_workbook(stream, name)
        elif head.startswith(b"PAR1"):
            _parquet(file, name)
        elif head.startswith(b"\x1f\x8b"):
            _packed(file, name)
        else:
            _text(_blocks(stream), name, wide=head.startswith(_MARKS_16))


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _workbook(file: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            told = sum(part.file_size for part in parts)
            if len(parts) > _PARTS_MOST or _grows(told, by=file.stat().st_size):
                raise Unfolds(path=name)
            if any("vbaproject" in part.filename.lower() for part in parts):
                raise HasMacros(path=name)
            for part in parts:
                if part.filename.startswith("xl/worksheets/"):
                    _sheet(archive, part, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError):
        return  # Damaged or locked: the reader says which.


def _grows(size: int, *, by: int) -> bool:
    return size > _UNPACKED_MOST or (size > _UNPACKED_FREE and size > _GROWTH_MOST * by)


def _sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Find the outermost cells: a sheet with two cells can span billions."""
    last_row = last_column = unpacked = 0
    kept = b""
    with archive.open(part) as stream:
        for block in _blocks(stream):
            unpacked += len(block)
            if unpacked > part.file_size:
                raise Unfolds(path=name)
            for found in _CELL.finditer(kept + block):
                last_row = max(last_row, int(found[2]))
                last_column = max(last_column, _number(found[1]))
            kept = block[-16:]
    if last_column > _COLUMNS_MOST:
        raise TooManyColumns(path=name, most=_COLUMNS_MOST, what=TooManyColumns.columns)
    if last_row * last_column > _CELLS_MOST:
        raise TooManyColumns(path=name, most=_CELLS_MOST, what=TooManyColumns.cells)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _old_workbook(stream: IO[bytes], name: str) -> None:
    kept = b""
    for block in _blocks(stream):
        if _VBA in kept + block:
            raise HasMacros(path=name)
        kept = block[-len(_VBA) :]


def _parquet(file: Path, name: str) -> None:
    try:
        with pq.ParquetFile(file) as table:
            told = table.metadata
            columns, rows = told.num_columns, told.num_rows
            size = sum(told.row_group(n).total_byte_size for n in range(told.num_row_groups))
    except (pa.ArrowException, OSError):
        return  # Damaged: the reader says so.
    if columns > _COLUMNS_MOST:
        raise TooManyColumns(path=name, most=_COLUMNS_MOST, what=TooManyColumns.columns)
    if rows * columns > _CELLS_MOST:
        raise TooManyColumns(path=name, most=_CELLS_MOST, what=TooManyColumns.cells)
    if _grows(size, by=file.stat().st_size):
        raise Unfolds(path=name)


def _packed(file: Path, name: str) -> None:
    packed = file.stat().st_size

    def bounded() -> Iterator[bytes]:
        size = 0
        with gzip.open(file) as stream:
            for block in _blocks(stream):  # type: ignore[arg-type]
                size += len(block)
                if _grows(size, by=packed):
                    raise Unfolds(path=name)
                yield block

    try:
        _text(bounded(), name, wide=False)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return  # Damaged: the reader says so.


def _text(blocks: Iterator[bytes], name: str, *, wide: bool) -> None:
    """Refuse zero bytes, which the database cannot keep, and lines that never end."""
    position = line = 0
    most = _LINE_MOST * (2 if wide else 1)
    for block in blocks:
        if not wide and position == 0 and b"\0" in block[:4096]:
            wide = True  # UTF-16 without a mark, or binary: the reader says which.
        if not wide and (at := block.find(b"\0")) >= 0:
            raise HasNul(path=name, position=position + at + 1)
        pieces = block.split(b"\n")
        line = max(line + len(pieces[0]), *(len(each) for each in pieces[1:]), 0)
        if line > most:
            raise TooManyColumns(path=name, most=_LINE_MOST, what=TooManyColumns.letters)
        if len(pieces) > 1:
            line = len(pieces[-1])
        position += len(block)
