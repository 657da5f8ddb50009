"""Profiles back: what insight says of each customer, written in bulk and seen all at once."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.db import connection

from huitouke.insight.flow import reasons_of, rows_of
from huitouke.insight.steps.outcome import Outcome
from huitouke.insight.tables import JUDGED
from huitouke.service.customers.consenting import refusers
from huitouke.service.loop import locks
from huitouke.service.loop.facts import Customers

__all__ = ["Points", "Written", "bring_to_sight", "points_of", "write"]

_PART = 100_000
_LETTERS = {"ok": "o", "insufficient_evidence": "i", "not_identified": "n"}
#: Columns taken over as they are.
_SAME = (
    "first_order_on", "last_order_on", "repeat_count", "spend_total", "full_price_share",
    "p_alive", "p_buy", "p_buy_lo", "p_buy_hi", "orders_expected", "orders_expected_lo",
    "orders_expected_hi", "spend_expected", "clv", "clv_lo", "clv_hi", "churn_risk",
    "customer_group", "p_stranger", "p_butterfly", "p_true_friend", "p_barnacle",
    "loyalty_type", "loyalty_type_confidence", "rain_or_shine", "rain_or_shine_lo",
    "rain_or_shine_hi", "loyalty_score", "loyalty_score_lo", "loyalty_score_hi",
)  # fmt: skip
_MEASURES = ("at_stake", "at_stake_lo", "at_stake_hi", "usual_orders", "limit_days")
_OPTIONS = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
# Whoever is no person of today's records, was erased, or does not want to be profiled.
_NOT_TO_BE_SEEN = """
DELETE FROM loop_profile p USING customers_customer c
WHERE p.analysis_id = %s AND c.id = p.customer_id AND (
  c.merged_into_id IS NOT NULL OR c.erased_at IS NOT NULL OR c.id IN ({refusers})
)
"""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Why each loyalty score is what it is.

    Parameters
    ----------
    names
        Features of the score, in order.
    base
        Points that everybody has; None where there is no score.
    numbers
        The customers with a score, ascending.
    values
        Points of each feature, shape (customers, features).
    """

    names: tuple[str, ...]
    base: float | None
    numbers: npt.NDArray[np.int64]
    values: Floats


@dataclass(frozen=True)
class Written:
    """What was written: customers in all, and those in each group."""

    customers: int
    groups: dict[str, int]


def points_of(found: Outcome) -> Points:
    """Return the points of all scores.

    Parameters
    ----------
    found
        From ``flow.look``.
    """
    parts = [part for part in reasons_of(found) if part.num_rows]
    if not parts:
        return Points((), None, np.zeros(0, np.int64), np.zeros((0, 0)))
    table = pa.concat_tables(parts)
    names = [name for name in table.column_names if name.startswith("from_")]
    return Points(
        tuple(name.removeprefix("from_") for name in names),
        table["base"][0].as_py(),
        table["customer_id"].cast(pa.int64()).to_numpy(),
        np.column_stack([table[name].to_numpy() for name in names]),
    )


def write(analysis: UUID, *, found: Outcome, customers: Customers, points: Points) -> Written:
    """Write the profiles of an analysis, in the caller's transaction.

    Parameters
    ----------
    analysis
        Whose they are.
    found
        From ``flow.look``.
    customers
        Who the numbers of the analysis are.
    points
        From :func:`points_of`.
    """
    columns = ["analysis_id", "customer_id", *_SAME, "statuses", "points", *_MEASURES]
    columns += ["likely_loyal", "unlikely"]
    listed = _listed(found)
    groups: dict[str, int] = {}
    copy = f"COPY loop_profile ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
    start = 0
    with connection.cursor() as cursor, cursor.copy(copy) as out:
        for part in _parts(rows_of(found)):
            table = _profile_rows(part, customers=customers, points=points)
            place = slice(start, start + part.num_rows)
            for name, values in listed.items():
                table = table.append_column(name, _column(values[place]))
            constant = pa.array([analysis.hex]).take(pa.array(np.zeros(part.num_rows, int)))
            table = table.append_column("analysis_id", constant)
            sink = io.BytesIO()
            pyarrow.csv.write_csv(table.select(columns), sink, _OPTIONS)
            out.write(sink.getvalue())
            for each in pc.value_counts(part["customer_group"]).to_pylist():
                name = each["values"] or ""
                groups[name] = groups.get(name, 0) + each["counts"]
            start += part.num_rows
    return Written(start, groups)


def bring_to_sight(analysis: UUID) -> int:
    """Take out whoever may not be seen, and let nobody be taken away until the commit.

    Parameters
    ----------
    analysis
        Whose profiles were written in this transaction.

    Returns
    -------
    int
        How many rows were taken out.
    """
    locks.take_writing()
    who, purpose = refusers("profiling")
    with connection.cursor() as cursor:
        cursor.execute(_NOT_TO_BE_SEEN.format(refusers=who), [analysis, *purpose])
        return int(cursor.rowcount)


def _parts(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    for table in tables:
        for start in range(0, table.num_rows, _PART):
            yield table.slice(start, _PART)


def _listed(found: Outcome) -> dict[str, npt.NDArray[np.generic]]:
    """Return the columns that say who is on which list, a value per customer."""
    lists, count = found.lists, found.panel.num_rows
    made: dict[str, npt.NDArray[np.generic]] = {}
    for name in _MEASURES:
        values = np.full(count, np.nan)
        if name in lists.at_risk.measures:
            values[lists.at_risk.places] = lists.at_risk.measures[name]
        made[name] = values
    for name, each in (("likely_loyal", lists.likely_loyal), ("unlikely", lists.unlikely)):
        flags = np.zeros(count, dtype=np.bool_)
        flags[each.places] = True
        made[name] = flags
    return made


def _column(values: npt.NDArray[np.generic]) -> pa.Array:
    if values.dtype == np.bool_:
        return pa.array(values)
    return pa.array(values, mask=~np.isfinite(values.astype(np.float64)))


def _profile_rows(part: pa.Table, *, customers: Customers, points: Points) -> pa.Table:
    columns = {name: part[name] for name in _SAME}
    columns["customer_id"] = customers.text(part["customer_id"])
    columns["statuses"] = _statuses(part)
    columns["points"] = _points(part, points)
    return pa.table(columns)


def _statuses(part: pa.Table) -> pa.ChunkedArray:
    letters = [
        pc.if_else(
            pc.equal(part[f"{name}_status"], "ok"),
            _LETTERS["ok"],
            pc.if_else(pc.equal(part[f"{name}_status"], "not_identified"), "n", "i"),
        )
        for name in JUDGED
    ]
    return pc.binary_join_element_wise(*letters, "")


def _points(part: pa.Table, points: Points) -> pa.Array:
    """Return PostgreSQL's spelling of each customer's points; null without a score."""
    count = part.num_rows
    numbers = part["customer_id"].cast(pa.int64()).to_numpy()
    if not points.numbers.size:
        return pa.nulls(count, pa.string())
    place = np.minimum(np.searchsorted(points.numbers, numbers), points.numbers.size - 1)
    known = points.numbers[place] == numbers
    texts = [pa.array(column).cast(pa.string()) for column in points.values[place].T]
    inner = pc.binary_join_element_wise(*texts, ",")
    whole = pc.binary_join_element_wise("{", inner, "}", "")
    return pc.if_else(pa.array(known), whole, pa.scalar(None, pa.string()))
