"""One part of a definition as a form: what it cannot say stays as it was."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.fields import WholeField, choices, worded
from huitouke.service.programme.rules.checks import Problem
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.ui.reader import current

__all__ = ["EXPIRIES", "Context", "PartForm", "expiry_fields", "read_expiry", "write_expiry"]

EXPIRIES: dict[str, str] = {
    "rolling": N_("a number of months"),
    "fixed_day": N_("until a day of the year"),
    "inactivity": N_("as long as the member stays active"),
    "never": N_("for ever"),
}
_ROUNDS = {
    "none": N_("to the day"),
    "month": N_("to the end of that month"),
    "quarter": N_("to the end of that quarter"),
    "year": N_("to the end of that year"),
}


@dataclass(frozen=True)
class Context:
    """What a form of a part knows of the whole.

    Parameters
    ----------
    definition
        The draft's, as it is stored.
    is_new
        True for a part that is not in the draft yet.
    programme
        Code of its programme.
    """

    definition: Definition
    is_new: bool = False
    programme: str = "main"

    @property
    def units(self) -> dict[str, str]:
        """What the units are called, by code."""
        language = current().language
        return {unit.code: unit.name.said(language) for unit in self.definition.units}


class PartForm(forms.Form):
    """A form for one part of a definition.

    A subclass makes its fields in ``build``, fills them in ``read`` and writes them in
    ``write``; ``pointers`` says which field a problem belongs to.

    Parameters
    ----------
    data
        What was sent, or none.
    given
        JSON of the part.
    context
        The whole.
    """

    pointers: ClassVar[dict[str, str]] = {}
    use_required_attribute = False

    def __init__(self, data: Any, *, given: dict[str, Any], context: Context) -> None:
        self.given, self.context = given, context
        super().__init__(data, initial=self.read(given), label_suffix="")
        self.build()
        worded(self)

    def build(self) -> None:
        """Make the fields."""

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show of a part.

        Parameters
        ----------
        given
            JSON of the part.
        """
        return dict(given)

    def write(self, into: dict[str, Any]) -> None:
        """Change the part by what was written; all else in it stays.

        Parameters
        ----------
        into
            JSON of the part.
        """

    def written(self) -> dict[str, Any]:
        """Return the part as it is with what was written."""
        into = deepcopy(self.given)
        self.write(into)
        return into

    def blame(self, problem: Problem, *, pointer: str) -> None:
        """Put a problem to the field that it belongs to, or to the whole form.

        Parameters
        ----------
        problem
            What is wrong.
        pointer
            Where, within the part.
        """
        known = [
            name
            for place, name in self.pointers.items()
            if (pointer == place or pointer.startswith(f"{place}/")) and name in self.fields
        ]
        deepest = max(known, key=lambda name: len(self._place(name)), default=None)
        self.add_error(self.field_at(pointer) or deepest, problem.text(current().language))

    def field_at(self, pointer: str) -> str | None:
        """Return the field of a place in a list; none where the form has no such list.

        Parameters
        ----------
        pointer
            Within the part.
        """
        del pointer
        return None

    def _place(self, name: str) -> str:
        return next(place for place, field in self.pointers.items() if field == name)

    def rows(self, name: str, *parts: str) -> list[list[forms.BoundField]]:
        """Return the fields of a list, row by row.

        Parameters
        ----------
        name
            Fields are called ``name0_part``, ``name1_part`` …
        *parts
            Of a row.
        """
        found, place = [], 0
        while f"{name}{place}_{parts[0]}" in self.fields:
            found.append([self[f"{name}{place}_{part}"] for part in parts])
            place += 1
        return found


def expiry_fields(form: PartForm, *, own: bool) -> None:
    """Make the fields for how long points live.

    Parameters
    ----------
    form
        Gets the fields.
    own
        True where nothing said means what the programme says.
    """
    kinds = {"": N_("as the programme says"), **EXPIRIES} if own else EXPIRIES
    form.fields["expiry_kind"] = choices(kinds, label=N_("Points live"), needed=not own)
    form.fields["expiry_months"] = WholeField(
        least=1, most=1200, required=False, label=N_("Months")
    )
    form.fields["expiry_round"] = choices(_ROUNDS, label=N_("Rounded up"), needed=False)
    form.fields["expiry_month"] = WholeField(
        least=1, most=12, required=False, label=N_("Month of the year")
    )
    form.fields["expiry_day"] = WholeField(
        least=1, most=31, required=False, label=N_("Day of the month")
    )
    form.fields["expiry_least"] = WholeField(
        least=0, most=12, required=False, label=N_("At least so many months")
    )


def read_expiry(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the fields show of a policy.

    Parameters
    ----------
    given
        JSON of it, or none.
    """
    found = given or {}
    return {
        "expiry_kind": found.get("kind", ""),
        "expiry_months": found.get("months", 12),
        "expiry_round": found.get("round", "month"),
        "expiry_month": found.get("month", 12),
        "expiry_day": found.get("day", 31),
        "expiry_least": found.get("least_months", 0),
    }


def write_expiry(cleaned: dict[str, Any]) -> dict[str, Any] | None:
    """Return the policy that was written; none for none of its own.

    Parameters
    ----------
    cleaned
        What the fields say.
    """
    kind = cleaned["expiry_kind"]
    if kind == "rolling":
        return {
            "kind": kind,
            "months": cleaned["expiry_months"],
            "round": cleaned["expiry_round"] or "none",
        }
    if kind == "fixed_day":
        return {
            "kind": kind,
            "month": cleaned["expiry_month"],
            "day": cleaned["expiry_day"],
            "least_months": cleaned["expiry_least"] or 0,
        }
    if kind == "inactivity":
        return {"kind": kind, "months": cleaned["expiry_months"]}
    return {"kind": kind} if kind else None
