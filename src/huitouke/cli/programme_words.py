"""Words and columns that the programme's commands share."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

from huitouke.language import N_, Words
from huitouke.service.programme.rules.shown import money

if TYPE_CHECKING:  # they need Django's settings
    from huitouke.service.programme.economics.breakage import Rate
    from huitouke.service.programme.economics.liability import Points
    from huitouke.service.programme.economics.outlook import Span

__all__ = ["month_name", "number", "period", "share", "span", "sum_at_cost", "table"]

_UNKNOWN = N_("cannot tell, possible: {low} to {high}")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows as lines, the first column to the left and all others to the right.

    Parameters
    ----------
    rows
        Cells; all rows equally long.

    Examples
    --------
    >>> table([("积分", "10"), ("points", "9")])
    ['积分    10', 'points   9']
    """
    given = [tuple(row) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*given, strict=True)]
    lines = []
    for first, *rest in given:
        cells = [first + " " * (widths[0] - _width(first))]
        cells += [
            " " * (wide - _width(cell)) + cell
            for cell, wide in zip(rest, widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def number(points: int, *, reader: Words) -> str:
    """Return a whole number as a reader writes it.

    Parameters
    ----------
    points
        Any.
    reader
        The reader's words.
    """
    return format_decimal(points, locale=reader.locale)


def month_name(month: date | None, *, reader: Words) -> str:
    """Return a month, or that there is no end.

    Parameters
    ----------
    month
        A day of it, or none.
    reader
        The reader's words.
    """
    if month is None:
        return reader.say(N_("without end"))
    return str(format_skeleton("yMMM", month, locale=reader.locale))


def share(rate: Rate, *, reader: Words) -> str:
    """Return a share with its interval.

    Parameters
    ----------
    rate
        In [0, 1].
    reader
        The reader's words.
    """
    ends = [
        format_percent(each, "0.0%", locale=reader.locale) for each in (rate.low, rate.high)
    ]
    if rate.value is None:
        return reader.say(_UNKNOWN, low=ends[0], high=ends[1])
    middle = format_percent(rate.value, "0.0%", locale=reader.locale)
    return f"{middle} ({ends[0]}–{ends[1]})"


def span(given: Span | Points, *, reader: Words) -> str:
    """Return points with their bounds.

    Parameters
    ----------
    given
        The points.
    reader
        The reader's words.
    """
    low, high = number(given.low, reader=reader), number(given.high, reader=reader)
    if given.points is None:
        return reader.say(_UNKNOWN, low=low, high=high)
    middle = number(given.points, reader=reader)
    return middle if low == high else f"{middle} ({low}–{high})"


def sum_at_cost(given: Span | Points, *, currency: str, reader: Words) -> str:
    """Return what points cost, with the bounds.

    Parameters
    ----------
    given
        The points.
    currency
        Of the money.
    reader
        The reader's words.
    """
    ends = [given.low_money.cost_minor, given.high_money.cost_minor]
    shown = [
        money(each, currency=currency, language=reader.language)
        for each in ends
        if each is not None
    ]
    if not shown:
        return "–"
    if given.money is None or given.money.cost_minor is None:
        return reader.say(_UNKNOWN, low=shown[0], high=shown[1])
    middle = money(given.money.cost_minor, currency=currency, language=reader.language)
    return middle if shown[0] == shown[1] else f"{middle} ({shown[0]}–{shown[1]})"


def period(since: datetime | None, *, until: datetime, zone: str, reader: Words) -> str:
    """Return a period in words, by its first and last local day.

    Parameters
    ----------
    since, until
        Its bounds; the second is the first moment after it.
    zone
        Whose days.
    reader
        The reader's words.
    """
    last = (until - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    end = format_date(last, format="medium", locale=reader.locale)
    if since is None:
        return reader.say(N_("up to {until}"), until=end)
    first = since.astimezone(ZoneInfo(zone)).date()
    begin = format_date(first, format="medium", locale=reader.locale)
    return reader.say(N_("{since} to {until}"), since=begin, until=end)
