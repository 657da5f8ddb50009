"""How values inside a reason are shown: points, money, days and names, by language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_precision

from huitouke.language import N_, Language, Words, one_of, words

__all__ = [
    "Reason",
    "are_many",
    "day",
    "joined",
    "money",
    "more_of",
    "number",
    "shown",
    "window",
]

Reason = Mapping[str, Any]
Style = Literal["standard", "or"]

_DAY_PATTERNS: dict[Language, str] = {
    "en": "d MMMM y",
    "zh": "y年M月d日",
    "zh-Hant": "y年M月d日",
}
#: What the usual units are called where a reason carries only the code.
_UNITS: dict[str, str] = {
    "points": N_("points"),
    "growth": N_("growth value"),
    "stored": N_("stored value"),
}

#: A programme has one currency, so its sign needs no country.
_YUAN = ("CN¥", "¥")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")
_POINTS = frozenset({"points", "taken", "owed", "restored", "settled"})


def number(value: int, *, language: Language, scale: int = 0) -> str:
    """Return a whole number with its thousands marked.

    Parameters
    ----------
    value
        In units of ``10^-scale``.
    language
        The reader's.
    scale
        Digits after the decimal point.

    Examples
    --------
    >>> number(1234567, language="en"), number(1250, language="en", scale=2)
    ('1,234,567', '12.5')
    """
    exact = Decimal(value).scaleb(-scale)
    return str(format_decimal(exact, locale=words(language).locale, decimal_quantization=False))


@lru_cache(maxsize=4096)
def money(minor: int, *, currency: str, language: Language) -> str:
    """Return an amount of money; no decimals where it is whole.

    Parameters
    ----------
    minor
        In minor units.
    currency
        ISO 4217.
    language
        The reader's.

    Examples
    --------
    >>> money(32000, currency="CNY", language="zh"), money(9950, currency="CNY", language="en")
    ('¥320', '¥99.50')
    """
    exact = Decimal(minor).scaleb(-get_currency_precision(currency))
    whole = exact == exact.to_integral_value()
    shown = format_currency(
        exact,
        currency,
        "¤#,##0" if whole else None,
        locale=words(language).locale,
        currency_digits=not whole,
    )
    return str(shown).replace(*_YUAN)


@lru_cache(maxsize=4096)
def day(iso: str, *, language: Language) -> str:
    """Return a local day as a reader writes it.

    Parameters
    ----------
    iso
        ``YYYY-MM-DD``.
    language
        The reader's.

    Examples
    --------
    >>> day("2026-03-31", language="en"), day("2026-03-31", language="zh")
    ('31 March 2026', '2026年3月31日')
    """
    given = date.fromisoformat(iso)
    return str(format_date(given, _DAY_PATTERNS[language], locale=words(language).locale))


def joined(parts: list[str], *, reader: Words, style: Style = "standard") -> str:
    """Return a list in words.

    Parameters
    ----------
    parts
        Already in the reader's language.
    reader
        The reader's words.
    style
        ``standard``: all of them; ``or``: any of them.

    Examples
    --------
    >>> joined(["s1", "s2"], reader=words("en"), style="or")
    's1 or s2'
    """
    return str(format_list(parts, style=style, locale=reader.locale)) if parts else ""


def more_of(value: int, *, reason: Reason, reader: Words) -> str:
    """Return how much more of a tier's metric is needed: money, orders or points.

    Parameters
    ----------
    value
        In the metric's unit.
    reason
        With ``metric``, and ``currency`` or ``unit``.
    reader
        The reader's words.

    Examples
    --------
    >>> more_of(3, reason={"metric": "visits"}, reader=words("en"))
    '3 more orders'
    >>> more_of(1, reason={"metric": "qualifying"}, reader=words("en"))
    '1 more point'
    """
    metric = reason.get("metric")
    if metric == "spend":
        currency = str(reason.get("currency", "CNY"))
        amount = money(value, currency=currency, language=reader.language)
        return reader.say(N_("{amount} more"), amount=amount)
    n = number(value, language=reader.language)
    if metric == "visits":
        if value == 1:
            return reader.say(N_("1 more order"))
        return reader.say(N_("{n} more orders"), n=n)
    unit = _unit(value, reason=reason, reader=reader)
    return reader.say(N_("{n} more {unit}"), n=n, unit=unit)


def are_many(value: int, *, reason: Reason) -> bool:
    """Say whether so much of a tier's metric takes a verb in the plural, in English.

    Parameters
    ----------
    value
        In the metric's unit.
    reason
        With ``metric``, and ``unit``.

    Examples
    --------
    >>> are_many(3, reason={"metric": "visits"}), are_many(300, reason={"metric": "spend"})
    (True, False)
    """
    metric = reason.get("metric")
    if metric == "spend" or value == 1:
        return False
    return metric == "visits" or _several(shown("unit", reason=reason, reader=words("en")))


def _several(name: str) -> bool:
    return name.endswith("s") and not name.endswith(("ss", "us", "is"))


def _unit(value: int, *, reason: Reason, reader: Words) -> str:
    """Return what so many of a unit are called; English has another word for one of them.

    Examples
    --------
    >>> _unit(1, reason={"unit": {"en": "stars"}}, reader=words("en"))
    'star'
    >>> _unit(1, reason={"unit": {"en": "bonus"}}, reader=words("en"))
    'bonus'
    """
    name = shown("unit", reason=reason, reader=reader)
    one = value == 1 and not reason.get("scale") and reader.language == "en"
    return name[:-1] if one and _several(name) else name


def shown(key: str, *, reason: Reason, reader: Words) -> str:
    """Return one value of a reason as text; empty if it is not there.

    Parameters
    ----------
    key
        Its name: ``…_minor`` is money, points carry their unit, ISO dates become days,
        names are said in the reader's language.
    reason
        The whole reason.
    reader
        The reader's words.
    """
    value = reason.get(key)
    if key == "unit" and not isinstance(value, Mapping):
        return reader.say(_UNITS.get(str(value or "points"), str(value)))
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return one_of(value, language=reader.language)
    if isinstance(value, bool):
        return reader.say(N_("yes")) if value else reader.say(N_("no"))
    if isinstance(value, int):
        return _whole(key, value=value, reason=reason, reader=reader)
    text = str(value)
    return day(text, language=reader.language) if _DATE.match(text) else text


def _whole(key: str, *, value: int, reason: Reason, reader: Words) -> str:
    language = reader.language
    if key.endswith("_minor"):
        return money(value, currency=str(reason.get("currency", "CNY")), language=language)
    scale = int(reason.get("scale", 0)) if key in _POINTS or key == "desired" else 0
    n = number(value, language=language, scale=scale)
    if key not in _POINTS:
        return n
    return reader.say(N_("{n} {unit}"), n=n, unit=_unit(value, reason=reason, reader=reader))


def window(given: Reason, *, reader: Words) -> str:
    """Return when a rule runs, in words.

    Parameters
    ----------
    given
        A window as JSON: what it leaves open is absent.
    reader
        The reader's words.

    Examples
    --------
    >>> window({"month_days": [8], "from_time": "18:00:00"}, reader=words("en"))
    'on day 8 of the month, from 18:00'
    """
    parts = []
    language = reader.language
    if given.get("from_on"):
        parts.append(
            reader.say(N_("from {from_on}"), from_on=day(given["from_on"], language=language))
        )
    if given.get("to_on"):
        parts.append(
            reader.say(N_("through {to_on}"), to_on=day(given["to_on"], language=language))
        )
    if given.get("weekdays"):
        names = get_day_names("wide", locale=reader.locale)
        listed = joined([names[one - 1] for one in given["weekdays"]], reader=reader)
        parts.append(reader.say(N_("on {weekdays}"), weekdays=listed))
    if given.get("month_days"):
        listed = joined([str(one) for one in given["month_days"]], reader=reader)
        parts.append(reader.say(N_("on day {month_days} of the month"), month_days=listed))
    parts += _hours(given, reader=reader)
    return reader.say(N_(", ")).join(parts)


def _hours(given: Reason, *, reader: Words) -> list[str]:
    first, end = (
        f"{time.fromisoformat(given[key]):%H:%M}" if given.get(key) else ""
        for key in ("from_time", "to_time")
    )
    if first and end:
        return [reader.say(N_("from {first} to {end}"), first=first, end=end)]
    if first:
        return [reader.say(N_("from {first}"), first=first)]
    return [reader.say(N_("until {end}"), end=end)] if end else []
