"""One chunk of one file, its cells read field by field as the file's habits say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.facts.amounts import Scaled, read_amounts
from huitouke.insight.facts.habits import Habits
from huitouke.insight.facts.labels import as_text, read_labels
from huitouke.insight.facts.moments import (
    CONTRADICTS,
    MISSING,
    OK,
    OUT_OF_RANGE,
    UNREADABLE,
    Moments,
    read_moments,
)
from huitouke.insight.facts.quarantine import Quarantine
from huitouke.insight.facts.staging import Chunk, Staged

__all__ = ["DATE_REASONS", "Check", "Mask", "Part", "put_aside"]

Mask = npt.NDArray[np.bool_]

#: Why a moment cannot be used, by its state.
DATE_REASONS = {
    MISSING: "date_missing",
    UNREADABLE: "date_unreadable",
    CONTRADICTS: "date_contradicts_order",
    OUT_OF_RANGE: "date_out_of_range",
}


@dataclass(frozen=True)
class Part:
    """One chunk of one file, with how it is to be read.

    Parameters
    ----------
    staged, number
        The file and its place among the files.
    chunk
        Some of its rows.
    habits
        How its columns are read.
    timezone
        The shop's time zone, or None.
    unreadable
        Counts values of optional fields that cannot be read, by (file, column, field).
    """

    staged: Staged
    number: int
    chunk: Chunk
    habits: Habits
    timezone: str | None
    unreadable: Counter[tuple[str, str, str]]

    @property
    def rows(self) -> int:
        """Rows of the chunk."""
        return len(self.chunk.lines)

    def place(self, name: str) -> int | None:
        """Return the place of a field's (first) column, or None.

        Parameters
        ----------
        name
            The field.
        """
        return self.staged.columns.place(name)

    def moments(self, name: str) -> Moments | None:
        """Read a field of moments, or return None if the file does not give it.

        Parameters
        ----------
        name
            The field.
        """
        place = self.place(name)
        if place is None:
            return None
        return read_moments(
            self.chunk.cells[place],
            order=self.habits.order[self.number, place],
            timezone=self.timezone,
        )

    def labels(self, name: str) -> pa.Array | None:
        """Read a field of ids or names, or return None if the file does not give it.

        Parameters
        ----------
        name
            The field.
        """
        place = self.place(name)
        if place is None:
            return None
        seen = self.habits.ids.get((self.number, place))
        return read_labels(
            self.chunk.cells[place],
            drop_point_zero=seen is not None and seen.drops_point_zero,
        )

    def numbers(self, name: str, *, places: int = 4, optional: bool = False) -> Scaled | None:
        """Read a field of numbers, or return None if the file does not give it.

        Several columns of one field add up without their signs: an export may write one
        discount as 5 and another as -5.

        Parameters
        ----------
        name
            The field.
        places
            Decimal places that are kept.
        optional
            True if a row can do without: words for none count as none, and values that
            cannot be read are counted.
        """
        found = self.staged.columns.places.get(name)
        if not found:
            return None
        parts = [
            read_amounts(
                self.chunk.cells[place],
                places=places,
                decimal=self.habits.decimal[self.number, place],
                optional=optional,
            )
            for place in found
        ]
        if optional:
            for place, part in zip(found, parts, strict=True):
                self.count_unreadable(name, place=place, state=part.state)
        if len(parts) == 1:
            return parts[0]
        there = np.any([part.state == OK for part in parts], axis=0)
        total = np.zeros(self.rows, dtype=np.int64)
        for part in parts:
            total += np.where(part.state == OK, np.abs(part.units), 0)
        return Scaled(total, np.where(there, OK, MISSING).astype(np.uint8))

    def count_unreadable(self, name: str, *, place: int, state: npt.NDArray[np.uint8]) -> None:
        """Count the values of an optional column that cannot be read.

        Parameters
        ----------
        name
            The field.
        place
            The column.
        state
            One state per row.
        """
        lost = int(((state != OK) & (state != MISSING)).sum())
        if lost:
            column = self.staged.columns.headers[place]
            self.unreadable[self.staged.source.name, column, name] += lost


@dataclass(frozen=True)
class Check:
    """What a column must hold for its row to be used.

    Parameters
    ----------
    place
        The column.
    state
        One state per row.
    reasons
        The reason for the quarantine by state; other states pass.
    """

    place: int
    state: npt.NDArray[np.uint8]
    reasons: dict[int, str]


def put_aside(part: Part, *, checks: list[Check], aside: Quarantine) -> Mask:
    """Put the rows aside that fail a check, each for its first failure.

    Parameters
    ----------
    part
        The rows.
    checks
        In order of importance.
    aside
        Takes the rows.

    Returns
    -------
    numpy.ndarray
        True for the rows that were put aside, shape (rows,).
    """
    bad = np.zeros(part.rows, dtype=bool)
    for check in checks:
        for state, reason in check.reasons.items():
            rows = np.flatnonzero((check.state == state) & ~bad)
            if not len(rows):
                continue
            cells = part.chunk.cells[check.place].take(pa.array(rows))
            aside.add(
                part.staged.source.name,
                part.chunk.lines[rows],
                column=part.staged.columns.headers[check.place],
                values=as_text(cells).to_pylist(),
                reason=reason,
            )
            bad[rows] = True
    return bad
