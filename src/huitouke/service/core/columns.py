"""Columns of rows on their way to the database, in PostgreSQL's binary form of an array.

psycopg packs a list value by value, in Python, whatever is in it; a batch of facts sends some
sixty columns of a thousand values. Here the type of a column is known beforehand.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

__all__ = ["columns"]

# https://www.postgresql.org/docs/current/protocol.html, array_recv: dimensions, whether
# there are nulls, type of the values; then their number, and the first one's place.
_HEAD = struct.Struct("!iIIii")
_EMPTY = struct.Struct("!iII")
_INTEGER = struct.Struct("!i")
_SHORT = 512
_LENGTHS = [_INTEGER.pack(length) for length in range(_SHORT)]
_NULL = _INTEGER.pack(-1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(2000, 1, 1).toordinal()


class _Array(bytes):
    """An array as PostgreSQL reads it; its kinds tell psycopg of which type it is."""

    __slots__ = ()


class _ArrayDumper(Dumper):
    """Sends what is packed already."""

    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        """Return the array as it is."""
        return bytes(obj)


def _kind(name: str, *, pack: Callable[[Sequence[Any]], bytes]) -> Callable[..., _Array]:
    """Return what packs a column of one type; ``pack`` is given values without nulls."""
    found = psycopg.adapters.types[name]
    kind: type[_Array] = type(f"_{name}", (_Array,), {"__slots__": ()})
    dumper = type(f"_{name}Dumper", (_ArrayDumper,), {"oid": found.array_oid})
    psycopg.adapters.register_dumper(kind, dumper)
    empty = kind(_EMPTY.pack(0, 0, found.oid))

    def packed(values: Sequence[Any]) -> _Array:
        if not values:
            return empty
        nulls = None in values
        head = _HEAD.pack(1, nulls, found.oid, len(values), 1)
        if not nulls:
            return kind(head + pack(values))
        return kind(head + b"".join([_NULL if v is None else pack((v,)) for v in values]))

    return packed


def _sized(values: Sequence[bytes]) -> bytes:
    """Each value after its length."""
    parts = [b""] * (2 * len(values))
    parts[0::2] = [_LENGTHS[n] if n < _SHORT else _INTEGER.pack(n) for n in map(len, values)]
    parts[1::2] = values
    return b"".join(parts)


def _texts(values: Sequence[str]) -> bytes:
    return _sized([value.encode() for value in values])


def _uuids(values: Sequence[UUID]) -> bytes:
    return _LENGTHS[16] + _LENGTHS[16].join([v.int.to_bytes(16, "big") for v in values])


@lru_cache(maxsize=64)
def _pairs(letter: str, count: int) -> struct.Struct:
    return struct.Struct("!" + f"i{letter}" * count)


def _wholes(letter: str, size: int) -> Callable[[Sequence[int]], bytes]:
    """Return what packs whole numbers of so many bytes, each after its length."""

    def pack(values: Sequence[int]) -> bytes:
        parts = [size] * (2 * len(values))
        parts[1::2] = values
        return _pairs(letter, len(values)).pack(*parts)

    return pack


_bigints, _integers = _wholes("q", 8), _wholes("i", 4)


def _moments(values: Sequence[datetime]) -> bytes:
    since = [value - _EPOCH for value in values]
    return _bigints([(d.days * 86_400 + d.seconds) * 1_000_000 + d.microseconds for d in since])


def _days(values: Sequence[date]) -> bytes:
    return _integers([value.toordinal() - _EPOCH_DAY for value in values])


_PACKS = {
    "text": _kind("text", pack=_texts),
    "uuid": _kind("uuid", pack=_uuids),
    "bigint": _kind("int8", pack=_bigints),
    "integer": _kind("int4", pack=_integers),
    "smallint": _kind("int2", pack=_wholes("h", 2)),
    "timestamptz": _kind("timestamptz", pack=_moments),
    "date": _kind("date", pack=_days),
    "bytea": _kind("bytea", pack=_sized),
    "boolean": _kind("bool", pack=_wholes("?", 1)),
}


def columns(types: str, rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Return the columns of rows as parameters of a statement, for ``unnest(%b, %b …)``.

    Parameters
    ----------
    types
        PostgreSQL's names of the columns' types, e.g. ``"uuid text bigint"``.
    rows
        Of so many values each; moments carry a time zone, None is null.

    Returns
    -------
    list
        One array per column, typed, so that the statement casts nothing.

    Raises
    ------
    struct.error
        If a number does not fit its type.

    Examples
    --------
    >>> [len(column) for column in columns("bigint text", [(1, "tea"), (2, None)])]
    [44, 31]
    """
    packs = [_PACKS[name] for name in types.split()]
    turned = list(zip(*rows, strict=True)) or [()] * len(packs)
    return [pack(column) for pack, column in zip(packs, turned, strict=True)]
