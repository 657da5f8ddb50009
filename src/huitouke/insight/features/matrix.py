"""The features that predictive models learn from, as one matrix of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["FEATURES", "Matrix", "matrix"]

Floats = npt.NDArray[np.float64]

#: Name and unit of each feature, in column order.
FEATURES: dict[str, str] = {
    "silence_days": "days since the last occasion",
    "silence_ratio": "silence over the customer's own mean gap",
    "repeat_count": "occasions after the first",
    "tenure_days": "days since the first occasion",
    "recent_count": "occasions in the last 91 days",
    "spend_total": "net spend, currency",
    "spend_mean": "net spend per occasion, currency",
    "recent_spend": "net spend in the last 91 days, currency",
    "gap_last_days": "the last gap, days",
    "discount_share": "discount over list amount",
    "full_price_share": "spend from lines without discount over spend",
    "category_count": "different categories bought",
    "returned_count": "returns known",
}


@dataclass(frozen=True)
class Matrix:
    """Feature values, one row per customer, NaN where a feature does not exist.

    Parameters
    ----------
    customer_no
        The customers, shape (n,).
    names
        Feature names, length k.
    values
        Shape (n, k).
    known_on
        The last day any of the features knows, by feature name.
    """

    customer_no: npt.NDArray[np.int64]
    names: tuple[str, ...]
    values: Floats
    known_on: dict[str, date]


def _numbers(column: Any) -> Floats:
    made: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return made


def _ratio(over: Floats, *, under: Floats) -> Floats:
    made = np.full(over.shape, np.nan)
    np.divide(over, under, out=made, where=under > 0)
    return made


def matrix(panel: pa.Table, *, as_of: date) -> Matrix:
    """Turn a panel into the matrix that churn and loyalty models learn from.

    Parameters
    ----------
    panel
        Rows of ``tables.PANEL`` as of ``as_of``.
    as_of
        The last day the panel knows.

    Returns
    -------
    Matrix
        One column per name in ``FEATURES``; a feature the shop does not have (no category
        data, no discount anywhere, no repeat yet) is left out.
    """
    column = {name: _numbers(panel[name]) for name in panel.column_names if name not in _DAYS}
    silence = column["tenure_days"] - column["recency_days"]
    spend = column["spend_e4"] / 1e4
    made = {
        "silence_days": silence,
        "silence_ratio": _ratio(silence, under=column["gap_mean_days"]),
        "repeat_count": column["repeat_count"],
        "tenure_days": column["tenure_days"],
        "recent_count": column["recent_count"],
        "spend_total": spend,
        "spend_mean": spend / (column["repeat_count"] + 1),
        "recent_spend": column["recent_spend_e4"] / 1e4,
        "gap_last_days": column["gap_last_days"],
        "discount_share": _ratio(column["discount_e4"], under=column["list_e4"]),
        "full_price_share": np.clip(
            _ratio(column["full_price_e4"], under=column["spend_e4"]), 0.0, 1.0
        ),
        "category_count": column["category_count"],
        "returned_count": column["returned_count"],
    }
    if not np.any(column["discount_e4"] > 0):
        del made["discount_share"], made["full_price_share"]
    names = tuple(n for n in FEATURES if n in made and not (n in _OPTIONAL and _empty(made[n])))
    return Matrix(
        customer_no=panel["customer_no"].to_numpy(),
        names=names,
        values=np.column_stack([made[name] for name in names]),
        known_on=dict.fromkeys(names, as_of),
    )


#: Features that a shop may lack; the others exist for every customer.
_OPTIONAL = {
    "silence_ratio",
    "gap_last_days",
    "discount_share",
    "full_price_share",
    "category_count",
    "returned_count",
}
_DAYS = {"first_order_on", "last_order_on", "customer_no"}


def _empty(values: Floats) -> bool:
    return bool(np.all(np.isnan(values)) or np.all(values == 0))
