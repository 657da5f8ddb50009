"""What allauth and Django tell of sign-ins goes into the audit log, without personal data."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal
from django.http import HttpRequest

from huitouke.service.backoffice.account import lifetime
from huitouke.service.core import audit
from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Staff

__all__ = ["listen"]

_KINDS = {
    Authenticator.Type.TOTP: "second_factor",
    Authenticator.Type.RECOVERY_CODES: "recovery_codes",
}


def _note(action: str, person: Any, **facts: Any) -> None:
    name = public_id("stf", person.pk)
    audit.note(action, actor=Actor("staff", name), target=name, facts=facts)


def _signed_in(*, request: HttpRequest, user: Staff, **_: object) -> None:
    lifetime.begin(request)
    how = sorted({each["method"] for each in get_authentication_records(request, user)})
    _note("staff.signed_in", user, how=how)


def _password_changed(*, user: Staff, **_: object) -> None:
    _note("staff.password_changed", user)


def _added(*, user: Staff, authenticator: Authenticator, **_: object) -> None:
    _note(f"staff.{_KINDS[authenticator.type]}_added", user)


def _removed(*, user: Staff, authenticator: Authenticator, **_: object) -> None:
    _note(f"staff.{_KINDS[authenticator.type]}_removed", user)


def _renewed(*, user: Staff, authenticator: Authenticator, **_: object) -> None:
    _note(f"staff.{_KINDS[authenticator.type]}_renewed", user)


def _used(*, user: Staff, authenticator: Authenticator, **_: object) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        _note("staff.recovery_code_used", user)


def _code_wrong(*, user: Staff, **_: object) -> None:
    target = public_id("stf", user.pk)
    audit.note("staff.sign_in_failed", actor=SYSTEM, target=target, facts={"how": "code"})


_LISTENERS: tuple[tuple[Signal, Any], ...] = (
    (user_logged_in, _signed_in),
    (account.password_changed, _password_changed),
    (mfa.authenticator_added, _added),
    (mfa.authenticator_removed, _removed),
    (mfa.authenticator_reset, _renewed),
    (mfa.authenticator_used, _used),
    (mfa.authentication_failed, _code_wrong),
)


def listen() -> None:
    """Listen from now on; a second time changes nothing."""
    for signal, listener in _LISTENERS:
        signal.connect(listener, dispatch_uid=f"backoffice.{listener.__name__}")
