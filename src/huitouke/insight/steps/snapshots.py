"""The shop as it was known on a day, and what its customers did after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.engine import Engine
from huitouke.insight.features.history import gaps
from huitouke.insight.features.matrix import Matrix, matrix
from huitouke.insight.features.occasions import daily, occasions, sample
from huitouke.insight.features.panel import panel, promotion_calendar, targets
from huitouke.insight.tables import PANEL

__all__ = [
    "MINIMUM_CUSTOMERS",
    "SAMPLE_CUSTOMERS",
    "Shop",
    "Snapshot",
    "enough_to_judge",
    "open_shop",
]

#: Models are chosen and validated on at most about this many customers, a stable sample:
#: the scores' standard errors are then far below any difference worth acting on.
SAMPLE_CUSTOMERS = 200_000
#: A purchase model needs this many customers at an origin.
MINIMUM_CUSTOMERS = 500

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """Customers as known on a day, in order of customer_no, and what came after.

    Parameters
    ----------
    on
        The last day that is known.
    panel
        ``tables.PANEL`` rows.
    matrix
        The features of the same rows.
    bought, bought_full_price
        Occasions (at full price) in the horizon after ``on``.
    spent
        Net spend in that horizon, currency units.
    """

    on: date
    panel: pa.Table
    matrix: Matrix
    bought: Floats
    bought_full_price: Floats
    spent: Floats


@dataclass(frozen=True)
class Shop:
    """The shop's tables on an engine, as known on ``as_of``.

    Parameters
    ----------
    engine, postings, categories
        Where the facts are.
    occasions
        All occasions as known on ``as_of``, kept.
    as_of, first_on
        The last and first day.
    horizon_days
        How far ahead to look.
    median_gap_days
        Median gap between occasions of one customer; None without a repeat.
    customers
        Customers with an occasion.
    daily
        A row per day with any occasion: ordered_on, occasions, promoted, amount_e4.
    promotion_days
        What finds the shop's promotion days in such a daily table; None: not identified.
    """

    engine: Engine
    postings: ir.Table
    categories: ir.Table | None
    occasions: ir.Table
    as_of: date
    first_on: date
    horizon_days: int
    median_gap_days: float | None
    customers: int
    daily: pa.Table
    promotion_days: Callable[[pa.Table], set[date] | None]

    @property
    def sample_share(self) -> float:
        """The share of customers on whom models are chosen and validated."""
        return min(1.0, SAMPLE_CUSTOMERS / max(self.customers, 1))

    def panel(self, on: date, *, share: float = 1.0) -> ir.Table:
        """Return every customer's features as known on a day, lazily.

        Parameters
        ----------
        on
            The last day that is known.
        share
            Share of customers, a stable sample.
        """
        postings = sample(self.postings, share=share)
        categories = None if self.categories is None else sample(self.categories, share=share)
        known = (
            occasions(postings, as_of=on)
            if on < self.as_of
            else sample(self.occasions, share=share)
        )
        days = self.daily.filter(pc.less_equal(self.daily["ordered_on"], on))
        promoted = self.promotion_days(days)
        calendar = (
            None
            if promoted is None
            else self.engine.put(
                promotion_calendar(promoted, first_on=self.first_on, last_on=on)
            )
        )
        return panel(
            known,
            as_of=on,
            postings=postings,
            categories=categories,
            calendar=calendar,
            promo_days_total=len(promoted or ()),
        )

    def snapshot(self, on: date) -> Snapshot | None:
        """Return the sampled customers as known on a past day, and what they did after it.

        None where nobody was a customer yet.

        Parameters
        ----------
        on
            The last day that is known, at least a horizon before ``as_of``.
        """
        share = self.sample_share
        rows = self.engine.fetch(self.panel(on, share=share), order_by=("customer_no",))
        rows = rows.cast(PANEL.arrow_schema())
        if rows.num_rows == 0:
            return None
        after = self.engine.fetch(
            targets(
                sample(self.occasions, share=share), origin=on, horizon_days=self.horizon_days
            ),
            order_by=("customer_no",),
        )
        who = rows["customer_no"].to_numpy()
        then = after["customer_no"].to_numpy()
        place = np.searchsorted(who, then)
        # Someone who first bought after the origin is nobody at the origin.
        known = np.isin(then, who)

        def spread(name: str) -> Floats:
            made = np.zeros(who.size)
            made[place[known]] = after[name].to_numpy()[known]
            return made

        return Snapshot(
            on=on,
            panel=rows,
            matrix=matrix(rows, as_of=on),
            bought=spread("bought_count"),
            bought_full_price=spread("bought_full_price_count"),
            spent=spread("bought_e4") / 1e4,
        )


def open_shop(
    engine: Engine,
    *,
    postings: ir.Table,
    categories: ir.Table | None,
    as_of: date,
    first_on: date,
    horizon_days: int | None,
    promotion_days: Callable[[pa.Table], set[date] | None],
) -> Shop:
    """Collapse the facts to occasions once and take the shop's rhythm from them.

    Parameters
    ----------
    engine
        Where the facts are.
    postings, categories
        The facts.
    as_of, first_on
        The last day that is known and the first day of the facts.
    horizon_days
        How far ahead to look; None: the larger of 91 days and twice the median gap.
    promotion_days
        What finds promotion days in a daily table.

    Returns
    -------
    Shop
        With its occasions kept on the engine.
    """
    kept = engine.keep(occasions(postings, as_of=as_of), order_by=("customer_no", "ordered_on"))
    median = _median(engine.fetch(gaps(kept), order_by=("gap_days",)))
    customers = engine.fetch(kept.agg(n=kept.customer_no.nunique()))["n"][0].as_py()
    ahead = horizon_days or max(91, 0 if median is None else int(np.ceil(2 * median)))
    return Shop(
        engine=engine,
        postings=postings,
        categories=categories,
        occasions=kept,
        as_of=as_of,
        first_on=first_on,
        horizon_days=ahead,
        median_gap_days=median,
        customers=int(customers),
        daily=engine.fetch(daily(kept), order_by=("ordered_on",)),
        promotion_days=promotion_days,
    )


def _median(table: pa.Table) -> float | None:
    """Return the exact median of a table of gap_days and times."""
    times: npt.NDArray[Any] = np.cumsum(table["times"].to_numpy())
    if not times.size:
        return None
    half = times[-1] / 2
    days = table["gap_days"].to_numpy()
    low = int(np.searchsorted(times, half, side="left"))
    high = int(np.searchsorted(times, half, side="right"))
    return float(days[low] + days[min(high, days.size - 1)]) / 2


def enough_to_judge(found: Iterable[Snapshot | None]) -> tuple[Snapshot, ...]:
    """Leave out origins with too few customers to fit a model, unless all have too few.

    A shop that has grown fast is judged on its later days.

    Parameters
    ----------
    found
        Snapshots, oldest first; None where nobody was a customer.
    """
    known = tuple(snapshot for snapshot in found if snapshot is not None)
    large = tuple(s for s in known if s.panel.num_rows >= MINIMUM_CUSTOMERS)
    return large or known
