"""The fast path: recency, frequency and spend of clean rows, and a summary kept day by day.

``panel`` in this folder is the definition, on any engine. Where the rows are already in
memory as three plain columns, ``summarise`` gives the same numbers many times faster by
counting rows into place instead of comparing them; a property test holds the two equal.
``KeptSummary`` carries the same numbers forward when a day is added, at the cost of the new
rows alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from huitouke.errors import HuitoukeError
from huitouke.language import N_

__all__ = ["KeptSummary", "LateRows", "RowsOutOfRange", "Summary", "dense", "summarise"]

Ints = npt.NDArray[np.int64]
#: Integers of any size: rows may come in four bytes a number.
Whole = npt.NDArray[np.integer[Any]]

_DAY_BITS = 17  # 131,072 days, 358 years: room for any calendar after 1970
#: Counting needs a place per customer number: sorting is cheaper where rows are few.
_PLACES_PER_ROW = 4


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


def dense(keys: Whole) -> tuple[Whole, Whole]:
    """Number arbitrary integer keys from 0 in their ascending order.

    Parameters
    ----------
    keys
        Integer keys, one per row.

    Returns
    -------
    numbers, distinct
        One number per row, in four bytes where they suffice, and the key each stands for.
        Keys that are such numbers already come back as they are, not copied.

    Examples
    --------
    >>> numbers, distinct = dense(np.array([70, 12, 70]))
    >>> numbers.tolist(), distinct.tolist()
    ([1, 0, 1], [12, 70])
    """
    if keys.size == 0:
        return np.zeros(0, np.int64), keys
    low, high = int(keys.min()), int(keys.max())
    kind: type[np.integer[Any]] = np.int32 if high - low < 2**31 else np.int64
    if high - low >= 8 * keys.size + 1024:
        found, numbers = np.unique(keys, return_inverse=True)
        return numbers.astype(kind), found
    # A table over the range is cheaper than sorting while ids are not too sparse.
    place: Whole = keys if low == 0 else keys.astype(np.int64) - low
    present = np.zeros(high - low + 1, np.bool_)
    present[place] = True
    distinct: Whole = np.flatnonzero(present) + low
    if distinct.size < present.size:
        place = (np.cumsum(present) - 1).astype(kind)[place]
    return place.astype(kind, copy=False), distinct.astype(keys.dtype)


@dataclass(frozen=True)
class _Days:
    """Rows collapsed to one per customer and day, in that order.

    ``day[bounds[i]:bounds[i + 1]]`` are the days of customer ``who[i]``.
    """

    who: Ints
    bounds: Whole
    day: Whole
    amount_e4: Ints


def _by_day(customer_no: Whole, day: Whole, amount_e4: Ints) -> _Days:
    """Collapse rows to one per customer and day, ascending."""
    if not customer_no.size:
        nobody = np.zeros(0, np.int64)
        return _Days(nobody, np.zeros(1, np.int64), day, amount_e4)
    most, last = int(customer_no.max()), int(day.max())
    if min(int(customer_no.min()), int(day.min())) < 0 or last >= 1 << _DAY_BITS:
        wrong = (customer_no < 0) | (day < 0) | (day >= 1 << _DAY_BITS)
        raise RowsOutOfRange(rows=int(wrong.sum()), most=(1 << _DAY_BITS) - 1)
    if most < min(_PLACES_PER_ROW * customer_no.size, 2**31 - 1):
        return _counted(customer_no, day, amount_e4)
    return _sorted(customer_no, day, amount_e4)


def _counted(customer_no: Whole, day: Whole, amount_e4: Ints) -> _Days:
    """Count rows into place: no comparison of rows, but a place per customer number.

    A sparse matrix of customers by days is just that; building it by rows is a counting sort
    that keeps rows in order of time as they are, and adds up what falls on one day.
    """
    places = customer_no.astype(np.int32, copy=False), day.astype(np.int32, copy=False)
    shape = int(customer_no.max()) + 1, int(day.max()) + 1
    table = sparse.coo_array((amount_e4, places), shape=shape).tocsr()
    bounds = table.indptr
    who = np.flatnonzero(bounds[1:] > bounds[:-1])
    if who.size < shape[0]:
        bounds = np.append(bounds[who], bounds[-1])
    return _Days(who, bounds, table.indices, table.data)


def _sorted(customer_no: Whole, day: Whole, amount_e4: Ints) -> _Days:
    """Sort one packed integer per row: for few rows of customers numbered far apart."""
    key = (customer_no.astype(np.int64) << _DAY_BITS) | day
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    amounts = np.add.reduceat(amount_e4[order], starts)
    key = key[starts]
    customers = key >> _DAY_BITS
    changes = np.flatnonzero(np.concatenate(([True], customers[1:] != customers[:-1])))
    return _Days(
        customers[changes],
        np.append(changes, customers.size),
        key & ((1 << _DAY_BITS) - 1),
        amounts,
    )


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

    def add(self, customer_no: Whole, *, day: Whole, amount_e4: Ints) -> None:
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
        rows = _by_day(customer_no, day, amount_e4)
        if not rows.who.size:
            return
        self._grow(int(rows.who[-1]) + 1)
        # A customer may bring several days at once: take everyone's first, then second ...
        start, left, who = rows.bounds[:-1], np.diff(rows.bounds), rows.who
        for rank in itertools.count():
            more = left > rank
            start, left, who = start[more], left[more], who[more]
            if not who.size:
                break
            self._add_distinct(who, rows.day[start + rank], rows.amount_e4[start + rank])
        self.last_day = max(self.last_day, int(rows.day.max()))

    def _add_distinct(self, who: Ints, day: Whole, amount: Ints) -> None:
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


def summarise(customer_no: Whole, *, day: Whole, amount_e4: Ints, as_of_day: int) -> Summary:
    """Summarise clean purchase rows in one pass of counting.

    Parameters
    ----------
    customer_no
        Dense customer numbers, one per row, any order of rows; fastest in order of time.
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
    rows = _by_day(customer_no, day, amount_e4)
    starts, ends = rows.bounds[:-1], rows.bounds[1:]
    first = rows.day[starts].astype(np.int64)
    repeats = (ends - starts - 1).astype(np.int64)
    if rows.who.size and int(rows.amount_e4.min()) > 0:
        spend = np.add.reduceat(rows.amount_e4, starts)
        spend -= rows.amount_e4[starts]
        paid_count = repeats
    else:
        paid = rows.amount_e4 > 0
        # Cumulative sums: exact in integers, and right for a customer of a single day.
        paid_e4 = np.concatenate(([0], np.cumsum(np.where(paid, rows.amount_e4, 0))))
        paid_so_far = np.concatenate(([0], np.cumsum(paid)))
        spend = paid_e4[ends] - paid_e4[starts + 1]
        paid_count = paid_so_far[ends] - paid_so_far[starts + 1]
    return Summary(
        customer_no=rows.who,
        repeat_count=repeats,
        recency_days=rows.day[ends - 1] - first,
        tenure_days=as_of_day - first,
        repeat_spend_e4=spend,
        repeat_paid_count=paid_count,
    )
