"""A sample cart beside the rules: what it earns now, and what it would earn under a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.fields import MoneyField, text, worded
from huitouke.service.programme.rules.cart import Cart, CartLine
from huitouke.service.programme.rules.checks import problems
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.trying import Tried, try_cart
from huitouke.service.ui.reader import current

__all__ = ["CartForm", "Compared", "Trial", "trial_of"]

_ROWS = 2
_FIRST = 12_800


@dataclass(frozen=True)
class Compared:
    """One unit: what the cart earns of it.

    Parameters
    ----------
    unit
        Its name.
    before, after
        In the version in force, and in the draft; before is none where nothing is in force.
    change
        What the draft gives more, or fewer.
    """

    unit: str
    before: int | None
    after: int
    change: int

    @property
    def fewer(self) -> int:
        """How many fewer the draft gives, above 0."""
        return -self.change


@dataclass(frozen=True)
class Trial:
    """The sample cart and what comes of it.

    Parameters
    ----------
    form
        Changes the cart.
    rows
        Its lines' fields: amount and category.
    units
        By unit, the draft beside the version in force.
    earned, missed
        Under the draft, a sentence each.
    broken
        Whether the draft does not hold together, so that nothing can be tried.
    """

    form: CartForm
    rows: tuple[tuple[forms.BoundField, forms.BoundField], ...]
    units: tuple[Compared, ...]
    earned: tuple[str, ...]
    missed: tuple[str, ...]
    broken: bool


class CartForm(forms.Form):
    """A few lines, and whose they are.

    Parameters
    ----------
    data
        What was sent, or none.
    definition
        Its tiers and currency are used.
    """

    use_required_attribute = False

    def __init__(self, data: Any, *, definition: Definition) -> None:
        sent = data if data is not None and "cart0_amount" in data else None
        super().__init__(sent, initial={"cart0_amount": _FIRST}, label_suffix="")
        self.definition = definition
        language = current().language
        for place in range(_ROWS):
            self.fields[f"cart{place}_amount"] = MoneyField(
                currency=definition.currency, required=False, label=N_("Amount")
            )
            self.fields[f"cart{place}_category"] = text(label=N_("Category"))
        tiers = definition.tiers.tiers if definition.tiers else ()
        named = [("", current().words.say(N_("no tier")))]
        named += [(tier.code, tier.name.said(language)) for tier in tiers]
        self.fields["cart_tier"] = forms.ChoiceField(
            choices=named, required=False, label=N_("A member of")
        )
        self.fields["cart_on"] = forms.DateField(
            required=False,
            label=N_("Bought on"),
            widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        )
        worded(self)

    def cart(self) -> Cart:
        """Return what was written, lines that cannot be read left out."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        if not self.is_bound:
            given = {"cart0_amount": _FIRST}
        lines = [
            CartLine(
                position=place + 1,
                amount_minor=given[f"cart{place}_amount"],
                category=given.get(f"cart{place}_category", ""),
            )
            for place in range(_ROWS)
            if given.get(f"cart{place}_amount")
        ]
        return Cart(lines=tuple(lines), currency=self.definition.currency)

    def moment(self, at: datetime) -> datetime:
        """Return when it is bought: noon of the day that was written, else now.

        Parameters
        ----------
        at
            Now.
        """
        day = self.cleaned_data.get("cart_on") if self.is_bound and self.is_valid() else None
        if day is None:
            return at
        return datetime(day.year, day.month, day.day, 12, tzinfo=self.definition.zone_info)

    def tier(self) -> str | None:
        """Return the tier that was chosen."""
        chosen = self.cleaned_data.get("cart_tier") if self.is_bound and self.is_valid() else ""
        return chosen or None


def trial_of(data: Any, *, draft: Definition, force: Definition | None, at: datetime) -> Trial:
    """Return what a sample cart earns under a draft, beside the version in force.

    Parameters
    ----------
    data
        The cart as it was sent; without one, a cart to begin with.
    draft
        May be broken.
    force
        In force, or none.
    at
        Now.
    """
    form = CartForm(data, definition=draft)
    fields = tuple(
        (form[f"cart{place}_amount"], form[f"cart{place}_category"]) for place in range(_ROWS)
    )
    if problems(draft):
        return Trial(form, fields, (), (), (), broken=True)
    cart, tier, moment, language = form.cart(), form.tier(), form.moment(at), current().language
    after = try_cart(draft, cart=cart, tier=tier, at=moment, language=language)
    before: Tried | None = None
    if force is not None:
        before = try_cart(force, cart=cart, tier=tier, at=moment, language=language)
    units = tuple(
        Compared(
            unit=unit.name.said(language),
            before=None if before is None else before.points.get(unit.code, 0),
            after=after.points[unit.code],
            change=after.points[unit.code]
            - (before.points.get(unit.code, 0) if before is not None else 0),
        )
        for unit in draft.units
    )
    return Trial(form, fields, units, after.earned, after.missed, broken=False)
