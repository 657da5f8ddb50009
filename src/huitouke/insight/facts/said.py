"""What reading says aloud: which columns were taken, and what became of which rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huitouke.insight.facts.lines import Lines
from huitouke.insight.facts.quarantine import REASONS
from huitouke.insight.facts.reading import Note, RowCounts
from huitouke.insight.facts.rollup import RolledUp
from huitouke.insight.facts.staging import Staged
from huitouke.language import N_

__all__ = ["aside_notes", "column_notes", "row_notes"]

_MANY = 0.05
_REASONS_SAID = 3


def column_notes(file: Staged) -> list[Note]:
    """Return which columns of a file were taken for what, and which were passed over.

    Parameters
    ----------
    file
        A staged file.
    """
    columns = file.columns
    taken = ", ".join(
        f"{name} = " + " + ".join(columns.headers[place] for place in places)
        for name, places in columns.places.items()
    )
    path = file.source.name
    notes = [Note("facts.columns", N_("{path}: {taken}."), {"path": path, "taken": taken})]
    if columns.header_row < 0:
        notes.append(
            Note(
                "facts.no_header",
                N_("{path}: the first row is data; columns are taken by position."),
                {"path": path},
            )
        )
    notes += [
        Note(
            "facts.column_passed_over",
            N_("{path}: column {column} could also be {field}; not used."),
            {"path": path, "column": column, "field": field},
        )
        for column, field in columns.passed_over
    ]
    if "amount" not in columns.places and "unit_price" in columns.places:
        notes.append(
            Note(
                "facts.amount_from_price",
                N_("{path}: amounts are quantity times unit price."),
                {"path": path},
            )
        )
    return notes


def row_notes(
    rows: RowCounts, lines: Lines, *, rolled: RolledUp, totals: dict[str, Any]
) -> list[Note]:
    """Return what became of rows other than plain orders.

    Parameters
    ----------
    rows
        The counts.
    lines
        The typed lines.
    rolled
        What they came to.
    totals
        Sums over the lines, in ten-thousandths of the currency unit.
    """
    notes = []
    if rows.merged:
        notes.append(
            Note(
                "facts.copies_dropped",
                N_("{rows:,} rows repeat another in every field and were dropped."),
                {"rows": rows.merged},
            )
        )
    if lines.kept_copies:
        notes.append(
            Note(
                "facts.copies_kept",
                N_(
                    "{rows:,} rows repeat another but have neither order number nor time; "
                    "kept as purchases."
                ),
                {"rows": lines.kept_copies},
            )
        )
    if rows.without_customer:
        notes.append(
            Note(
                "facts.without_customer",
                N_(
                    "{rows:,} rows name no customer; they count in revenue only "
                    "({revenue:,.2f})."
                ),
                {
                    "rows": rows.without_customer,
                    "revenue": totals["revenue_without_customer_e4"] / 10_000,
                },
            )
        )
    if "order_id" not in lines.schema.names:
        notes.append(
            Note(
                "facts.orders_by_moment",
                N_("No order number: rows of one customer and moment are one order."),
                {},
            )
        )
    notes += _return_notes(rolled, totals)
    notes += [
        Note(
            "facts.order_lines",
            N_(
                "{path}: {rows:,} further lines of an order have no total; customer and time "
                "are those of its first line."
            ),
            {"path": path, "rows": count},
        )
        for path, count in sorted(lines.continued.items())
        if count
    ]
    return notes + [_unreadable(*key, rows=n) for key, n in sorted(lines.unreadable.items())]


def _unreadable(path: str, column: str, field: str, *, rows: int) -> Note:
    where = {"path": path, "column": column, "rows": rows}
    if field == "refund":
        says = N_(
            "{path}, {column}: {rows:,} refunds cannot be read and are not taken off revenue."
        )
        return Note("facts.refund_unreadable", says, where)
    says = N_("{path}, {column}: {rows:,} unreadable values count as absent.")
    return Note("facts.optional_unreadable", says, where)


def aside_notes(rows: RowCounts, reasons: Sequence[tuple[str, str, int]]) -> list[Note]:
    """Return a note with the most frequent reasons if many rows were set aside.

    Parameters
    ----------
    rows
        The counts.
    reasons
        Column, reason and rows, the most frequent first, as ``Quarantine.reasons`` gives.
    """
    if rows.quarantined <= _MANY * rows.read:
        return []
    named = tuple(
        Note(
            "facts.set_aside",
            N_("“{column}”: {reason} ({rows:,})") if column else N_("{reason} ({rows:,})"),
            {
                "column": column,
                "reason": (Note("facts.reason", REASONS[reason], {}),),
                "rows": count,
            },
        )
        for column, reason, count in reasons[:_REASONS_SAID]
    )
    return [
        Note(
            "facts.many_set_aside",
            N_("{aside:,} of {rows:,} rows were set aside, most often: {reasons}."),
            {"aside": rows.quarantined, "rows": rows.read, "reasons": named},
        )
    ]


def _return_notes(rolled: RolledUp, totals: dict[str, Any]) -> list[Note]:
    notes = []
    if totals["voided"]:
        notes.append(
            Note(
                "facts.voided",
                N_(
                    "{rows:,} rows are cancelled, refunded or unpaid by status; they net "
                    "to nothing."
                ),
                {"rows": totals["voided"]},
            )
        )
    if totals["reversals"] > totals["voided"]:
        notes.append(
            Note(
                "facts.refunds",
                N_("{rows:,} rows carry a refund, taken off their own order."),
                {"rows": totals["reversals"] - totals["voided"]},
            )
        )
    found = rolled.matched
    if found is not None:
        notes.append(
            Note(
                "facts.returns",
                N_(
                    "{rows:,} return rows, taken off: {by_order_id:,} by order number, "
                    "{by_product:,} by product, {by_latest:,} from the latest earlier "
                    "order."
                ),
                {
                    "rows": found.by_order_id
                    + found.by_product
                    + found.by_latest
                    + found.unmatched,
                    "by_order_id": found.by_order_id,
                    "by_product": found.by_product,
                    "by_latest": found.by_latest,
                },
            )
        )
        if found.unmatched:
            notes.append(
                Note(
                    "facts.returns_unmatched",
                    N_(
                        "{rows:,} return rows ({amount:,.2f}) have no earlier order; they "
                        "only lower revenue."
                    ),
                    {"rows": found.unmatched, "amount": found.unmatched_e4 / 10_000},
                )
            )
    return notes
