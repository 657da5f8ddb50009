"""Where allauth asks what this product wants: who, how, and in which words."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Any, ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from huitouke.language import N_
from huitouke.service.backoffice.account import guessing, refusals, second_factor
from huitouke.service.backoffice.account.acting import actor_of
from huitouke.service.backoffice.account.tasks import tell_changed
from huitouke.service.backoffice.account.wording import invalid, say
from huitouke.service.core import audit, clock
from huitouke.service.core.attempts import LockedOut
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.models import Staff
from huitouke.service.core.staff import PasswordWeak

__all__ = ["SecondFactorAdapter", "SecondFactorUnreadable", "SessionsAdapter", "StaffAdapter"]

_FRESH_SECONDS = 300
_SAID = {
    "account/messages/password_changed.txt": N_("Your password is changed."),
    "mfa/messages/totp_activated.txt": N_("The second factor is on from your next sign-in."),
    "mfa/messages/totp_deactivated.txt": N_("The second factor is off."),
    "mfa/messages/recovery_codes_generated.txt": N_(
        "There are new recovery codes. Keep them where your phone is not."
    ),
    "usersessions/messages/sessions_logged_out.txt": N_("Your other sessions are signed out."),
}
_WRONG = {
    "email_password_mismatch": N_(
        "No sign-in with this address and password. Check both; or ask for a link to set a new "
        "password."
    ),
    "enter_current_password": N_("This is not your current password."),
    "incorrect_password": N_("This is not your password."),
    "incorrect_code": N_("This code is not right, or was used before. Wait for the next one."),
    "cannot_delete_authenticator": N_(
        "Your role must have a second factor; it cannot be switched off."
    ),
    "rate_limited": N_("There were too many attempts. Wait a minute, then try again."),
}


#: allauth's names of changes that are told by letter.
_TOLD = {
    "account/email/password_changed": "password",
    "account/email/password_set": "password",
    "mfa/email/totp_activated": "factor_on",
    "mfa/email/totp_deactivated": "factor_off",
    "mfa/email/recovery_codes_generated": "recovery_codes",
}


class SecondFactorUnreadable(ServiceError):
    """What is kept of the second factor was closed with another key."""

    code = "backoffice.second_factor_unreadable"
    status = 409
    says = N_("Your second factor cannot be read: the service got another secret key since.")
    remedy = N_("Ask the operator for: huitouke staff second-factor-off EMAIL.")


class _Worded:
    """Says what is wrong in our words."""

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Return what a form says.

        Parameters
        ----------
        code
            allauth's name of what is wrong.
        *args
            What fills its own words.
        """
        if code in _WRONG:
            return ValidationError(say(_WRONG[code]), code=code)
        found: ValidationError = super().validation_error(code, *args)  # type: ignore[misc]
        return found


