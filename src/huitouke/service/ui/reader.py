"""Who reads a page: words, numbers, money, days and moments as this person writes them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
)

from huitouke.language import Language, Words, words

__all__ = ["DASH", "Reader", "current", "reading"]

#: What stands where nothing is known.
DASH = "–"

Number: TypeAlias = int | float | Decimal


@dataclass(frozen=True)
class Reader:
    """One reader: language and theme, and the shop's currency and time zone.

    Parameters
    ----------
    language
        Language of the page.
    theme
        ``"light"``, ``"dark"`` or ``"system"``.
    currency
        ISO 4217 code; amounts of money are in its minor units.
    zone
        IANA time zone in which moments are told.

    Examples
    --------
    >>> reader = Reader("zh")
    >>> reader.money(128_000), reader.day(date(2026, 11, 21)), reader.number(4120)
    ('¥1,280.00', '2026年11月21日', '4,120')
    """

    language: Language = "zh"
    theme: str = "system"
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"

    @property
    def words(self) -> Words:
        """The messages of the reader's language."""
        return words(self.language)

    @property
    def locale(self) -> Locale:
        """The Babel locale."""
        return Locale.parse(self.words.locale)

    @property
    def tag(self) -> str:
        """The language as ``lang`` attributes name it.

        Examples
        --------
        >>> Reader("zh").tag, Reader("en").tag
        ('zh-Hans', 'en')
        """
        return self.words.tag

    def number(self, value: Number | None, *, digits: int | None = None) -> str:
        """Return a number, grouped; with about three figures unless ``digits`` are given.

        Examples
        --------
        >>> Reader("en").number(4120), Reader("en").number(3.14159), Reader("en").number(None)
        ('4,120', '3.1', '–')
        """
        if value is None or not math.isfinite(value):
            return DASH
        if digits is None:
            size = abs(float(value))
            whole = isinstance(value, int) or size >= 100
            digits = 0 if whole else 1 if size >= 1 or size == 0 else 2
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return _minus(format_decimal(value, format=pattern, locale=self.locale))

    def share(self, share: Number | None, *, digits: int | None = None) -> str:
        """Return a share of 0 to 1 as a percentage.

        Examples
        --------
        >>> Reader("en").share(0.634), Reader("en").share(0.042), Reader("en").share(-0.034)
        ('63%', '4.2%', '−3.4%')
        """
        if share is None or not math.isfinite(share):
            return DASH
        if digits is None:
            digits = 1 if 0 < abs(float(share)) < 0.0995 else 0
        pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
        return _minus(format_percent(share, format=pattern, locale=self.locale))

    def money(self, minor: int | None, *, currency: str = "") -> str:
        """Return an amount of minor units in full.

        Examples
        --------
        >>> Reader("en").money(-4_000), Reader("en").money(500, currency="HKD")
        ('−¥40.00', 'HK$5.00')
        """
        if minor is None:
            return DASH
        code = currency or self.currency
        amount = Decimal(minor).scaleb(-get_currency_precision(code))
        return self._short(format_currency(amount, code, locale=self.locale), code=code)

    def major(self, minor: int) -> float:
        """Return an amount of minor units as the number that a spreadsheet adds up.

        Examples
        --------
        >>> Reader("en").major(12_850), Reader("en", currency="JPY").major(500)
        (128.5, 500.0)
        """
        return float(Decimal(minor).scaleb(-get_currency_precision(self.currency)))

    def worth(self, amount: Number | None, *, currency: str = "") -> str:
        """Return an estimated amount in major units, with three figures and no cents.

        Examples
        --------
        >>> Reader("zh").worth(86_432.7), Reader("zh").worth(7.25)
        ('¥86,400', '¥7.25')
        """
        if amount is None or not math.isfinite(amount):
            return DASH
        code = currency or self.currency
        rounded = float(f"{amount:.3g}")
        if abs(rounded) < 10 and rounded != 0:
            return self._short(format_currency(rounded, code, locale=self.locale), code=code)
        pattern = str(self.locale.currency_formats["standard"].pattern).replace(".00", "")
        written = format_currency(
            rounded, code, pattern, locale=self.locale, currency_digits=False
        )
        return self._short(written, code=code)

    def day(self, day: date | None) -> str:
        """Return a day; of a moment, the day it falls on in the shop.

        Examples
        --------
        >>> Reader("en").day(date(2026, 11, 21))
        'Nov 21, 2026'
        """
        if day is None:
            return DASH
        style = "medium" if self.language == "en" else "long"
        return str(format_date(self._local(day), format=style, locale=self.locale))

    def short_day(self, day: date | None) -> str:
        """Return month and day, where the year is plain from what stands around it.

        Examples
        --------
        >>> Reader("zh").short_day(date(2026, 11, 21)), Reader("en").short_day(date(2026, 3, 4))
        ('11月21日', 'Mar 4')
        """
        if day is None:
            return DASH
        return str(format_skeleton("MMMd", self._local(day), locale=self.locale))

    def month(self, day: date | None) -> str:
        """Return the month and year of a day.

        Examples
        --------
        >>> Reader("zh").month(date(2026, 11, 21)), Reader("en").month(date(2026, 3, 4))
        ('2026年11月', 'Mar 2026')
        """
        if day is None:
            return DASH
        return str(format_skeleton("yMMM", self._local(day), locale=self.locale))

    def moment(self, moment: datetime | None) -> str:
        """Return day and time of day in the shop's zone.

        Examples
        --------
        >>> from datetime import UTC
        >>> Reader("zh").moment(datetime(2026, 11, 21, 9, 5, tzinfo=UTC))
        '2026年11月21日 17:05'
        """
        if moment is None:
            return DASH
        return f"{self.day(moment)}{self._gap}{self.clock(moment)}"

    def clock(self, moment: datetime | None) -> str:
        """Return the time of day of a moment in the shop's zone.

        Examples
        --------
        >>> from datetime import UTC
        >>> Reader("en").clock(datetime(2026, 11, 21, 9, 5, tzinfo=UTC))
        '17:05'
        """
        if moment is None:
            return DASH
        return str(format_time(moment, "HH:mm", tzinfo=ZoneInfo(self.zone), locale=self.locale))

    def machine(self, day: date | None) -> str:
        """Return a day or moment as ``datetime`` attributes want it."""
        return "" if day is None else self._local(day).isoformat()

    def listed(self, names: list[str]) -> str:
        """Return names as a list in a sentence.

        Examples
        --------
        >>> Reader("en").listed(["till", "shop"]), Reader("zh").listed(["收银台", "网店"])
        ('till and shop', '收银台和网店')
        """
        return str(format_list(names, locale=self.locale))

    def written(self, value: Any) -> Any:
        """Return a value as it stands in a sentence: numbers, days and moments written out.

        Examples
        --------
        >>> Reader("en").written(4120), Reader("en").written("Lin")
        ('4,120', 'Lin')
        """
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float | Decimal):
            return self.number(value)
        if isinstance(value, datetime):
            return self.moment(value)
        return self.day(value) if isinstance(value, date) else value

    def _short(self, written: str, *, code: str) -> str:
        """Leave the country out of the sign of the shop's own currency: ``¥``, not ``CN¥``."""
        sign = get_currency_symbol(code, locale=self.locale)
        plain = sign.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if code == self.currency and plain:
            written = written.replace(sign, plain)
        return _minus(written)

    @property
    def _gap(self) -> str:
        return ", " if self.language == "en" else " "

    def _local(self, day: date) -> date:
        return day.astimezone(ZoneInfo(self.zone)) if isinstance(day, datetime) else day


def _minus(text: str) -> str:
    return str(text).replace("-", "−")


_ANYBODY = Reader()
_current: ContextVar[Reader] = ContextVar("reader")


def current() -> Reader:
    """Return for whom the page at work is written."""
    return _current.get(_ANYBODY)


@contextmanager
def reading(reader: Reader) -> Iterator[None]:
    """Write for a reader while the block runs.

    Parameters
    ----------
    reader
        Whose language, currency and zone the tags and filters take.
    """
    before = _current.set(reader)
    try:
        yield
    finally:
        _current.reset(before)
