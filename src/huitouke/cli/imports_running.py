"""An import from beginning to end: read, compare, write part by part, tell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.db import transaction

from huitouke import __version__
from huitouke.cli.imports_balances import balance_rows
from huitouke.cli.imports_fields import BALANCE_FIELDS, CUSTOMER_FIELDS
from huitouke.cli.imports_lines import read_lines
from huitouke.cli.imports_orders import OrderFile
from huitouke.cli.imports_report import quarantine_table, report, write_quarantine
from huitouke.cli.imports_tables import customer_rows, read_table
from huitouke.cli.reader import progress_to_stderr
from huitouke.insight.engine import Engine
from huitouke.insight.facts.reading import DateOrder, Reading
from huitouke.language import N_, Words
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers.imports import CustomersImport, Difference
from huitouke.service.orders.importing import Progress, advance, begin, finish
from huitouke.service.orders.imports import OrdersImport
from huitouke.service.programme.imports import BalancesImport
from huitouke.service.programme.models.versions import Programme

__all__ = ["Request", "run"]

_ACTOR = Actor("staff", "import")
#: DuckDB may hold this much before it spills; the rest is the rows in hand.
_ENGINE_MEMORY_GB = 1.0
_BLOCK = 1 << 20
_ZONE = "Asia/Shanghai"
_CURRENCY = "CNY"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be brought in, and how it is read."""

    file: Path
    reader: Words
    mapping: Mapping[str, str]
    dry_run: bool = False
    quarantine: Path | None = None
    date_order: DateOrder | None = None
    quiet: bool = False
    timezone: str | None = None
    currency: str | None = None
    programme: str = "main"
    unit: str = "points"
    where: str = ""

    @property
    def reading(self) -> Reading:
        """The options as the analysis takes them."""
        return Reading(
            self.mapping, self.timezone, self.date_order, self.reader.language, self.currency
        )

    def settings_hash(self) -> bytes:
        """Return the SHA-256 of everything that says how the file is read; 32 bytes."""
        told = (
            sorted(self.mapping.items()), self.date_order, self.timezone, self.currency,
            self.programme, self.unit, __version__,
        )  # fmt: skip
        return hashlib.sha256(json.dumps(told).encode()).digest()


class _Importer(Protocol):
    """Takes parts of a file."""

    difference: Difference

    def bring(self, rows: Sequence[Any], *, at: datetime, actor: Actor) -> None:
        """Bring a part in."""

    def pass_over(self, rows: Sequence[Any]) -> None:
        """Take notice of a part that was brought in before."""


@dataclass(frozen=True)
class _Opened:
    """A file that is read.

    ``told`` has what the reading alone refused, ``unread`` the rows that could not be read,
    once all parts were taken.
    """

    parts: Iterator[Sequence[Any]]
    importer: _Importer
    told: Difference
    unread: Callable[[], pa.Table]


def run(kind: str, *, request: Request) -> str:
    """Bring a file in, or say what that would change.

    Parameters
    ----------
    kind
        ``customers``, ``orders`` or ``balances``.
    request
        Which file, and how.

    Returns
    -------
    str
        What was found and done, for the screen.

    Raises
    ------
    HuitoukeError
        If the file cannot be read; nothing is written then.
    """
    request = _settled(request)
    say = request.reader.say
    tell = progress_to_stderr(quiet=request.quiet)
    with Engine(memory_gb=_ENGINE_MEMORY_GB) as engine:
        tell(say(N_("Reading {path}"), path=request.file.name))
        file = _OPENINGS[kind](request, engine)
        progress = None if request.dry_run else _begin(kind, request)
        if progress is not None:
            file.importer.difference.counts.update(progress.counts)
        done = 0
        for part in file.parts:
            done += len(part)
            _bring(file.importer, part, progress=progress, done=done)
            tell(say(N_("{n:,} rows"), n=done))
        if progress is not None:
            finish(progress, at=clock.now())
        return _told(file, request=request, analyse=kind == "orders")


def _settled(request: Request) -> Request:
    """Return the request with the programme's time zone where none was asked for."""
    found = Programme.objects.filter(code=request.programme).first()
    zone = _ZONE if found is None else found.zone
    return replace(request, timezone=request.timezone or zone)


def _begin(kind: str, request: Request) -> Progress:
    digest = hashlib.sha256()
    with request.file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return begin(
        kind,
        file_hash=digest.digest(),
        settings_hash=request.settings_hash(),
        at=clock.now(),
        actor=_ACTOR,
    )


def _bring(
    importer: _Importer, part: Sequence[Any], *, progress: Progress | None, done: int
) -> None:
    """Bring one part in, with the note of how far it is, in one transaction."""
    if progress is None:
        importer.bring(part, at=clock.now(), actor=_ACTOR)
    elif done <= progress.rows_done:
        importer.pass_over(part)
    else:
        with transaction.atomic():
            importer.bring(part, at=clock.now(), actor=_ACTOR)
            advance(progress, rows_done=done, counts=importer.difference.counts)


def _customers(request: Request, engine: Engine) -> _Opened:
    file = read_table(
        request.file, fields=CUSTOMER_FIELDS, folder=engine.folder, reading=request.reading
    )
    importer = CustomersImport(write=not request.dry_run)
    return _Opened(customer_rows(file), importer, Difference(), file.aside.table)


def _orders(request: Request, engine: Engine) -> _Opened:
    lines = read_lines(request.file, engine=engine, reading=request.reading)
    told = Difference()
    programme = Programme.objects.filter(code=request.programme).first()
    usual = _CURRENCY if programme is None else programme.currency
    file = OrderFile(
        lines=lines,
        zone=ZoneInfo(request.timezone or _ZONE),
        currency=(request.currency or lines.currency or usual).upper(),
        difference=told,
    )
    importer = OrdersImport(write=not request.dry_run)
    return _Opened(file.parts(), importer, told, lambda: lines.unread)


def _balances(request: Request, engine: Engine) -> _Opened:
    importer = BalancesImport(
        request.programme,
        unit=request.unit,
        at=clock.now(),
        write=not request.dry_run,
    )
    file = read_table(
        request.file, fields=BALANCE_FIELDS, folder=engine.folder, reading=request.reading
    )
    return _Opened(balance_rows(file), importer, Difference(), file.aside.table)


_OPENINGS: dict[str, Callable[[Request, Engine], _Opened]] = {
    "customers": _customers,
    "orders": _orders,
    "balances": _balances,
}


def _told(file: _Opened, *, request: Request, analyse: bool) -> str:
    """Write the rows that were not brought in, and return what there is to say."""
    found, unread = file.importer.difference, file.unread()
    found.counts.update(file.told.counts)
    found.refusals += file.told.refusals
    if request.quarantine is not None:
        table = quarantine_table(unread, found.refusals, reader=request.reader)
        write_quarantine(table, request.quarantine, reader=request.reader)
    return report(
        found,
        reader=request.reader,
        unread=unread.num_rows,
        written=not request.dry_run,
        quarantine=request.quarantine,
        analyse=f"huitouke insight run{request.where}" if analyse else "",
    )
