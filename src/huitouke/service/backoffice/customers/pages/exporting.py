"""The list as a file: rows leave as they are read, and no cell is a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, say
from huitouke.service.backoffice.customers.filters import asked_of
from huitouke.service.backoffice.customers.naming import STATES, public
from huitouke.service.backoffice.customers.pages.listing import tier_names
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.core import audit, clock
from huitouke.service.programme.people.listing import Row, ground_of, streamed
from huitouke.service.ui.reader import Reader, current, reading

__all__ = ["COLUMNS", "export", "harmless"]

Cell = str | int | float | None

#: What the file has, in order.
COLUMNS: tuple[str, ...] = (
    N_("Number"),
    N_("Name"),
    N_("Phone"),
    N_("E-mail"),
    N_("Card"),
    N_("Standing"),
    N_("Tier"),
    N_("Points"),
    N_("Orders"),
    N_("Spent"),
    N_("First order"),
    N_("Last order"),
    N_("Known since"),
    N_("Joined"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
# Spreadsheet programs read UTF-8 only with this mark in front.
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
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


@dataclass(frozen=True)
class _Writer:
    """Makes cells of rows for one reader."""

    reader: Reader
    tiers: dict[str, str]

    def _day(self, moment: datetime | None) -> str:
        return self.reader.machine(moment)[:10]

    def cells(self, row: Row) -> list[Cell]:
        """Return the cells of a customer."""
        who = row.customer
        by_kind = {each.kind: each.value for each in who.identities.all()}
        day = self._day
        return [
            public(who),
            who.name,
            by_kind.get("phone", ""),
            by_kind.get("email", ""),
            by_kind.get("card", ""),
            self.reader.words.say(STATES[who.stage]),
            self.tiers.get(row.tier, row.tier),
            row.points,
            row.bought.orders,
            row.bought.spend_minor / 100,
            day(row.bought.first_at),
            day(row.bought.last_at),
            day(who.created_at),
            day(who.enrolled_at),
        ]


@needs("customers.export")
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Take the list out as CSV or Excel, filtered as it was shown.

    Parameters
    ----------
    request
        ``POST`` with the filters and ``as`` (``csv`` or ``xlsx``).
    """
    now = clock.now()
    ground = ground_of(now=now)
    asked = asked_of(request.POST, ground=ground)
    kind = "xlsx" if request.POST.get("as") == "xlsx" else "csv"
    shop = frame_of(request).shop
    # What was searched for may be a phone number: that there was a search is enough.
    facts = {"as": kind, "filters": asked.chosen, "searched": bool(asked.text)}
    audit.note("customers.exported", actor=actor_of(request), target="customers", facts=facts)
    rows = streamed(asked.narrowed, ground=ground, currency=shop.currency)
    reader = Reader(current().language, currency=shop.currency, zone=shop.zone)
    writer = _Writer(reader, tier_names(ground))
    heads = [say(each) for each in COLUMNS]
    name = f"customers_{now:%Y%m%d}.{kind}"
    if kind == "xlsx":
        answer: Any = FileResponse(_workbook(rows, writer=writer, heads=heads), filename=name)
        answer["Content-Type"] = (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    else:
        answer = StreamingHttpResponse(
            _lines(rows, writer=writer, heads=heads), content_type="text/csv; charset=utf-8"
        )
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    found: HttpResponse = answer
    return found


class _Echo:
    """What a CSV writer writes to; it hands the line on."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[Row], *, writer: _Writer, heads: list[str]) -> Iterator[str]:
    out = csv.writer(_Echo())
    with reading(writer.reader):
        yield _MARK + str(out.writerow(heads))
        for row in rows:
            cells = [
                harmless(each) if isinstance(each, str) else each for each in writer.cells(row)
            ]
            yield str(out.writerow(["" if each is None else each for each in cells]))


def _workbook(rows: Iterator[Row], *, writer: _Writer, heads: list[str]) -> IO[bytes]:
    """Write a workbook row by row to a file that goes when it is closed."""
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(writer.cells(row)):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell)
            elif cell is not None:
                sheet.write_number(number, place, cell)
    sheet.set_column(0, len(heads) - 1, 16)
    sheet.freeze_panes(1, 0)
    book.close()
    file.seek(0)
    return file
