"""Tiers and benefits as forms."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.base import PartForm
from huitouke.service.backoffice.programme.forms.fields import (
    MoneyField,
    WholeField,
    choices,
    text,
)

__all__ = ["BenefitsForm", "TierForm", "TiersForm", "new_tier"]

_METRICS = {
    "spend": N_("what a member spends"),
    "visits": N_("how often a member buys"),
    "qualifying": N_("a unit that members collect"),
}
_WINDOWS = {
    "rolling": N_("the last months, day by day"),
    "calendar_year": N_("the calendar year"),
    "anniversary": N_("the year since joining"),
    "lifetime": N_("all time"),
}
_REVIEWS = {
    "none": N_("to the day"),
    "month": N_("to the end of that month"),
    "quarter": N_("to the end of that quarter"),
    "year": N_("to the end of that year"),
}
_LANDINGS = {
    "one_down": N_("one tier down"),
    "earned": N_("to the tier they have earned"),
    "base": N_("to the lowest tier"),
}
BENEFIT_KINDS = {
    "monetary": N_("saves money"),
    "recognition": N_("is known and preferred"),
    "emotional": N_("feels good"),
}
_LASTS = {"continuing": N_("as long as the tier holds"), "one_off": N_("once")}
_MORE_ROWS = 2


def new_tier(number: int) -> dict[str, Any]:
    """Return JSON of a tier to begin with.

    Parameters
    ----------
    number
        Makes its code.
    """
    return {"code": f"tier_{number}", "name": {}, "benefits": []}


class TiersForm(PartForm):
    """How members rise, stay and fall."""

    pointers: ClassVar[dict[str, str]] = {
        "/metric": "metric",
        "/unit": "unit",
        "/window": "window",
        "/window/months": "window_months",
        "/valid_months": "valid_months",
        "/review": "review",
        "/grace_days": "grace_days",
        "/landing": "landing",
        "/refund_days": "refund_days",
    }

    def build(self) -> None:
        """Make the fields."""
        units = {"": "", **self.context.units}
        self.fields["metric"] = choices(_METRICS, label=N_("Counted is"))
        self.fields["unit"] = forms.ChoiceField(
            choices=list(units.items()), required=False, label=N_("Which unit")
        )
        self.fields["window"] = choices(_WINDOWS, label=N_("Over"))
        self.fields["window_months"] = WholeField(
            least=1, most=1200, required=False, label=N_("Months counted")
        )
        self.fields["valid_months"] = WholeField(
            least=1, most=1200, label=N_("Months that a tier holds")
        )
        self.fields["review"] = choices(_REVIEWS, label=N_("Rounded up"))
        self.fields["grace_days"] = WholeField(most=3650, label=N_("Days of grace"))
        self.fields["landing"] = choices(_LANDINGS, label=N_("Who falls comes"))
        self.fields["refund_days"] = WholeField(
            most=3650,
            required=False,
            label=N_("Days in which a return undoes the rise"),
            help_text=N_("Empty: the return window."),
        )
        self.fields["imported_orders"] = forms.BooleanField(
            required=False, label=N_("Orders imported as history count, too")
        )

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show."""
        window = given.get("window") or {}
        return {
            **given,
            "metric": given.get("metric", "spend"),
            "unit": given.get("unit") or "",
            "window": window.get("kind", "rolling"),
            "window_months": window.get("months", 12),
            "valid_months": given.get("valid_months", 12),
            "grace_days": given.get("grace_days", 30),
            "review": given.get("review", "month"),
        }

    def write(self, into: dict[str, Any]) -> None:
        """Change the frame of the tiers; the tiers themselves stay."""
        clean = self.cleaned_data
        into |= {
            name: clean[name]
            for name in (
                "metric",
                "valid_months",
                "review",
                "grace_days",
                "landing",
                "refund_days",
                "imported_orders",
            )
        }
        into["unit"] = clean["unit"] or None
        months = clean["window_months"] or 12
        into["window"] = {"kind": clean["window"], "months": months}


