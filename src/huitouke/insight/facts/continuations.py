"""Further lines of an order whose first line alone carries the order's totals.

Such a line lists one more item: it has no amount, and often neither customer nor date. It
takes customer and time from the first line of its order and adds nothing to the amount.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.facts.amounts import Scaled
from huitouke.insight.facts.cells import Mask, Part
from huitouke.insight.facts.habits import Habits
from huitouke.insight.facts.moments import MISSING, OK, Moments
from huitouke.insight.facts.staging import Staged

__all__ = ["Continued", "Heads", "continued", "read_heads"]


@dataclass(frozen=True)
class Heads:
    """The first lines of the orders of one file, one per order number.

    Parameters
    ----------
    order_id, customer_id
        As ``read_labels`` reads them, shape (orders,).
    micros, clock
        Their moments, as in ``Moments``.
    """

    order_id: pa.Array
    customer_id: pa.Array
    micros: npt.NDArray[np.int64]
    clock: Mask


@dataclass(frozen=True)
class Continued:
    """Some rows with what the further lines of an order took from its first.

    Parameters
    ----------
    amount, when, customer_id
        The fields, filled.
    rows
        How many rows are further lines.
    """

    amount: Scaled
    when: Moments
    customer_id: pa.Array
    rows: int


def read_heads(
    staged: Staged, *, number: int, habits: Habits, timezone: str | None
) -> Heads | None:
    """Find the first line with amount and date of every order of a file.

    Parameters
    ----------
    staged, number
        The file and its place among the files.
    habits
        How its columns are read.
    timezone
        The shop's time zone, or None.

    Returns
    -------
    Heads or None
        None if every line of the file stands for itself, or no line is a first one.
    """
    places = staged.columns.places
    if not staged.columns.heads_only or not {"order_id", "amount"} <= places.keys():
        return None
    parts = []
    for chunk in staged.chunks():
        part = Part(staged, number, chunk, habits, timezone, Counter())
        amount, when = part.numbers("amount"), part.moments("ordered_at")
        order_id, customer_id = part.labels("order_id"), part.labels("customer_id")
        assert amount is not None and when is not None  # noqa: PT018, S101 - columns are there
        assert order_id is not None and customer_id is not None  # noqa: PT018, S101
        there = order_id.is_valid().to_numpy(zero_copy_only=False)
        first = pa.array((amount.state == OK) & (when.state == OK) & there)
        columns = [order_id, customer_id, pa.array(when.micros), pa.array(when.clock)]
        parts.append(pa.table(columns, names=["order", "customer", "micros", "clock"]))
        parts[-1] = parts[-1].filter(first)
    if not parts:
        return None
    table = pa.concat_tables(parts).combine_chunks()
    orders = table["order"].combine_chunks().dictionary_encode()
    _, rows = np.unique(orders.indices.to_numpy(), return_index=True)
    table = table.take(pa.array(rows)).combine_chunks()
    return Heads(
        table["order"].combine_chunks(),
        table["customer"].combine_chunks(),
        table["micros"].to_numpy(),
        table["clock"].to_numpy(),
    )


def continued(
    heads: Heads,
    *,
    order_id: pa.Array,
    amount: Scaled,
    when: Moments,
    customer_id: pa.Array,
) -> Continued:
    """Fill the further lines of an order: rows of a known order without an amount.

    Parameters
    ----------
    heads
        The first lines of the file's orders.
    order_id, amount, when, customer_id
        The fields of some rows, as read.
    """
    found = pc.index_in(order_id, value_set=heads.order_id)
    further = found.is_valid().to_numpy(zero_copy_only=False) & (amount.state == MISSING)
    rows = np.flatnonzero(further)
    if not len(rows):
        return Continued(amount, when, customer_id, 0)
    head = pc.fill_null(found, 0).to_numpy(zero_copy_only=False)
    state = np.where(further, OK, amount.state).astype(np.uint8)
    undated = further & (when.state == MISSING)
    filled = Moments(
        np.where(undated, heads.micros[head], when.micros),
        np.where(undated, heads.clock[head], when.clock),
        np.where(undated, OK, when.state).astype(np.uint8),
    )
    theirs = pc.if_else(pa.array(further), heads.customer_id.take(pa.array(head)), None)
    return Continued(
        replace(amount, state=state), filled, pc.coalesce(customer_id, theirs), len(rows)
    )
