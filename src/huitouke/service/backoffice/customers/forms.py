"""Forms of acts on customers; what they mean is checked by the commands."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.naming import KINDS, PURPOSES, brand_names
from huitouke.service.customers.models import Customer
from huitouke.service.customers.names import CHANNELS
from huitouke.service.ui.choosing import NAMES

__all__ = [
    "REASONS",
    "AdjustForm",
    "ConsentForm",
    "DetailsForm",
    "EnrolForm",
    "EraseForm",
    "GrantForm",
    "IdentityForm",
    "MergeForm",
    "StaffForm",
]

#: Why points are adjusted: the codes that reports are made by.
REASONS: dict[str, str] = {
    "goodwill": N_("Goodwill: we are sorry"),
    "correction": N_("Correction: points were missing or too many"),
    "promotion": N_("Promise of a promotion"),
    "complaint": N_("Settled with a complaint"),
    "other": N_("Something else: say it in the note"),
}
#: What customers say of themselves; nothing is an answer.
GENDERS: dict[str, str] = {
    "": N_("not told"),
    "female": N_("female"),
    "male": N_("male"),
    "other": N_("other"),
}
_NOTE_MOST = 1_000
_LARGEST = 1_000_000_000


class StaffForm(forms.Form):
    """A form whose first wrong field has the focus when it comes back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.choices = [(key, say(text)) for key, text in _pairs(field)]

    def focus(self) -> None:
        """Put the focus on the first field that is wrong."""
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["autofocus"] = True
                return


def _pairs(field: forms.ChoiceField) -> list[tuple[str, str]]:
    choices: Any = field.choices
    return [(str(key), str(text)) for key, text in choices]


class AdjustForm(StaffForm):
    """Points to give or take, and why."""

    points = forms.IntegerField(
        label=N_("Points"),
        help_text=N_("Below zero takes points: −200."),
        min_value=-_LARGEST,
        max_value=_LARGEST,
    )
    reason_code = forms.ChoiceField(label=N_("Reason"), choices=list(REASONS.items()))
    note = forms.CharField(
        label=N_("Note"),
        help_text=N_(
            "For colleagues; it stands in the audit log's adjustment, not in the ledger."
        ),
        required=False,
        max_length=_NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class GrantForm(StaffForm):
    """A tier to give: which, through which day, and why."""

    tier = forms.ChoiceField(label=N_("Tier"), choices=[], widget=forms.RadioSelect)
    through = forms.DateField(
        label=N_("Through which day"),
        help_text=N_("Its last day, three years from now at most."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=N_("Reason"),
        help_text=N_("For colleagues; it stands in the timeline and in the audit log."),
        max_length=_NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, data: QueryDict | None, *, breaths: list[tuple[str, str]], today: date
    ) -> None:
        super().__init__(data)
        tiers: Any = self.fields["tier"]
        tiers.choices = breaths
        self.fields["through"].widget.attrs["min"] = today.isoformat()


class EnrolForm(StaffForm):
    """Nothing is asked: who is enrolled is enrolled."""


class DetailsForm(StaffForm):
    """What a customer said of themselves; an emptied field is forgotten."""

    name = forms.CharField(label=N_("Name"), required=False, max_length=200)
    birthday_on = forms.DateField(
        label=N_("Birthday"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    gender = forms.ChoiceField(
        label=N_("Gender"), choices=list(GENDERS.items()), required=False
    )
    language = forms.ChoiceField(label=N_("Language"), choices=[])
    brand = forms.ChoiceField(label=N_("Brand"), choices=[], required=False)
    household = forms.CharField(
        label=N_("Household"),
        help_text=N_(
            "A number or word of your own: whoever has the same one lives together, and stands"
            " on each other's page."
        ),
        required=False,
        max_length=60,
    )

    def __init__(self, customer: Customer, *, data: QueryDict | None) -> None:
        details = {name: getattr(customer, name) for name in self.base_fields}
        super().__init__(data, initial=details)
        # A language that pages do not speak was said by the customer all the same.
        told = {**NAMES, customer.language: NAMES.get(customer.language, customer.language)}
        language: Any = self.fields["language"]
        language.choices = list(told.items())
        brand: Any = self.fields["brand"]
        known = {customer.brand: customer.brand} | brand_names()
        brand.choices = [
            ("", say(N_("none"))),
            *((each, known[each]) for each in known if each),
        ]
        if len(brand.choices) == 1:
            # Where no brands are told apart nothing is asked, and nothing is emptied.
            del self.fields["brand"]


class IdentityForm(StaffForm):
    """One more way by which a customer is known."""

    kind = forms.ChoiceField(label=N_("Kind"), choices=list(KINDS.items()))
    value = forms.CharField(
        label=N_("Value"),
        help_text=N_("Phones from other countries with their code: +852 9123 4567."),
        max_length=254,
    )
    verified = forms.BooleanField(
        label=N_("The customer has shown that it is theirs"), required=False
    )


class ConsentForm(StaffForm):
    """What a customer said yes or no to."""

    channel = forms.ChoiceField(label=N_("Channel"), choices=list(CHANNELS.items()))
    purpose = forms.ChoiceField(label=N_("For what"), choices=list(PURPOSES.items()))
    given = forms.ChoiceField(
        label=N_("The customer says"),
        choices=[("yes", N_("Yes")), ("no", N_("No, or no more"))],
        widget=forms.RadioSelect,
    )
    wording_version = forms.CharField(
        label=N_("Text that was shown"),
        help_text=N_("Its short name, e.g. sms-2026-05; needed for a yes."),
        required=False,
        max_length=60,
    )
    source = forms.CharField(
        label=N_("Where it was said"),
        help_text=N_("A short name, e.g. counter, hotline or form/12."),
        initial="backoffice",
        max_length=60,
    )
    proof = forms.CharField(
        label=N_("What shows it"),
        help_text=N_("Number of a form or recording; erased with the customer."),
        required=False,
        max_length=4_000,
    )


class MergeForm(StaffForm):
    """Which record is merged into this one."""

    other = forms.CharField(widget=forms.HiddenInput)


class EraseForm(StaffForm):
    """Erasing is typed, not clicked."""

    typed = forms.CharField(
        label=N_("Type the last six letters of the number above"), max_length=12
    )
    warned = forms.BooleanField(
        label=N_("The customer was told what is lost, and wants that"), required=False
    )
