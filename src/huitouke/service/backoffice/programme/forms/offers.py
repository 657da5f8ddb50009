"""What forms of rewards and of coupon campaigns have in common."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.fields import (
    text,
    worded,
)
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.models.coupons import CouponCampaign
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.ui.reader import current

__all__ = ["OfferForm", "days_of"]

_NAME = N_("Give it a name in one of the two languages.")


class OfferForm(forms.Form):
    """What rewards and campaigns have in common: names, and from when to when.

    Parameters
    ----------
    data
        What was sent, or none.
    zone
        Whose days.
    currency
        ISO 4217.
    tiers
        Names of tiers by code.
    initial
        What is shown.
    """

    use_required_attribute = False
    _fields_of: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        data: Any,
        *,
        zone: str,
        currency: str,
        tiers: dict[str, str],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial or {}, label_suffix="")
        self.zone, self.currency, self.tiers = ZoneInfo(zone), currency, tiers
        self.fields["name_zh"] = text(label=N_("Name in Chinese"))
        self.fields["name_en"] = text(label=N_("Name in English"))
        self.build()
        for name, label in (
            ("from_on", N_("From this day")),
            ("to_on", N_("Through this day")),
        ):
            self.fields[name] = forms.DateField(
                required=False,
                label=label,
                widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            )
        if tiers:
            self.fields["tiers"] = forms.MultipleChoiceField(
                choices=list(tiers.items()),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                label=N_("Only for members of"),
            )
        worded(self)

    def build(self) -> None:
        """Make the other fields."""

    def clean(self) -> dict[str, Any]:
        """Ask for a name.

        Raises
        ------
        ValidationError
            If there is none.
        """
        found: dict[str, Any] = super().clean() or {}
        if not (found.get("name_zh") or found.get("name_en")):
            raise ValidationError({"name_zh": current().words.say(_NAME)})
        return found

    def blame(self, error: ServiceError) -> None:
        """Put an error to the field that it names, or to the whole form.

        Parameters
        ----------
        error
            Of the command.
        """
        given = str(error.values.get("field", ""))
        name = self._fields_of.get(given, given)
        self.add_error(name if name in self.fields else None, error.text(current().language))

    def common(self) -> dict[str, Any]:
        """Return names, days and tiers as records keep them."""
        clean = self.cleaned_data
        last = clean["to_on"]
        return {
            "names": {"zh": clean["name_zh"], "en": clean["name_en"]},
            "valid_from": self._begin(clean["from_on"]),
            "valid_to": self._begin(last and last + timedelta(days=1)),
            "tiers": clean.get("tiers", []),
        }

    def _begin(self, day: Any) -> datetime | None:
        return None if day is None else datetime.combine(day, time(), self.zone)


def days_of(record: Reward | CouponCampaign, *, zone: str) -> dict[str, Any]:
    """Return what the fields of every offer show of a record.

    Parameters
    ----------
    record
        A reward or a campaign.
    zone
        Whose days.
    """
    own = ZoneInfo(zone)
    first, end = record.valid_from, record.valid_to
    return {
        "name_zh": record.names.get("zh", ""),
        "name_en": record.names.get("en", ""),
        "from_on": first and first.astimezone(own).date(),
        "to_on": end and (end - timedelta(microseconds=1)).astimezone(own).date(),
        "tiers": list(record.tiers),
    }
