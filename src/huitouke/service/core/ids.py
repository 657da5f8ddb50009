"""Ids: UUIDv7 inside (in order of time), a readable prefix and base 32 outside."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import uuid_utils.compat

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["IdUnknown", "new_id", "private_id", "public_id"]

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
# Ten bits each, from the highest; 13 of them hold the 128 of an id.
_SHIFTS = range(120, -1, -10)
# Our letters as int() reads base 32; all others as one that it does not read.
_AS_INT = bytearray(b"!" * 256)
for _ours, _its in zip(_LETTERS.encode(), b"0123456789abcdefghijklmnopqrstuv", strict=True):
    _AS_INT[_ours] = _its


class IdUnknown(ServiceError):
    """The text is not an id of this kind."""

    code = "core.id_unknown"
    status = 404
    says = N_("{given!r} is not an id that starts with {prefix}_.")
    remedy = N_("Use the id as an answer of this service gave it.")


def new_id() -> UUID:
    """Return a new UUIDv7: unique, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def public_id(prefix: str, key: UUID) -> str:
    """Return the id that people and programs see.

    Parameters
    ----------
    prefix
        What it is an id of, e.g. ``"cus"``.
    key
        The id inside.

    Examples
    --------
    >>> public_id("cus", UUID(int=31))
    'cus_0000000000000000000000000z'
    """
    number = key.int
    letters = "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
    return f"{prefix}_{letters}"


def private_id(prefix: str, given: str) -> UUID:
    """Return the id inside for one that was given.

    Parameters
    ----------
    prefix
        What it must be an id of.
    given
        What the caller sent.

    Raises
    ------
    IdUnknown
        If the text has another prefix, length or letter.

    Examples
    --------
    >>> private_id("cus", "cus_0000000000000000000000000z").int
    31
    """
    head, _, tail = given.partition("_")
    if head == prefix and len(tail) == _LENGTH and tail.isascii():
        with suppress(ValueError):
            return UUID(int=int(tail.encode().translate(_AS_INT), 32))
    raise IdUnknown(given=given[:60], prefix=prefix)
