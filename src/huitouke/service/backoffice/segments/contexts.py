"""What the templates of segments receive: typed, complete, written out as late as possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from huitouke.service.backoffice.customers.contexts import RowShown
from huitouke.service.backoffice.segments.asking import Row, SegmentForm

__all__ = ["Counted", "Family", "HistoryLine", "ListPage", "Listed", "OnePage", "WritePage"]


@dataclass(frozen=True)
class Counted:
    """What conditions come to.

    Parameters
    ----------
    state
        ``empty`` without a condition, ``unfinished`` while something is missing,
        ``too_long`` where the count was given up, else ``known``.
    number, unknown, judged
        As of the domain's tally.
    as_of
        The day of the oldest facts, where that is not today.
    sentences
        The conditions in words.
    rows
        The newest customers; empty too where the reader may not see customers.
    token
        What was counted: it is kept only if it is still the same.
    problem
        What is missing, in words.
    """

    state: Literal["empty", "unfinished", "too_long", "known"]
    number: int = 0
    unknown: int = 0
    judged: int = 0
    as_of: date | None = None
    sentences: tuple[str, ...] = ()
    rows: tuple[RowShown, ...] = ()
    token: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Family:
    """Fields that can be added, of one family; value and words of each."""

    label: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WritePage:
    """A segment that is written.

    Parameters
    ----------
    title, back, back_url, here
        Of the page; ``here`` is where its form goes.
    form, rows, families
        Name and conditions, laid out; what can be added.
    full
        Whether no more can be added.
    counted
        What the conditions come to.
    key, revision
        Of the form; the revision is none for a new segment.
    """

    title: str
    back: str
    back_url: str
    here: str
    form: SegmentForm
    rows: tuple[Row, ...]
    families: tuple[Family, ...]
    full: bool
    counted: Counted
    key: str
    revision: int | None = None


@dataclass(frozen=True)
class Listed:
    """One segment of the list.

    Parameters
    ----------
    url, name, sentences
        Where it opens, what it is called, what is asked.
    number, unknown, counted_at
        What was counted last; none where nothing was.
    by, changed_at
        Who changed it last, and when.
    """

    url: str
    name: str
    sentences: tuple[str, ...]
    number: int | None
    unknown: int | None
    counted_at: datetime | None
    by: str
    changed_at: datetime


@dataclass(frozen=True)
class ListPage:
    """All segments in use, or all that were put away.

    Parameters
    ----------
    rows
        The one changed last first.
    archived
        Whether these were put away.
    others
        How many there are of the other kind.
    """

    rows: tuple[Listed, ...]
    archived: bool
    others: int


@dataclass(frozen=True)
class HistoryLine:
    """What was done to a segment: English message, by whom, when, and what it asked before."""

    what: str
    by: str
    at: datetime
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class OnePage:
    """One segment.

    Parameters
    ----------
    listed
        Its name, conditions, count.
    judged
        How many the count looked at beside those of whom all is known.
    as_of
        The day of the oldest facts, where that is not today.
    archived
        Whether it was put away.
    opens_url, change_url
        The list of its customers, and the form to change it.
    rows
        The newest customers; none where they could not be told in time or are not the
        reader's business.
    value
        Its public id.
    history
        What was done to it, newest first.
    key
        Of its forms.
    exports
        Whether who reads may take the customers out.
    """

    listed: Listed
    judged: int | None
    as_of: date | None
    archived: bool
    opens_url: str
    change_url: str
    rows: tuple[RowShown, ...]
    value: str
    history: tuple[HistoryLine, ...]
    key: str
    exports: bool
