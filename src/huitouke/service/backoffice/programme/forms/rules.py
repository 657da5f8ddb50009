"""An earning rule as a form that reads as its sentence."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.base import (
    PartForm,
    expiry_fields,
    read_expiry,
    write_expiry,
)
from huitouke.service.backoffice.programme.forms.conditions import (
    FACT_NAMES,
    OPS,
    read_value,
    write_value,
)
from huitouke.service.backoffice.programme.forms.fields import (
    FactorField,
    ListField,
    MoneyField,
    NumberListField,
    WholeField,
    choices,
    text,
)
from huitouke.service.programme.rules.told import HAPPENINGS, PERIODS
from huitouke.service.ui.reader import current

__all__ = ["KINDS", "RuleForm", "new_rule"]

KINDS: dict[str, str] = {
    "per_spend": N_("points per amount spent"),
    "per_item": N_("points per piece"),
    "fixed": N_("fixed points for something that happens"),
    "multiplier": N_("more of the points at times or for some"),
}
_ONCE = {"": N_("every time"), "year": N_("once a year"), "ever": N_("once ever")}
_PENDING = {
    "": N_("as the programme says"),
    "days": N_("after some days"),
    "delivered": N_("after delivery"),
}
_WEEKDAYS = {
    "1": N_("Monday"),
    "2": N_("Tuesday"),
    "3": N_("Wednesday"),
    "4": N_("Thursday"),
    "5": N_("Friday"),
    "6": N_("Saturday"),
    "7": N_("Sunday"),
}
_GOODS = ("categories", "brands", "skus")
_MORE_ROWS = 1


def new_rule(kind: str, *, number: int) -> dict[str, Any]:
    """Return JSON of a rule to begin with.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    number
        Makes its id.
    """
    gives: dict[str, dict[str, Any]] = {
        "per_spend": {"kind": "per_spend", "points": 1, "per_minor": 100},
        "per_item": {"kind": "per_item", "points": 1},
        "fixed": {"kind": "fixed", "points": 100},
        "multiplier": {"kind": "multiplier", "num": 2, "den": 1},
    }
    happens = "checkin" if kind == "fixed" else "order.paid"
    return {"id": f"rule_{number}", "name": {}, "on": happens, "gives": gives[kind]}


class RuleForm(PartForm):
    """One way to earn."""

    pointers: ClassVar[dict[str, str]] = {
        "/name": "name_zh",
        "/on": "on",
        "/gives": "factor",
        "/gives/points": "points",
        "/gives/per_minor": "per",
        "/gives/of": "of",
        "/unit": "unit",
        "/window": "from_on",
        "/scope": "in_categories",
        "/pending": "pending_days",
        "/expiry": "expiry_kind",
        "/once": "once",
    }

    @property
    def kind(self) -> str:
        """What the rule gives: it stays as it was begun."""
        found: str = self.given["gives"]["kind"]
        return found

    def build(self) -> None:
        """Make the fields of the sentence, then those of what limits it."""
        self._sentence()
        self._goods_and_days()
        for place in range(len(self.given.get("when", ())) + _MORE_ROWS):
            self.fields[f"when{place}_fact"] = choices(
                FACT_NAMES | self._own_fact(place), needed=False, label=N_("What is looked at")
            )
            self.fields[f"when{place}_op"] = choices(
                OPS, needed=False, label=N_("How it is compared")
            )
            self.fields[f"when{place}_value"] = text(label=N_("With what"), size=14)
        for place in range(len(self.given.get("caps", ())) + _MORE_ROWS):
            self.fields[f"cap{place}_points"] = WholeField(
                least=1, required=False, label=N_("At most so many points")
            )
            self.fields[f"cap{place}_per"] = choices(PERIODS, needed=False, label=N_("Per"))
            self.fields[f"cap{place}_pool"] = text(
                label=N_("Shared with others under the name"), most=60, size=10
            )
        self._times()

    def _own_fact(self, place: int) -> dict[str, str]:
        """Return the fact of a stored condition that the list does not name."""
        when = self.given.get("when", ())
        fact = when[place]["fact"] if place < len(when) else ""
        return {fact: fact} if fact and fact not in FACT_NAMES else {}

    def _sentence(self) -> None:
        kind, units = self.kind, self.context.units
        currency = self.context.definition.currency
        if kind == "per_spend":
            self.fields["per"] = MoneyField(
                currency=currency, least=1, label=N_("For every so much money")
            )
        if kind == "fixed":
            on = self.given["on"]
            known = {**HAPPENINGS, **({} if on in HAPPENINGS else {on: on})}
            self.fields["on"] = choices(known, label=N_("Which event"))
        if kind == "multiplier":
            self.fields["factor"] = FactorField(label=N_("How many times"))
            bases = {
                rule.id: rule.name.zh or rule.name.en
                for rule in self.context.definition.rules
                if rule.gives.kind == "per_spend"
            }
            self.fields["of"] = forms.MultipleChoiceField(
                choices=list(bases.items()),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                label=N_("Only the points of these rules"),
            )
            self.fields["compound"] = forms.BooleanField(
                required=False, label=N_("On top of other multipliers (×2 and ×3 make ×6)")
            )
        else:
            self.fields["points"] = WholeField(least=1, label=N_("Points"))
        self.fields["unit"] = forms.ChoiceField(choices=list(units.items()), label=N_("Unit"))
        self.fields["once"] = choices(_ONCE, needed=False, label=N_("How often"))
        self.fields["name_zh"] = text(label=N_("Name in Chinese"))
        self.fields["name_en"] = text(label=N_("Name in English"))

    def _goods_and_days(self) -> None:
        labels = {
            "categories": (N_("Only these categories"), N_("But never these categories")),
            "brands": (N_("Only these brands"), N_("But never these brands")),
            "skus": (N_("Only these articles"), N_("But never these articles")),
        }
        for what, (only, never) in labels.items():
            self.fields[f"in_{what}"] = ListField(required=False, label=only)
            self.fields[f"out_{what}"] = ListField(required=False, label=never)
        everything = current().words.say(N_("everything"))
        self.fields["in_categories"].widget.attrs |= {"size": "12", "placeholder": everything}
        for name, label in (
            ("from_on", N_("From this day")),
            ("to_on", N_("Through this day")),
        ):
            self.fields[name] = forms.DateField(
                required=False,
                label=label,
                widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            )
        self.fields["weekdays"] = choices(
            _WEEKDAYS, needed=False, many=True, label=N_("Only on")
        )
        self.fields["month_days"] = NumberListField(
            required=False, label=N_("Only on these days of the month")
        )
        for name, label in (
            ("from_time", N_("From this time of day")),
            ("to_time", N_("Before this time of day")),
        ):
            self.fields[name] = forms.TimeField(
                required=False, label=label, widget=forms.TimeInput({"type": "time"}, "%H:%M")
            )

    def _times(self) -> None:
        self.fields["pending_kind"] = choices(
            _PENDING, needed=False, label=N_("Points become available")
        )
        self.fields["pending_days"] = WholeField(most=3650, required=False, label=N_("Days"))
        self.fields["pending_latest"] = WholeField(
            least=1, most=3650, required=False, label=N_("Days after payment at the latest")
        )
        expiry_fields(self, own=True)
        self.fields["members_only"] = forms.BooleanField(
            required=False, label=N_("Only members earn")
        )
        self.fields["enabled"] = forms.BooleanField(required=False, label=N_("Switched on"))

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show of a rule."""
        gives, scope, window = given["gives"], given.get("scope"), given.get("window") or {}
        found: dict[str, Any] = {
            "points": gives.get("points"),
            "per": gives.get("per_minor"),
            "of": gives.get("of") or [],
            "compound": gives.get("compound", False),
            "on": given["on"],
            "unit": given.get("unit", "points"),
            "once": given.get("once") or "",
            "name_zh": given["name"].get("zh", ""),
            "name_en": given["name"].get("en", ""),
            "members_only": given.get("members_only", True),
            "enabled": given.get("enabled", True),
            **{name: window.get(name) for name in ("from_on", "to_on")},
            **{name: (window.get(name) or "")[:5] for name in ("from_time", "to_time")},
            "weekdays": [str(each) for each in window.get("weekdays") or ()],
            "month_days": list(window.get("month_days") or ()),
            **read_expiry(given.get("expiry")),
            **self._read_pending(given.get("pending")),
        }
        if "num" in gives:
            factor = Fraction(gives["num"], gives.get("den", 1))
            exact = str(factor)
            found["factor"] = (
                f"{float(factor):g}" if Fraction(f"{float(factor):g}") == factor else exact
            )
        for what in _GOODS:
            for side, name in (("include", "in"), ("exclude", "out")):
                found[f"{name}_{what}"] = list(((scope or {}).get(side) or {}).get(what) or ())
        for place, each in enumerate(given.get("caps", ())):
            found |= {
                f"cap{place}_{part}": each.get(part) for part in ("points", "per", "pool")
            }
        for place, each in enumerate(given.get("when", ())):
            found |= {f"when{place}_fact": each["fact"], f"when{place}_op": each["op"]}
            found[f"when{place}_value"] = read_value(each, self.context.definition)
        return found

    @staticmethod
    def _read_pending(given: Any) -> dict[str, Any]:
        found: dict[str, Any] = {"pending_kind": "", "pending_days": 7, "pending_latest": 45}
        if isinstance(given, dict):
            latest = given.get("at_latest_days", 45)
            found |= {
                "pending_kind": "delivered",
                "pending_days": given.get("days", 7),
                "pending_latest": latest,
            }
        elif given is not None:
            found |= {"pending_kind": "days", "pending_days": given}
        return found

    def write(self, into: dict[str, Any]) -> None:
        """Change the rule by what was written."""
        clean = self.cleaned_data
        into["name"] = {"zh": clean["name_zh"], "en": clean["name_en"]}
        into |= {name: clean[name] for name in ("unit", "members_only", "enabled")}
        into["once"] = clean["once"] or None
        self._write_gives(into)
        self._write_limits(into)
        into["pending"] = self._pending()
        into["expiry"] = write_expiry(clean)

    def _write_gives(self, into: dict[str, Any]) -> None:
        clean, gives = self.cleaned_data, into["gives"]
        if self.kind == "fixed":
            into["on"] = clean["on"]
        if self.kind == "per_spend":
            gives["per_minor"] = clean["per"]
        if self.kind == "multiplier":
            factor = clean["factor"]
            if factor != Fraction(gives["num"], gives.get("den", 1)):
                gives["num"], gives["den"] = factor.numerator, factor.denominator
            gives["of"], gives["compound"] = clean["of"], clean["compound"]
        else:
            gives["points"] = clean["points"]

    def _write_limits(self, into: dict[str, Any]) -> None:
        clean = self.cleaned_data
        sides = {
            side: {what: clean[f"{name}_{what}"] for what in _GOODS}
            for side, name in (("include", "in"), ("exclude", "out"))
        }
        named = any(words for side in sides.values() for words in side.values())
        into["scope"] = sides if named else None
        window: dict[str, Any] = {
            name: clean[name].isoformat() if clean[name] else None
            for name in ("from_on", "to_on", "from_time", "to_time")
        }
        window["weekdays"] = sorted(int(each) for each in clean["weekdays"])
        window["month_days"] = clean["month_days"]
        into["window"] = window if any(window.values()) else None
        into["caps"] = [
            {"points": points, "per": per or "order", "pool": pool}
            for points, per, pool in self._rows("cap", "points", "per", "pool")
            if points
        ]
        into["when"] = self._conditions()

    def _rows(self, name: str, *parts: str) -> list[list[Any]]:
        clean, found, place = self.cleaned_data, [], 0
        while f"{name}{place}_{parts[0]}" in self.fields:
            found.append([clean.get(f"{name}{place}_{part}") for part in parts])
            place += 1
        return found

    def _conditions(self) -> list[dict[str, Any]]:
        found, stored = [], self.given.get("when", ())
        for place, (fact, op, value) in enumerate(self._rows("when", "fact", "op", "value")):
            if not fact:
                continue
            before = stored[place] if place < len(stored) else None
            found.append(
                write_value(
                    fact,
                    op or "eq",
                    value or "",
                    before=before,
                    definition=self.context.definition,
                )
            )
        return found

    def _pending(self) -> Any:
        clean = self.cleaned_data
        days = clean["pending_days"] or 0
        if clean["pending_kind"] == "delivered":
            latest = clean["pending_latest"] or 45
            return {"on": "delivered", "days": days, "at_latest_days": latest}
        return days if clean["pending_kind"] == "days" else None

    def field_at(self, pointer: str) -> str | None:
        """Return the field of a cap or a condition."""
        parts = pointer.strip("/").split("/")
        if len(parts) < 2 or parts[0] not in {"caps", "when"}:
            return None
        name = "cap" if parts[0] == "caps" else "when"
        last = parts[2] if len(parts) > 2 else ("points" if name == "cap" else "value")
        found = f"{name}{parts[1]}_{last}"
        return found if found in self.fields else None

    def _filled(self, *names: str) -> bool:
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def asks(self) -> bool:
        """Whether there are conditions."""
        return self._filled(*(name for name in self.fields if name.startswith("when")))

    @property
    def has_window(self) -> bool:
        """Whether it runs only then."""
        names = ("from_on", "to_on", "from_time", "to_time", "weekdays", "month_days")
        return self._filled(*names)

    @property
    def has_goods(self) -> bool:
        """Whether it is for some goods, beyond the categories of the sentence."""
        out = (f"out_{what}" for what in _GOODS)
        return self._filled("in_brands", "in_skus", *out)

    @property
    def has_times(self) -> bool:
        """Whether its points have times of their own."""
        return self._filled("pending_kind", "expiry_kind")

    @property
    def has_more(self) -> bool:
        """Whether it is more than the sentence says."""
        pools = (name for name in self.fields if name.endswith("_pool"))
        shared = self._filled(*pools) or not self["members_only"].value()
        return shared or self.kind == "multiplier"

    @property
    def caps(self) -> list[list[forms.BoundField]]:
        """The rows of caps, and an empty one."""
        return self.rows("cap", "points", "per", "pool")

    @property
    def conditions(self) -> list[list[forms.BoundField]]:
        """The rows of conditions, and an empty one."""
        return self.rows("when", "fact", "op", "value")
