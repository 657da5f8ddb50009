"""Entries of a member's history as pages show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from huitouke.language import N_
from huitouke.service.portal.shop import Counted
from huitouke.service.programme.events.reading import HistoryLine
from huitouke.service.programme.mine.missed import Missed
from huitouke.service.ui.reader import current

__all__ = ["Entry", "Month", "entries_of", "months_of"]

_ICONS = {"good": "plus", "warn": "minus", "info": "hourglass", "": "circle"}


@dataclass(frozen=True)
class Entry:
    """One line.

    Parameters
    ----------
    at
        When it happened.
    says
        What and why, in one sentence.
    amount
        What it changed; empty: nothing that counts.
    waits
        Whether it is still to come.
    tone, icon
        How it is drawn.
    """

    at: datetime
    says: str
    amount: str = ""
    waits: bool = False
    tone: str = ""
    icon: str = "circle"


@dataclass(frozen=True)
class Month:
    """The entries of one local month, newest first, and what was not earned in it."""

    begins: date
    entries: tuple[Entry, ...]
    missed: tuple[Missed, ...]


def entries_of(
    lines: Sequence[HistoryLine], *, counted: Counted, waiting: Collection[str] = ()
) -> list[Entry]:
    """Return entries as they are shown.

    Parameters
    ----------
    lines
        Newest first.
    counted
        How points are written.
    waiting
        Keys of postings that are still to come.
    """
    return [_entry(each, counted=counted, waits=each.line.op_key in waiting) for each in lines]


def _entry(found: HistoryLine, *, counted: Counted, waits: bool) -> Entry:
    line = found.line
    waits = waits and line.pending > 0
    # What moves between to come, spendable and set aside is told and changes nothing.
    change = line.amount + line.pending + line.held - line.debt
    tone = "info" if waits else "good" if change > 0 else "warn" if change < 0 else ""
    sign = N_("+{n}") if change > 0 else N_("−{n}")
    amount = current().words.say(sign, n=counted.number(abs(change))) if change else ""
    return Entry(
        at=line.effective_at,
        says=found.says,
        amount=amount,
        waits=waits,
        tone=tone,
        icon=_ICONS[tone],
    )


def months_of(
    entries: Sequence[Entry], missed: Sequence[Missed], *, zone: ZoneInfo
) -> tuple[Month, ...]:
    """Return entries, and what was not earned, under the months they fall in.

    Parameters
    ----------
    entries
        Newest first.
    missed
        Newest first.
    zone
        Whose local months.
    """
    found: dict[date, tuple[list[Entry], list[Missed]]] = {}
    for entry in entries:
        found.setdefault(_month(entry.at, zone), ([], []))[0].append(entry)
    for each in missed:
        found.setdefault(_month(each.at, zone), ([], []))[1].append(each)
    return tuple(
        Month(begins, tuple(listed), tuple(left))
        for begins, (listed, left) in sorted(found.items(), reverse=True)
    )


def _month(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date().replace(day=1)
