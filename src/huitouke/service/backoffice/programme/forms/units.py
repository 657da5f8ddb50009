"""What is counted for members, as a form: another unit, or what may be done with one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.base import PartForm
from huitouke.service.backoffice.programme.forms.fields import WholeField, choices, text
from huitouke.service.core.errors import ServiceError
from huitouke.service.ledger.units import units
from huitouke.service.ui.reader import current

__all__ = ["UnitCounted", "UnitForm", "counted_units", "new_unit"]

_KINDS: dict[str, str] = {
    "points": N_("points, to be spent"),
    "growth": N_("growth value, only for tiers, never spent"),
    "stored_value": N_("stored value: money of the member"),
}
_CODE_LETTERS = 60
_ADJUST_LIMIT = 10_000


class UnitCounted(ServiceError):
    """A unit that was counted stays in the programme."""

    code = "backoffice.unit_counted"
    status = 409
    says = N_("The unit {unit} is counted already, so it cannot be taken out.")
    remedy = N_("Let no rule give it any more; members keep what they have of it.")


def counted_units(programme: str) -> dict[str, str]:
    """Return the kinds of the units that members have, by their code within the programme.

    Parameters
    ----------
    programme
        Its code.
    """
    head = f"{programme}."
    return {
        each.code.removeprefix(head): each.kind
        for each in units()
        if each.code.startswith(head)
    }


def new_unit(number: int) -> dict[str, Any]:
    """Return JSON of a unit to begin with.

    Parameters
    ----------
    number
        Makes its code.
    """
    return {
        "code": f"unit_{number}",
        "kind": "points",
        "name": {},
        "transfers": False,
        "adjust_limit": _ADJUST_LIMIT,
    }


class UnitForm(PartForm):
    """A unit: what it is called and what may be done with it.

    Its code and kind are said once: what members have is kept under them for ever.
    """

    pointers: ClassVar[dict[str, str]] = {
        "/code": "code",
        "/kind": "kind",
        "/name": "name_zh",
        "/transfers": "transfers",
        "/transfer_limit": "transfer_limit",
        "/transfer_wait": "transfer_wait",
        "/adjust_limit": "adjust_limit",
    }

    def build(self) -> None:
        """Make the fields."""
        if self.context.is_new:
            self.fields["code"] = text(needed=True, label=N_("Code"), most=_CODE_LETTERS)
            self.fields["kind"] = choices(_KINDS, label=N_("What it is"))
        self.fields["name_zh"] = text(label=N_("Name in Chinese"))
        self.fields["name_en"] = text(label=N_("Name in English"))
        self.fields["transfers"] = forms.BooleanField(
            required=False, label=N_("Members may give it to each other")
        )
        self.fields["transfer_limit"] = WholeField(
            least=1,
            required=False,
            label=N_("At most so much from one member on a day"),
            help_text=N_("Empty: no limit."),
        )
        self.fields["transfer_wait"] = WholeField(
            most=3650,
            required=False,
            label=N_("Days until the receiver may use it"),
            help_text=N_("Empty: at once."),
        )
        self.fields["adjust_limit"] = WholeField(
            label=N_("What one person of the staff may adjust for a member in a day alone")
        )

    @property
    def kind_says(self) -> str:
        """What it is, in words."""
        return current().words.say(_KINDS[self.given.get("kind", "points")])

    def clean(self) -> dict[str, Any]:
        """Refuse another kind for a code that was counted before."""
        given: dict[str, Any] = super().clean() or {}
        code, kind = given.get("code"), given.get("kind")
        was = counted_units(self.context.programme).get(code) if code and kind else None
        if was is not None and was != kind:
            say = current().words.say
            text = N_("{code} was “{kind}” before and stays that: take another code.")
            self.add_error("code", say(text, code=code, kind=say(_KINDS[was])))
        return given

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show."""
        return {
            **given,
            "name_zh": given["name"].get("zh", ""),
            "name_en": given["name"].get("en", ""),
        }

    def write(self, into: dict[str, Any]) -> None:
        """Change the unit."""
        clean = self.cleaned_data
        into["name"] = {"zh": clean["name_zh"], "en": clean["name_en"]}
        names = ("transfers", "transfer_limit", "adjust_limit")
        into |= {name: clean[name] for name in names}
        into["transfer_wait"] = clean["transfer_wait"] or 0
        if self.context.is_new:
            into |= {"code": clean["code"].strip(), "kind": clean["kind"]}
