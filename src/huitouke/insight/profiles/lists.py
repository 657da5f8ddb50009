"""Three lists of people, each with its reasons: slipping, likely loyal, unlikely to return.

* **At risk**: valuable customers who have been silent longer than 95 of 100 of their own gaps
  would be, and can still be won. While active a customer orders at a rate λ ~ Gamma(r, α), so
  after x repeats in t_x the next gap is Lomax: ``P(gap > g) = ((α + t_x)/(α + t_x + g))^k``, k
  being r + x. Its 95 % point is personal, never a global 90 days. Sorted by value at stake: the
  margin of the orders this rhythm would bring in the horizon, less that of those expected.
* **Likely loyal**: at least three purchases and the highest lower ends of the loyalty score (of
  the chance to buy where there is no score).
* **Unlikely to repurchase**: the upper end of the chance to buy is low; sorted by past spend.

No list says whom to treat: that takes uplift. The order is the same at every run: by the key,
then by customer number.

References
----------
Fader, Hardie & Lee (2005a), "Counting your customers the easy way" (gamma order rates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from huitouke.insight.profiles import why
from huitouke.insight.profiles.judged import Flags, Floats, Ints, Verdict, even_length
from huitouke.insight.profiles.listing import CustomerList, ListedCustomers, ListRow
from huitouke.insight.profiles.profitability import RatePrior
from huitouke.insight.profiles.why import Reason
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "CustomerList",
    "ListRow",
    "ListedCustomers",
    "at_risk",
    "gap_limit_days",
    "likely_loyal",
    "unlikely_to_return",
]

OVERDUE_LEVEL = 0.95
VALUABLE_SHARE = 0.2
STILL_WINNABLE = 0.05
UNLIKELY_BELOW = 0.1
MIN_PURCHASES = 3

NOBODY = N_("Nobody meets the conditions of this list.")


def gap_limit_days(
    repeat_count: Ints, *, recency_days: Ints, rates: RatePrior, level: float = OVERDUE_LEVEL
) -> Floats:
    """Return the gap that a customer who is still active exceeds with a small chance.

    ``g = (α + t_x)((1 - level)^(-1/(r + x)) - 1)``.

    Parameters
    ----------
    repeat_count
        (customers,) orders after the first (x).
    recency_days
        (customers,) days from the first to the last order (t_x).
    rates
        How order rates differ between customers, per week.
    level
        Chance that a gap is shorter.

    Returns
    -------
    Floats
        (customers,) days.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> gap_limit_days(
    ...     np.array([10]), recency_days=np.array([70]), rates=RatePrior(1.0, 1.0)
    ... ).round(1)
    array([24.1])
    """
    even_length(len(repeat_count), recency_days=recency_days)
    span = 7.0 * rates.rate + recency_days
    power = np.minimum(-np.log1p(-level) / (rates.shape + repeat_count), 300.0)
    return np.asarray(span * np.expm1(power))


def at_risk(
    customers: ListedCustomers, *, rates: RatePrior, at_most: int = 200
) -> CustomerList:
    """List valuable customers who are overdue by their own rhythm.

    Valuable: among the fifth of repeat customers whose usual rhythm is worth most. Can still
    be won: the upper end of the chance to buy is at least 5 %.

    Parameters
    ----------
    customers
        What is known of them.
    rates
        How order rates differ between customers, per week.
    at_most
        Rows to list.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    customers.check()
    c = customers
    limit = gap_limit_days(c.repeat_count, recency_days=c.recency_days, rates=rates)
    usual = (
        c.horizon_days * (rates.shape + c.repeat_count) / (7.0 * rates.rate + c.recency_days)
    )
    each = c.margin * c.mean_spend
    worth = usual * each
    repeats = (c.repeat_count > 0) & np.isfinite(worth)
    if not repeats.any():
        return _listed("at_risk", ())
    valuable = worth >= np.quantile(worth[repeats], 1 - VALUABLE_SHARE)
    stake = (usual - c.orders_expected) * each
    meets = repeats & valuable & (c.silent_days > limit) & (stake > 0)
    meets &= np.nan_to_num(c.p_buy_high) >= STILL_WINNABLE
    # Where hardly an order is expected, the interval of orders is 0 to 0 and the mean lies
    # beside it: an interval that reaches to the mean covers 80% and more.
    low = np.minimum(np.maximum(usual - c.orders_high, 0.0) * each, stake)
    high = np.maximum(np.maximum(usual - c.orders_low, 0.0) * each, stake)

    def reasons(i: int) -> tuple[Reason, ...]:
        told = why.slipping(
            int(c.silent_days[i]),
            limit_days=float(limit[i]),
            usual_orders=float(usual[i]),
            expected_orders=float(c.orders_expected[i]),
            horizon_days=c.horizon_days,
        )
        return (*told, _chance(c, i))

    places = _first(meets, key=stake)
    rows = places[:at_most]
    told = {
        "at_stake": stake, "at_stake_lo": low, "at_stake_hi": high,
        "usual_orders": usual, "limit_days": limit,
    }  # fmt: skip
    return _listed(
        "at_risk",
        tuple(_row(i, value=stake, ends=(low, high), reasons=reasons) for i in rows),
        places=places,
        total=float(stake[meets].sum()),
        ends=(low[meets], high[meets]),
        measures={name: values[places] for name, values in told.items()},
    )


