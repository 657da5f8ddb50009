"""The fast path: recency, frequency and spend of clean rows, and a summary kept day by day.

``panel`` in this folder is the definition, on any engine. Where the rows are already in
memory as three plain columns, ``summarise`` gives the same numbers several times faster by
sorting one packed integer per row; a property test holds the two equal. ``KeptSummary``
carries the same numbers forward when a day is added, at the cost of the new rows alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huitouke.insight.errors import HuitoukeError
from huitouke.insight.language import N_

__all__ = ["KeptSummary", "LateRows", "RowsOutOfRange", "Summary", "dense", "summarise"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DAY_BITS = 17  # 131,072 days, 358 years: room for any calendar after 1970


class LateRows(HuitoukeError):
    """Rows for days before the last kept day cannot be added to a kept summary."""

    code = "features.late_rows"
    says = N_("{rows} rows belong to days before the kept summary ends (day {last_day}).")
    remedy = N_("Rebuild the summary from all rows.")


class RowsOutOfRange(HuitoukeError):
    """A row has a negative customer number or a day outside the calendar."""

    code = "features.rows_out_of_range"
    says = N_("{rows} rows have a negative customer number or a day outside 0 to {most}.")
    remedy = N_("Number customers from 0 and give days since 1970-01-01.")


@dataclass(frozen=True)
class Summary:
    """What the repeat-purchase models need, one row per customer in order of customer_no.

    Parameters
    ----------
    customer_no
        Customers with any row, ascending.
    repeat_count, recency_days, tenure_days
        x, t_x and T of Fader, Hardie & Lee (2005), in days.
    repeat_spend_e4, repeat_paid_count
        Spend on, and number of, repeat days with a positive amount.
    """

    customer_no: Ints
    repeat_count: Ints
    recency_days: Ints
    tenure_days: Ints
    repeat_spend_e4: Ints
    repeat_paid_count: Ints


def dense(keys: npt.NDArray[Any]) -> tuple[Ints, npt.NDArray[Any]]:
    """Number arbitrary integer keys from 0 in their ascending order.

    Parameters
    ----------
    keys
        Integer keys, one per row.

    Returns
    -------
    numbers, distinct
        One number per row, and the key each number stands for.

    Examples
    --------
    >>> numbers, distinct = dense(np.array([70, 12, 70]))
    >>> numbers.tolist(), distinct.tolist()
    ([1, 0, 1], [12, 70])
    """
    if keys.size == 0:
        return np.zeros(0, np.int64), keys
    low, high = int(keys.min()), int(keys.max())
    if high - low < 8 * keys.size + 1024:
        # A table over the range is cheaper than sorting while ids are not too sparse.
        present = np.zeros(high - low + 1, np.bool_)
        present[keys - low] = True
        distinct = np.flatnonzero(present) + low
        number = np.cumsum(present, dtype=np.int64) - 1
        return number[keys - low], distinct.astype(keys.dtype)
    distinct, numbers = np.unique(keys, return_inverse=True)
    return numbers.astype(np.int64), distinct


def _by_day(customer_no: Ints, day: Ints, amount_e4: Ints) -> tuple[Ints, Ints, Ints]:
    """Collapse rows to one per customer and day, ascending."""
    wrong = (customer_no < 0) | (day < 0) | (day >= 1 << _DAY_BITS)
    if wrong.any():
        raise RowsOutOfRange(rows=int(wrong.sum()), most=(1 << _DAY_BITS) - 1)
    if not customer_no.size:
        return customer_no, day, amount_e4
    key = (customer_no << _DAY_BITS) | day
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    amounts = np.add.reduceat(amount_e4[order], starts)
    key = key[starts]
    return key >> _DAY_BITS, key & ((1 << _DAY_BITS) - 1), amounts


class KeptSummary:
    """A summary that grows: adding a day costs in proportion to the day's rows.

    Parameters
    ----------
    customers
        Customers to make room for; grows by itself.

    Examples
    --------
    >>> kept = KeptSummary()
    >>> one = np.array([0, 1]), np.array([10, 10]), np.array([50_000, 20_000])
    >>> kept.add(one[0], day=one[1], amount_e4=one[2])
    >>> kept.add(np.array([0]), day=np.array([17]), amount_e4=np.array([70_000]))
    >>> summary = kept.summary(as_of_day=20)
    >>> summary.repeat_count.tolist(), summary.recency_days.tolist()
    ([1, 0], [7, 0])
    """

    def __init__(self, customers: int = 0) -> None:
        self.last_day = -1
        self._first = np.full(customers, -1, np.int64)
        self._last = np.full(customers, -1, np.int64)
        self._days = np.zeros(customers, np.int64)
        self._last_e4 = np.zeros(customers, np.int64)
        self._first_e4 = np.zeros(customers, np.int64)
        self._paid_e4 = np.zeros(customers, np.int64)
        self._paid_days = np.zeros(customers, np.int64)

    def _grow(self, customers: int) -> None:
        have = self._first.size
        if customers <= have:
            return
        # Doubling keeps the cost of growth in proportion to what is added.
        more = max(customers, 2 * have) - have
        for name in (
            "_first",
            "_last",
            "_days",
            "_last_e4",
            "_first_e4",
            "_paid_e4",
            "_paid_days",
        ):
            old = getattr(self, name)
            fill = -1 if name in {"_first", "_last"} else 0
            setattr(self, name, np.concatenate((old, np.full(more, fill, np.int64))))

    def add(self, customer_no: Ints, *, day: Ints, amount_e4: Ints) -> None:
        """Add rows of the last kept day or later days, in any order among themselves.

        Parameters
        ----------
        customer_no
            Dense customer numbers.
        day
            Days since 1970-01-01.
        amount_e4
            Net amounts in 1/10000 of the currency unit.

        Raises
        ------
        LateRows
            If any row is of a day before the last kept day; nothing is added then.
        RowsOutOfRange
            If a number or day is outside the calendar; nothing is added then.
        """
        late = int((day < self.last_day).sum())
        if late:
            raise LateRows(rows=late, last_day=self.last_day)
        customers, days, amounts = _by_day(customer_no, day, amount_e4)
        if not customers.size:
            return
        self._grow(int(customers[-1]) + 1)
        # A customer may bring several days at once: take them one rank at a time.
        starts = np.concatenate(([True], customers[1:] != customers[:-1]))
        index = np.arange(customers.size)
        rank = index - np.maximum.accumulate(np.where(starts, index, 0))
        order = np.argsort(rank, kind="stable")
        bounds = np.searchsorted(rank[order], np.arange(int(rank.max()) + 2))
        for low, high in itertools.pairwise(bounds):
            rows = order[low:high]
            self._add_distinct(customers[rows], days[rows], amounts[rows])
        self.last_day = max(self.last_day, int(days.max()))

    def _add_distinct(self, who: Ints, day: Ints, amount: Ints) -> None:
        """Add at most one row per customer."""
        same = self._last[who] == day
        new = self._first[who] < 0
        before = np.where(same, self._last_e4[who], 0)
        after = before + amount
        self._paid_e4[who] += np.maximum(after, 0) - np.maximum(before, 0)
        self._paid_days[who] += (after > 0).astype(np.int64) - (before > 0)
        self._days[who] += ~same
        on_first = new | (same & (self._first[who] == day))
        self._first_e4[who] = np.where(on_first, after, self._first_e4[who])
        self._first[who] = np.where(new, day, self._first[who])
        self._last[who] = day
        self._last_e4[who] = after

    def summary(self, *, as_of_day: int) -> Summary:
        """Return the summary as of a day not before the last kept one.

        Parameters
        ----------
        as_of_day
            Days since 1970-01-01.

        Raises
        ------
        LateRows
            If ``as_of_day`` is before the last kept day.
        """
        if as_of_day < self.last_day:
            raise LateRows(rows=0, last_day=self.last_day)
        who = np.flatnonzero(self._first >= 0)
        first_paid = self._first_e4[who] > 0
        return Summary(
            customer_no=who,
            repeat_count=self._days[who] - 1,
            recency_days=self._last[who] - self._first[who],
            tenure_days=as_of_day - self._first[who],
            repeat_spend_e4=self._paid_e4[who] - np.where(first_paid, self._first_e4[who], 0),
            repeat_paid_count=self._paid_days[who] - first_paid,
        )


def summarise(customer_no: Ints, *, day: Ints, amount_e4: Ints, as_of_day: int) -> Summary:
    """Summarise clean purchase rows in one sort.

    Parameters
    ----------
    customer_no
        Dense customer numbers, one per row, any order of rows.
    day
        Days since 1970-01-01.
    amount_e4
        Net amounts in 1/10000 of the currency unit.
    as_of_day
        The last day that is known; later rows are left out.

    Returns
    -------
    Summary
        Equal to ``panel`` on the same rows, and to a ``KeptSummary`` fed day by day.

    Examples
    --------
    >>> rows = np.array([0, 0, 1]), np.array([3, 9, 5]), np.array([10_000, 30_000, 10_000])
    >>> summarise(rows[0], day=rows[1], amount_e4=rows[2], as_of_day=9).repeat_count.tolist()
    [1, 0]
    """
    if day.size and int(day.max()) > as_of_day:
        known = day <= as_of_day
        customer_no, day, amount_e4 = customer_no[known], day[known], amount_e4[known]
    customers, days, amounts = _by_day(customer_no, day, amount_e4)
    changes = np.flatnonzero(customers[1:] != customers[:-1]) + 1
    starts = np.concatenate(([0], changes))[: customers.size]
    ends = np.concatenate((changes, [customers.size]))[: customers.size] - 1
    paid = amounts > 0
    # Cumulative sums instead of reduceat: one pass, exact in integers.
    paid_e4 = np.concatenate(([0], np.cumsum(np.where(paid, amounts, 0))))
    paid_count = np.concatenate(([0], np.cumsum(paid)))
    return Summary(
        customer_no=customers[starts],
        repeat_count=ends - starts,
        recency_days=days[ends] - days[starts],
        tenure_days=as_of_day - days[starts],
        repeat_spend_e4=paid_e4[ends + 1] - paid_e4[starts + 1],
        repeat_paid_count=paid_count[ends + 1] - paid_count[starts + 1],
    )
