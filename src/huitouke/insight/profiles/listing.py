"""What a list of customers needs, and what it is: rows with values, intervals and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from huitouke.insight.profiles.judged import Floats, Ints, Verdict, even_length
from huitouke.insight.profiles.why import Reason

__all__ = ["CustomerList", "ListRow", "ListedCustomers"]


@dataclass(frozen=True)
class ListedCustomers:
    """What the lists need to know of every customer.

    Parameters
    ----------
    repeat_count, recency_days, tenure_days
        (customers,) as in the table ``panel``.
    spend_total
        (customers,) net spend, currency.
    mean_spend
        (customers,) expected spend per order, currency.
    p_buy, p_buy_low, p_buy_high
        (customers,) chance of a purchase within the horizon, 80 % interval; NaN if unknown.
    orders_expected, orders_low, orders_high
        (customers,) expected orders within the horizon, 80 % interval.
    horizon_days
        The horizon.
    margin
        Contribution margin, share of spend.
    full_price_count
        (customers,) occasions at full price; None if discounts are not known.
    score, score_low, score_high
        (customers,) loyalty score; None if there is none.
    steady, steady_low, steady_high
        (customers,) rain or shine, NaN where not known; None if there is none.
    """

    repeat_count: Ints
    recency_days: Ints
    tenure_days: Ints
    spend_total: Floats
    mean_spend: Floats
    p_buy: Floats
    p_buy_low: Floats
    p_buy_high: Floats
    orders_expected: Floats
    orders_low: Floats
    orders_high: Floats
    horizon_days: int
    margin: float
    full_price_count: Ints | None = None
    score: Floats | None = None
    score_low: Floats | None = None
    score_high: Floats | None = None
    steady: Floats | None = None
    steady_low: Floats | None = None
    steady_high: Floats | None = None

    @property
    def silent_days(self) -> Ints:
        """(customers,) days since the last order."""
        return self.tenure_days - self.recency_days

    def check(self) -> None:
        """Hold every array to one value per customer.

        Raises
        ------
        ArraysUneven
            At the first array of another length.
        """
        arrays = {k: v for k, v in vars(self).items() if isinstance(v, np.ndarray)}
        even_length(len(self.repeat_count), **arrays)


@dataclass(frozen=True)
class ListRow:
    """One customer on a list.

    Parameters
    ----------
    place
        The customer's place in the arrays given.
    value, low, high
        What the list is sorted by, with its 80 % interval; None where there is no interval.
    reasons
        Why, the weightiest first.
    """

    place: int
    value: float
    low: float | None
    high: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class CustomerList:
    """A list.

    Parameters
    ----------
    name
        ``at_risk``, ``likely_loyal`` or ``unlikely_to_return``.
    rows
        The customers, most important first.
    meeting
        How many customers meet its conditions; the list may show fewer.
    total
        Sum of the sort value over all of those; None where a sum means nothing.
    total_low, total_high
        The ends of their own 80 % intervals, added up: as if the model erred with all of them
        the same way, so rather too wide. None where a value has no interval.
    verdict
        Whether the list says anything.
    places
        Places of all customers who meet its conditions, most important first.
    measures
        What the reasons of the list are made of, by name, a number for each of ``places``.
    """

    name: str
    rows: tuple[ListRow, ...]
    meeting: int
    total: float | None
    verdict: Verdict
    total_low: float | None = None
    total_high: float | None = None
    places: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    measures: Mapping[str, Floats] = field(default_factory=dict)
