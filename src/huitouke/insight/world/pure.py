"""World W0: a shop whose customers are Pareto/NBD and Gamma-Gamma, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from huitouke.insight.world.dirt import Lines
from huitouke.insight.world.futures import HORIZON_WEEKS, VALUE_WEEKS, YEARLY_DISCOUNT
from huitouke.insight.world.layout import TRUTH_TABLES, codes, table_of
from huitouke.insight.world.pareto import Lives, draw_lives
from huitouke.insight.world.people import CATEGORIES, CHANNELS, SPEND, STORES
from huitouke.insight.world.shop import DAY_SECONDS, Clock, order_ranks

__all__ = ["PURE_MARGIN", "PURE_PARAMETERS", "pure_customers", "pure_lines", "pure_lives"]

#: Pareto/NBD parameters of W0, in weeks.
PURE_PARAMETERS = {"r": 0.55, "alpha": 5.0, "s": 0.6, "beta": 12.0}

#: Contribution margin of W0, as a share of the amount.
PURE_MARGIN = 0.30

_WEEK = 7 * DAY_SECONDS


def pure_lives(
    customers: int, *, weeks: int, stream: Callable[[str], np.random.Generator]
) -> Lives:
    """Draw the customers of W0.

    Parameters
    ----------
    customers
        How many.
    weeks
        Length of the world.
    stream
        Gives the source of chance for a named part.
    """
    return draw_lives(
        customers,
        rng=stream("people"),
        weeks=float(weeks),
        q=SPEND[1],
        gamma=SPEND[2],
        **PURE_PARAMETERS,
    )


def pure_lines(
    lives: Lives, *, weeks: int, stream: Callable[[str], np.random.Generator]
) -> Lines:
    """Return the orders of W0: the first purchase, then repeats at uniform moments.

    Parameters
    ----------
    lives
        The customers.
    weeks
        Length of the world.
    stream
        Gives the source of chance for a named part.
    """
    rng = stream("process")
    size = lives.count.size
    owner = np.concatenate([np.arange(size), np.repeat(np.arange(size), lives.count)])
    since = rng.random(owner.size) * lives.active[owner]
    since[:size] = 0.0
    moment = (weeks - lives.tenure[owner] + since) * _WEEK
    at = np.clip(np.floor(moment).astype(np.int64), 0, weeks * _WEEK - 1)
    spend = stream("spend").standard_gamma(SPEND[0], owner.size) / lives.spend_rate[owner]
    cents = np.maximum(np.rint(spend * 100), 1).astype(np.int64)
    files = stream("files")
    return Lines(
        order=order_ranks(at),
        customer=owner,
        at=at,
        recorded=at,
        cents=cents,
        list_cents=cents,
        category=files.integers(0, len(CATEGORIES), owner.size),
        store=files.integers(0, len(STORES), size)[owner],
        channel=files.integers(0, len(CHANNELS), owner.size),
        place=np.zeros(owner.size, dtype=np.int64),
        returned=np.zeros(owner.size, dtype=np.bool_),
        discount_known=np.ones(owner.size, dtype=np.bool_),
    )


def pure_customers(lives: Lives, *, clock: Clock) -> pa.Table:
    """Return the truth of W0's customers; the chances are closed forms given their rates.

    A living customer buys before leaving, within h weeks, with probability
    ``lambda / (lambda + mu) * (1 - exp(-(lambda + mu) h))``.

    Parameters
    ----------
    lives
        The customers.
    clock
        The world's time.
    """
    rate, leave, alive = lives.purchase_rate, lives.dropout_rate, lives.alive
    both = rate + leave
    p_any = alive * rate / both * -np.expm1(-both * HORIZON_WEEKS)
    orders = alive * rate / leave * -np.expm1(-leave * HORIZON_WEEKS)
    fading = leave + math.log1p(YEARLY_DISCOUNT) / 52
    basket = SPEND[0] / lives.spend_rate
    stream = alive * rate / fading * -np.expm1(-fading * VALUE_WEEKS)
    born = clock.weeks - lives.tenure
    last = np.where(alive, 0.0, born + lives.lifetime)
    return table_of(
        TRUTH_TABLES["truth_customers"],
        columns={
            "customer_id": codes("C", numbers=np.arange(rate.size)),
            "need_rate": rate,
            "dropout_rate": leave,
            "mean_basket": basket,
            "joined_on": clock.days(np.floor(born * 7).astype(np.int64)),
            "alive": alive,
            "dropout_on": pa.array(clock.days(np.floor(last * 7).astype(np.int64)), mask=alive),
            "purchases": lives.count + 1,
            "p_full_price_13w": p_any,
            "p_full_price_usual_13w": p_any,
            "p_any_13w": p_any,
            "orders_13w": orders,
            "clv_52w": PURE_MARGIN * basket * stream,
            "ros": np.ones(rate.size),
        },
    )
