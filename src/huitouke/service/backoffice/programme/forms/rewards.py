"""A reward as a form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.fields import (
    MoneyField,
    WholeField,
    choices,
    text,
)
from huitouke.service.backoffice.programme.forms.offers import OfferForm, days_of
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rules.shapes import CODE_PATTERN
from huitouke.service.ui.reader import current

__all__ = ["REWARD_KINDS", "RewardForm"]

REWARD_KINDS: dict[str, str] = {
    "product": N_("a product"),
    "service": N_("a service"),
    "gift_card": N_("a gift card"),
    "voucher": N_("a voucher code"),
    "amount": N_("an amount off"),
    "percent": N_("a percentage off"),
    "free_delivery": N_("free delivery"),
}
_USED = {
    "refuse": N_("stays used, and no points back"),
    "charge": N_("is charged; the points come back"),
}
_PLAIN_CODE = N_("Small letters, digits, - and _; a letter first.")


class RewardForm(OfferForm):
    """Something that points buy."""

    campaigns: dict[str, str]
    units: dict[str, str]
    _fields_of: ClassVar[dict[str, str]] = {
        "price": "cost_points",
        "limit": "per_member_limit",
        "validity": "to_on",
        "code": "code",
        "stock": "stock",
    }

    def __init__(
        self, data: Any, *, campaigns: dict[str, str], units: dict[str, str], **how: Any
    ) -> None:
        self.campaigns, self.units = campaigns, units
        super().__init__(data, **how)

    def build(self) -> None:
        """Make the fields."""
        self.fields["kind"] = choices(REWARD_KINDS, label=N_("What it is"))
        code = forms.RegexField(
            CODE_PATTERN,
            label=N_("Code"),
            help_text=_PLAIN_CODE,
            error_messages={"invalid": current().words.say(_PLAIN_CODE)},
        )
        self.fields["code"] = code
        self.fields["cost_points"] = WholeField(least=1, label=N_("Points"))
        self.fields["unit"] = forms.ChoiceField(
            choices=list(self.units.items()), label=N_("Unit")
        )
        self.fields["cash_minor"] = MoneyField(
            currency=self.currency, required=False, label=N_("Money to be added")
        )
        self.fields["campaign"] = forms.ChoiceField(
            choices=[("", ""), *self.campaigns.items()],
            required=False,
            label=N_("Coupon campaign whose code it gives"),
            help_text=N_("Needed for vouchers and for what is taken off."),
        )
        self.fields["sku"] = text(label=N_("Article number"))
        if "stock" not in (self.initial or {}).get("_without", ()):
            self.fields["stock"] = WholeField(
                required=False, label=N_("Stock"), help_text=N_("Empty: without end.")
            )
        self.fields["per_member_limit"] = WholeField(
            least=1, required=False, label=N_("At most so many per member")
        )
        self.fields["limit_days"] = WholeField(
            least=1,
            required=False,
            label=N_("In so many days"),
            help_text=N_("Empty: ever."),
        )
        self.fields["cooperative"] = forms.BooleanField(
            required=False, label=N_("Two members pay for it together")
        )
        self.fields["when_used"] = choices(_USED, label=N_("A used one that is given back"))
        self.fields["charge_minor"] = MoneyField(
            currency=self.currency,
            required=False,
            label=N_("What it is worth"),
            help_text=N_("Charged for a used one; the exploit check reckons with it."),
        )

    @staticmethod
    def shown(record: Reward, *, zone: str) -> dict[str, Any]:
        """Return what the fields show of a reward.

        Parameters
        ----------
        record
            The reward.
        zone
            Whose days.
        """
        names = (
            "kind",
            "code",
            "cost_points",
            "unit",
            "cash_minor",
            "sku",
            "per_member_limit",
            "limit_days",
            "cooperative",
            "when_used",
            "charge_minor",
        )
        return {
            **{name: getattr(record, name) for name in names},
            "campaign": str(record.campaign_id or ""),
            "_without": ("stock",),
            **days_of(record, zone=zone),
        }

    def written(self) -> dict[str, Any]:
        """Return the fields of the record."""
        clean = self.cleaned_data
        names = (
            "kind",
            "code",
            "cost_points",
            "unit",
            "sku",
            "per_member_limit",
            "limit_days",
            "cooperative",
            "when_used",
        )
        found = {name: clean[name] for name in names} | self.common()
        found |= {name: clean[name] or 0 for name in ("cash_minor", "charge_minor")}
        found["campaign"] = clean["campaign"] or None
        if "stock" in self.fields:
            found["stock_left"] = clean["stock"]
        return found
