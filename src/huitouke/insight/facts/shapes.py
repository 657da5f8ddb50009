"""Group short texts by shape, so that each shape is understood once and read in bulk.

The shape of ``5-Mar-24 9:30`` is ``9-mar-99 9:99``: every digit becomes 9 and ASCII letters
become small. All texts of a shape carry the same parts at the same places, so a column of
millions of dates or amounts needs as many decisions as it has shapes, and array arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Shape", "Uniques", "clean_uniques", "number_at", "shapes", "text_bytes"]

_LONGEST = 60
_FOLD = np.arange(256, dtype=np.uint8)
_FOLD[ord("0") : ord("9") + 1] = ord("9")
_FOLD[ord("A") : ord("Z") + 1] += 32
_WEIGHTS = np.random.Generator(np.random.PCG64(20240305)).integers(
    1, 2**63, size=_LONGEST, dtype=np.uint64
)


@dataclass(frozen=True)
class Shape:
    """Texts of one shape.

    Parameters
    ----------
    text
        The shape as bytes.
    rows
        Positions of the texts, shape (n,).
    cells
        Their bytes, shape (n, length).
    """

    text: bytes
    rows: npt.NDArray[np.int64]
    cells: npt.NDArray[np.uint8]

    def example(self, row: int = 0) -> str:
        """Return one of the texts."""
        return bytes(self.cells[row]).decode("utf-8", "replace")


@dataclass(frozen=True)
class Uniques:
    """The different texts of a column.

    Parameters
    ----------
    texts
        Each text once, trimmed, full-width forms made plain; no nulls.
    of_row
        Which text each row has, -1 for null; shape (rows,).
    """

    texts: pa.Array
    of_row: npt.NDArray[np.int64]

    def counts(self) -> npt.NDArray[np.int64]:
        """Return how many rows have each text."""
        known = self.of_row[self.of_row >= 0]
        return np.bincount(known, minlength=len(self.texts)).astype(np.int64)


def clean_uniques(column: pa.Array) -> Uniques:
    """Return the different texts of a text column, trimmed and in plain width.

    Parameters
    ----------
    column
        A text column, nulls allowed.

    Examples
    --------
    >>> found = clean_uniques(pa.array([" ２０２４ ", None, "7", "7"]))
    >>> found.texts.to_pylist(), found.of_row.tolist()
    (['2024', '7'], [0, -1, 1, 1])
    """
    coded = column.dictionary_encode()
    texts = coded.dictionary.cast(pa.string())
    texts = pc.utf8_trim_whitespace(texts)
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        texts = pc.utf8_trim_whitespace(pc.utf8_normalize(texts, form="NFKC"))
    rows = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Uniques(texts, rows)


def text_bytes(
    texts: pa.Array,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the bytes of a text array without nulls: data, starts and lengths.

    Parameters
    ----------
    texts
        A ``string`` array.
    """
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    where = ends.astype(np.int64)
    raw = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, np.uint8)
    return raw, where[:-1], np.diff(where)


def shapes(texts: pa.Array) -> Iterator[Shape]:
    """Yield the texts grouped by shape; empty and very long texts are left out.

    Parameters
    ----------
    texts
        A ``string`` array without nulls.

    Examples
    --------
    >>> texts = pa.array(["5-Mar", "", "6-MAR"])
    >>> [(shape.text, shape.rows.tolist()) for shape in shapes(texts)]
    [(b'9-mar', [0, 2])]
    """
    if not len(texts):
        return
    data, starts, lengths = text_bytes(texts)
    for length in np.unique(lengths):
        if not 0 < length <= _LONGEST:
            continue
        rows = np.flatnonzero(lengths == length)
        cells = data[starts[rows][:, None] + np.arange(length)]
        folded = _FOLD[cells]
        keys = (folded * _WEIGHTS[:length]).sum(axis=1, dtype=np.uint64)
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(first) + 1))
        for number, head in enumerate(first):
            chosen = order[bounds[number] : bounds[number + 1]]
            yield Shape(folded[head].tobytes(), rows[chosen], cells[chosen])


def number_at(
    cells: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the whole numbers written by the digits at some places, shape (n,).

    Parameters
    ----------
    cells
        Bytes, shape (n, length).
    places
        Positions of at most 18 digits, the highest first.

    Examples
    --------
    >>> number_at(np.frombuffer(b"1,234", np.uint8)[None, :], np.array([0, 2, 3, 4])).tolist()
    [1234]
    """
    total = np.zeros(len(cells), dtype=np.int64)
    for place in places:
        total *= 10
        total += cells[:, place].astype(np.int64) - ord("0")
    return total
