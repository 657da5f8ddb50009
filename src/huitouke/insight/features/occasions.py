"""Purchase occasions: what was bought and kept, by customer and day, as known on a day."""

from __future__ import annotations

from datetime import date
from typing import cast

import ibis
import ibis.expr.types as ir

__all__ = ["PROMOTION_FLOOR_PERCENT", "daily", "occasions", "on_promotion", "sample"]

#: An occasion counts as bought on promotion from this discount on, in percent of the list
#: amount; smaller discounts are rounding and courtesy.
PROMOTION_FLOOR_PERCENT = 5

_MULTIPLIER = 2_654_435_761  # coprime with the buckets: spreads running numbers evenly
_BUCKETS = 1_000_000


def occasions(postings: ir.Table, *, as_of: date) -> ir.Table:
    """Collapse postings to purchase occasions, knowing only what was known on ``as_of``.

    Two clocks are kept: an order counts if it was placed *and* recorded by the end of
    ``as_of``; a return recorded later does not reach back. Orders of one day are one
    occasion. A day whose purchases were all returned is none; a day of free goods is one.

    Parameters
    ----------
    postings
        A ``tables.POSTINGS`` table.
    as_of
        The last day that is known.

    Returns
    -------
    ir.Table
        A ``tables.OCCASIONS`` table, lazy.
    """
    known = postings.filter((postings.recorded_on <= as_of) & (postings.ordered_on <= as_of))
    days = known.group_by("customer_no", "ordered_on").agg(
        orders=(~known.is_return).cast("int64").sum(),
        returns=known.is_return.cast("int64").sum(),
        amount_e4=known.amount_e4.sum().cast("int64"),
        list_e4=known.list_e4.sum().cast("int64"),
        discount_e4=known.discount_e4.sum().cast("int64"),
        full_price_e4=known.full_price_e4.sum().cast("int64"),
    )
    kept = days.filter((days.orders > 0) & ((days.returns == 0) | (days.amount_e4 > 0)))
    return kept.select(
        "customer_no",
        "ordered_on",
        kept.orders.cast("int64").name("orders"),
        "amount_e4",
        "list_e4",
        "discount_e4",
        "full_price_e4",
    )


def on_promotion(table: ir.Table) -> ir.BooleanValue:
    """Return whether each occasion was bought on promotion (discount at or above the floor).

    Parameters
    ----------
    table
        A ``tables.OCCASIONS`` table.
    """
    return cast(
        "ir.BooleanValue",
        (table.list_e4 > 0)
        & (table.discount_e4 * 100 >= table.list_e4 * PROMOTION_FLOOR_PERCENT),
    )


def daily(table: ir.Table) -> ir.Table:
    """Count a shop's occasions and promoted occasions by day.

    Parameters
    ----------
    table
        A ``tables.OCCASIONS`` table.

    Returns
    -------
    ir.Table
        ordered_on, occasions, promoted, amount_e4; a row per day with any occasion.
    """
    return table.group_by("ordered_on").agg(
        occasions=table.count().cast("int64"),
        promoted=on_promotion(table).cast("int64").sum().cast("int64"),
        amount_e4=table.amount_e4.sum().cast("int64"),
    )


def sample(table: ir.Table, *, share: float) -> ir.Table:
    """Keep a stable share of the customers, all their rows.

    Parameters
    ----------
    table
        Any table with customer_no.
    share
        Share of customers to keep, 0 to 1. At 1 the table is returned unchanged.

    Returns
    -------
    ir.Table
        The rows of the kept customers; a customer kept at one share is kept at every
        larger one.
    """
    if share >= 1:
        return table
    bucket = (table.customer_no * ibis.literal(_MULTIPLIER, "int64")) % _BUCKETS
    return table.filter(bucket < int(share * _BUCKETS))
