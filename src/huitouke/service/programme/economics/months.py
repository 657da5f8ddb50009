"""The roll-forward month by month: each begins with what the one before ended with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from huitouke.service.ledger import reporting
from huitouke.service.ledger.units import unit as ledger_unit
from huitouke.service.programme.economics.rollforward import RollForward, roll_forward
from huitouke.service.programme.economics.worth import Worth, worth_of
from huitouke.service.programme.versions import queries as versions

__all__ = ["Month", "Months", "months"]


@dataclass(frozen=True)
class Month:
    """One month's lines.

    Parameters
    ----------
    month
        First day.
    roll
        From opening to closing.
    entries
        How many there were.
    complete
        False for the one that is not over.
    """

    month: date
    roll: RollForward
    entries: int
    complete: bool


@dataclass(frozen=True)
class Months:
    """The last months of a programme's unit.

    Parameters
    ----------
    programme, unit, currency, zone
        Whose.
    at
        When it was asked.
    worth
        One point in money.
    months
        The oldest first.
    """

    programme: str
    unit: str
    currency: str
    zone: str
    at: datetime
    worth: Worth
    months: tuple[Month, ...]


def _begins(month: date, *, zone: ZoneInfo) -> datetime:
    return datetime.combine(month, time(), tzinfo=zone)


def _before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def months(programme: str, *, at: datetime, unit: str = "points", count: int = 12) -> Months:
    """Return the last months, the running one included.

    The opening balance is read once, from the last entries before the first month, and each
    closing is its opening and the lines between; the last is read again and must agree.

    Parameters
    ----------
    programme
        Its code.
    at
        Now.
    unit
        Code within the programme.
    count
        How many.

    Raises
    ------
    ProgrammeUnknown, UnitUnknown
        If there is no such programme or unit.
    BooksDisagree
        If the ledger does not add up.
    """
    own = versions.programme(programme)
    number = ledger_unit(f"{programme}.{unit}").unit
    zone = ZoneInfo(own.zone)
    firsts = [at.astimezone(zone).date().replace(day=1)]
    while len(firsts) < count:
        firsts.append(_before(firsts[-1]))
    firsts.reverse()
    found, rules = [], versions.in_force(programme, at=at)
    with reporting.snapshot():
        opening = reporting.position(number, at=_begins(firsts[0], zone=zone)).net
        closing_now = reporting.position(number, at=at).net
        for place, first in enumerate(firsts):
            last = place == len(firsts) - 1
            until = at if last else _begins(firsts[place + 1], zone=zone)
            moves = reporting.movements(number, since=_begins(first, zone=zone), until=until)
            closing = closing_now if last else opening + sum(move.points for move in moves)
            roll = roll_forward(moves, opening=opening, closing=closing)
            entries = sum(move.entries for move in moves)
            found.append(Month(first, roll, entries, complete=not last))
            opening = closing
    worth = worth_of(None if rules is None else rules[1], unit=unit, cost=None)
    return Months(programme, unit, own.currency, own.zone, at, worth, tuple(found))
