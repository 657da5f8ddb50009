"""How the profiles say what may be said: a status beside every value, and verdicts in words.

Inside the stage a status is a small integer per customer (its place in ``STATUSES``) and a
label is its place in a tuple of names, so that a million of them stay cheap. Both become text
only in the tables that leave the stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.errors import HuitoukeError
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "INSUFFICIENT",
    "NOT_IDENTIFIED",
    "NO_LABEL",
    "OK",
    "STATUSES",
    "ArraysUneven",
    "Codes",
    "Flags",
    "Floats",
    "Ints",
    "Verdict",
    "even_length",
    "label_column",
    "number_column",
    "status_column",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]

#: The statuses in the order of their codes.
STATUSES: tuple[Status, ...] = (Status.OK, Status.INSUFFICIENT, Status.NOT_IDENTIFIED)
OK, INSUFFICIENT, NOT_IDENTIFIED = 0, 1, 2

#: The code of a customer that has no label.
NO_LABEL = -1


class ArraysUneven(HuitoukeError):
    """Arrays that should hold one value per customer have different lengths."""

    code = "profiles.arrays_uneven"
    says = N_("{name} holds {found} values where {expected} customers were expected.")
    remedy = N_("Give every array one value per customer, in the same order.")


@dataclass(frozen=True)
class Verdict:
    """A status for a whole shop or number, with the reason in words.

    Parameters
    ----------
    status
        What may be said.
    reason
        An English message with ``{places}``, empty when there is nothing to explain.
    values
        What goes into the places.
    """

    status: Status
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True if the number may be shown."""
        return self.status is Status.OK


def even_length(customers: int, **arrays: npt.NDArray[Any] | None) -> None:
    """Hold arrays to one value per customer.

    Parameters
    ----------
    customers
        How many customers there are.
    **arrays
        The arrays by name; None is passed over.

    Raises
    ------
    ArraysUneven
        At the first array of another length.

    Examples
    --------
    >>> even_length(2, p_buy=np.array([0.1, 0.2]), spend=None)
    """
    for name, array in arrays.items():
        if array is not None and len(array) != customers:
            raise ArraysUneven(name=name, found=len(array), expected=customers)


def status_column(codes: Codes) -> pa.Array:
    """Return the statuses as text, ready for a ``*_status`` column.

    Parameters
    ----------
    codes
        (customers,) places in ``STATUSES``.

    Examples
    --------
    >>> status_column(np.array([0, 2], dtype=np.int8)).to_pylist()
    ['ok', 'not_identified']
    """
    return label_column(codes, names=[status.value for status in STATUSES])


def label_column(codes: npt.NDArray[np.integer[Any]], *, names: Sequence[str]) -> pa.Array:
    """Return labels as text; a negative code becomes null.

    Parameters
    ----------
    codes
        (customers,) places in ``names``; ``NO_LABEL`` for none.
    names
        The label of each code.

    Examples
    --------
    >>> label_column(np.array([1, -1], dtype=np.int8), names=["stranger", "butterfly"])[0]
    <pyarrow.StringScalar: 'butterfly'>
    """
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, list(names)).cast(pa.string())


def number_column(values: Floats) -> pa.Array:
    """Return numbers with null where there is none: a NaN never leaves the stage.

    Parameters
    ----------
    values
        (customers,) numbers, NaN where the status is not ok.

    Examples
    --------
    >>> number_column(np.array([0.5, np.nan])).to_pylist()
    [0.5, None]
    """
    return pa.array(values, mask=~np.isfinite(values))
