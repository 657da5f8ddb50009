"""The form by which a file is handed in."""

from __future__ import annotations

from typing import Any

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.imports.words import KINDS
from huitouke.service.ui.reader import current

__all__ = ["HandInForm"]

_NONE = N_("Choose a file.")
_EMPTY = N_("The file is empty.")
_WHICH = N_("Say what the file holds.")


class HandInForm(forms.Form):
    """A file, and what it holds.

    Parameters
    ----------
    kinds
        What may be brought in by who hands it in.
    """

    kind = forms.ChoiceField(label=N_("What it holds"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=N_("File"),
        help_text=N_("CSV, TSV, Excel or Parquet, as the till or the shop exports it."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,.parquet,.gz"}),
        max_length=None,
        allow_empty_file=False,
    )

    def __init__(self, *args: Any, kinds: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say = current().words.say
        kind: Any = self.fields["kind"]
        kind.choices = [(each, say(KINDS[each])) for each in kinds]
        kind.error_messages.update(required=say(_WHICH), invalid_choice=say(_WHICH))
        self.fields["file"].error_messages.update(
            required=say(_NONE), empty=say(_EMPTY), missing=say(_NONE), invalid=say(_NONE)
        )
