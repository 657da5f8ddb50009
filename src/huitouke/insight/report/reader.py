"""Numbers, money, days and intervals as one reader reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeGuard

from babel.core import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
)

from huitouke.insight.report.evidence import Estimate
from huitouke.insight.report.texts import Text, say
from huitouke.insight.tables import Status
from huitouke.language import N_, Language, Words, words

__all__ = ["DASH", "Reader", "known", "own_sign"]

#: What stands where there is no number.
DASH = "–"

_BETWEEN = N_("between {lo} and {hi}")
_STATUS = {
    Status.OK: N_("can be told"),
    Status.INSUFFICIENT: N_("too few to tell"),
    Status.NOT_IDENTIFIED: N_("these data cannot tell"),
}


def known(value: float | None) -> TypeGuard[float]:
    """Whether there is a number to show.

    Examples
    --------
    >>> known(float("nan")), known(None), known(0.0)
    (False, False, True)
    """
    return value is not None and math.isfinite(value)


@dataclass(frozen=True)
class Reader:
    """One reader: a language and the shop's currency.

    Parameters
    ----------
    language
        ``"en"``, ``"zh"`` or ``"zh-Hant"``.
    currency
        ISO 4217 code.

    Examples
    --------
    >>> from datetime import date
    >>> reader = Reader("zh", currency="CNY")
    >>> reader.day(date(2026, 11, 21)), reader.money(1280)
    ('2026年11月21日', '¥1,280.00')
    """

    language: Language
    currency: str = "CNY"

    @property
    def words(self) -> Words:
        """The messages of the reader's language."""
        return words(self.language)

    @property
    def locale(self) -> Locale:
        """The Babel locale."""
        return Locale.parse(self.words.locale)

    def say(self, message: str, **values: Any) -> str:
        """Return a message with its places filled, its apostrophes curled as print has them."""
        if self.language == "en":
            message = message.replace("'", "\u2019")
        written = self.words.say(message, **values)
        # An n or p never parts from its number.
        return written.replace("n = ", "n\u00a0=\u00a0").replace("p < ", "p\u00a0<\u00a0")

    def count(self, one: str, many: str, *, n: int, **values: Any) -> str:
        """Return the message for one thing or for many, with ``{n}`` written for the reader.

        Examples
        --------
        >>> Reader("en").count("1 customer", "{n} customers", n=4120)
        '4,120 customers'
        """
        return self.say(one if n == 1 else many, n=self.whole(n), **values)

    def text(self, text: Text | None) -> str:
        """Return a text of the picture in this language; nothing for None."""
        return "" if text is None else say(text, language=self.language)

    def listed(self, names: Sequence[str]) -> str:
        """Return names as a list in a sentence.

        Examples
        --------
        >>> Reader("en").listed(["Forced", "Identity"])
        'Forced and Identity'
        """
        return str(format_list(list(names), locale=self.locale))

    def join(self, sentences: tuple[str, ...]) -> str:
        """Put sentences one after another, as the language does."""
        return self.words.gap.join(part for part in sentences if part)

    def whole(self, value: float | None) -> str:
        """Return a count, grouped."""
        if value is None or not known(value):
            return DASH
        return str(format_decimal(round(value), locale=self.locale))

    def number(self, value: float | None, *, digits: int | None = None) -> str:
        """Return a number with ``digits`` decimals, or about three significant ones.

        Examples
        --------
        >>> Reader("en").number(3.14159), Reader("en").number(0.2386, digits=3)
        ('3.1', '0.239')
        """
        if value is None or not known(value):
            return DASH
        if digits is None:
            size = abs(value)
            digits = 0 if size >= 100 else 1 if size >= 1 or size == 0 else 2
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return _minus(format_decimal(value, format=pattern, locale=self.locale))

    def percent(self, share: float | None, *, digits: int | None = None) -> str:
        """Return a share of 0 to 1 as a percentage.

        Examples
        --------
        >>> Reader("en").percent(0.634), Reader("en").percent(0.042), Reader("en").percent(0.0)
        ('63%', '4.2%', '0%')
        """
        if share is None or not known(share):
            return DASH
        if digits is None:
            digits = 1 if 0 < abs(share) < 0.0995 else 0
            if 0 < abs(share) < 0.0005:
                return "<" + self.percent(0.001, digits=1)
        pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
        return _minus(format_percent(share, format=pattern, locale=self.locale))

    def change(self, share: float | None) -> str:
        """Return a relative difference with its sign.

        Examples
        --------
        >>> Reader("en").change(-0.034)
        '−3.4%'
        """
        if share is None or not known(share):
            return DASH
        return ("+" if share > 0 else "") + self.percent(share, digits=1)

    def money(self, value: float | None) -> str:
        """Return an amount in full, with its cents below 10,000."""
        if value is None or not known(value):
            return DASH
        if abs(value) < 10_000:
            return own_sign(format_currency(value, self.currency, locale=self.locale))
        return own_sign(
            format_currency(
                value,
                self.currency,
                locale=self.locale,
                format=_without_cents(self.locale),
                currency_digits=False,
            )
        )

    def prose(self, value: float | None) -> str:
        """Return an amount as a sentence would say it: short, three figures or so.

        Examples
        --------
        >>> Reader("zh", currency="CNY").prose(1_147_000.0)
        '¥115万'
        >>> Reader("en", currency="GBP").prose(69_984.0)
        '£70,000'
        """
        if value is None or not known(value):
            return DASH
        value = float(f"{value:.3g}")
        size = abs(value)
        if size >= (1e6 if self.language == "en" else 1e4):
            return own_sign(
                format_compact_currency(
                    value,
                    self.currency,
                    locale=self.locale,
                    fraction_digits=_decimals(size, self),
                )
            )
        if size >= 10 or size == 0:
            pattern = _without_cents(self.locale)
            return own_sign(
                format_currency(
                    value, self.currency, pattern, locale=self.locale, currency_digits=False
                )
            )
        return self.money(value)

    @property
    def symbol(self) -> str:
        """The sign of the currency as this reader writes it."""
        return own_sign(str(get_currency_symbol(self.currency, locale=self.locale)))

    def day(self, day: date | None) -> str:
        """Return a day in words."""
        if day is None:
            return DASH
        return str(format_date(day, format="long", locale=self.locale))

    def short_day(self, day: date | None) -> str:
        """Return a day for a table: shorter where the language has a shorter form."""
        if day is None:
            return DASH
        style = "medium" if self.language == "en" else "long"
        return str(format_date(day, format=style, locale=self.locale))

    def month(self, day: date) -> str:
        """Return the month and year of a day."""
        return str(format_skeleton("yMMM", day, locale=self.locale))

    def axis_day(self, day: date) -> str:
        """Return a day for an axis: month and day."""
        return str(format_skeleton("MMMd", day, locale=self.locale))

    def lower(self, text: str) -> str:
        """Return a name as it stands inside a sentence: without its capital in English."""
        return text[:1].lower() + text[1:] if self.language == "en" else text

    def between(self, lo: str, hi: str) -> str:
        """Return an interval in words from two written ends."""
        return self.say(_BETWEEN, lo=lo, hi=hi)

    def interval(self, estimate: Estimate, *, how: str = "number") -> str:
        """Return the interval of an estimate in words, or nothing where it has none.

        Parameters
        ----------
        estimate
            The number and its ends.
        how
            The way each end is written: ``number``, ``percent``, ``money``, ``prose`` or
            ``whole``.

        Examples
        --------
        >>> Reader("en").interval(Estimate(3.7, 3.1, 4.4))
        'between 3.1 and 4.4'
        """
        if not (known(estimate.lo) and known(estimate.hi)):
            return ""
        if how == "percent":
            narrow = estimate.hi < 0.0995 or self.percent(estimate.lo) == self.percent(
                estimate.hi
            )
            digits = 1 if narrow else 0
            return self.between(
                self.percent(estimate.lo, digits=digits),
                self.percent(estimate.hi, digits=digits),
            )
        write = getattr(self, how)
        return self.between(write(estimate.lo), write(estimate.hi))

    def status(self, status: Status) -> str:
        """Return a status in words."""
        return self.say(_STATUS[status])


def _decimals(size: float, reader: Reader) -> int:
    """Return how many decimals leave about three figures once the size is shortened."""
    step = 3 if reader.language == "en" else 4
    leading = int(math.log10(size)) % step
    return max(0, 2 - leading)


def own_sign(text: object) -> str:
    """Return an amount with the sign that its own shop writes: ``¥``, and not ``CN¥``.

    A report knows one currency only, its shop's; there is nothing to be told apart.

    Parameters
    ----------
    text
        As Babel writes it.

    Examples
    --------
    >>> own_sign("-CN¥5")
    '−¥5'
    """
    return _minus(str(text)).replace("CN¥", "¥")


def _minus(text: str) -> str:
    # An unknown currency (XXX) has no sign worth showing.
    return str(text).replace("-", "−").replace("¤", "").replace("XXX", "").strip()


def _without_cents(locale: Locale) -> str:
    return str(locale.currency_formats["standard"].pattern).replace(".00", "")
