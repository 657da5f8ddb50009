"""Forms of the counter."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.forms import StaffForm
from huitouke.service.backoffice.till.amounts import AmountField, minor_of
from huitouke.service.orders.queries import products
from huitouke.service.programme.events.order_facts import FactLine
from huitouke.service.programme.events.selling import Basket

__all__ = ["LINES_MOST", "NewMemberForm", "SaleForm"]

#: So many goods can be typed at once; whoever has more has a till of their own.
LINES_MOST = 6
_CODES_MOST = 5
_PIECES_MOST = 9_999
_SPACES = re.compile(r"[\s,;，、]+")


class SaleForm(StaffForm):
    """What is on the counter: an amount or goods, codes, points to pay with."""

    amount = AmountField(label=N_("Amount"), required=False)
    codes = forms.CharField(
        label=N_("Coupon codes"),
        help_text=N_("Several with spaces between them."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    points = forms.IntegerField(
        label=N_("Pay with points"),
        required=False,
        min_value=0,
        max_value=1_000_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["amount"] = AmountField(
            currency=currency, label=N_("Amount"), required=False
        )
        for place in range(1, LINES_MOST + 1):
            self.fields[f"sku{place}"] = forms.CharField(
                label=N_("Article number"), required=False, max_length=200
            )
            self.fields[f"pieces{place}"] = forms.IntegerField(
                label=N_("Pieces"), required=False, min_value=1, max_value=_PIECES_MOST
            )
            self.fields[f"price{place}"] = AmountField(
                currency=currency, label=N_("Amount"), required=False
            )
        self.order_fields(["amount", "codes", "points"])

    @property
    def lines(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return the fields of goods, row by row: article, pieces, what they cost together."""
        return [
            (self[f"sku{place}"], self[f"pieces{place}"], self[f"price{place}"])
            for place in range(1, LINES_MOST + 1)
        ]

    @property
    def has_goods(self) -> bool:
        """Whether any goods were typed in."""
        return any(sku.value() or price.value() for sku, _, price in self.lines)

    def clean(self) -> dict[str, Any]:
        """Refuse an amount beside goods, goods without a price, and nothing at all."""
        given = super().clean() or {}
        if self.errors:
            return given
        priced = [
            (
                place,
                given.get(f"sku{place}"),
                given.get(f"pieces{place}"),
                given.get(f"price{place}"),
            )
            for place in range(1, LINES_MOST + 1)
        ]
        for place, sku, pieces, price in priced:
            if (sku or pieces) and price is None:
                self.add_error(f"price{place}", say(N_("What does it cost?")))
        goods = [
            (sku, pieces or 1, price) for _, sku, pieces, price in priced if price is not None
        ]
        amount = given.get("amount")
        if goods and amount:
            self.add_error("amount", say(N_("Give the amount or the goods, not both.")))
        elif not goods and not amount:
            self.add_error("amount", say(N_("How much is it?")))
        given["goods"] = goods
        if len(self._codes(given)) > _CODES_MOST:
            self.add_error("codes", say(N_("At most {n} codes."), n=_CODES_MOST))
        return given

    @staticmethod
    def _codes(given: dict[str, Any]) -> tuple[str, ...]:
        return tuple(each for each in _SPACES.split(given.get("codes") or "") if each)

    def basket(self) -> Basket:
        """Return what is on the counter, for the domain."""
        given = self.cleaned_data
        more: dict[str, Any] = {
            "currency": self.currency,
            "codes": self._codes(given),
            "points": given.get("points") or 0,
        }
        if not given["goods"]:
            return Basket.of_amount(minor_of(given["amount"], currency=self.currency), **more)
        known = products(sku for sku, _, _ in given["goods"] if sku)
        lines = []
        for sku, pieces, price in given["goods"]:
            found = known.get(sku)
            lines.append(
                FactLine(
                    sku=sku or "counter",
                    name=found.name if found else "",
                    category=found.category if found else "",
                    brand=found.brand if found else "",
                    quantity=pieces,
                    amount_minor=minor_of(price, currency=self.currency),
                )
            )
        return Basket(lines=tuple(lines), **more)


class NewMemberForm(StaffForm):
    """A new member on the spot."""

    phone = forms.CharField(
        label=N_("Phone"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    name = forms.CharField(label=N_("Name"), required=False, max_length=200)
    sms = forms.BooleanField(label=N_("Agrees to offers and news by SMS"), required=False)
    wechat = forms.BooleanField(label=N_("Agrees to offers and news by WeChat"), required=False)
    wording = forms.CharField(required=False, max_length=60)

    def __init__(self, *args: Any, shown: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown

    @property
    def said(self) -> list[str]:
        """Return the channels that the customer said yes to."""
        return [channel for channel in ("sms", "wechat") if self.cleaned_data.get(channel)]

    def clean(self) -> dict[str, Any]:
        """Refuse a yes to words that are not shown any more."""
        given = super().clean() or {}
        if self.said and given.get("wording") != self.shown:
            self.add_error(
                None, say(N_("The words of consent have just changed: read them out anew."))
            )
        return given
