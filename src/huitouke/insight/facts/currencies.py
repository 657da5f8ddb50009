"""The currencies that amounts of a file are marked with: by code, or by a sign."""

from __future__ import annotations

import re

__all__ = ["MARKS", "SEEN", "currency_meant"]

#: What each mark says, as it stands in cleaned text: a code, or a sign that currencies share.
SEEN = {
    "cny": "CNY",
    "rmb": "CNY",
    "cn¥": "CNY",
    "usd": "USD",
    "us$": "USD",
    "hkd": "HKD",
    "hk$": "HKD",
    "twd": "TWD",
    "nt$": "TWD",
    "jpy": "JPY",
    "円": "JPY",
    "gbp": "GBP",
    "£": "GBP",
    "eur": "EUR",
    "€": "EUR",
    "sgd": "SGD",
    "aud": "AUD",
    "cad": "CAD",
    "¥": "¥",
    "元": "元",
    "圆": "元",
    "$": "$",
}
#: A pattern of all marks.
MARKS = "(?:" + "|".join(re.escape(each) for each in sorted(SEEN, key=len, reverse=True)) + ")"

_FIRST_MEANT = {"¥": "CNY", "元": "CNY", "$": "USD"}
_ALSO_MEANT = {
    "¥": "JPY",
    "元": "HKD MOP TWD",
    "$": "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CVE DOP FJD GYD HKD JMD KYD LRD MOP MXN NAD "
    "NZD SBD SGD SRD TOP TTD TWD UYU WST XCD",
}


def currency_meant(seen: str, *, usual: str | None) -> str:
    """Return the code of the currency that a mark on an amount stands for.

    Parameters
    ----------
    seen
        A value of :data:`SEEN`.
    usual
        The currency that the merchant counts in, where it is known: a sign that currencies
        share stands for it if it can.

    Examples
    --------
    >>> [currency_meant("$", usual=usual) for usual in (None, "HKD", "CNY")]
    ['USD', 'HKD', 'USD']
    >>> currency_meant("¥", usual="JPY"), currency_meant("EUR", usual="HKD")
    ('JPY', 'EUR')
    """
    if usual and usual in _ALSO_MEANT.get(seen, "").split():
        return usual
    return _FIRST_MEANT.get(seen, seen)
