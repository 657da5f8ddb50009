"""The books as pages show them: closed every night, so that a page reads what is kept.

A report goes through all points ever given. What the books say as of a moment that is over
stays the same, so it is read once, kept as rows, and put together from them each time. Where
the ledger is small, the present moment is read instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from huitouke.service.customers.models import Merge
from huitouke.service.ledger.units import UnitUnknown
from huitouke.service.programme.economics.liability import (
    LiabilityReport,
    liability,
    report_of,
)
from huitouke.service.programme.economics.months import Month, Months, months
from huitouke.service.programme.economics.readings import Readings, read, scope_of
from huitouke.service.programme.economics.revenue import Scope
from huitouke.service.programme.economics.rollforward import BooksDisagree, RollForward
from huitouke.service.programme.economics.worth import worth_of
from huitouke.service.programme.models.closings import Closing
from huitouke.service.programme.rules.calendar import start_of_day
from huitouke.service.programme.versions import queries as versions

__all__ = ["FRESH_MOST", "MONTHS", "Books", "books", "close_due", "closed"]

#: Ledgers of no more entries are read as of now whenever somebody looks.
FRESH_MOST = 10_000
#: Months of the roll-forward that are kept.
MONTHS = 13
_UNIT = "points"
#: Who began to write before the end of a day has come to an end by then.
_SLACK = timedelta(hours=1)
_KEPT = timedelta(days=7)
_BOUNDED = "SELECT count(*) FROM (SELECT FROM ledger.entry LIMIT %s) AS few"


@dataclass(frozen=True)
class Books:
    """What members hold and what it will come to.

    Parameters
    ----------
    report
        As of ``report.until``.
    months
        Month by month up to the same moment.
    """

    report: LiabilityReport
    months: Months


def books(programme: str, *, at: datetime, now: bool = False) -> Books:
    """Return the books as of now where the ledger is small or one insists, else as last closed.

    Parameters
    ----------
    programme
        Its code.
    at
        Now.
    now
        True: as of now, however long it takes.

    Raises
    ------
    ProgrammeUnknown, UnitUnknown
        If there is no such programme, or it never counted points.
    BooksDisagree
        If the ledger does not add up.
    """
    if now or _is_small():
        return Books(
            liability(programme, at=at, unit=_UNIT),
            months(programme, at=at, unit=_UNIT, count=MONTHS),
        )
    return closed(programme, at=at)


def closed(programme: str, *, at: datetime) -> Books:
    """Return the books as last closed; where nobody did, they are closed now.

    Parameters
    ----------
    programme
        Its code.
    at
        Now: they are closed at the end of the last day that is over for an hour.

    Raises
    ------
    ProgrammeUnknown, UnitUnknown
        If there is no such programme, or it never counted points.
    BooksDisagree
        If the ledger does not add up.
    """
    here = scope_of(programme, unit=_UNIT)
    until = start_of_day((at - _SLACK).astimezone(here.zone).date(), here.zone)
    kept = Closing.objects.filter(programme__code=programme, until=until).first()
    if kept is None or _undone_since(kept):
        kept = _close(here, until=until, at=at)
    given = Readings.of_rows(kept.readings)
    report = report_of(given, here=here, since=None, until=until, at=until)
    return Books(report, _months(kept.months, here=here, until=until))


def close_due(*, at: datetime) -> int:
    """Close the books of all programmes where that is due, and forget old closings.

    Parameters
    ----------
    at
        Now.

    Returns
    -------
    int
        Of how many programmes the books are closed.

    Raises
    ------
    BooksDisagree
        If the ledger does not add up for a programme; those of all others are closed then.
    """
    count = 0
    failed: BooksDisagree | None = None
    for each in versions.programmes():
        try:
            closed(each.code, at=at)
        except UnitUnknown:
            continue
        except BooksDisagree as error:
            failed = failed or error
            continue
        count += 1
    Closing.objects.filter(until__lt=at - _KEPT).delete()
    if failed is not None:
        raise failed
    return count


def _is_small() -> bool:
    """Say whether the ledger has so few entries that reading all of them is quick."""
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDED, [FRESH_MOST + 1])
        (count,) = cursor.fetchone()
    return int(count) <= FRESH_MOST


def _undone_since(kept: Closing) -> bool:
    """Say whether a merge that the books knew was undone: points go back to their months."""
    undone = Merge.objects.filter(undone_at__gte=kept.made_at, at__lt=kept.until)
    return undone.exists()


def _close(here: Scope, *, until: datetime, at: datetime) -> Closing:
    own = versions.programme(here.programme)
    given = read(here, since=None, until=until)
    rolled = months(here.programme, at=until, unit=here.unit, count=MONTHS)
    with transaction.atomic():
        made, _ = Closing.objects.update_or_create(
            programme=own,
            until=until,
            defaults={
                "made_at": at,
                "readings": given.as_rows(),
                "months": [_month_row(each) for each in rolled.months],
            },
        )
    return made


def _month_row(month: Month) -> dict[str, Any]:
    return {
        "month": month.month.isoformat(),
        "roll": vars(month.roll),
        "entries": month.entries,
        "complete": month.complete,
    }


def _months(rows: list[dict[str, Any]], *, here: Scope, until: datetime) -> Months:
    own, rules = versions.programme(here.programme), versions.in_force(here.programme, at=until)
    return Months(
        programme=here.programme,
        unit=here.unit,
        currency=own.currency,
        zone=own.zone,
        at=until,
        worth=worth_of(None if rules is None else rules[1], unit=here.unit, cost=None),
        months=tuple(
            Month(
                date.fromisoformat(row["month"]),
                RollForward(**row["roll"]),
                row["entries"],
                complete=row["complete"],
            )
            for row in rows
        ),
    )
