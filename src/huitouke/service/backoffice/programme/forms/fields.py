"""Fields in which people write money, factors and lists, and what a form says of mistakes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.core.exceptions import ValidationError

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.lists import typed, words_of
from huitouke.service.core.bounds import LARGEST
from huitouke.service.ui.reader import current

__all__ = [
    "FactorField",
    "ListField",
    "MoneyField",
    "NumberListField",
    "WholeField",
    "choices",
    "text",
    "worded",
]

_NEEDED = N_("Fill this in.")
_NO_NUMBER = N_("Write a whole number.")
_NO_MONEY = N_("Write an amount, such as 12.50.")
_NO_FACTOR = N_("Write a number above 1, such as 2 or 1.5.")
_NO_DAYS = N_("Write days of the month from 1 to 31, with commas.")
_NO_CHOICE = N_("Choose one of the list.")
_LEAST = N_("At least {limit}.")
_MOST = N_("At most {limit}.")
_LONG = N_("At most {limit} letters.")
_LETTERS = 200


def _say(message: str, **values: Any) -> str:
    """Return a sentence in the reader's language."""
    return current().words.say(message, **values)


class MoneyField(forms.Field):
    """An amount in major units; what comes out is in minor units.

    Parameters
    ----------
    currency
        ISO 4217.
    least
        In minor units.
    """

    def __init__(self, *, currency: str, least: int = 0, **how: Any) -> None:
        self.digits = get_currency_precision(currency)
        self.least = least
        super().__init__(**how)
        self.widget.attrs |= {"inputmode": "decimal", "size": "5", "maxlength": "24"}

    def prepare_value(self, value: Any) -> Any:
        """Return minor units as somebody would type them."""
        if not isinstance(value, int):
            return value
        exact = Decimal(value).scaleb(-self.digits)
        return f"{exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact}"

    def to_python(self, value: Any) -> Any:
        """Return minor units; none where nothing is written."""
        written = str(value or "")[:24].replace(",", "").replace("，", "").strip("¥ ")
        if not written:
            return None
        try:
            exact = Decimal(written).scaleb(self.digits)
        except InvalidOperation:
            raise ValidationError(_say(_NO_MONEY)) from None
        if not exact.is_finite() or exact != exact.to_integral_value() or exact > LARGEST:
            raise ValidationError(_say(_NO_MONEY))
        if exact < self.least:
            least = Decimal(self.least).scaleb(-self.digits)
            raise ValidationError(_say(_LEAST, limit=f"{least:f}"))
        return int(exact)


class FactorField(forms.Field):
    """A factor above 1, as a decimal or a fraction; what comes out is exact."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.widget.attrs |= {"inputmode": "decimal", "size": "4", "maxlength": "12"}

    def to_python(self, value: Any) -> Any:
        """Return an exact fraction."""
        written = str(value or "")[:12].strip()
        if not written:
            return None
        try:
            found = Fraction(written)
        except (ValueError, ZeroDivisionError):
            raise ValidationError(_say(_NO_FACTOR)) from None
        if found <= 1 or found.numerator > LARGEST:
            raise ValidationError(_say(_NO_FACTOR))
        return found


class ListField(forms.CharField):
    """Words with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        """Return words as somebody would type them."""
        return typed(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the words."""
        return words_of(super().to_python(value) or "")


class NumberListField(ListField):
    """Days of the month with commas between them."""

    def to_python(self, value: Any) -> Any:
        """Return the numbers."""
        try:
            found = [int(each) for each in super().to_python(value)]
        except ValueError:
            raise ValidationError(_say(_NO_DAYS)) from None
        if any(not 1 <= each <= 31 for each in found):
            raise ValidationError(_say(_NO_DAYS))
        return found


class WholeField(forms.IntegerField):
    """A whole number that stands in a sentence."""

    def __init__(self, *, least: int = 0, most: int = LARGEST, **how: Any) -> None:
        super().__init__(min_value=least, max_value=most, **how)
        self.widget = forms.TextInput(attrs={"inputmode": "numeric", "size": "5"})


def text(
    *, needed: bool = False, label: str = "", most: int = _LETTERS, size: int = 0
) -> forms.CharField:
    """Return a field for a line of text.

    Parameters
    ----------
    needed
        Whether something must be written.
    label
        English message.
    most
        Letters.
    size
        Width in letters; 0: as wide as there is room.
    """
    field = forms.CharField(required=needed, label=label, max_length=most)
    if size:
        field.widget.attrs["size"] = str(size)
    return field


def choices(
    given: dict[str, str], *, label: str = "", needed: bool = True, many: bool = False
) -> forms.ChoiceField:
    """Return a field to choose from messages.

    Parameters
    ----------
    given
        English messages by what is chosen.
    label
        English message.
    needed
        Whether something must be chosen.
    many
        Whether several may be.
    """
    listed = [(key, _say(message) if message else "") for key, message in given.items()]
    if many:
        return forms.MultipleChoiceField(
            choices=listed, label=label, required=needed, widget=forms.CheckboxSelectMultiple
        )
    return forms.ChoiceField(choices=listed, label=label, required=needed)


def worded(form: forms.Form) -> None:
    """Give all fields of a form our words for what is wrong.

    Parameters
    ----------
    form
        Whose.
    """
    for field in form.fields.values():
        field.error_messages |= {
            "required": _say(_NEEDED),
            "invalid": _say(_NO_NUMBER),
            "invalid_choice": _say(_NO_CHOICE),
        }
        checks: list[Any] = field.validators
        for check in checks:
            kind = getattr(check, "code", "")
            says = {"min_value": _LEAST, "max_value": _MOST, "max_length": _LONG}.get(kind)
            if says is not None:
                check.message = _say(says, limit=check.limit_value)
