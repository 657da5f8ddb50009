"""Forms of settings; labels are messages that the page says in the reader's language."""

from __future__ import annotations

from typing import Any

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.percents import PercentField
from huitouke.service.core.places import is_currency, is_zone
from huitouke.service.core.scopes import SCOPES
from huitouke.service.core.webhooks.topics import FAMILIES
from huitouke.service.customers.commands import BRAND_MOST, WORDING_MOST
from huitouke.service.customers.wordings import PURPOSES
from huitouke.service.ui.reader import current

__all__ = [
    "BrandForm",
    "EconomicsForm",
    "KeyForm",
    "PlaceForm",
    "ShopForm",
    "WebhookForm",
    "WordingForm",
]

_NEEDED = N_("Fill this in.")
_ONE = N_("Choose at least one.")
_LONG = N_("At most {most} letters.")
_NO_CURRENCY = N_("There is no such currency.")
_NO_ZONE = N_("This is not an IANA time zone, such as Asia/Shanghai.")
LASTS: tuple[tuple[str, str], ...] = (
    ("0", N_("until it is revoked")),
    ("30", N_("30 days")),
    ("90", N_("90 days")),
    ("365", N_("a year")),
)


class _Said(forms.Form):
    """Says what is wrong in the reader's words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say = current().words.say
        for field in self.fields.values():
            field.error_messages.update(required=say(_NEEDED), invalid_choice=say(_ONE))
            most = getattr(field, "max_length", None)
            if most:
                field.error_messages["max_length"] = say(_LONG, most=most)


class ShopForm(_Said):
    """What the shop is called, and in which language it speaks to who says nothing."""

    name_zh = forms.CharField(label=N_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=N_("Name in English"), max_length=60, required=False)
    language = forms.ChoiceField(
        label=N_("Usual language"),
        help_text=N_("For members who have not chosen one."),
        choices=[("zh", "中文"), ("en", "English")],
        widget=forms.RadioSelect,
    )


class PlaceForm(_Said):
    """In which currency and by the days of which time zone the shop counts."""

    currency = forms.CharField(
        label=N_("Currency"),
        help_text=N_("Its code of three letters, such as CNY, HKD or TWD."),
        max_length=3,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    zone = forms.CharField(
        label=N_("Time zone"),
        help_text=N_("An IANA name, such as Asia/Shanghai or Asia/Hong_Kong."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_currency(self) -> str:
        """Return the code of a currency that there is."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if not is_currency(code):
            raise forms.ValidationError(current().words.say(_NO_CURRENCY))
        return code

    def clean_zone(self) -> str:
        """Return the name of a time zone that there is."""
        name = str(self.cleaned_data["zone"]).strip()
        if not is_zone(name):
            raise forms.ValidationError(current().words.say(_NO_ZONE))
        return name


class EconomicsForm(_Said):
    """With which margin and discount rate analyses count."""

    margin = PercentField(
        label=N_("Margin on what is spent, in percent"),
        help_text=N_(
            "What is left of 100 spent once the goods are paid for. What customers are worth "
            "and what is at stake grow with it."
        ),
        min_value=0.1,
        max_value=100,
    )
    discount_rate = PercentField(
        label=N_("Discount of future money, in percent a year"),
        help_text=N_(
            "By how much less money counts that comes a year later: what a loan costs you, and "
            "something for the risk."
        ),
        min_value=0,
        max_value=1000,
    )


class WordingForm(_Said):
    """The words that ask for one thing, in both languages."""

    purpose = forms.ChoiceField(
        choices=[(each, each) for each in PURPOSES], widget=forms.HiddenInput
    )

    zh = forms.CharField(
        label=N_("In Chinese"),
        max_length=WORDING_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    en = forms.CharField(
        label=N_("In English"),
        max_length=WORDING_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BrandForm(_Said):
    """What a brand is called."""

    brand = forms.CharField(
        label=N_("Code of the brand"),
        help_text=N_("As files and the API name it on customers."),
        max_length=BRAND_MOST,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    brand_zh = forms.CharField(
        label=N_("Name in Chinese"), max_length=BRAND_MOST, required=False
    )
    brand_en = forms.CharField(
        label=N_("Name in English"), max_length=BRAND_MOST, required=False
    )


class KeyForm(_Said):
    """A key: who will use it, for what, how long."""

    name = forms.CharField(
        label=N_("Name of the key"),
        help_text=N_("Of the machine that will use it, e.g. till-7. Journals name it so."),
        max_length=100,
    )
    scopes = forms.MultipleChoiceField(
        label=N_("What it may do"),
        help_text=N_("No more than it needs: whoever finds the key may do the same."),
        widget=forms.CheckboxSelectMultiple,
    )
    lasts = forms.ChoiceField(label=N_("Good for"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say = current().words.say
        scopes: Any = self.fields["scopes"]
        scopes.choices = [
            (name, say(N_("{name}: {says}"), name=name, says=say(says)))
            for name, says in SCOPES.items()
        ]
        scopes.error_messages["required"] = say(_ONE)
        lasts: Any = self.fields["lasts"]
        lasts.choices = [(days, say(says)) for days, says in LASTS]


class WebhookForm(_Said):
    """An address that is told what happens, and of what."""

    url = forms.CharField(
        label=N_("Address"),
        help_text=N_("https, reachable from the internet."),
        max_length=2_000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    description = forms.CharField(label=N_("What it is for"), max_length=200, required=False)
    topics = forms.MultipleChoiceField(
        label=N_("What it is told of"),
        help_text=N_("None chosen: everything, also what later versions add."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, others: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say = current().words.say
        topics: Any = self.fields["topics"]
        topics.choices = [
            *((name, say(says)) for name, says in FAMILIES.items()),
            *((name, name) for name in others if name not in FAMILIES),
        ]
