"""What a reader of files is told, and what it tells back: options, counts of rows, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huitouke.errors import HuitoukeError
from huitouke.language import N_, Language, words

__all__ = ["DateOrder", "Note", "Reading", "RowCounts", "TimezoneUnknown"]

DateOrder = Literal["dmy", "mdy", "ymd"]


class TimezoneUnknown(HuitoukeError):
    """The time zone asked for is not in the IANA list."""

    code = "facts.timezone_unknown"
    says = N_("There is no time zone named {timezone}.")
    remedy = N_("Use an IANA name such as Asia/Shanghai or Europe/London.")


@dataclass(frozen=True)
class Reading:
    """How files are to be read.

    Parameters
    ----------
    mapping
        Field to column header, or to the column's position counted from 1. Several columns
        of a discount are given with ``+`` between them.
    timezone
        IANA name of the shop's time zone. Moments that carry an offset are converted to it;
        moments without one are taken as the shop's wall clock already.
    date_order
        What 4/9/2012 means; None decides over the whole column.
    language
        The language of quarantine explanations and of progress.
    currency
        The currency asked for: what a sign that several share stands for, ``$`` say, if it
        can; where the file shows another, that is said.
    usual
        The currency such a sign stands for where none is asked for.

    Raises
    ------
    TimezoneUnknown
        If the time zone is not in the IANA list.

    Examples
    --------
    >>> Reading(mapping={"amount": "net"}, timezone="Asia/Shanghai").date_order is None
    True
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    date_order: DateOrder | None = None
    language: Language = "en"
    currency: str | None = None
    usual: str | None = None

    def __post_init__(self) -> None:
        """Refuse a time zone that does not exist before any file is opened."""
        if self.timezone is not None:
            try:
                ZoneInfo(self.timezone)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise TimezoneUnknown(timezone=self.timezone) from error


@dataclass(frozen=True)
class RowCounts:
    """What became of every row.

    Parameters
    ----------
    read
        Rows found, without headers and blank lines.
    used
        Rows that count.
    merged
        Exact copies of another row, dropped.
    quarantined
        Rows that could not be used.
    without_customer
        Those of ``used`` that name no customer (answers: none that the orders know).

    Examples
    --------
    >>> RowCounts(read=5, used=3, merged=1, quarantined=1, without_customer=2).adds_up
    True
    """

    read: int
    used: int
    merged: int
    quarantined: int
    without_customer: int

    @property
    def adds_up(self) -> bool:
        """True if every row read is used, merged or quarantined, and none twice."""
        return self.read == self.used + self.merged + self.quarantined


@dataclass(frozen=True)
class Note:
    """One thing that was decided while reading, and on what evidence.

    Parameters
    ----------
    code
        Stable and dotted, e.g. ``facts.date_order``.
    says
        The English message with places.
    values
        What goes into the places; a tuple of notes is said one after the other,
        without their full stops.

    Examples
    --------
    >>> Note("facts.example", "{rows} rows", {"rows": 3}).text("en")
    '3 rows'
    """

    code: str
    says: str
    values: dict[str, Any]

    def text(self, language: Language) -> str:
        """Return the note in a language.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        between = "; " if language == "en" else "；"
        said = {
            name: between.join(note.text(language).rstrip(".。") for note in value)
            if isinstance(value, tuple)
            else value
            for name, value in self.values.items()
        }
        return words(language).say(self.says, **said)
