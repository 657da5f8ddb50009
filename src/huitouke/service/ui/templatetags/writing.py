"""Words, numbers, money and days in templates, as the reader of the page writes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.template import Library
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from huitouke.service.ui.reader import current

__all__ = [
    "clock",
    "count",
    "day",
    "listed",
    "machine",
    "moment",
    "money",
    "month",
    "number",
    "say",
    "share",
    "short_day",
    "translated",
    "worth",
]

register = Library()


def _say(message: str, values: dict[str, Any]) -> SafeString:
    """Return a message as HTML: its own text and all values escaped, numbers written out."""
    reader = current()
    written = {name: conditional_escape(reader.written(each)) for name, each in values.items()}
    # The message is looked up by its English, so it is escaped only afterwards.
    kept = {name: f"\0{name}\0" for name in written}
    text = str(escape(reader.words.say(message, **kept)))
    for name, value in written.items():
        text = text.replace(f"\0{name}\0", value)
    return mark_safe(text)  # noqa: S308 - all parts are escaped above


@register.simple_tag
def say(message: str, **values: Any) -> SafeString:
    """Say a literal message: ``{% say "{n} of {all} customers" n=3 all=9 %}``.

    Parameters
    ----------
    message
        The English message; a test looks for its Chinese.
    **values
        What goes into its places; numbers, days and moments are written for the reader.
    """
    return _say(message, values)


@register.simple_tag
def count(n: int, one: str, many: str, **values: Any) -> SafeString:
    """Say how many: ``{% count n "{n} customer" "{n} customers" %}``.

    Parameters
    ----------
    n
        Decides which message is said, and fills its place ``{n}``.
    one, many
        English messages for one and for any other number.
    **values
        What goes into the other places.
    """
    return _say(one if n == 1 else many, {"n": n, **values})


@register.filter("say")
def translated(message: str) -> SafeString:
    """Say a message that Python marked with ``N_``: ``{{ item.label|say }}``.

    Parameters
    ----------
    message
        The English message, without places.
    """
    return _say(str(message), {}) if message else SafeString("")


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """Write a number, with three figures or so many decimals.

    Parameters
    ----------
    value
        None, NaN and ± infinity are written as a dash.
    digits
        Decimals.
    """
    return current().number(_number(value), digits=digits)


@register.filter
def share(value: Any, digits: int | None = None) -> str:
    """Write a share of 0 to 1 as a percentage.

    Parameters
    ----------
    value
        The share.
    digits
        Decimals.
    """
    return current().share(_number(value), digits=digits)


@register.filter
def money(minor: int | None, currency: str = "") -> str:
    """Write an amount of minor units in full.

    Parameters
    ----------
    minor
        Whole minor units.
    currency
        ISO 4217 code; none: the shop's.
    """
    return current().money(minor, currency=currency)


@register.filter
def worth(amount: Any, currency: str = "") -> str:
    """Write an estimated amount of major units with three figures.

    Parameters
    ----------
    amount
        Major units.
    currency
        ISO 4217 code; none: the shop's.
    """
    return current().worth(_number(amount), currency=currency)


@register.filter
def day(value: date | None) -> str:
    """Write a day; of a moment, the shop's day."""
    return current().day(value)


@register.filter
def short_day(value: date | None) -> str:
    """Write month and day."""
    return current().short_day(value)


@register.filter
def month(value: date | None) -> str:
    """Write month and year."""
    return current().month(value)


@register.filter
def moment(value: datetime | None) -> str:
    """Write day and time of day in the shop's zone."""
    return current().moment(value)


@register.filter
def clock(value: datetime | None) -> str:
    """Write the time of day in the shop's zone."""
    return current().clock(value)


@register.filter
def machine(value: date | None) -> str:
    """Write a day or moment for a ``datetime`` attribute."""
    return current().machine(value)


@register.filter
def listed(names: Any) -> str:
    """Write names as a list in a sentence."""
    return current().listed([str(each) for each in names])


def _number(value: Any) -> int | float | Decimal | None:
    """Return a number as it is; a template's text for one, such as ``"7"``, as a number."""
    if value is None or value == "":
        return None
    return value if isinstance(value, int | float | Decimal) else float(value)