def likely_loyal(customers: ListedCustomers, *, at_most: int = 200) -> CustomerList:
    """List the customers whose loyalty is surest: highest lower end of the score.

    Parameters
    ----------
    customers
        What is known of them.
    at_most
        Rows to list.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    customers.check()
    c = customers
    if c.score is not None and c.score_low is not None and c.score_high is not None:
        value, low, high = c.score, c.score_low, c.score_high
        half = 50.0
    else:
        value, low, high, half = c.p_buy, c.p_buy_low, c.p_buy_high, 0.5
    meets = (c.repeat_count + 1 >= MIN_PURCHASES) & (np.nan_to_num(low) >= half)

    def reasons(i: int) -> tuple[Reason, ...]:
        orders = int(c.repeat_count[i]) + 1
        found = [
            why.scored(float(value[i]), low=float(low[i]), high=float(high[i]))
            if half > 1
            else _chance(c, i),
            why.bought(orders, silent_days=int(c.silent_days[i])),
        ]
        if c.full_price_count is not None:
            found.append(why.full_price(int(c.full_price_count[i]), orders=orders))
        if c.steady is not None and np.isfinite(c.steady[i]):
            found.append(why.steady(**_steady(c, i)))
        return tuple(found)

    places = _first(meets, key=np.nan_to_num(low))
    rows = places[:at_most]
    return _listed(
        "likely_loyal",
        tuple(_row(i, value=value, ends=(low, high), reasons=reasons) for i in rows),
        places=places,
    )


def unlikely_to_return(customers: ListedCustomers, *, at_most: int = 200) -> CustomerList:
    """List the customers who will hardly buy within the horizon, the biggest spenders first.

    Parameters
    ----------
    customers
        What is known of them.
    at_most
        Rows to list.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    customers.check()
    c = customers
    meets = np.isfinite(c.p_buy_high) & (c.p_buy_high < UNLIKELY_BELOW)

    def reasons(i: int) -> tuple[Reason, ...]:
        orders = int(c.repeat_count[i]) + 1
        return (_chance(c, i), why.bought(orders, silent_days=int(c.silent_days[i])))

    places = _first(meets, key=c.spend_total)
    rows = places[:at_most]
    return _listed(
        "unlikely_to_return",
        tuple(_row(i, value=c.spend_total, ends=None, reasons=reasons) for i in rows),
        places=places,
        total=float(c.spend_total[meets].sum()),
    )


def _chance(c: ListedCustomers, i: int) -> Reason:
    return why.chance(
        float(c.p_buy[i]),
        low=float(c.p_buy_low[i]),
        high=float(c.p_buy_high[i]),
        horizon_days=c.horizon_days,
    )


def _steady(c: ListedCustomers, i: int) -> dict[str, float]:
    ends = (("share", c.steady), ("low", c.steady_low), ("high", c.steady_high))
    return {name: float(values[i]) for name, values in ends if values is not None}


def _first(meets: Flags, *, key: Floats) -> Ints:
    """Return the places by their keys, the largest first, ties by customer number."""
    places = np.flatnonzero(meets)
    return places[np.lexsort((places, -key[places]))].astype(np.int64)


def _row(
    i: int,
    *,
    value: Floats,
    ends: tuple[Floats, Floats] | None,
    reasons: Callable[[int], tuple[Reason, ...]],
) -> ListRow:
    low, high = (None, None) if ends is None else (float(ends[0][i]), float(ends[1][i]))
    return ListRow(int(i), float(value[i]), low, high, reasons(i))


def _listed(
    name: str,
    rows: tuple[ListRow, ...],
    *,
    places: Ints | None = None,
    total: float | None = None,
    ends: tuple[Floats, Floats] | None = None,
    measures: Mapping[str, Floats] | None = None,
) -> CustomerList:
    found = np.zeros(0, np.int64) if places is None else places
    verdict = Verdict(Status.OK) if rows else Verdict(Status.OK, NOBODY)
    low, high = (None, None) if ends is None else (_sum(ends[0]), _sum(ends[1]))
    return CustomerList(
        name, rows, found.size, total, verdict, low, high, found, measures or {}
    )


def _sum(values: Floats) -> float | None:
    return float(values.sum()) if np.isfinite(values).all() else None
