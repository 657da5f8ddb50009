"""A coupon campaign as a form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.fields import (
    ListField,
    MoneyField,
    WholeField,
    choices,
    text,
)
from huitouke.service.backoffice.programme.forms.offers import OfferForm, days_of
from huitouke.service.programme.models.coupons import CouponCampaign

__all__ = ["CAMPAIGN_KINDS", "CampaignForm"]

CAMPAIGN_KINDS: dict[str, str] = {
    "percent": N_("a percentage off"),
    "amount": N_("an amount off"),
    "free_delivery": N_("free delivery"),
    "product": N_("a product for nothing"),
}
_RETURNS = {
    "whole": N_("when nothing of the order is kept"),
    "never": N_("never"),
}
_PERCENT = 100


class CampaignForm(OfferForm):
    """A coupon campaign."""

    _fields_of: ClassVar[dict[str, str]] = {
        "value": "percent",
        "sku": "sku",
        "limits": "per_code_limit",
        "validity": "to_on",
        "total": "total_limit",
    }

    def build(self) -> None:
        """Make the fields."""
        self.fields["kind"] = choices(CAMPAIGN_KINDS, label=N_("A code gives"))
        self.fields["percent"] = WholeField(
            least=1, most=_PERCENT, required=False, label=N_("Percent off")
        )
        self.fields["amount"] = MoneyField(
            currency=self.currency, least=1, required=False, label=N_("Amount off")
        )
        self.fields["pieces"] = WholeField(least=1, required=False, label=N_("Pieces"))
        self.fields["sku"] = text(label=N_("Article number"))
        for name, label in (
            ("most_minor", N_("But at most so much")),
            ("min_spend_minor", N_("Only for orders from")),
        ):
            self.fields[name] = MoneyField(currency=self.currency, required=False, label=label)
        self.fields["in_categories"] = ListField(
            required=False, label=N_("Only these categories")
        )
        for name, label in (
            ("per_code_limit", N_("Uses of one code")),
            ("per_member_limit", N_("Uses by one member")),
            ("total_limit", N_("Uses in all")),
        ):
            self.fields[name] = WholeField(
                least=1, required=False, label=label, help_text=N_("Empty: no limit.")
            )
        self.fields["code_days"] = WholeField(
            least=1,
            required=False,
            label=N_("Days that a code is good"),
            help_text=N_("Empty: as long as the campaign."),
        )
        self.fields["code_length"] = WholeField(least=8, most=15, label=N_("Letters of a code"))
        self.fields["exclusive"] = forms.BooleanField(
            required=False, label=N_("Not together with other codes")
        )
        self.fields["stacking_class"] = text(
            label=N_("Of codes with this word only one counts"), most=40
        )
        self.fields["returns"] = choices(_RETURNS, label=N_("A used code comes back"))

    @staticmethod
    def shown(record: CouponCampaign, *, zone: str) -> dict[str, Any]:
        """Return what the fields show of a campaign.

        Parameters
        ----------
        record
            The campaign.
        zone
            Whose days.
        """
        names = (
            "kind",
            "sku",
            "most_minor",
            "min_spend_minor",
            "per_code_limit",
            "per_member_limit",
            "total_limit",
            "code_days",
            "code_length",
            "exclusive",
            "stacking_class",
            "returns",
        )
        include = (record.scope or {}).get("include") or {}
        found = {name: getattr(record, name) for name in names}
        if record.kind == CouponCampaign.Kind.PERCENT:
            found["percent"] = record.value // _PERCENT
        elif record.kind == CouponCampaign.Kind.AMOUNT:
            found["amount"] = record.value
        else:
            found["pieces"] = record.value or None
        return {
            **found,
            "in_categories": list(include.get("categories") or ()),
            **days_of(record, zone=zone),
        }

    def written(self, before: CouponCampaign | None = None) -> dict[str, Any]:
        """Return the fields of the record.

        Parameters
        ----------
        before
            As it was: what the form does not say stays.
        """
        clean = self.cleaned_data
        names = (
            "kind",
            "sku",
            "most_minor",
            "per_code_limit",
            "per_member_limit",
            "total_limit",
            "code_days",
            "code_length",
            "exclusive",
            "stacking_class",
            "returns",
        )
        scope = dict(before.scope or {}) if before is not None else {}
        include = {**(scope.get("include") or {}), "categories": clean["in_categories"]}
        named = any(include.values()) or any((scope.get("exclude") or {}).values())
        return {
            **{name: clean[name] for name in names},
            **self.common(),
            "currency": self.currency,
            "min_spend_minor": clean["min_spend_minor"] or 0,
            "value": self._value(),
            "scope": {**scope, "include": include} if named else {},
        }

    def _value(self) -> int:
        clean = self.cleaned_data
        values = {
            "percent": (clean["percent"] or 0) * _PERCENT,
            "amount": clean["amount"] or 0,
            "product": clean["pieces"] or 0,
        }
        return values.get(clean["kind"], 0)

    def clean(self) -> dict[str, Any]:
        """Ask for what the kind needs.

        Raises
        ------
        ValidationError
            If it is missing.
        """
        found = super().clean()
        needed = {"percent": "percent", "amount": "amount", "product": "pieces"}
        name = needed.get(found.get("kind", ""), "")
        if name and found.get(name) is None and name not in self.errors:
            raise ValidationError({name: self.fields[name].error_messages["required"]})
        return found
