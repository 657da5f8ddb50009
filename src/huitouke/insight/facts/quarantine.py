"""Rows that cannot be used: their place, the value at fault and the reason, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight import tables
from huitouke.language import N_, Language, words

__all__ = ["REASONS", "Quarantine"]

_LONGEST = 80

#: Every reason by its stable code.
REASONS: dict[str, str] = {
    "cells_extra": N_("The row has more cells than the header; its values may have shifted."),
    "quote_unclosed": N_("A quotation mark opens here and never closes."),
    "cell_too_long": N_("A cell is longer than 131,072 characters."),
    "date_missing": N_("There is no date."),
    "date_unreadable": N_("This is not a date that can be read."),
    "date_contradicts_order": N_(
        "This date does not fit the order of day, month and year that its column follows."
    ),
    "date_out_of_range": N_("The year lies outside 1990 to 2100."),
    "amount_missing": N_("There is no amount."),
    "amount_unreadable": N_("This is not an amount that can be read."),
    "amount_out_of_range": N_("The amount is larger than ten billion."),
    "customer_missing": N_("The answer names no customer."),
    "kind_missing": N_("The answer does not say what was asked."),
    "kind_unknown": N_(
        "This kind of answer is not known; known are nps, satisfaction, expectation, "
        "performance, disconfirmation and type_<name>."
    ),
    "score_unreadable": N_("This is not a score that can be read."),
    "score_out_of_range": N_("An NPS score lies between 0 and 10."),
    "answer_empty": N_("The answer has neither a score nor words."),
}


class Quarantine:
    """The rows put aside so far, at most one entry per row.

    Parameters
    ----------
    language
        The language of the explanations.

    Examples
    --------
    >>> aside = Quarantine("en")
    >>> aside.add("a.csv", [3], column="date", values=["soon"], reason="date_unreadable")
    >>> aside.table()["explanation"].to_pylist()
    ['This is not a date that can be read.']
    """

    def __init__(self, language: Language) -> None:
        self._words = words(language)
        self._sources: list[str] = []
        self._parts: list[pa.Table] = []

    @property
    def rows(self) -> int:
        """Rows put aside so far."""
        return sum(part.num_rows for part in self._parts)

    def add(
        self,
        source: str,
        lines: npt.NDArray[np.int64] | Sequence[int],
        *,
        column: str,
        values: Sequence[str | None],
        reason: str,
    ) -> None:
        """Put rows aside.

        Parameters
        ----------
        source
            The file.
        lines
            Line numbers, one per row.
        column
            The column at fault as the file names it; empty if it is the whole row.
        values
            What stood there.
        reason
            A key of ``REASONS``.
        """
        count = len(lines)
        if not count:
            return
        if source not in self._sources:
            self._sources.append(source)
        cut = [None if value is None else value[:_LONGEST] for value in values]
        explanation = self._words.say(REASONS[reason])
        self._parts.append(
            pa.table(
                {
                    "source": [source] * count,
                    "line_number": np.asarray(lines, dtype=np.int64),
                    "column": [column] * count,
                    "value": pa.array(cut, pa.string()),
                    "reason": [reason] * count,
                    "explanation": [explanation] * count,
                }
            )
        )

    def reasons(self) -> list[tuple[str, str, int]]:
        """Return (column, reason, rows), the most frequent first.

        Examples
        --------
        >>> aside = Quarantine("en")
        >>> aside.add("a.csv", [3], column="pay", values=["?"], reason="amount_unreadable")
        >>> aside.add("a.csv", [5, 9], column="day", values=["", ""], reason="date_missing")
        >>> aside.reasons()
        [('day', 'date_missing', 2), ('pay', 'amount_unreadable', 1)]
        """
        rows: Counter[tuple[str, str]] = Counter()
        for part in self._parts:
            rows[part["column"][0].as_py(), part["reason"][0].as_py()] += part.num_rows
        ranked = sorted(rows.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(column, reason, count) for (column, reason), count in ranked]

    def table(self) -> pa.Table:
        """Return the rows as a ``tables.QUARANTINE`` table, in the order of the files."""
        schema = tables.QUARANTINE.arrow_schema()
        if not self._parts:
            return schema.empty_table()
        whole = pa.concat_tables(self._parts)
        rank = {source: number for number, source in enumerate(self._sources)}
        order = np.lexsort(
            (
                whole["line_number"].to_numpy(),
                np.array([rank[name] for name in whole["source"].to_pylist()]),
            )
        )
        return whole.take(pa.array(order)).cast(schema)
