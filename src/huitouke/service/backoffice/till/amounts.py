"""Amounts as they are typed at the counter."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import get_currency_precision
from django import forms

__all__ = ["AmountField", "minor_of", "typed_of"]

_MOST = Decimal(1_000_000_000)


def minor_of(amount: Decimal, *, currency: str) -> int:
    """Return an amount in minor units.

    Parameters
    ----------
    amount
        In major units, as it was typed.
    currency
        ISO 4217 code.

    Examples
    --------
    >>> minor_of(Decimal("128.50"), currency="CNY"), minor_of(Decimal("500"), currency="JPY")
    (12850, 500)
    """
    return int(amount.scaleb(get_currency_precision(currency)))


def typed_of(minor: int, *, currency: str) -> str:
    """Return minor units as an amount that could be typed.

    Parameters
    ----------
    minor
        Minor units.
    currency
        ISO 4217 code.

    Examples
    --------
    >>> typed_of(12850, currency="CNY"), typed_of(500, currency="JPY")
    ('128.50', '500')
    """
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))


class AmountField(forms.DecimalField):
    """Money in major units, no finer than the currency."""

    def __init__(self, *, currency: str = "CNY", **kwargs: object) -> None:
        places = get_currency_precision(currency)
        super().__init__(
            min_value=Decimal(0),
            max_value=_MOST,
            decimal_places=places,
            widget=forms.NumberInput(
                attrs={"inputmode": "decimal", "step": "any", "autocomplete": "off"}
            ),
            **kwargs,  # type: ignore[arg-type]
        )
