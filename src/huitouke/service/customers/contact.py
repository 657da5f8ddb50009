"""When and how often somebody wants to be written to: a wish of their own, beside consent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names
from babel.lists import format_list

from huitouke.language import N_, Language, words

__all__ = ["DAYS", "MOST_PER_MONTH", "is_contact", "wishes_told"]

#: Weekdays by ISO 8601: Monday is 1.
DAYS = range(1, 8)
MOST_PER_MONTH = 31
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_PARTS = frozenset({"days", "earliest", "latest", "most_per_month"})


def _days(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(type(each) is int and each in DAYS for each in value)
        and value == sorted(set(value))
    )


def _hours(earliest: Any, latest: Any) -> bool:
    """Say whether both are times of one day, the first before the second."""
    times = (earliest, latest)
    if not all(isinstance(each, str) and _TIME.fullmatch(each) for each in times):
        return False
    return bool(earliest < latest)


def is_contact(value: Any) -> bool:
    """Say whether this can be kept as somebody's wishes; an empty object has none.

    Parameters
    ----------
    value
        ``days`` (weekdays, 1 to 7, in order), ``earliest`` and ``latest`` (local times of the
        shop, both or none), ``most_per_month``; any of them.

    Examples
    --------
    >>> is_contact({"days": [6, 7], "earliest": "09:00", "latest": "20:30"}), is_contact({})
    (True, True)
    >>> is_contact({"earliest": "22:00", "latest": "08:00"}), is_contact({"most": 1})
    (False, False)
    """
    if not isinstance(value, dict) or value.keys() - _PARTS:
        return False
    most = value.get("most_per_month", 1)
    good = type(most) is int and 1 <= most <= MOST_PER_MONTH
    good = good and ("days" not in value or _days(value["days"]))
    if "earliest" in value or "latest" in value:
        good = good and _hours(value.get("earliest"), value.get("latest"))
    return good


def wishes_told(contact: Mapping[str, Any], *, language: Language) -> tuple[str, ...]:
    """Return wishes as people read them, one part each; nothing for who has none.

    Parameters
    ----------
    contact
        As it is kept.
    language
        Of the reader.

    Examples
    --------
    >>> wishes_told({"days": [6, 7], "earliest": "09:00", "latest": "20:30"}, language="en")
    ('Saturday and Sunday', 'from 09:00 to 20:30')
    """
    reader, found = words(language), []
    if "days" in contact:
        names = get_day_names("wide", locale=reader.locale)
        listed = [names[each - 1] for each in contact["days"]]
        found.append(str(format_list(listed, locale=reader.locale)))
    if "earliest" in contact:
        first, end = contact["earliest"], contact["latest"]
        found.append(reader.say(N_("from {first} to {end}"), first=first, end=end))
    if "most_per_month" in contact:
        most = contact["most_per_month"]
        found.append(reader.say(N_("at most {n} a month"), n=most))
    return tuple(found)
