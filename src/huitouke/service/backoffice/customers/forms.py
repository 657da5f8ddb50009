"""Forms of acts on customers; what they mean is checked by the commands."""

from __future__ import annotations

from typing import Any

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.naming import KINDS, PURPOSES
from huitouke.service.customers.names import CHANNELS

__all__ = [
    "REASONS",
    "AdjustForm",
    "ConsentForm",
    "EnrolForm",
    "EraseForm",
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


class EnrolForm(StaffForm):
    """Nothing is asked: who is enrolled is enrolled."""


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