class BenefitsForm(PartForm):
    """Benefits in rows: of every member, or of one tier."""

    def build(self) -> None:
        """Make the rows."""
        for place in range(len(self.given.get("benefits", ())) + _MORE_ROWS):
            label = N_("What it is, in Chinese")
            self.fields[f"benefit{place}_zh"] = text(label=label)
            self.fields[f"benefit{place}_en"] = text(label=N_("In English"))
            short = N_("In two to four words, in Chinese")
            self.fields[f"benefit{place}_short_zh"] = text(label=short, most=30)
            self.fields[f"benefit{place}_short_en"] = text(
                label=N_("Short, in English"), most=40
            )
            self.fields[f"benefit{place}_kind"] = choices(
                BENEFIT_KINDS, needed=False, label=N_("Why it matters")
            )
            self.fields[f"benefit{place}_lasts"] = choices(
                _LASTS, needed=False, label=N_("How long")
            )

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the rows show."""
        found: dict[str, Any] = {}
        for place, each in enumerate(given.get("benefits", ())):
            short = each.get("short") or {}
            found |= {
                f"benefit{place}_zh": each["name"].get("zh", ""),
                f"benefit{place}_en": each["name"].get("en", ""),
                f"benefit{place}_short_zh": short.get("zh", ""),
                f"benefit{place}_short_en": short.get("en", ""),
                f"benefit{place}_kind": each["kind"],
                f"benefit{place}_lasts": each.get("lasts", "continuing"),
            }
        return found

    def write(self, into: dict[str, Any]) -> None:
        """Write the rows that have a name; one whose name was cleared is gone."""
        clean, stored = self.cleaned_data, self.given.get("benefits", ())
        found: list[dict[str, Any]] = []
        for place in range(len(stored) + _MORE_ROWS):
            head = f"benefit{place}_"
            name = {"zh": clean[f"{head}zh"], "en": clean[f"{head}en"]}
            if not (name["zh"] or name["en"]):
                continue
            short = {"zh": clean[f"{head}short_zh"], "en": clean[f"{head}short_en"]}
            known = stored[place] if place < len(stored) else {"id": self._new_id(found)}
            found.append(
                {
                    **known,
                    "name": name,
                    "short": short if short["zh"] or short["en"] else None,
                    "kind": clean[f"{head}kind"] or "monetary",
                    "lasts": clean[f"{head}lasts"] or "continuing",
                }
            )
        into["benefits"] = found

    def _new_id(self, found: list[dict[str, Any]]) -> str:
        taken = {each["id"] for each in [*self.given.get("benefits", ()), *found]}
        number = len(taken) + 1
        while f"benefit_{number}" in taken:
            number += 1
        return f"benefit_{number}"

    def field_at(self, pointer: str) -> str | None:
        """Return the field of a benefit."""
        parts = pointer.strip("/").split("/")
        name = f"benefit{parts[1]}_zh" if parts[0] == "benefits" and len(parts) > 1 else ""
        return name if name in self.fields else None

    @property
    def benefits(self) -> list[list[forms.BoundField]]:
        """The rows, and two empty ones."""
        return self.rows("benefit", "zh", "en", "short_zh", "short_en", "kind", "lasts")


class TierForm(BenefitsForm):
    """One tier: how it is reached and kept, what it brings, what it costs."""

    pointers: ClassVar[dict[str, str]] = {
        "/name": "name_zh",
        "/reach": "reach",
        "/keep": "keep",
        "/paid": "price",
    }

    @property
    def is_money(self) -> bool:
        """Whether what is counted is money."""
        tiers = self.context.definition.tiers
        return tiers is None or tiers.metric == "spend"

    def build(self) -> None:
        """Make the fields."""
        currency = self.context.definition.currency
        self.fields["name_zh"] = text(label=N_("Name in Chinese"))
        self.fields["name_en"] = text(label=N_("Name in English"))
        for name, label, hint in (
            ("reach", N_("Reached with"), N_("0: every member. Empty: only given or bought.")),
            ("keep", N_("Kept with"), N_("Empty: as much as it takes to reach it.")),
        ):
            field: forms.Field = (
                MoneyField(currency=currency, required=False, label=label)
                if self.is_money
                else WholeField(required=False, label=label)
            )
            field.help_text = hint
            self.fields[name] = field
        self.fields["price"] = MoneyField(
            currency=currency,
            required=False,
            label=N_("Price"),
            help_text=N_("Empty: it cannot be bought."),
        )
        self.fields["paid_months"] = WholeField(
            least=1, most=1200, required=False, label=N_("Months that a bought tier holds")
        )
        super().build()

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show."""
        paid = given.get("paid") or {}
        return {
            **super().read(given),
            "name_zh": given["name"].get("zh", ""),
            "name_en": given["name"].get("en", ""),
            "reach": given.get("reach"),
            "keep": given.get("keep"),
            "price": paid.get("price_minor"),
            "paid_months": paid.get("months", 12),
        }

    def write(self, into: dict[str, Any]) -> None:
        """Change the tier."""
        clean = self.cleaned_data
        super().write(into)
        into["name"] = {"zh": clean["name_zh"], "en": clean["name_en"]}
        into["reach"], into["keep"] = clean["reach"], clean["keep"]
        into["paid"] = (
            None
            if clean["price"] is None
            else {"price_minor": clean["price"], "months": clean["paid_months"] or 12}
        )
