"""Conditions in addresses and forms: what was written, and the conditions it makes.

A row of the form is ``f0`` (its field), ``o0`` (how it is compared), ``v0`` (with what, once
or more) and ``d0`` (over how many days). The same names stand in the address, so that an
unsaved segment can be sent to somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from babel.numbers import get_currency_precision
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.forms import StaffForm
from huitouke.service.backoffice.programme.forms.fields import (
    ListField,
    MoneyField,
    WholeField,
    worded,
)
from huitouke.service.backoffice.programme.forms.lists import typed
from huitouke.service.backoffice.segments.wording import op_key, ops_of, option_name
from huitouke.service.core.errors import ServiceError
from huitouke.service.segments.conditions import CONDITIONS_MOST, check
from huitouke.service.segments.fields import DAYS_MOST, Condition, Field, Ground
from huitouke.service.segments.models import NAME_MOST
from huitouke.service.segments.register import FieldUnknown, field
from huitouke.service.ui.reader import current

__all__ = ["Asking", "Row", "SegmentForm", "Written", "asking_of", "written_of"]

_TEXT_MOST = 400
_KNOWN_MOST = 8
_USUAL_DAYS = "90"
_USUAL_AHEAD = "30"


@dataclass(frozen=True)
class Written:
    """One row as it was written.

    Parameters
    ----------
    field
        Key of its field.
    op
        Operator, ``not.`` before it where it is turned round.
    values, days
        As they were typed.
    """

    field: str
    op: str = ""
    values: tuple[str, ...] = ()
    days: str = ""


@dataclass(frozen=True)
class Asking:
    """What an address or a form asks for.

    Parameters
    ----------
    name
        Of the segment.
    rows
        As they were written.
    """

    name: str = ""
    rows: tuple[Written, ...] = ()

    def with_row(self, key: str) -> Asking:
        """Return the same with a row for one more field.

        Parameters
        ----------
        key
            Of the field.

        Raises
        ------
        FieldUnknown
            If there is none.
        """
        asked = field(key)
        moment = asked.kind == "moment"
        row = Written(
            key,
            ops_of(asked)[0][0],
            (_USUAL_DAYS,) if moment else (),
            _USUAL_AHEAD if asked.span == "ahead" else "",
        )
        return replace(self, rows=(*self.rows, row)[:CONDITIONS_MOST])

    def without_row(self, place: int) -> Asking:
        """Return the same without a row.

        Parameters
        ----------
        place
            Which, from 0.
        """
        rows = tuple(each for at, each in enumerate(self.rows) if at != place)
        return replace(self, rows=rows)

    def query(self) -> str:
        """Return it as an address carries it."""
        parts: list[tuple[str, str]] = [("name", self.name)] if self.name else []
        for place, row in enumerate(self.rows):
            parts += [(f"f{place}", row.field), (f"o{place}", row.op)]
            parts += [(f"v{place}", each) for each in row.values]
            parts += [(f"d{place}", row.days)] if row.days else []
        return urlencode(parts)

    def data(self) -> QueryDict:
        """Return it as a form is bound to it."""
        return QueryDict(self.query())


def asking_of(given: QueryDict) -> Asking:
    """Return what an address or a form asks for; fields that are none are left out.

    Parameters
    ----------
    given
        Of a request.
    """
    rows = []
    for place in range(CONDITIONS_MOST):
        key = given.get(f"f{place}", "")
        try:
            field(key)
        except FieldUnknown:
            continue
        values = tuple(each[:_TEXT_MOST] for each in given.getlist(f"v{place}") if each)
        rows.append(
            Written(key, given.get(f"o{place}", ""), values, given.get(f"d{place}", "")[:10])
        )
    return Asking(given.get("name", "")[: 2 * NAME_MOST], tuple(rows))


def written_of(conditions: Sequence[Condition], *, name: str, currency: str) -> Asking:
    """Return conditions as somebody would write them.

    Parameters
    ----------
    conditions
        Of a segment.
    name
        Of the segment.
    currency
        Whose digits amounts have.
    """
    rows = tuple(_written(each, currency=currency) for each in conditions)
    return Asking(name, rows)


def _written(condition: Condition, *, currency: str) -> Written:
    asked = field(condition.field)
    values = tuple(str(each) for each in condition.values)
    if asked.unit == "money":
        exact = Decimal(int(values[0])).scaleb(-get_currency_precision(currency))
        values = (f"{exact:f}",)
    elif asked.kind == "text":
        values = (typed(values),)
    days = "" if condition.days is None else str(condition.days)
    return Written(condition.field, op_key(condition), values, days)


@dataclass(frozen=True)
class Row:
    """One row of the form.

    Parameters
    ----------
    place
        From 0.
    name
        What its field is called, in the reader's words.
    label, says
        English messages of its field.
    shape
        How it is laid out: the field's kind, or its unit where that has a sentence.
    span
        As of its field.
    field, op, value, days
        Its blanks; none where the field has none.
    unit
        What the value is counted in, where no sentence says it.
    known
        Names of what may be meant, as they are typed; empty for a field that is chosen.
    """

    place: int
    name: str
    label: str
    says: str
    shape: str
    span: str
    field: forms.BoundField
    op: forms.BoundField
    value: forms.BoundField | None
    days: forms.BoundField | None
    unit: str
    known: str

    @property
    def errors(self) -> list[str]:
        """What is wrong with its blanks."""
        blanks = [self.op, self.days, self.value]
        return [str(each) for blank in blanks if blank is not None for each in blank.errors]


class SegmentForm(StaffForm):
    """The name and the conditions of a segment.

    Parameters
    ----------
    asking
        What was written.
    ground
        Of what can be chosen.
    sent
        Whether it is to be kept: then what is wrong is told at its field.
    """

    use_required_attribute = False

    def __init__(self, asking: Asking, *, ground: Ground, sent: bool) -> None:
        self.asking, self.ground = asking, ground
        data = asking.data()
        super().__init__(data if sent else None, label_suffix="")
        self.fields["name"] = forms.CharField(
            label=N_("Name of the segment"),
            max_length=NAME_MOST,
            strip=True,
            initial=asking.name,
        )
        for place, row in enumerate(asking.rows):
            self._add(place, row)
        worded(self)

    def _add(self, place: int, row: Written) -> None:
        asked = field(row.field)
        self.fields[f"f{place}"] = forms.CharField(widget=forms.HiddenInput, initial=row.field)
        self.fields[f"o{place}"] = forms.ChoiceField(
            label=say(N_("How {what} is compared"), what=say(asked.label)),
            choices=ops_of(asked, now=row.op),
            initial=row.op,
        )
        made = _blank_for(asked, ground=self.ground)
        if made is not None:
            several = asked.kind == "choice"
            made.initial = list(row.values) if several else next(iter(row.values), "")
            made.label = say(asked.label)
            self.fields[f"v{place}"] = made
        if asked.span:
            self.fields[f"d{place}"] = WholeField(
                least=1,
                most=DAYS_MOST,
                required=asked.span == "ahead",
                label=say(N_("Days for {what}"), what=say(asked.label)),
                initial=row.days,
            )
            if asked.span == "past":
                self.fields[f"d{place}"].widget.attrs["placeholder"] = say(N_("all"))

    def rows(self) -> list[Row]:
        """Return the rows as they are laid out."""
        found = []
        for place, row in enumerate(self.asking.rows):
            asked = field(row.field)
            known = [each.value for each in asked.options(self.ground)][:_KNOWN_MOST]
            found.append(
                Row(
                    place,
                    say(asked.label),
                    asked.label,
                    asked.says,
                    "percent" if asked.unit == "percent" else asked.kind,
                    asked.span,
                    self[f"f{place}"],
                    self[f"o{place}"],
                    self[f"v{place}"] if f"v{place}" in self.fields else None,
                    self[f"d{place}"] if f"d{place}" in self.fields else None,
                    self.ground.currency if asked.unit == "money" else "",
                    typed(known) if asked.kind == "text" else "",
                )
            )
        return found

    def conditions(self) -> tuple[Condition, ...]:
        """Return the conditions that were written, of a form that was sent and is right."""
        return tuple(self._condition(place, row) for place, row in enumerate(self.asking.rows))

    def _condition(self, place: int, row: Written) -> Condition:
        cleaned = self.cleaned_data
        op = cleaned[f"o{place}"]
        value = cleaned.get(f"v{place}", ())
        values = tuple(value) if isinstance(value, list | tuple) else (value,)
        return Condition(
            row.field,
            op.removeprefix("not."),
            tuple(str(each) if isinstance(each, date) else each for each in values),
            negated=op.startswith("not."),
            days=cleaned.get(f"d{place}"),
        )

    def clean(self) -> dict[str, object]:
        """Refuse what the fields of a segment do not take, at the blank it stands in."""
        for place, row in enumerate(self.asking.rows):
            names = {f"o{place}", f"v{place}", f"d{place}"}
            if names & set(self.errors):
                continue
            try:
                check(self._condition(place, row), ground=self.ground)
            except ServiceError as error:
                at = f"v{place}" if f"v{place}" in self.fields else f"o{place}"
                self.add_error(at, ValidationError(error.text(current().language)))
        return self.cleaned_data


def _blank_for(asked: Field, *, ground: Ground) -> forms.Field | None:
    """Return the field that a value is written into; none for yes and no."""
    if asked.kind == "choice":
        listed = [(each.value, option_name(each)) for each in asked.options(ground)]
        return forms.MultipleChoiceField(choices=listed, widget=forms.CheckboxSelectMultiple)
    if asked.kind == "text":
        made = ListField(max_length=_TEXT_MOST)
        made.widget.attrs["size"] = "16"
        return made
    if asked.kind == "day":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    if asked.unit == "money":
        return MoneyField(currency=ground.currency)
    if asked.kind == "moment":
        return WholeField(least=1, most=DAYS_MOST)
    return None if asked.kind == "flag" else WholeField(least=asked.least, most=asked.most)
