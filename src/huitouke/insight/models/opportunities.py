"""The panel of customers who may buy at set opportunities only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huitouke.insight.models.contract import PanelInvalid
from huitouke.insight.models.quadrature import FloatArray, IntArray

__all__ = ["OpportunityPanel"]


@dataclass(frozen=True, eq=False)
class OpportunityPanel:
    """One row per pattern: purchases x, last opportunity bought at t_x, opportunities n.

    Parameters
    ----------
    repeat_count
        Opportunities at which the customer bought (x).
    last
        Number of the last of them (t_x); 0 where x = 0.
    opportunities
        Opportunities since the first purchase (n).
    customers
        How many customers share the row; 1 each by default.

    Raises
    ------
    PanelInvalid
        Unless 0 <= x <= t_x <= n, with t_x = 0 just where x = 0.
    """

    repeat_count: IntArray
    last: IntArray
    opportunities: IntArray
    customers: FloatArray | None = None

    def __post_init__(self) -> None:
        """Hold the numbers to what a customer can have."""
        x, last, n = (
            np.atleast_1d(np.asarray(column, dtype=np.int64))
            for column in (self.repeat_count, self.last, self.opportunities)
        )
        if not x.shape == last.shape == n.shape:
            raise PanelInvalid(rows=max(x.size, n.size), rule="n = n = n", row=0)
        people = (
            np.ones(x.size) if self.customers is None else np.asarray(self.customers, float)
        )
        rules = (
            (
                (x >= 0) & (x <= last) & (last <= n),
                "0 <= repeat_count <= last <= opportunities",
            ),
            ((x > 0) == (last > 0), "repeat_count = 0 <=> last = 0"),
            (np.broadcast_to(people >= 0, x.shape), "customers >= 0"),
        )
        for good, rule in rules:
            if not good.all():
                bad = np.flatnonzero(~good)
                raise PanelInvalid(rows=int(bad.size), rule=rule, row=int(bad[0]))
        for name, column in zip(
            ("repeat_count", "last", "opportunities", "customers"),
            (x, last, n, people),
            strict=True,
        ):
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.repeat_count.size)

    @property
    def weight(self) -> FloatArray:
        """Customers per row."""
        return np.ones(len(self)) if self.customers is None else self.customers
