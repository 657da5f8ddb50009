"""The rest of a definition as forms: for all points, payment, friends, stamps."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.base import (
    PartForm,
    expiry_fields,
    read_expiry,
    write_expiry,
)
from huitouke.service.backoffice.programme.forms.fields import (
    ListField,
    MoneyField,
    WholeField,
    choices,
    text,
)
from huitouke.service.programme.rules.told import HAPPENINGS

__all__ = ["BasicsForm", "BurnForm", "ReferralForm", "StampsForm", "new_stamps"]

_ELIGIBLE = {
    "tax": N_("Tax within the price"),
    "shipping": N_("Delivery"),
    "gift_card": N_("Gift cards that are sold"),
    "paid_by_points": N_("What is paid with points"),
    "paid_by_gift_card": N_("What is paid with gift cards"),
}
_DEBTS = {
    "debt": N_("owed, and settled by later points"),
    "within_balance": N_("taken from other points, the rest forgiven"),
    "pending_only": N_("taken only where they were not available yet"),
    "absorb": N_("left to the member; the shop bears it"),
}
_EXPIRED = {"grace": N_("live for the days of grace"), "expire": N_("stay gone")}
_PER = {
    "order": N_("for each order"),
    "item": N_("for each piece"),
    "day": N_("for each day with an order"),
}


class BasicsForm(PartForm):
    """What holds for all points."""

    pointers: ClassVar[dict[str, str]] = {
        "/expiry": "expiry_kind",
        "/expiry/months": "expiry_months",
        "/expiry/day": "expiry_day",
        "/return_days": "return_days",
        "/refunds/grace_days": "grace_days",
        "/refunds/debt_years": "debt_years",
    }

    def build(self) -> None:
        """Make the fields."""
        self.fields["return_days"] = WholeField(
            most=3650, label=N_("Days until points from orders become available")
        )
        self.fields["enrol_on_order"] = forms.BooleanField(
            required=False, label=N_("Whoever buys becomes a member with the first order")
        )
        for name, label in _ELIGIBLE.items():
            self.fields[name] = forms.BooleanField(required=False, label=label)
        expiry_fields(self, own=False)
        self.fields["debt_policy"] = choices(
            _DEBTS, label=N_("Points that were spent before a return are")
        )
        self.fields["expired_on_return"] = choices(
            _EXPIRED, label=N_("Points that come back expired")
        )
        self.fields["grace_days"] = WholeField(most=3650, label=N_("Days of grace"))
        self.fields["debt_years"] = WholeField(
            least=1, most=10, label=N_("Years after which what is owed is forgiven")
        )

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show."""
        return {
            "return_days": given["return_days"],
            "enrol_on_order": given["enrol_on_order"],
            **given["eligible"],
            **read_expiry(given["expiry"]),
            **given["refunds"],
        }

    def write(self, into: dict[str, Any]) -> None:
        """Change what holds for all points."""
        clean = self.cleaned_data
        into |= {name: clean[name] for name in ("return_days", "enrol_on_order")}
        into["eligible"] = {**into["eligible"], **{name: clean[name] for name in _ELIGIBLE}}
        into["expiry"] = write_expiry(clean)
        names = ("debt_policy", "expired_on_return", "grace_days", "debt_years")
        into["refunds"] = {**into["refunds"], **{name: clean[name] for name in names}}

    @property
    def eligible(self) -> list[forms.BoundField]:
        """What may count beside goods."""
        return [self[name] for name in _ELIGIBLE]


class _Switched(PartForm):
    """A part that is there or not."""

    def build(self) -> None:
        """Make the switch and the unit."""
        self.fields["there"] = forms.BooleanField(required=False, label=N_("Switched on"))
        self.fields["unit"] = forms.ChoiceField(
            choices=list(self.context.units.items()), label=N_("Unit")
        )

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show."""
        return {**given, "there": not self.context.is_new}

    @property
    def gone(self) -> bool:
        """Whether the part shall not be there."""
        return not self.cleaned_data["there"]


class BurnForm(_Switched):
    """Points as part of the payment."""

    pointers: ClassVar[dict[str, str]] = {
        "/unit": "unit",
        "/per_points": "per_points",
        "/minor": "minor",
        "/most_percent": "most_percent",
    }

    def build(self) -> None:
        """Make the fields."""
        super().build()
        currency = self.context.definition.currency
        self.fields["per_points"] = WholeField(least=1, label=N_("So many points"))
        self.fields["minor"] = MoneyField(currency=currency, least=1, label=N_("Pay so much"))
        self.fields["most_percent"] = WholeField(
            least=1, most=100, label=N_("At most so many percent of an order")
        )
        self.fields["least_points"] = WholeField(least=1, label=N_("Fewest points at a time"))
        self.fields["step_points"] = WholeField(least=1, label=N_("In steps of so many points"))
        self.fields["least_order_minor"] = MoneyField(
            currency=currency, required=False, label=N_("Only for orders from")
        )

    def write(self, into: dict[str, Any]) -> None:
        """Change what points pay."""
        clean = self.cleaned_data
        names = ("unit", "per_points", "minor", "most_percent", "least_points", "step_points")
        into |= {name: clean[name] for name in names}
        into["least_order_minor"] = clean["least_order_minor"] or 0


class ReferralForm(_Switched):
    """What bringing a friend gives."""

    pointers: ClassVar[dict[str, str]] = {"/unit": "unit", "/expiry": "expiry_kind"}
    _COUNTS = ("wait_days", "code_valid_days", "most_per_month", "most_per_year")
    _LOOKS = ("review_same_device", "review_same_address", "review_same_payment")

    def build(self) -> None:
        """Make the fields."""
        super().build()
        currency = self.context.definition.currency
        self.fields["advocate_points"] = WholeField(label=N_("For who brings the friend"))
        self.fields["friend_points"] = WholeField(label=N_("For the friend"))
        self.fields["least_order_minor"] = MoneyField(
            currency=currency, required=False, label=N_("The first order must come to")
        )
        empty = N_("Empty: no limit.")
        for name, label, hint, most in (
            ("wait_days", N_("Days until the reward"), N_("Empty: the return window."), 3650),
            ("code_valid_days", N_("Days that a code is good"), N_("Empty: for ever."), 3650),
            ("most_per_month", N_("Rewards a month at most"), empty, 10_000),
            ("most_per_year", N_("Rewards a year at most"), empty, 10_000),
        ):
            least = 1 if name.startswith("most") else 0
            self.fields[name] = WholeField(
                least=least, most=most, required=False, label=label, help_text=hint
            )
        for name, label in (
            ("review_same_device", N_("Look at it where both use the same device")),
            ("review_same_address", N_("Look at it where both have the same address")),
            ("review_same_payment", N_("Look at it where both pay by the same means")),
        ):
            self.fields[name] = forms.BooleanField(required=False, label=label)
        expiry_fields(self, own=True)

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show."""
        return {
            **dict.fromkeys(self._LOOKS, True),
            **super().read(given),
            **read_expiry(given.get("expiry")),
        }

    def write(self, into: dict[str, Any]) -> None:
        """Change what bringing a friend gives."""
        clean = self.cleaned_data
        names = ("unit", "advocate_points", "friend_points", *self._COUNTS, *self._LOOKS)
        into |= {name: clean[name] for name in names}
        into["least_order_minor"] = clean["least_order_minor"] or 0
        into["expiry"] = write_expiry(clean)


