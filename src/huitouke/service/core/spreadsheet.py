"""Rows for spreadsheet programs: no cell of ours is run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

__all__ = ["csv_lines", "harmless"]

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
#: Spreadsheet programs read UTF-8 only with this mark in front.
_MARK = "\ufeff"


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
    return f"'{text}" if text.lstrip(" ").startswith(_RUN) else text


def csv_lines(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a CSV line by line, while its rows are read.

    Parameters
    ----------
    head
        Names of the columns.
    rows
        Cells; numbers stay numbers, everything else is made harmless.

    Yields
    ------
    str
        A line with its end; the first begins with a byte-order mark.
    """
    yield _MARK + _line(head)
    for row in rows:
        yield _line(
            cell if isinstance(cell, int | float) else harmless(str(cell)) for cell in row
        )


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
