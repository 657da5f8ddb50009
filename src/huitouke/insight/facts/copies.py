"""Exact copies of rows: found by a fingerprint over every field of the file.

Exact copies are dropped if the row carries an order number or a time of day: then two equal
rows are one row exported twice. A file that knows only customer, day and amount cannot tell
a copy from a second purchase of the day (CDNOW has 255 such rows, all real purchases, and
the published results count them), so there equal rows are kept, and a note says so.

The fingerprint has two independent 64-bit sums over each field (multilinear hashing: each
byte times a fixed random odd number of its position, modulo 2^64; Lemire & Kaser 2014,
"Strongly universal string hashing is fast"). Among 50 million rows the chance that any two
different rows share both sums is below 2^-50.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.facts.labels import as_text
from huitouke.insight.facts.shapes import text_bytes

__all__ = ["Copies", "fingerprints", "salts"]

Lanes = npt.NDArray[np.uint64]

_SEED = np.uint64(0x9E3779B97F4A7C15)
_WEIGHTS = (19, 23)
_ONE, _TWO = np.uint64(1), np.uint64(2)


def salts(headers: Sequence[str]) -> Lanes:
    """Return two numbers per column that depend on its header only, shape (2, columns).

    Columns of the same header are told apart by their order, so two exports of one table
    agree whatever the order of their columns.

    Parameters
    ----------
    headers
        The headers of a file.

    Examples
    --------
    >>> bool((salts(["a", "b"])[:, ::-1] == salts(["b", "a"])).all())
    True
    """
    seen: Counter[str] = Counter()
    found = []
    for header in headers:
        seen[header] += 1
        digest = hashlib.blake2b(f"{header}\x1f{seen[header]}".encode(), digest_size=16)
        found.append(np.frombuffer(digest.digest(), dtype=np.uint64))
    lanes: Lanes = np.array(found, dtype=np.uint64).reshape(-1, 2).T
    return lanes


def fingerprints(cells: Sequence[pa.Array], *, salt: Lanes) -> Lanes:
    """Return two sums per row over all its fields, shape (2, rows); a null adds nothing.

    Parameters
    ----------
    cells
        One Arrow array per column.
    salt
        As made by ``salts``.

    Examples
    --------
    >>> cells = [pa.array([1, 1, 2]), pa.array(["x", "x", "x"])]
    >>> a, b = fingerprints(cells, salt=salts(["n", "t"]))
    >>> bool(a[0] == a[1] and b[0] == b[1]), bool(a[0] == a[2])
    (True, False)
    """
    rows = len(cells[0]) if cells else 0
    lanes = np.zeros((2, rows), dtype=np.uint64)
    for number, column in enumerate(cells):
        if column.null_count == rows:
            continue
        there = column.is_valid().to_numpy(zero_copy_only=False)
        for lane, values in enumerate(_field(column)):
            lanes[lane] += np.where(there, _mixed(values ^ salt[lane, number]), np.uint64(0))
    return lanes


def _field(column: pa.Array) -> tuple[Lanes, Lanes]:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_temporal(kind) or pa.types.is_floating(kind):
        values = _bits(column)
        return values, values
    coded = as_text(column).dictionary_encode()
    first, second = _texts(coded.dictionary.cast(pa.string()))
    rows = pc.fill_null(coded.indices, len(first)).to_numpy(zero_copy_only=False)
    return np.append(first, _SEED)[rows], np.append(second, _SEED)[rows]


def _bits(column: pa.Array) -> Lanes:
    if pa.types.is_floating(column.type):
        floats = column.cast(pa.float64())
        values = pc.fill_null(floats, 0.0).to_numpy(zero_copy_only=False) + 0.0
        bits: Lanes = values.view(np.uint64)
    else:
        wide = column.cast(pa.int32()) if column.type.bit_width == 32 else column
        whole = wide.cast(pa.int64(), safe=False)
        bits = pc.fill_null(whole, 0).to_numpy(zero_copy_only=False).view(np.uint64)
    return bits


def _texts(texts: pa.Array) -> tuple[Lanes, Lanes]:
    data, starts, lengths = text_bytes(texts)
    if not len(lengths):
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    first, last = int(starts[0]), int(starts[-1] + lengths[-1])
    used = data[first:last].astype(np.uint64) + np.uint64(1)
    place = np.arange(last - first) - np.repeat(starts - first, lengths)
    longest = int(lengths.max())
    lanes = []
    for seed in _WEIGHTS:
        # One generator a lane: a place has the same weight however long the longest text is,
        # so a row in another part of the file, beside other texts, has the same fingerprint.
        weights = np.random.Generator(np.random.PCG64(seed))
        odd = weights.integers(1, 2**63, size=longest + 1, dtype=np.uint64) * _TWO + _ONE
        sums = np.concatenate(([np.uint64(0)], np.cumsum(used * odd[place], dtype=np.uint64)))
        begin = starts - first
        lanes.append(sums[begin + lengths] - sums[begin])
    return lanes[0], lanes[1]


def _mixed(values: Lanes) -> Lanes:
    """Spread every bit over the word (Steele, Lea & Flood 2014, splittable generators)."""
    mixed = values + _SEED
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


class Copies:
    """Fingerprints of all usable rows so far, and which of them repeat an earlier one.

    Examples
    --------
    >>> copies = Copies()
    >>> cells = [pa.array(["x", "y", "x"])]
    >>> copies.add(fingerprints(cells, salt=salts(["t"])), telling=np.array([True] * 3))
    >>> copies.find().tolist(), copies.kept
    ([2], 0)
    """

    def __init__(self) -> None:
        self._lanes: list[Lanes] = []
        self._telling: list[npt.NDArray[np.bool_]] = []
        self.kept = 0

    def add(self, lanes: Lanes, *, telling: npt.NDArray[np.bool_]) -> None:
        """Add rows.

        Parameters
        ----------
        lanes
            As made by ``fingerprints``.
        telling
            True for rows that carry an order number or a time of day.
        """
        self._lanes.append(lanes)
        self._telling.append(telling)

    def find(self) -> npt.NDArray[np.int64]:
        """Return the positions of the copies to drop, ascending; the first of each stays.

        Equal rows that cannot be told from second purchases are counted in ``kept``.
        """
        if not self._lanes:
            return np.empty(0, dtype=np.int64)
        first = np.concatenate([lanes[0] for lanes in self._lanes])
        order = np.sort(first)
        repeated = np.unique(order[1:][order[1:] == order[:-1]])
        if not len(repeated):
            return np.empty(0, dtype=np.int64)
        near = np.minimum(np.searchsorted(repeated, first), len(repeated) - 1)
        rows = np.flatnonzero(repeated[near] == first)
        second = np.concatenate([lanes[1] for lanes in self._lanes])[rows]
        ranked = np.lexsort((rows, second, first[rows]))
        same = np.zeros(len(rows), dtype=bool)
        same[1:] = (np.diff(first[rows][ranked]) == 0) & (np.diff(second[ranked]) == 0)
        copies = np.sort(rows[ranked][same])
        telling = np.concatenate(self._telling)[copies]
        self.kept = int((~telling).sum())
        return copies[telling]
