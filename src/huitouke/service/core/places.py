"""Which currencies and time zones there are."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.numbers import is_currency as _is_currency

__all__ = ["is_currency", "is_zone"]


def is_currency(code: str) -> bool:
    """Say whether a text is the code of a currency.

    Parameters
    ----------
    code
        ISO 4217, three capital letters.

    Examples
    --------
    >>> is_currency("HKD"), is_currency("hkd"), is_currency("ABC")
    (True, False, False)
    """
    return len(code) == 3 and code.isupper() and bool(_is_currency(code))


def is_zone(name: str) -> bool:
    """Say whether a text names a time zone.

    Parameters
    ----------
    name
        IANA, e.g. ``Asia/Hong_Kong``.

    Examples
    --------
    >>> is_zone("Asia/Hong_Kong"), is_zone("Hong Kong"), is_zone("../etc/passwd")
    (True, False, False)
    """
    try:
        return ZoneInfo(name).key == name
    except (KeyError, ValueError, OSError):
        return False
