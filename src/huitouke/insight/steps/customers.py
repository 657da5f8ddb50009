"""The table that people and programs take away: one row per customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.engine import Engine
from huitouke.insight.profiles.groups import GROUPS
from huitouke.insight.profiles.judged import (
    INSUFFICIENT,
    NOT_IDENTIFIED,
    OK,
    Codes,
    label_column,
    number_column,
    status_column,
)
from huitouke.insight.profiles.loyalty import LoyaltyScores
from huitouke.insight.profiles.rain_or_shine import RainOrShine
from huitouke.insight.profiles.types import TYPE_LABELS, LoyaltyTypes
from huitouke.insight.steps.loyal import Placement
from huitouke.insight.steps.worth import Worth
from huitouke.insight.tables import CUSTOMERS

__all__ = ["customer_ids", "customer_rows"]

Floats = npt.NDArray[np.float64]

_CHUNK = 1_000_000


def customer_ids(engine: Engine, *, keys: ir.Table, panel: pa.Table) -> pa.ChunkedArray:
    """Return the identifiers of a panel's customers, in its order.

    Parameters
    ----------
    engine
        Where the keys are.
    keys
        ``tables.CUSTOMER_KEYS``.
    panel
        Rows in order of customer_no.
    """
    table = engine.fetch(keys, order_by=("customer_no",))
    return table["customer_id"].take(panel["customer_no"])


def _codes(known: npt.NDArray[np.bool_], *, otherwise: int = INSUFFICIENT) -> Codes:
    return np.where(known, OK, otherwise).astype(np.int8)


def customer_rows(
    panel: pa.Table,
    *,
    ids: pa.ChunkedArray,
    as_of: date,
    worth: Worth,
    churn_risk: Floats,
    placement: Placement,
    types: LoyaltyTypes,
    steady: RainOrShine,
    scores: LoyaltyScores,
    full_price: bool,
) -> Iterator[pa.Table]:
    """Yield the rows of ``tables.CUSTOMERS`` in parts, in order of customer_id.

    Parameters
    ----------
    panel
        All customers as of the last day, in order of customer_no.
    ids
        Their identifiers.
    as_of
        The last day.
    worth, churn_risk, placement, types, steady, scores
        What was judged of them, in the same order.
    full_price
        Whether the files tell discounts.
    """
    for start in range(0, panel.num_rows, _CHUNK):
        part = slice(start, min(start + _CHUNK, panel.num_rows))
        rows = panel.slice(start, _CHUNK)
        columns = _facts(rows, ids=ids.slice(start, _CHUNK), as_of=as_of)
        columns |= _forecasts(worth, part)
        columns |= _numbers("churn_risk", churn_risk[part])
        columns |= _character(placement, types, steady, scores=scores, part=part)
        columns |= _full_price(rows, known=full_price)
        made = pa.table({name: columns[name] for name in CUSTOMERS.names})
        yield made.cast(CUSTOMERS.arrow_schema())


def _facts(rows: pa.Table, *, ids: pa.ChunkedArray, as_of: date) -> dict[str, pa.Array]:
    spend = rows["spend_e4"].to_numpy() / 1e4
    return {
        "customer_id": ids,
        "as_of": pa.array([as_of], pa.date32()).take(
            pa.array(np.zeros(rows.num_rows, np.int64))
        ),
        "first_order_on": rows["first_order_on"],
        "last_order_on": rows["last_order_on"],
        "repeat_count": rows["repeat_count"],
        "recency_days": rows["recency_days"],
        "tenure_days": rows["tenure_days"],
        "spend_total": pa.array(spend),
        "spend_mean": pa.array(spend / (rows["repeat_count"].to_numpy() + 1)),
    }


def _numbers(name: str, *columns: Floats) -> dict[str, pa.Array]:
    """Return a judged number, its ends, and its status: ok where it exists."""
    known = np.isfinite(columns[0])
    names = (name, f"{name}_lo", f"{name}_hi")
    made = {
        each: number_column(np.where(known, column, np.nan))
        for each, column in zip(names, columns, strict=False)
    }
    return made | {f"{name}_status": status_column(_codes(known))}


def _forecasts(worth: Worth, part: slice) -> dict[str, pa.Array]:
    values = worth.values
    return (
        _numbers("p_alive", worth.p_alive[part])
        | _numbers("p_buy", worth.p_buy[part], worth.p_buy_lo[part], worth.p_buy_hi[part])
        | _numbers(
            "orders_expected", worth.orders[part], worth.orders_lo[part], worth.orders_hi[part]
        )
        | _numbers("spend_expected", worth.orders[part] * worth.mean_spend[part])
        | _numbers("clv", values.clv[part], values.low[part], values.high[part])
    )


def _character(
    placement: Placement,
    types: LoyaltyTypes,
    steady: RainOrShine,
    *,
    scores: LoyaltyScores,
    part: slice,
) -> dict[str, pa.Array]:
    groups = placement.groups
    stranger, butterfly, friend, barnacle = (number_column(c[part]) for c in groups.chances)
    return {
        "customer_group": label_column(groups.label[part], names=GROUPS),
        "customer_group_status": status_column(groups.status[part]),
        "p_stranger": stranger,
        "p_butterfly": butterfly,
        "p_true_friend": friend,
        "p_barnacle": barnacle,
        "p_barnacle_status": status_column(groups.barnacle_status[part]),
        "loyalty_type": label_column(types.label[part], names=TYPE_LABELS),
        "loyalty_type_confidence": number_column(types.confidence[part]),
        "loyalty_type_status": status_column(types.status[part]),
        "rain_or_shine": number_column(steady.share[part]),
        "rain_or_shine_lo": number_column(steady.low[part]),
        "rain_or_shine_hi": number_column(steady.high[part]),
        "rain_or_shine_status": status_column(steady.status[part]),
        "loyalty_score": number_column(scores.score[part]),
        "loyalty_score_lo": number_column(scores.low[part]),
        "loyalty_score_hi": number_column(scores.high[part]),
        "loyalty_score_status": status_column(scores.status[part]),
    }


def _full_price(rows: pa.Table, *, known: bool) -> dict[str, pa.Array]:
    spend = rows["spend_e4"].to_numpy()
    share = np.full(rows.num_rows, np.nan)
    if known:
        np.divide(rows["full_price_e4"].to_numpy(), spend, out=share, where=spend > 0)
    status = _codes(np.isfinite(share), otherwise=INSUFFICIENT if known else NOT_IDENTIFIED)
    return {
        "full_price_share": number_column(np.clip(share, 0.0, 1.0)),
        "full_price_share_status": status_column(status),
    }
