"""Lists as files: rows leave as they are read, and no cell is a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from huitouke.service.ui.reader import Reader, reading

__all__ = ["Cell", "harmless", "sent"]

Cell = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
# Spreadsheet programs read UTF-8 only with this mark in front.
_MARK = "\ufeff"
_WIDTH = 16


def harmless(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula.

    Parameters
    ----------
    text
        Of a cell.

    Examples
    --------
    >>> harmless("=1+1"), harmless(" @x"), harmless("林晓雨")
    ("'=1+1", "' @x", '林晓雨')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def sent(
    rows: Iterable[Sequence[Cell]],
    *,
    heads: Sequence[str],
    name: str,
    kind: str,
    reader: Reader,
) -> HttpResponse:
    """Return a file of rows, as CSV or as an Excel workbook.

    Parameters
    ----------
    rows
        Cells in the order of their heads; read while the file leaves.
    heads
        Names of the columns.
    name
        Of the file, without its ending.
    kind
        ``csv`` or ``xlsx``.
    reader
        For whom the cells are written.
    """
    # What refuses the first row still is a page; past it, it could only break the file off.
    begun = iter(rows)
    rows = chain(list(islice(begun, 1)), begun)
    answer: Any
    if kind == "xlsx":
        answer = FileResponse(_workbook(rows, heads=heads, reader=reader))
        answer["Content-Type"] = (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    else:
        lines = _lines(rows, heads=heads, reader=reader)
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["Cache-Control"] = "private, no-store"
    found: HttpResponse = answer
    return found


class _Echo:
    """What a CSV writer writes to; it hands the line on."""

    def write(self, line: str) -> str:
        return line


def _lines(
    rows: Iterable[Sequence[Cell]], *, heads: Sequence[str], reader: Reader
) -> Iterator[str]:
    out = csv.writer(_Echo())
    with reading(reader):
        yield _MARK + str(out.writerow(heads))
        for row in rows:
            cells = [harmless(each) if isinstance(each, str) else each for each in row]
            yield str(out.writerow(["" if each is None else each for each in cells]))


def _workbook(
    rows: Iterable[Sequence[Cell]], *, heads: Sequence[str], reader: Reader
) -> IO[bytes]:
    """Write a workbook row by row to a file that goes when it is closed."""
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    with reading(reader):
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write_number(number, place, cell)
    sheet.set_column(0, len(heads) - 1, _WIDTH)
    sheet.freeze_panes(1, 0)
    book.close()
    file.seek(0)
    return file
