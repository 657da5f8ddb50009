"""Which currencies and time zones there are."""

from __future__ import annotations

from datetime import date
from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import get_territory_currencies

__all__ = ["is_currency", "is_zone"]

# Names in the database of time zones that are no place.
_NOWHERE = frozenset({"Factory", "localtime", "posixrules"})
_DAY = date(2026, 1, 1)


@cache
def _currencies() -> frozenset[str]:
    """Return what is legal tender somewhere."""
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, start_date=_DAY, end_date=_DAY)
    )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NOWHERE)


def is_currency(code: str) -> bool:
    """Say whether a text is the code of a currency that somebody pays with.

    Parameters
    ----------
    code
        ISO 4217, three capital letters.

    Examples
    --------
    >>> [is_currency(code) for code in ("HKD", "XAF", "hkd", "ABC", "XXX", "DEM")]
    [True, True, False, False, False, False]
    """
    return code in _currencies()


def is_zone(name: str) -> bool:
    """Say whether a text names a time zone.

    Parameters
    ----------
    name
        IANA, e.g. ``Asia/Hong_Kong``.

    Examples
    --------
    >>> is_zone("Asia/Hong_Kong"), is_zone("Hong Kong"), is_zone("localtime")
    (True, False, False)
    """
    return name in _zones()
