"""Ids: UUIDv7 inside (in order of time), a readable prefix and base 32 outside."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import uuid_utils.compat

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["IdUnknown", "heard_id", "new_id", "private_id", "public_id", "spoken_id"]

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
# Ten bits each, from the highest; 13 of them hold the 128 of an id.
_SHIFTS = range(120, -1, -10)
# Our letters as int() reads base 32; all others as one that it does not read.
_AS_INT = bytearray(b"!" * 256)
for _ours, _its in zip(_LETTERS.encode(), b"0123456789abcdefghijklmnopqrstuv", strict=True):
    _AS_INT[_ours] = _its
#: So many letters at the end of an id tell it apart from all that are open: 40 bits, random.
_SPOKEN = 8
# What is written or heard instead of a letter that ids do not have.
_HEARD = str.maketrans("oilu", "011v", " -\u2010\u2013\t")


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


def spoken_id(key: UUID) -> str:
    """Return the end of an id as people read it out: two groups of four letters.

    Parameters
    ----------
    key
        The id inside.

    Examples
    --------
    >>> spoken_id(UUID(int=0x1F_FFFF_FFF0))
    '03ZZ ZZZG'
    """
    letters = public_id("", key)[-_SPOKEN:].upper()
    return f"{letters[: _SPOKEN // 2]} {letters[_SPOKEN // 2 :]}"


def heard_id(given: str) -> str | None:
    """Return the last ten hexadecimal digits of the id whose end was read out, or None.

    Capital or not, with spaces and dashes or without; who writes O for 0, or I and L for 1,
    is understood.

    Parameters
    ----------
    given
        As somebody typed it.

    Examples
    --------
    >>> heard_id("o3zz-ZZZG"), heard_id("138 1234 5678")
    ('1ffffffff0', None)
    """
    letters = given.strip().lower().translate(_HEARD)
    if len(letters) != _SPOKEN or not letters.isascii():
        return None
    with suppress(ValueError):
        return f"{int(letters.encode().translate(_AS_INT), 32):010x}"
    return None
