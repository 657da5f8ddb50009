"""Rows gathered week by week, as columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Rows"]


class Rows:
    """Columns that grow by whole arrays and are joined once at the end.

    Parameters
    ----------
    **kinds
        NumPy type of each column by name.

    Examples
    --------
    >>> rows = Rows(who=np.int64, spent=np.float64)
    >>> rows.add(who=np.array([3, 1]), spent=2.5)
    >>> rows.columns()["spent"].tolist()
    [2.5, 2.5]
    """

    def __init__(self, **kinds: Any) -> None:
        self._parts: dict[str, list[npt.NDArray[Any]]] = {
            name: [np.empty(0, dtype=kind)] for name, kind in kinds.items()
        }

    def add(self, **columns: Any) -> None:
        """Add rows: an array per column, all of one length; a single value is repeated.

        Parameters
        ----------
        **columns
            Every column by name; the first must be an array.
        """
        rows = len(next(iter(columns.values())))
        for name, parts in self._parts.items():
            parts.append(np.broadcast_to(columns[name], rows).astype(parts[0].dtype))

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the joined columns."""
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}
