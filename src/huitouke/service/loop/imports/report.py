"""Rows that an import did not bring in, each with its place and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from huitouke.insight.facts import quarantine
from huitouke.insight.steps.write import write_csv
from huitouke.insight.tables import QUARANTINE
from huitouke.language import N_, Words
from huitouke.service.customers.imports import Refusal
from huitouke.service.programme.imports import REVIEWS

__all__ = ["REASONS", "explained", "quarantine_table", "reviews", "write_quarantine"]

#: Why a row was not brought in, beside the reasons of reading it, by stable code.
REASONS: dict[str, str] = {
    "identity_missing": N_("The row names nobody."),
    "identity_invalid": N_("This cannot be a phone, an e-mail, a card or an id of its kind."),
    "identities_conflict": N_("The identities in this row belong to different customers."),
    "detail_invalid": N_("Name, birthday or another detail cannot be kept."),
    "customer_changed": N_("The customer is known with other details; they stay as they are."),
    "order_unnamed": N_("The row names neither a customer nor an order."),
    "order_of_several": N_("The rows of this order name different customers."),
    "order_invalid": N_("The figures of this order cannot be."),
    "order_changed": N_("The order is known with other content; it stays as it is."),
    "refund_changed": N_("The refund is known with other content; it stays as it is."),
    "refund_too_large": N_("More would come back than was paid."),
    "return_unmatched": N_("No earlier order is found for this return."),
    "points_not_whole": N_("Points are whole numbers."),
    "points_below_zero": N_("Points below zero are not brought in."),
    "points_expired": N_("These points have expired."),
    "balance_changed": N_("These points are known with other content; they stay as they are."),
    "tier_unknown": N_("The programme has no tier of this name."),
    "tier_changed": N_("The tier is known with other content; it stays as it is."),
}


def explained(reason: str) -> str:
    """Return the English message that explains a reason, of reading or of bringing in.

    Parameters
    ----------
    reason
        Its stable code; one that is not known explains itself.
    """
    return REASONS.get(reason) or quarantine.REASONS.get(reason, reason)


def reviews(counts: Mapping[str, int]) -> tuple[tuple[date, int], ...]:
    """Return in which months tiers of a file come up for review, and how many in each.

    Parameters
    ----------
    counts
        Of a difference.

    Examples
    --------
    >>> reviews({"tiers_new": 3, "reviews:2028-04": 2, "reviews:2027-12": 1})
    ((datetime.date(2027, 12, 1), 1), (datetime.date(2028, 4, 1), 2))
    """
    found = (
        (date.fromisoformat(f"{name.removeprefix(REVIEWS)}-01"), number)
        for name, number in counts.items()
        if name.startswith(REVIEWS)
    )
    return tuple(sorted(found))


def quarantine_table(
    unread: pa.Table, refusals: Sequence[Refusal], *, reader: Words
) -> pa.Table:
    """Return every row that was not brought in, with its place and reason.

    Parameters
    ----------
    unread
        Rows that could not be read, ``tables.QUARANTINE``.
    refusals
        Rows that were read and refused.
    reader
        Whose language.
    """
    said = {reason: reader.say(says) for reason, says in REASONS.items()}
    refused = pa.table(
        {
            "source": pa.array([each.source for each in refusals], pa.string()),
            "line_number": pa.array([each.line_number for each in refusals], pa.int64()),
            "column": pa.array([each.column for each in refusals], pa.string()),
            "value": pa.array([each.value[:80] for each in refusals], pa.string()),
            "reason": pa.array([each.reason for each in refusals], pa.string()),
            "explanation": pa.array([said[each.reason] for each in refusals], pa.string()),
        }
    )
    schema = QUARANTINE.arrow_schema()
    whole = pa.concat_tables([unread.cast(schema), refused.cast(schema)])
    return whole.sort_by([("source", "ascending"), ("line_number", "ascending")])


def write_quarantine(table: pa.Table, path: Path, *, reader: Words) -> None:
    """Write the rows that were not brought in as CSV.

    Parameters
    ----------
    table
        From :func:`quarantine_table`.
    path
        Where.
    reader
        Whose language.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(table, path, language=reader.language)
