"""The panel as a likelihood needs it: distinct tuples, distinct cells, weights.

Every model here has a likelihood of the form

    L(x, t_x, T) = c(x) · [ P(x, t_x) + Q(x, T) ]

(P: died after the last occasion, Q: still there or died later). The costly functions P and Q
are therefore worked out once per distinct (x, t_x) and (x, T), and a customer costs two
look-ups, one exponential and one logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huitouke.insight.models.contract import Panel
from huitouke.insight.models.quadrature import FloatArray, IntArray

__all__ = ["Cells", "LogTerms", "log_sum"]

_MOST_MARKS = 2**24


@dataclass(frozen=True)
class Cells:
    """Distinct tuples of a panel and the cells they point to.

    Parameters
    ----------
    counts
        Distinct repeat counts, increasing.
    customers
        Customers per distinct repeat count.
    weight
        Customers per tuple.
    last, tenure
        Per tuple: its (x, t_x) cell and its (x, T) cell.
    last_row, last_time
        Per (x, t_x) cell: row of ``counts`` and time.
    tenure_row, tenure_time
        Per (x, T) cell: row of ``counts`` and time.
    step
        Spacing of the times where they are whole days, else None.
    """

    counts: FloatArray
    customers: FloatArray
    weight: FloatArray
    last: IntArray
    tenure: IntArray
    last_row: IntArray
    last_time: FloatArray
    tenure_row: IntArray
    tenure_time: FloatArray
    step: float | None

    @classmethod
    def compressed(cls, panel: Panel, *, every: int = 1) -> Cells:
        """Return the distinct tuples of a panel, or of every k-th customer of it.

        Customers are first put in the order (x, t_x, T), so that taking every k-th keeps
        the shape of the whole.

        Parameters
        ----------
        panel
            At least one customer.
        every
            Take every k-th customer.
        """
        counts, rows = panel.counts
        last, tenure = panel.recency_codes, panel.tenure_codes
        lasts, tenures = last.values.size, tenure.values.size
        if counts.size * lasts * tenures >= 2**62:
            order = np.arange(0, len(panel), every)
            return cls.of(panel.take(order) if every > 1 else panel)
        keys = (rows * lasts + last.codes) * tenures + tenure.codes
        keys.sort()
        if every > 1:
            keys = keys[every // 2 :: every]
        starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
        weight = np.diff(starts, append=keys.size).astype(np.float64)
        keys = keys[starts]
        last_keys = keys // tenures
        tuple_rows = last_keys // lasts
        tenure_keys = tuple_rows * tenures + (keys - last_keys * tenures)
        first = np.diff(last_keys, prepend=-1) != 0
        cell_keys = last_keys[first]
        tenure_cells, tenure_index = _distinct(tenure_keys, counts.size * tenures)
        return cls(
            counts=counts,
            customers=np.bincount(tuple_rows, weight, minlength=counts.size).astype(np.float64),
            weight=weight,
            last=np.cumsum(first) - 1,
            tenure=tenure_index,
            last_row=cell_keys // lasts,
            last_time=last.values[cell_keys % lasts],
            tenure_row=tenure_cells // tenures,
            tenure_time=tenure.values[tenure_cells % tenures],
            step=tenure.step,
        )

    @classmethod
    def of(cls, panel: Panel) -> Cells:
        """Return one tuple per customer, in the panel's order, pointing to distinct cells.

        Parameters
        ----------
        panel
            Any panel.
        """
        counts, rows = panel.counts
        last, tenure = panel.recency_codes, panel.tenure_codes
        lasts, tenures = last.values.size, tenure.values.size
        last_cells, last_index = _distinct(rows * lasts + last.codes, counts.size * lasts)
        tenure_cells, tenure_index = _distinct(
            rows * tenures + tenure.codes, counts.size * tenures
        )
        return cls(
            counts=counts,
            customers=np.bincount(rows, minlength=counts.size).astype(np.float64),
            weight=np.ones(len(panel)),
            last=last_index,
            tenure=tenure_index,
            last_row=last_cells // lasts,
            last_time=last.values[last_cells % lasts],
            tenure_row=tenure_cells // tenures,
            tenure_time=tenure.values[tenure_cells % tenures],
            step=tenure.step,
        )

    @property
    def last_count(self) -> FloatArray:
        """The repeat count of each (x, t_x) cell."""
        return self.counts[self.last_row]

    @property
    def tenure_count(self) -> FloatArray:
        """The repeat count of each (x, T) cell."""
        return self.counts[self.tenure_row]


def _distinct(keys: IntArray, most: int) -> tuple[IntArray, IntArray]:
    """Return the distinct keys, increasing, and each key's place among them."""
    if most > _MOST_MARKS:
        values, index = np.unique(keys, return_inverse=True)
        return values, index.astype(np.int64, copy=False)
    marks = np.zeros(most, dtype=np.bool_)
    marks[keys] = True
    return np.flatnonzero(marks), (np.cumsum(marks) - 1)[keys]


@dataclass(frozen=True)
class LogTerms:
    """Logarithms of c, P and Q with their derivatives in the parameters.

    Parameters
    ----------
    count, count_slope
        ln c per distinct repeat count, and one row of derivatives per parameter.
    last, last_slope
        ln P per (x, t_x) cell (minus infinity where death is impossible), and derivatives.
    tenure, tenure_slope
        ln Q per (x, T) cell, and derivatives.
    """

    count: FloatArray
    count_slope: FloatArray
    last: FloatArray
    last_slope: FloatArray
    tenure: FloatArray
    tenure_slope: FloatArray


def log_sum(terms: LogTerms, *, cells: Cells) -> tuple[float, FloatArray]:
    """Return the log-likelihood of the cells and its derivatives in the parameters.

    Parameters
    ----------
    terms
        The model's logarithms.
    cells
        The tuples.
    """
    gap = terms.last[cells.last] - terms.tenure[cells.tenure]
    small = np.exp(-np.abs(gap))
    soft = np.log1p(small)
    np.add(soft, gap, out=soft, where=gap > 0)
    # Chance that the customer of the tuple is of the first kind (P).
    died = np.where(gap > 0, 1.0, small) / (1.0 + small)
    died *= cells.weight
    soft *= cells.weight
    whole = np.bincount(cells.tenure, cells.weight, minlength=terms.tenure.size)
    on_tenure = whole - np.bincount(cells.tenure, died, minlength=terms.tenure.size)
    on_last = np.bincount(cells.last, died, minlength=terms.last.size)
    value = float(soft.sum() + (whole * terms.tenure).sum())
    value += float((cells.customers * terms.count).sum())
    slope = (terms.count_slope * cells.customers).sum(axis=1)
    slope += (terms.last_slope * on_last).sum(axis=1)
    slope += (terms.tenure_slope * on_tenure).sum(axis=1)
    return value, slope
