"""Tables as files for spreadsheets: a cell that begins like a formula stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from xlsxwriter import Workbook

__all__ = ["as_csv", "as_lines", "as_workbook", "plain_cell"]

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def plain_cell(value: Any) -> Any:
    """Return what a cell may hold: text that a spreadsheet would run gets a mark before it.

    Parameters
    ----------
    value
        Of any kind.

    Examples
    --------
    >>> plain_cell("=1+1"), plain_cell(-5), plain_cell(None)
    ("'=1+1", -5, '')
    """
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


def as_csv(name: str, *, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a table as CSV that spreadsheets read as UTF-8.

    Parameters
    ----------
    name
        Of the file, without its ending.
    rows
        The headings first.
    """
    text = io.StringIO()
    csv.writer(text).writerows([[plain_cell(each) for each in row] for row in rows])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def as_workbook(name: str, *, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> HttpResponse:
    """Return tables as a workbook, a sheet each.

    Parameters
    ----------
    name
        Of the file, without its ending.
    sheets
        Rows by name, the headings first.
    """
    kept = io.BytesIO()
    with Workbook(kept, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title[:31])
            sheet.freeze_panes(1, 1)
            for place, row in enumerate(rows):
                cells = ["" if each is None else each for each in row]
                sheet.write_row(place, 0, cells, bold if place == 0 else None)
            sheet.autofit()
    answer = HttpResponse(kept.getvalue(), content_type=_EXCEL)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def as_lines(name: str, *, lines: Iterable[str]) -> HttpResponse:
    """Return lines as a CSV of one column.

    Parameters
    ----------
    name
        Of the file, without its ending.
    lines
        Letters and digits only.
    """
    text = "".join(f"{each}\r\n" for each in lines)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
