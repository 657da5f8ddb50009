"""All that a liability report is made of: read at once, and kept as plain rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from huitouke.service.ledger import issue_months, reporting
from huitouke.service.ledger.issue_months import CohortMove, OpenLots
from huitouke.service.ledger.reporting import Movement, Position
from huitouke.service.ledger.units import unit as ledger_unit
from huitouke.service.programme.economics.revenue import Scope
from huitouke.service.programme.economics.sales import Sale, sales_of
from huitouke.service.programme.versions import queries as versions

__all__ = ["Readings", "read", "scope_of"]


@dataclass(frozen=True, kw_only=True)
class Readings:
    """What the ledger and the orders say of a period.

    Parameters
    ----------
    before, after
        All accounts at its beginning and at its end.
    moves
        What entries of the period came to.
    known, open_now
        What became of points by month of issue, and what is left, as of the end.
    sales
        What members paid, and the points it gave, as of the end.
    """

    before: Position
    after: Position
    moves: Sequence[Movement]
    known: Sequence[CohortMove]
    open_now: Sequence[OpenLots]
    sales: Sequence[Sale]

    def as_rows(self) -> dict[str, Any]:
        """Return it as JSON carries it: rows of numbers and days."""
        many: dict[str, Sequence[Any]] = {
            "moves": self.moves,
            "known": self.known,
            "open_now": self.open_now,
            "sales": self.sales,
        }
        return {
            "before": list(astuple(self.before)),
            "after": list(astuple(self.after)),
            **{name: [_row(each) for each in rows] for name, rows in many.items()},
        }

    @classmethod
    def of_rows(cls, rows: dict[str, Any]) -> Readings:
        """Return what :meth:`as_rows` made rows of.

        Parameters
        ----------
        rows
            As they were kept.
        """
        return cls(
            before=Position(*rows["before"]),
            after=Position(*rows["after"]),
            moves=[Movement(*row) for row in rows["moves"]],
            known=[
                CohortMove(
                    _day(month), imported, _end(expires), contra, _day(happened),
                    _day(written), *counts,
                )
                for month, imported, expires, contra, happened, written, *counts in rows[
                    "known"
                ]
            ],
            open_now=[
                OpenLots(_day(month), imported, _end(expires), *counts)
                for month, imported, expires, *counts in rows["open_now"]
            ],
            sales=[
                Sale(_day(month), _day(known), *counts)
                for month, known, *counts in rows["sales"]
            ],
        )  # fmt: skip


def read(here: Scope, *, since: datetime | None, until: datetime) -> Readings:
    """Read a period from one state of the ledger.

    Parameters
    ----------
    here
        Which points.
    since, until
        Entries written from (including; None: the first) and to (excluding) these moments.
    """
    zone = here.zone.key
    with reporting.snapshot():
        return Readings(
            before=reporting.position(here.number, at=since),
            after=reporting.position(here.number, at=until),
            moves=reporting.movements(here.number, since=since, until=until),
            known=issue_months.cohort_moves(here.number, until=until, zone=zone),
            open_now=issue_months.open_lots(here.number, until=until, zone=zone),
            sales=sales_of(
                here.programme,
                unit=here.unit,
                number=here.number,
                until=until,
                zone=here.zone,
            ),
        )


def scope_of(programme: str, *, unit: str) -> Scope:
    """Return which points are meant.

    Parameters
    ----------
    programme, unit
        Codes.

    Raises
    ------
    ProgrammeUnknown, UnitUnknown
        If there is no such programme or unit.
    """
    own = versions.programme(programme)
    number = ledger_unit(f"{programme}.{unit}").unit
    return Scope(programme, unit, number, ZoneInfo(own.zone))


def _row(given: Any) -> list[Any]:
    return [value.isoformat() if isinstance(value, date) else value for value in astuple(given)]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _end(text: str | None) -> date | None:
    return None if text is None else _day(text)
