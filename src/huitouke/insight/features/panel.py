"""The panel: one row per customer as of a day, everything orders alone say before any model."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from huitouke.insight.features.occasions import on_promotion
from huitouke.insight.tables import PANEL

__all__ = ["RECENT_DAYS", "panel", "promotion_calendar", "targets"]

#: The recent past of a customer: a quarter of a year.
RECENT_DAYS = 91


def promotion_calendar(promoted: set[date], *, first_on: date, last_on: date) -> pa.Table:
    """Turn the shop's promotion days into running counts, one row per calendar day.

    Parameters
    ----------
    promoted
        The days on which the shop had a promotion on.
    first_on, last_on
        The first and last calendar day, both included.

    Returns
    -------
    pa.Table
        day (date), promo_days_before (int64): promotion days earlier than that day.

    Examples
    --------
    >>> days = {date(2024, 1, 2)}
    >>> calendar = promotion_calendar(days, first_on=date(2024, 1, 1), last_on=date(2024, 1, 3))
    >>> calendar["promo_days_before"].to_pylist()
    [0, 0, 1]
    """
    days, before, count, day = [], [], 0, first_on
    while day <= last_on:
        days.append(day)
        before.append(count)
        count += day in promoted
        day += timedelta(days=1)
    return pa.table(
        {"day": pa.array(days, pa.date32()), "promo_days_before": pa.array(before, pa.int64())}
    )


def panel(
    occasions: ir.Table,
    *,
    as_of: date,
    postings: ir.Table,
    categories: ir.Table | None = None,
    calendar: ir.Table | None = None,
    promo_days_total: int = 0,
) -> ir.Table:
    """Compute every feature of every customer as of a day.

    Parameters
    ----------
    occasions
        A ``tables.OCCASIONS`` table made with the same ``as_of``.
    as_of
        The last day that is known.
    postings
        The ``tables.POSTINGS`` the occasions came from, for returns.
    categories
        A ``tables.CATEGORIES`` table, where the files name categories.
    calendar
        The shop's promotion days as ``promotion_calendar`` gives them, where known.
    promo_days_total
        Promotion days of the shop up to and including ``as_of``.

    Returns
    -------
    ir.Table
        A ``tables.PANEL`` table, lazy. ``repeat_count``, ``recency_days`` and
        ``tenure_days`` are x, t_x and T of Fader, Hardie & Lee (2005).
    """
    customers = _counts(_with_gaps(occasions), as_of)
    customers = _with_returns(customers, postings, as_of)
    customers = _with_categories(customers, categories, as_of)
    customers = _with_opportunity(customers, calendar, promo_days_total)
    return customers.select(*PANEL.names)


def _with_gaps(occasions: ir.Table) -> ir.Table:
    """Put each occasion's gap to the one before it, and that one's gap, beside it."""
    in_order = ibis.window(group_by="customer_no", order_by="ordered_on")
    gap = occasions.ordered_on.delta(occasions.ordered_on.lag().over(in_order), unit="day")
    gapped = occasions.mutate(gap=gap.cast("float64"))
    return gapped.mutate(gap_before=gapped.gap.lag().over(in_order))


def _counts(rows: ir.Table, as_of: date) -> ir.Table:
    day = ibis.literal(as_of, "date")
    recent = rows.ordered_on > as_of - timedelta(days=RECENT_DAYS)
    paid = rows.amount_e4 > 0
    grouped = rows.group_by("customer_no").agg(
        first_order_on=rows.ordered_on.min(),
        last_order_on=rows.ordered_on.max(),
        occasions=rows.count().cast("int64"),
        orders=rows.orders.sum().cast("int64"),
        spend_e4=rows.amount_e4.sum().cast("int64"),
        paid_e4=paid.ifelse(rows.amount_e4, 0).sum().cast("int64"),
        paid_count=paid.cast("int64").sum().cast("int64"),
        first_e4=rows.amount_e4.argmin(rows.ordered_on).cast("int64"),
        recent_count=recent.cast("int64").sum().cast("int64"),
        recent_spend_e4=recent.ifelse(rows.amount_e4, 0).sum().cast("int64"),
        list_e4=rows.list_e4.sum().cast("int64"),
        discount_e4=rows.discount_e4.sum().cast("int64"),
        full_price_e4=rows.full_price_e4.sum().cast("int64"),
        full_price_count=(~on_promotion(rows)).cast("int64").sum().cast("int64"),
        gap_last_days=rows.gap.argmax(rows.ordered_on),
        gap_previous_days=rows.gap_before.argmax(rows.ordered_on),
    )
    first_paid = grouped.first_e4 > 0
    recency = grouped.last_order_on.delta(grouped.first_order_on, unit="day").cast("int64")
    repeats = grouped.occasions - 1
    return grouped.mutate(
        repeat_count=repeats,
        recency_days=recency,
        tenure_days=day.delta(grouped.first_order_on, unit="day").cast("int64"),
        repeat_spend_e4=grouped.paid_e4 - first_paid.ifelse(grouped.first_e4, 0),
        repeat_paid_count=grouped.paid_count - first_paid.cast("int64"),
        gap_mean_days=(repeats > 0).ifelse(recency / repeats.nullif(0), ibis.null("float64")),
    )


def _with_returns(customers: ir.Table, postings: ir.Table, as_of: date) -> ir.Table:
    back = postings.filter(postings.is_return & (postings.recorded_on <= as_of))
    counted = back.group_by("customer_no").agg(returned_count=back.count().cast("int64"))
    joined = customers.left_join(counted, "customer_no")
    return joined.mutate(returned_count=joined.returned_count.fill_null(0)).drop(
        "customer_no_right"
    )


def _with_categories(customers: ir.Table, categories: ir.Table | None, as_of: date) -> ir.Table:
    if categories is None:
        return customers.mutate(category_count=ibis.null("int64"))
    known = categories.filter(categories.ordered_on <= as_of)
    counted = known.group_by("customer_no").agg(
        category_count=known.category.nunique().cast("int64")
    )
    return customers.left_join(counted, "customer_no").drop("customer_no_right")


def _with_opportunity(
    customers: ir.Table, calendar: ir.Table | None, promo_days_total: int
) -> ir.Table:
    if calendar is None:
        return customers.mutate(promo_days_share=ibis.null("float64"))
    joined = customers.left_join(calendar, customers.first_order_on == calendar.day)
    promoted = (ibis.literal(promo_days_total, "int64") - joined.promo_days_before).cast(
        "float64"
    )
    return joined.mutate(promo_days_share=promoted / (joined.tenure_days + 1).cast("float64"))


def targets(occasions: ir.Table, *, origin: date, horizon_days: int) -> ir.Table:
    """Count what each customer known at an origin did in the horizon after it.

    Parameters
    ----------
    occasions
        Occasions as known at the end of the horizon or later.
    origin
        The last day that features may know.
    horizon_days
        The target window is (origin, origin + horizon_days].

    Returns
    -------
    ir.Table
        customer_no, bought_count, bought_full_price_count, bought_e4; only customers with
        any occasion in the window. Everyone else did nothing.
    """
    window = occasions.filter(
        (occasions.ordered_on > origin)
        & (occasions.ordered_on <= origin + timedelta(days=horizon_days))
    )
    return window.group_by("customer_no").agg(
        bought_count=window.count().cast("int64"),
        bought_full_price_count=(~on_promotion(window)).cast("int64").sum().cast("int64"),
        bought_e4=window.amount_e4.sum().cast("int64"),
    )
