"""What reading says aloud: which columns were taken, and what became of which rows."""

from __future__ import annotations

from typing import Any

from huitouke.insight.facts.lines import Lines
from huitouke.insight.facts.reading import Note, RowCounts
from huitouke.insight.facts.rollup import RolledUp
from huitouke.insight.facts.staging import Staged
from huitouke.insight.language import N_

__all__ = ["column_notes", "row_notes"]


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
            N_("{path}: the column {column} could also be {field} and is not used."),
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
                N_("{rows:,} rows repeat another row in every field and were dropped."),
                {"rows": rows.merged},
            )
        )
    if lines.kept_copies:
        notes.append(
            Note(
                "facts.copies_kept",
                N_(
                    "{rows:,} rows repeat another row in every field but carry neither an "
                    "order number nor a time of day; they are kept as purchases of their own."
                ),
                {"rows": lines.kept_copies},
            )
        )
    if rows.without_customer:
        notes.append(
            Note(
                "facts.without_customer",
                N_(
                    "{rows:,} rows name no customer; they count in revenue ({revenue:,.2f}) "
                    "but in no customer's history."
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
                N_("There is no order number: rows of one customer and moment are one order."),
                {},
            )
        )
    notes += _return_notes(rolled, totals)
    notes += [
        Note(
            "facts.optional_unreadable",
            N_("{path}, column {column}: {rows:,} values cannot be read and count as absent."),
            {"path": path, "column": column, "rows": count},
        )
        for (path, column), count in sorted(lines.unreadable.items())
    ]
    return notes


def _return_notes(rolled: RolledUp, totals: dict[str, Any]) -> list[Note]:
    notes = []
    if totals["voided"]:
        notes.append(
            Note(
                "facts.voided",
                N_(
                    "{rows:,} rows have a status that says cancelled, refunded or unpaid; "
                    "they net to nothing."
                ),
                {"rows": totals["voided"]},
            )
        )
    if totals["reversals"] > totals["voided"]:
        notes.append(
            Note(
                "facts.refunds",
                N_("{rows:,} rows carry a refund, which nets off their own order."),
                {"rows": totals["reversals"] - totals["voided"]},
            )
        )
    found = rolled.matched
    if found is not None:
        notes.append(
            Note(
                "facts.returns",
                N_(
                    "{rows:,} return rows: {by_order_id:,} net off the order whose number they "
                    "carry, {by_product:,} an earlier order with the same product, "
                    "{by_latest:,} the customer's latest earlier order."
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
                        "lower revenue but belong to no order."
                    ),
                    {"rows": found.unmatched, "amount": found.unmatched_e4 / 10_000},
                )
            )
    return notes