class StaffAdapter(_Worded, DefaultAccountAdapter):
    """Sign-in of staff: by invitation only, guessing counted, redirects only to this host."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs up; owners invite."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Say whether one may be sent to an address: only to a path of this host.

        Parameters
        ----------
        url
            The address.
        """
        return bool(refusals.safe_path(url))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Staff | None:
        """Return whose address and password these are, or None.

        Parameters
        ----------
        request
            Where they were typed.
        **credentials
            ``email`` and ``password``.

        Raises
        ------
        ValidationError
            If there were too many attempts; the password is then not looked at.
        """
        address = str(credentials.get("email", "")).strip().lower()
        try:
            guessing.try_password(request, address=address)
        except LockedOut as error:
            raise invalid(error) from error
        found = authenticate(request, email=address, password=credentials.get("password"))
        if not isinstance(found, Staff):
            guessing.failed(address=address, how="password")
            return None
        guessing.succeeded(request, address=address)
        return found

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Say whether this is the password of who is signed in; guesses count here, too.

        Parameters
        ----------
        user
            Who is signed in.
        password
            What was typed.
        """
        found = self.authenticate(context.request, email=user.username, password=password)
        return found is not None and found.pk == user.pk

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Return where who just signed in goes; their browser is known from now on.

        Parameters
        ----------
        request, user
            Who signed in.
        **kwargs
            allauth's own.
        """
        response: HttpResponse = super().post_login(request, user, **kwargs)
        guessing.remember(request, response, person=user)
        return response

    def logout(self, request: HttpRequest) -> None:
        """End the session and note it.

        Parameters
        ----------
        request
            Of who signs out.
        """
        who = actor_of(request)
        super().logout(request)
        audit.note("staff.signed_out", actor=who, target=who.name)

    def clean_password(self, password: str, user: Any = None) -> str:
        """Return a password that is hard to guess.

        Parameters
        ----------
        password
            What was typed.
        user
            Whose it shall be.

        Raises
        ------
        ValidationError
            If it would be guessed.
        """
        try:
            validate_password(password, user=user)
        except ValidationError as error:
            raise invalid(PasswordWeak()) from error
        return password

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,  # noqa: ARG002 - allauth's own words are not said
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Say on the next page what was done, where it is worth a sentence.

        Parameters
        ----------
        request
            Whose page.
        level
            How loud.
        message_template
            allauth's name of what was done.
        *args, **kwargs
            Not used.
        """
        said = _SAID.get(message_template or "")
        if said is not None:
            messages.add_message(request, level, say(said))

    def send_notification_mail(self, template_prefix: str, user: Any, **_: Any) -> None:
        """Have a person told by letter what was changed about their sign-in.

        Parameters
        ----------
        template_prefix
            allauth's name of the change.
        user
            Whose sign-in.
        **_
            What allauth's own letters would say.
        """
        what = _TOLD.get(template_prefix)
        if what is not None:
            tell_changed.defer(who=str(user.pk), what=what, at=clock.now().isoformat())

    def get_login_stages(self) -> list[str]:
        """Return what stands between the password and the session: a second factor."""
        return ["allauth.mfa.stages.AuthenticateStage"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ARG002
        """Say whether somebody must show again who they are, before they change how.

        Not within five minutes of signing in: they have just shown it.

        Parameters
        ----------
        app
            Which part asks.
        **kwargs
            Not used.
        """
        request = context.request
        records = get_authentication_records(request, request.user)
        last = max((float(each.get("at", 0)) for each in records), default=0.0)
        return clock.now().timestamp() - last >= _FRESH_SECONDS

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return how somebody can show who they are; without a password, by setting one.

        Parameters
        ----------
        user
            Who.
        """
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if found or not user.is_authenticated:
            return found
        url = reverse("account_reset_password")
        return [{"id": "link", "description": say(N_("Set a password by e-mail")), "url": url}]


def _boxes() -> Fernet:
    secret = settings.SECRET_KEY.encode()
    key = hmac.new(secret, b"huitouke.second-factor", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class SecondFactorAdapter(_Worded, DefaultMFAAdapter):
    """The second factor: closed in the database, its code drawn without a picture library."""

    def encrypt(self, text: str) -> str:
        """Return a secret as it is kept: who reads a backup cannot make codes from it.

        Parameters
        ----------
        text
            The secret.
        """
        return _boxes().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a kept secret.

        Parameters
        ----------
        encrypted_text
            As it is kept.

        Raises
        ------
        SecondFactorUnreadable
            If it was closed with another secret key.
        """
        try:
            return _boxes().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise SecondFactorUnreadable from error

    def build_totp_svg(self, url: str) -> str:
        """Return the picture that an authenticator app reads.

        Parameters
        ----------
        url
            What it says.
        """
        code: str = segno.make(url, error="m").svg_inline(scale=5, border=4, light="#fff")
        return code

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Say whether somebody may switch their second factor off.

        Parameters
        ----------
        authenticator
            It.
        """
        return not second_factor.needed(authenticator.user)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Sessions in other browsers."""

    error_messages: ClassVar[dict[str, str]] = {}

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End sessions and note how many.

        Parameters
        ----------
        sessions
            Of one person.
        """
        ended = list(sessions)
        super().end_sessions(ended)
        who = actor_of(context.request)
        audit.note(
            "staff.other_sessions_ended",
            actor=who,
            target=who.name,
            facts={"number": len(ended)},
        )
