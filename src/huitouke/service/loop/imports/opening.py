"""What is to be brought in, how it is read, and a file that is open for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from huitouke import __version__
from huitouke.insight.engine import Engine
from huitouke.insight.facts.headings import ORDER_FIELDS, FieldSet
from huitouke.insight.facts.reading import DateOrder, Reading
from huitouke.language import Words
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers.imports import CustomersImport, Difference
from huitouke.service.loop.imports.balances import balance_rows
from huitouke.service.loop.imports.fields import BALANCE_FIELDS, CUSTOMER_FIELDS
from huitouke.service.loop.imports.lines import read_lines
from huitouke.service.loop.imports.orders import OrderFile
from huitouke.service.loop.imports.tables import customer_rows, read_table
from huitouke.service.orders.imports import OrdersImport
from huitouke.service.programme.imports import BalancesImport
from huitouke.service.programme.models.versions import Programme

__all__ = ["FIELDS", "Importer", "Opened", "Request", "open_file", "settled"]

_ZONE = "Asia/Shanghai"
_CURRENCY = "CNY"

#: What the columns of a file may be, by its kind.
FIELDS: dict[str, FieldSet] = {
    "customers": CUSTOMER_FIELDS,
    "orders": ORDER_FIELDS,
    "balances": BALANCE_FIELDS,
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be brought in, and how it is read.

    Parameters
    ----------
    file
        Where it lies.
    reader
        Who reads what is said of it.
    actor
        Who imports.
    name
        What the file is called; empty: its path.
    mapping, date_order, timezone, currency
        As for :class:`huitouke.insight.facts.reading.Reading`.
    without
        Fields that no column is taken for.
    dry_run
        Compare only; nothing is written.
    usual
        The programme's currency, see :func:`settled`.
    programme, unit
        Codes; for balances, and for the time zone and currency that hold unless told.
    """

    file: Path
    reader: Words
    actor: Actor
    name: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    dry_run: bool = False
    date_order: DateOrder | None = None
    timezone: str | None = None
    currency: str | None = None
    usual: str = _CURRENCY
    programme: str = "main"
    unit: str = "points"

    @property
    def reading(self) -> Reading:
        """The options as the analysis takes them."""
        return Reading(
            self.mapping, self.timezone, self.date_order, self.reader.language,
            self.currency.upper() if self.currency else None, self.usual,
        )  # fmt: skip

    def fields(self, kind: str) -> FieldSet:
        """Return what the columns may be, without those that are left out.

        Parameters
        ----------
        kind
            One of :data:`FIELDS`.
        """
        whole = FIELDS[kind]
        if not self.without:
            return whole
        kept = tuple(each for each in whole.fields if each.name not in self.without)
        return replace(whole, fields=kept)

    def settings_hash(self) -> bytes:
        """Return the SHA-256 of everything that says how the file is read; 32 bytes."""
        told: tuple[Any, ...] = (
            sorted(self.mapping.items()), self.date_order, self.timezone, self.currency,
            self.programme, self.unit, __version__, *sorted(self.without),
        )  # fmt: skip
        return hashlib.sha256(json.dumps(told).encode()).digest()


class Importer(Protocol):
    """Takes parts of a file."""

    difference: Difference

    def bring(self, rows: Sequence[Any], *, at: datetime, actor: Actor) -> None:
        """Bring a part in."""

    def pass_over(self, rows: Sequence[Any]) -> None:
        """Take notice of a part that was brought in before."""


@dataclass(frozen=True)
class Opened:
    """A file that is read.

    ``told`` has what the reading alone refused, ``unread`` the rows that could not be read,
    once all parts were taken.
    """

    parts: Iterator[Sequence[Any]]
    importer: Importer
    told: Difference
    unread: Callable[[], pa.Table]


def settled(request: Request) -> Request:
    """Return the request with what holds in its programme: zone, unless asked, and currency.

    Parameters
    ----------
    request
        As it was given.
    """
    found = Programme.objects.filter(code=request.programme).first()
    if found is None:
        return replace(request, timezone=request.timezone or _ZONE)
    return replace(request, timezone=request.timezone or found.zone, usual=found.currency)


def open_file(kind: str, *, request: Request, engine: Engine) -> Opened:
    """Open a file for its kind of import.

    Parameters
    ----------
    kind
        One of :data:`FIELDS`.
    request
        Which file, and how it is read; settled.
    engine
        Where lines are sorted; its folder takes the copies.

    Raises
    ------
    HuitoukeError
        If the file cannot be read.
    """
    return _OPENINGS[kind](request, engine)


def _customers(request: Request, engine: Engine) -> Opened:
    file = read_table(
        request.file,
        name=request.name,
        fields=request.fields("customers"),
        folder=engine.folder,
        reading=request.reading,
    )
    importer = CustomersImport(write=not request.dry_run)
    return Opened(customer_rows(file), importer, Difference(), file.aside.table)


def _orders(request: Request, engine: Engine) -> Opened:
    lines = read_lines(
        request.file,
        name=request.name,
        fields=request.fields("orders"),
        engine=engine,
        reading=request.reading,
    )
    told = Difference()
    file = OrderFile(
        lines=lines,
        zone=ZoneInfo(request.timezone or _ZONE),
        currency=(request.currency or lines.currency or request.usual).upper(),
        difference=told,
    )
    importer = OrdersImport(write=not request.dry_run)
    return Opened(file.parts(), importer, told, lambda: lines.unread)


def _balances(request: Request, engine: Engine) -> Opened:
    importer = BalancesImport(
        request.programme,
        unit=request.unit,
        at=clock.now(),
        write=not request.dry_run,
    )
    file = read_table(
        request.file,
        name=request.name,
        fields=request.fields("balances"),
        folder=engine.folder,
        reading=request.reading,
    )
    return Opened(balance_rows(file), importer, Difference(), file.aside.table)


_OPENINGS: dict[str, Callable[[Request, Engine], Opened]] = {
    "customers": _customers,
    "orders": _orders,
    "balances": _balances,
}
