"""What may be said of a customer besides identities: checked before it is kept."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from huitouke.language import N_
from huitouke.service.core.bounds import LARGEST
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers.contact import is_contact

__all__ = ["DetailInvalid", "checked", "merged_attributes"]

ATTRIBUTES_LENGTH_MAX = 16_384
_DEPTH_MAX = 5
_BORN_AFTER = date(1880, 1, 1)

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_LENGTHS = {"name": 200, "brand": 60, "household": 60}
_GENDERS = ("", "female", "male", "other")
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class DetailInvalid(ServiceError):
    """A detail cannot be kept as it was sent; its value is not repeated."""

    code = "customers.detail_invalid"
    status = 422
    says = N_("The detail {field} cannot be kept as it was sent.")
    remedy = N_(
        "Details are name, birthday_on (a day not after today), language (zh, en …), gender"
        " (female, male, other or empty), brand, household, attributes (a JSON object up to"
        " 16 kB) and contact (days 1 to 7, earliest and latest as 09:00, most_per_month)."
    )


def _text(value: Any, length_max: int) -> bool:
    return isinstance(value, str) and len(value) <= length_max and not _NO_TEXT.search(value)


def _plain(value: Any) -> bool:
    """Say whether a JSON value without members can be kept and given back unchanged."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return "\x00" not in value and not re.search("[\ud800-\udfff]", value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and abs(value) <= LARGEST


def _keepable(value: Any, depth: int = 1) -> bool:
    if isinstance(value, dict):
        inner = list(value.values())
        keys = all(isinstance(key, str) and _plain(key) for key in value)
    elif isinstance(value, list):
        inner, keys = value, True
    else:
        return _plain(value)
    return keys and depth <= _DEPTH_MAX and all(_keepable(each, depth + 1) for each in inner)


def _attributes(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _keepable(value)
        and len(json.dumps(value, ensure_ascii=False)) <= ATTRIBUTES_LENGTH_MAX
    )


def _birthday(value: Any, at: datetime) -> bool:
    # A day ahead, for those who live east of the clock's zone.
    return value is None or (
        isinstance(value, date)
        and not isinstance(value, datetime)
        and value > _BORN_AFTER
        and (value - at.date()).days <= 1
    )


def _good(name: str, value: Any, at: datetime) -> bool:
    if name == "birthday_on":
        return _birthday(value, at)
    if name == "language":
        return isinstance(value, str) and _TAG.fullmatch(value) is not None
    if name == "gender":
        return value in _GENDERS
    if name == "contact":
        return is_contact(value)
    if name == "attributes":
        return _attributes(value)
    return name in _LENGTHS and _text(value, _LENGTHS[name])


def checked(details: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return the details, names trimmed, if they can all be kept.

    Parameters
    ----------
    details
        ``name``, ``birthday_on``, ``language``, ``gender``, ``brand``, ``household``,
        ``contact``, ``attributes``; any of them.
    at
        The present moment: nobody is born later.

    Raises
    ------
    DetailInvalid
        If one is none of these, or its value is not usable.

    Examples
    --------
    >>> from datetime import UTC
    >>> checked({"name": " 李娜 "}, at=datetime(2026, 5, 1, tzinfo=UTC))
    {'name': '李娜'}
    """
    for name, value in details.items():
        if not _good(name, value, at):
            raise DetailInvalid(field=name[:60])
    return {
        name: value.strip() if name in _LENGTHS else value for name, value in details.items()
    }


def merged_attributes(
    known: Mapping[str, Any], *, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return attributes with changes applied: a value replaces, None removes.

    Parameters
    ----------
    known
        What is kept now.
    changes
        What to set or remove, by name; one level deep.

    Examples
    --------
    >>> merged_attributes({"size": "M", "pet": "cat"}, changes={"size": "L", "pet": None})
    {'size': 'L'}
    """
    both = {**known, **changes}
    return {name: value for name, value in both.items() if value is not None}