def new_stamps(number: int) -> dict[str, Any]:
    """Return JSON of a stamp card to begin with.

    Parameters
    ----------
    number
        Makes its id.
    """
    return {"id": f"card_{number}", "name": {}, "stamps": 10, "points": 100}


class StampsForm(PartForm):
    """One stamp card."""

    pointers: ClassVar[dict[str, str]] = {
        "": "reward",
        "/name": "name_zh",
        "/on": "on",
        "/unit": "unit",
        "/reward": "reward",
        "/points": "points",
        "/stamps": "stamps",
        "/head_start": "head_start",
    }
    _GOODS = ("categories", "brands", "skus")

    def build(self) -> None:
        """Make the fields."""
        currency = self.context.definition.currency
        on = self.given.get("on", "order.paid")
        known = {**HAPPENINGS, **({} if on in HAPPENINGS else {on: on})}
        self.fields["name_zh"] = text(label=N_("Name in Chinese"))
        self.fields["name_en"] = text(label=N_("Name in English"))
        self.fields["on"] = choices(known, label=N_("What is stamped"))
        self.fields["per"] = choices(_PER, label=N_("A stamp"))
        self.fields["stamps"] = WholeField(least=1, most=1000, label=N_("Stamps on a card"))
        self.fields["head_start"] = WholeField(
            most=999, required=False, label=N_("Stamps from the start")
        )
        for what, label in (
            ("categories", N_("Only these categories")),
            ("brands", N_("Only these brands")),
            ("skus", N_("Only these articles")),
        ):
            self.fields[f"in_{what}"] = ListField(required=False, label=label)
        self.fields["least_minor"] = MoneyField(
            currency=currency, required=False, label=N_("Only for orders from")
        )
        self.fields["most_per_day"] = WholeField(
            least=1, most=10_000, required=False, label=N_("Stamps a day at most")
        )
        self.fields["points"] = WholeField(required=False, label=N_("A full card gives points"))
        self.fields["unit"] = forms.ChoiceField(
            choices=list(self.context.units.items()), label=N_("Unit")
        )
        self.fields["reward"] = text(label=N_("Or the reward with this code"), most=60)
        self.fields["valid_months"] = WholeField(
            least=1,
            most=1200,
            required=False,
            label=N_("Months from the first stamp"),
            help_text=N_("Empty: for ever."),
        )
        self.fields["again"] = forms.BooleanField(
            required=False, label=N_("The next card begins when one is full")
        )

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show."""
        include = ((given.get("scope") or {}).get("include")) or {}
        return {
            "on": "order.paid",
            "per": "order",
            "unit": "points",
            "again": True,
            **given,
            "name_zh": given["name"].get("zh", ""),
            "name_en": given["name"].get("en", ""),
            **{f"in_{what}": list(include.get(what) or ()) for what in self._GOODS},
        }

    def write(self, into: dict[str, Any]) -> None:
        """Change the card."""
        clean = self.cleaned_data
        into["name"] = {"zh": clean["name_zh"], "en": clean["name_en"]}
        names = (
            "on",
            "per",
            "stamps",
            "most_per_day",
            "unit",
            "reward",
            "valid_months",
            "again",
        )
        into |= {name: clean[name] for name in names}
        into |= {name: clean[name] or 0 for name in ("head_start", "least_minor", "points")}
        include = {what: clean[f"in_{what}"] for what in self._GOODS}
        scope = into.get("scope") or {"exclude": {}}
        kept = any((scope.get("exclude") or {}).values())
        into["scope"] = {**scope, "include": include} if kept or any(include.values()) else None
