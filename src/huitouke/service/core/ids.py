"""Ids: UUIDv7 inside (in order of time), a readable prefix and base 32 outside."""

from __future__ import annotations

from base64 import b32encode
from uuid import UUID

import uuid_utils

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["IdUnknown", "new_id", "private_id", "public_id"]

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_LENGTH = 26
_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _LETTERS.encode())


class IdUnknown(ServiceError):
    """The text is not an id of this kind."""

    code = "core.id_unknown"
    status = 404
    says = N_("{given!r} is not an id that starts with {prefix}_.")
    remedy = N_("Use the id as an answer of this service gave it.")


def new_id() -> UUID:
    """Return a new UUIDv7: unique, and later ones sort after earlier ones."""
    return UUID(int=uuid_utils.uuid7().int)


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
    # 160 bits are 32 letters of base 32; an id has 128, the first six letters say nothing.
    letters = b32encode(key.int.to_bytes(20, "big")).translate(_OURS)
    return f"{prefix}_{letters[-_LENGTH:].decode()}"


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
    number = 0
    for letter in tail:
        number = number * 32 + _VALUES.get(letter, 1 << 200)
    if head != prefix or len(tail) != _LENGTH or number >= 1 << 128:
        raise IdUnknown(given=given[:60], prefix=prefix)
    return UUID(int=number)
