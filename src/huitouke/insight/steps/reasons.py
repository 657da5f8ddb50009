"""Why each loyalty score is what it is: points per feature that add up to the score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.profiles.judged import OK
from huitouke.insight.profiles.loyalty_reasons import contributions
from huitouke.insight.steps.outcome import Outcome

__all__ = ["reason_rows", "reason_schema"]

_CHUNK = 250_000


def reason_schema(outcome: Outcome) -> pa.Schema:
    """Return the columns: customer_id, base, and ``from_…`` for each feature of the score.

    Parameters
    ----------
    outcome
        What the analysis found.
    """
    nobody = np.zeros(0, np.int64)
    return _rows(outcome, nobody).schema


def reason_rows(outcome: Outcome) -> Iterator[pa.Table]:
    """Yield the points of each feature, for customers with a score.

    Parameters
    ----------
    outcome
        What the analysis found.

    Yields
    ------
    pa.Table
        ``base`` plus all ``from_…`` columns of a row is its loyalty score.
    """
    rows = np.flatnonzero(outcome.scores.status == OK)
    for start in range(0, rows.size, _CHUNK):
        yield _rows(outcome, rows[start : start + _CHUNK])


def _rows(outcome: Outcome, rows: npt.NDArray[np.int64]) -> pa.Table:
    found = contributions(
        outcome.loyalty, features={n: c[rows] for n, c in outcome.features.items()}
    )
    columns = {
        "customer_id": outcome.ids.take(pa.array(rows)),
        "base": pa.array(np.full(rows.size, found.base)),
    }
    for place, name in enumerate(found.names):
        columns[f"from_{name}"] = pa.array(found.values[:, place])
    return pa.table(columns)
