"""The shop's history: its buying rhythm, its weeks, and how cohorts come back."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

__all__ = ["after", "cohorts", "gaps"]


def gaps(occasions: ir.Table) -> ir.Table:
    """Count how often each gap between two occasions of one customer occurs.

    Parameters
    ----------
    occasions
        A ``tables.OCCASIONS`` table.

    Returns
    -------
    ir.Table
        gap_days, times: a small table, from which the median is exact on any engine.
    """
    in_order = ibis.window(group_by="customer_no", order_by="ordered_on")
    gap = occasions.ordered_on.delta(occasions.ordered_on.lag().over(in_order), unit="day")
    table = occasions.select(gap_days=gap.cast("int64"))
    table = table.filter(table.gap_days.notnull())
    return table.group_by("gap_days").agg(times=table.count().cast("int64"))


def after(occasions: ir.Table, *, origin: date, until: date) -> ir.Table:
    """Count by day what the customers known at an origin bought after it.

    Parameters
    ----------
    occasions
        Occasions as known on ``until`` or later.
    origin
        Customers who first bought later than this are left out.
    until
        The last day to count.

    Returns
    -------
    ir.Table
        ordered_on, occasions; only days with any.
    """
    known = occasions.filter(occasions.ordered_on <= origin).select("customer_no").distinct()
    window = occasions.filter((occasions.ordered_on > origin) & (occasions.ordered_on <= until))
    rows = window.semi_join(known, "customer_no")
    return rows.group_by("ordered_on").agg(occasions=rows.count().cast("int64"))


def cohorts(occasions: ir.Table, *, as_of: date, days: int = 91) -> ir.Table:
    """Follow each cohort of newcomers: how many bought again in each later period.

    Periods run back from ``as_of`` in equal lengths, so that the last one is whole.

    Parameters
    ----------
    occasions
        A ``tables.OCCASIONS`` table.
    as_of
        The last day that is known.
    days
        Length of a period in days.

    Returns
    -------
    ir.Table
        cohort_age (periods before the last one in which the customers came, 0 = newest),
        period_age (the same for the period observed), customers.
    """
    end = ibis.literal(as_of, "date")
    firsts = occasions.group_by("customer_no").agg(first_on=occasions.ordered_on.min())
    joined = occasions.join(firsts, "customer_no")
    aged = joined.select(
        "customer_no",
        cohort_age=(end.delta(joined.first_on, unit="day").cast("int64") // days).cast("int64"),
        period_age=(end.delta(joined.ordered_on, unit="day").cast("int64") // days).cast(
            "int64"
        ),
    ).distinct()
    return aged.group_by("cohort_age", "period_age").agg(customers=aged.count().cast("int64"))
