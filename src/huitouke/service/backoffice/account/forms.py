"""Forms of signing in; labels are messages that the page says in the reader's language."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from huitouke.language import N_
from huitouke.service.backoffice.account import guessing
from huitouke.service.backoffice.account.adapters import SecondFactorUnreadable
from huitouke.service.backoffice.account.wording import invalid, say
from huitouke.service.core.attempts import LockedOut
from huitouke.service.core.models import Staff
from huitouke.service.core.permissions import ROLES

__all__ = [
    "ActivateForm",
    "ChangePasswordForm",
    "CodeForm",
    "ConfirmByCodeForm",
    "ConfirmForm",
    "ForgottenForm",
    "InviteForm",
    "NewPasswordForm",
    "SignInForm",
]

_MOST = 200
_EMAIL = N_("E-mail address")
_PASSWORD = N_("Password")
_NEW = N_("New password")
_AGAIN = N_("New password once more")
_CODE = N_("Code from your authenticator app")
_OR_RECOVERY = N_("Code from your authenticator app, or a recovery code")
_LONG_ENOUGH = N_("At least 12 characters that are no common word and not your address.")
_UNEQUAL = N_("The two passwords differ.")
_NEEDED = N_("Fill this in.")
_NO_EMAIL = N_("Write it as name@example.com.")


class _Plain:
    """Gives the fields of a form our labels, no placeholders, and our words for nothing."""

    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, str]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)
            field.error_messages["required"] = say(_NEEDED)
            field.error_messages["invalid"] = say(_NO_EMAIL)
            if isinstance(field, forms.CharField):
                field.widget.attrs["maxlength"] = str(_MOST)
                field.validators.append(MaxLengthValidator(_MOST))


class _Counted:
    """Counts every code before it is looked at, for all server processes together."""

    user: Staff

    def clean_code(self) -> str:
        """Return the code if it is right.

        Raises
        ------
        ValidationError
            If it is wrong, was used, or there were too many.
        """
        try:
            guessing.try_code(self.user)
            code: str = super().clean_code()  # type: ignore[misc]
        except (LockedOut, SecondFactorUnreadable) as error:
            raise invalid(error) from error
        guessing.code_succeeded(self.user)
        return code


class SignInForm(_Plain, account.LoginForm):
    """Address and password."""

    labels: ClassVar = {"login": _EMAIL, "password": _PASSWORD}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # So that password managers keep the two together.
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ChangePasswordForm(_Plain, account.ChangePasswordForm):
    """The password that is, and the one that shall be, twice."""

    labels: ClassVar = {
        "oldpassword": N_("Current password"),
        "password1": _NEW,
        "password2": _AGAIN,
    }
    hints: ClassVar = {"password1": _LONG_ENOUGH}


class ConfirmForm(_Plain, account.ReauthenticateForm):
    """The password once more, before something is changed."""

    labels: ClassVar = {"password": _PASSWORD}


class CodeForm(_Counted, _Plain, codes.AuthenticateForm):
    """The second factor at sign-in."""

    labels: ClassVar = {"code": _OR_RECOVERY}


class ConfirmByCodeForm(_Counted, _Plain, codes.ReauthenticateForm):
    """A code once more, before something is changed."""

    labels: ClassVar = {"code": _OR_RECOVERY}


class ActivateForm(_Counted, _Plain, totp.ActivateTOTPForm):
    """The first code of a new second factor."""

    labels: ClassVar = {"code": _CODE}


class ForgottenForm(_Plain, forms.Form):
    """Where a link to set a password shall go."""

    labels: ClassVar = {"email": _EMAIL}
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class NewPasswordForm(_Plain, forms.Form):
    """A password, twice."""

    labels: ClassVar = {"password1": _NEW, "password2": _AGAIN}
    hints: ClassVar = {"password1": _LONG_ENOUGH}
    password1 = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    password2 = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean_password2(self) -> str:
        """Return the password if it was typed the same twice.

        Raises
        ------
        ValidationError
            If it was not.
        """
        again: str = self.cleaned_data["password2"]
        if again != self.cleaned_data.get("password1", again):
            raise ValidationError(say(_UNEQUAL), code="unequal")
        return again


class InviteForm(_Plain, forms.Form):
    """Whom an owner invites."""

    labels: ClassVar = {"email": _EMAIL, "name": N_("Name"), "role": N_("Role")}
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(initial="front_line")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(key, say(role.name)) for key, role in ROLES.items()]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
