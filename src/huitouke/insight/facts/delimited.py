"""Delimited text to records, each with the physical line on which it begins."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["LONGEST_CELL", "Record", "records", "sniff"]

#: Characters of the longest cell that the csv module takes.
LONGEST_CELL = 131_072

#: A quoted field longer than this many lines is taken for a quote that was never closed.
RUNAWAY_LINES = 200
_CANDIDATES = (",", ";", "\t", "|")
#: What a blank line may hold; DOS files end with 0x1A.
_NOTHING = " \t\r\n\v\f\x1a\xa0\u3000"
_BLANKS = re.compile(r"\S+")


class _RunawayQuote(Exception):
    """A quoted field does not end."""


class Record(NamedTuple):
    """One record.

    Parameters
    ----------
    line
        The physical line on which it begins, counted from 1.
    cells
        Its cells as text.
    unclosed
        True if a quote opens here and never closes; the cells are then the raw line.
    """

    line: int
    cells: list[str]
    unclosed: bool = False


def sniff(lines: Iterable[str]) -> str:
    r"""Tell the delimiter of a text from its first lines.

    Parameters
    ----------
    lines
        The first lines; blank ones are passed over.

    Returns
    -------
    str
        ``,`` ``;`` tab or ``|``; a blank if columns are separated by blanks; ``,`` if there
        is one column only.

    Examples
    --------
    >>> sniff(["id;when;sum", "1;2024-03-05;12,50"]), sniff([" 1 19970101 2  29.33"])
    (';', ' ')
    """
    sample = [line[:LONGEST_CELL] for line in lines if line.strip()]
    best, best_score = ",", (0.0, 0)
    for delimiter in _CANDIDATES:
        widths = _widths(sample, delimiter)
        score = _score(widths)
        if score > best_score:
            best, best_score = delimiter, score
    if best_score[0] < 0.5:
        widths = Counter(len(_BLANKS.findall(line)) for line in sample)
        if _score(widths) > best_score:
            return " "
    return best


def _widths(sample: list[str], delimiter: str) -> Counter[int]:
    widths: Counter[int] = Counter()
    reader = csv.reader(sample, delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return widths
        except csv.Error:
            continue  # a cell too long to be one: the other lines tell
        if cells:
            widths[len(cells)] += 1


def _score(widths: Counter[int]) -> tuple[float, int]:
    total = widths.total()
    usable = {width: rows for width, rows in widths.items() if width > 1}
    if not usable:
        return 0.0, 0
    width, rows = max(usable.items(), key=lambda pair: (pair[1], pair[0]))
    return round(rows / total, 1), width


def records(
    lines: Iterable[str], *, delimiter: str, width: int | None = None
) -> Iterator[Record]:
    r"""Yield the records of a text, blank lines passed over.

    A quote that is never closed would swallow the rest of the file. Where a record runs over
    several lines and is too long, too wide or leaves a quote open, its first line is given
    back as it stands, marked ``unclosed``, and reading goes on with the line after it.

    Parameters
    ----------
    lines
        Physical lines with their ends.
    delimiter
        As told by ``sniff``.
    width
        The number of columns, where it is known.

    Yields
    ------
    Record
        In the order of the file.

    Examples
    --------
    >>> text = ["a,b\n", "\n", '1,"x\n', 'y"\n', "2,z\n"]
    >>> [(record.line, record.cells) for record in records(text, delimiter=",")]
    [(1, ['a', 'b']), (3, ['1', 'x\ny']), (5, ['2', 'z'])]
    """
    if delimiter == " ":
        for number, line in enumerate(lines, start=1):
            if cells := _BLANKS.findall(line):
                yield Record(number, cells)
        return
    yield from _quoted(iter(lines), delimiter, width)


class _Feed:
    """Physical lines on their way to the csv module, remembered since a record began."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        while True:
            line = self._waiting.popleft() if self._waiting else next(self._lines, None)
            if line is None:
                return
            self.taken.append(line)
            if len(self.taken) > RUNAWAY_LINES:
                raise _RunawayQuote
            yield line

    def give_back(self) -> str:
        """Give back all remembered lines but the first, which is returned."""
        first, *others = self.taken
        self._waiting.extendleft(reversed(others))
        return first.rstrip("\r\n")


def _quoted(lines: Iterator[str], delimiter: str, width: int | None) -> Iterator[Record]:
    feed = _Feed(lines)
    reader = csv.reader(iter(feed), delimiter=delimiter)
    first = 1
    while True:
        feed.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_RunawayQuote, csv.Error):
            cells = None
        if cells is None or (len(feed.taken) > 1 and _swallowed(feed.taken, cells, width)):
            yield Record(first, [feed.give_back()], unclosed=True)
            reader = csv.reader(iter(feed), delimiter=delimiter)
            first += 1
            continue
        if "".join(cells).strip(_NOTHING):
            yield Record(first, cells)
        first += len(feed.taken)


def _swallowed(taken: list[str], cells: list[str], width: int | None) -> bool:
    open_quote = sum(line.count('"') for line in taken) % 2 == 1
    return open_quote or (width is not None and len(cells) > width)
