"""Orders by the million for benchmarks: BG/NBD with Gamma-Gamma spend, in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.insight.world.pareto import positive
from huitouke.insight.world.scenarios import Floats, whole_number

__all__ = ["Buying", "btyd_orders", "write_btyd_orders"]

_SECONDS = 86_400
_STARTS = np.datetime64("2023-01-01T00:00:00", "us")
_CHUNK = 500_000
_MOST_CUSTOMERS = 100_000_000
#: Seconds since the start fit an int32 for this many days.
_MOST_DAYS = 24_000

_SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("ordered_at", pa.timestamp("us")),
        ("amount", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Buying:
    """Parameters of the customers; time in days.

    Parameters
    ----------
    r, alpha
        Purchase rate Gamma(r, alpha) per day.
    a, b
        Chance to leave after each repeat purchase Beta(a, b)
        (Fader, Hardie & Lee 2005a, "Counting your customers the easy way").
    p, q, gamma
        Baskets Gamma(p, nu) with nu from Gamma(q, gamma) (Fader, Hardie & Lee 2005b).
    """

    r: float = 0.9
    alpha: float = 44.0
    a: float = 0.55
    b: float = 2.4
    p: float = 6.25
    q: float = 3.74
    gamma: float = 15.44


@dataclass(frozen=True)
class _Orders:
    """Orders in 12 bytes each: customer, second since the start, cents."""

    customer: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    cents: npt.NDArray[np.int32]


def _chunk(
    first: int, *, size: int, days: int, buying: Buying, rng: np.random.Generator
) -> _Orders:
    """Draw all orders of some customers: purchase after purchase until time or life ends."""
    gap = buying.alpha / rng.standard_gamma(buying.r, size).clip(1e-12)
    leave = rng.beta(buying.a, buying.b, size)
    basket = buying.gamma / rng.standard_gamma(buying.q, size)
    who = np.arange(size, dtype=np.int32)
    at: Floats = rng.random(size) * days
    owners, moments = [who], [at]
    while who.size:
        at = at + rng.standard_exponential(who.size) * gap[who]
        seen = at < days
        who, at = who[seen], at[seen]
        owners.append(who)
        moments.append(at)
        stays = rng.random(who.size) >= leave[who]
        who, at = who[stays], at[stays]
    owner = np.concatenate(owners)
    second = (np.concatenate(moments) * _SECONDS).astype(np.int32)
    spent = rng.standard_gamma(buying.p, owner.size) * basket[owner]
    # A basket beyond ten million would not fit; the chance of one is below 1e-15.
    cents = np.clip(np.rint(spent * 100), 1, 1_000_000_000).astype(np.int32)
    return _Orders((owner + np.int32(first)).astype(np.int32), second, cents)


def _all_orders(customers: int, *, seed: int, days: int, buying: Buying) -> _Orders:
    whole_number(customers, name="customers", least=1, most=_MOST_CUSTOMERS)
    whole_number(seed, name="seed", least=0, most=2**63 - 1)
    whole_number(days, name="days", least=1, most=_MOST_DAYS)
    positive(**{name: getattr(buying, name) for name in ("r", "alpha", "a", "b", "p", "gamma")})
    positive(1.0, q=buying.q)
    rng = np.random.default_rng(seed)
    parts = [
        _chunk(first, size=min(_CHUNK, customers - first), days=days, buying=buying, rng=rng)
        for first in range(0, customers, _CHUNK)
    ]
    return _Orders(
        np.concatenate([part.customer for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.cents for part in parts]),
    )


def _in_time(orders: _Orders, *, days: int, span: int) -> Iterator[pa.Table]:
    """Yield the orders of one span of days after another, sorted by time within it."""
    for first in range(0, days, span):
        lower, upper = first * _SECONDS, min(first + span, days) * _SECONDS
        inside = np.flatnonzero((orders.second >= lower) & (orders.second < upper))
        second, customer = orders.second[inside], orders.customer[inside]
        # One sort on time and customer packed together: ties have one order.
        packed = second.astype(np.int64) << 32 | customer
        order = np.argsort(packed, kind="stable")
        stamps = _STARTS + second[order].astype("timedelta64[s]")
        yield pa.table(
            {
                "customer_id": customer[order].astype(np.int64),
                "ordered_at": stamps,
                "amount": orders.cents[inside][order] / 100,
            },
            schema=_SCHEMA,
        )


def btyd_orders(
    customers: int,
    *,
    seed: int,
    days: int = 730,
    r: float = 0.9,
    alpha: float = 44.0,
    a: float = 0.55,
    b: float = 2.4,
    p: float = 6.25,
    q: float = 3.74,
    gamma: float = 15.44,
) -> pa.Table:
    """Simulate BG/NBD and Gamma-Gamma orders, customers arriving evenly over the period.

    About 4.9 orders per customer with the default parameters. Rows are in order of time.

    Parameters
    ----------
    customers
        How many, 1 to 100 million.
    seed
        Seed of the source of chance.
    days
        Length of the period from 2023-01-01 on, 1 to 24,000.
    r, alpha, a, b, p, q, gamma
        As in ``Buying``; time in days.

    Returns
    -------
    Table
        customer_id (int64, from 0), ordered_at (timestamp[us]), amount (double).

    Raises
    ------
    WorldSizeInvalid
        If a size is out of range.
    ParameterInvalid
        If a parameter is not above 0 (q: not above 1).

    Examples
    --------
    >>> btyd_orders(2, seed=1).column_names
    ['customer_id', 'ordered_at', 'amount']
    """
    buying = Buying(r=r, alpha=alpha, a=a, b=b, p=p, q=q, gamma=gamma)
    orders = _all_orders(customers, seed=seed, days=days, buying=buying)
    return pa.concat_tables(_in_time(orders, days=days, span=days)).combine_chunks()


def write_btyd_orders(
    path: Path,
    *,
    customers: int,
    seed: int,
    days: int = 730,
    buying: Buying | None = None,
) -> int:
    """Write the orders of ``btyd_orders`` as one Parquet file (zstd) and return their number.

    Ten million customers take 12 bytes an order in memory and one month of Arrow at a time.

    Parameters
    ----------
    path
        The file.
    customers, seed, days
        As for ``btyd_orders``.
    buying
        The parameters; None for those of the benchmark.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    WorldSizeInvalid
        If a size is out of range.
    ParameterInvalid
        If a parameter is not above 0 (q: not above 1).
    """
    orders = _all_orders(customers, seed=seed, days=days, buying=buying or Buying())
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        for month in _in_time(orders, days=days, span=30):
            writer.write_table(month, row_group_size=1_000_000)
    return int(orders.customer.size)
