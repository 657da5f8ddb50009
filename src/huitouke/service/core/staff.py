"""People who work here: made by the operator, with a role and a first password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.models import Staff

__all__ = [
    "EmailBad",
    "NewStaff",
    "PasswordWeak",
    "RoleUnknown",
    "StaffExists",
    "create",
    "enter",
    "refuse_unknown_role",
    "set_password",
]

_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"


class EmailBad(ServiceError):
    """The given text is no e-mail address."""

    code = "core.staff_email_bad"
    status = 422
    says = N_("A person of the staff needs an e-mail address; this is none.")
    remedy = N_("Write it as name@example.com.")


class RoleUnknown(ServiceError):
    """No role has this name."""

    code = "core.staff_role_unknown"
    status = 422
    says = N_("There is no role {role!r}.")
    remedy = N_("Choose among: {known}.")


class StaffExists(ServiceError):
    """The address is taken."""

    code = "core.staff_exists"
    status = 409
    says = N_("A person of the staff has this e-mail address already.")
    remedy = N_("Use another address.")


class PasswordWeak(ServiceError):
    """The password would be guessed."""

    code = "core.staff_password_weak"
    status = 422
    says = N_("This password is too easy to guess.")
    remedy = N_("Take at least 12 characters that are no common word and not the address.")


@dataclass(frozen=True)
class NewStaff:
    """A person just entered; ``password`` is the generated one, or None if one was given."""

    record: Staff
    password: str | None


def create(
    email: str,
    *,
    role: str,
    at: datetime,
    actor: Actor,
    name: str = "",
    password: str | None = None,
) -> NewStaff:
    """Enter a person of the staff.

    Parameters
    ----------
    email
        Their address; also what they sign in with.
    role
        One of :class:`huitouke.service.core.models.Staff.Role`.
    at, actor
        When, and who enters them.
    name
        How they are called.
    password
        Their first password; None: one is made and returned.

    Raises
    ------
    EmailBad, RoleUnknown, PasswordWeak
        If these cannot be used.
    StaffExists
        If the address is taken.
    """
    made = get_random_string(20, _LETTERS) if password is None else None
    record = enter(
        email,
        role=role,
        name=name,
        at=at,
        actor=actor,
        password=made or password or "",
        action="staff.created",
    )
    return NewStaff(record, made)


def enter(
    email: str,
    *,
    role: str,
    at: datetime,
    actor: Actor,
    name: str,
    password: str | None,
    action: str,
) -> Staff:
    """Write a person of the staff, and a line of the audit log.

    Parameters
    ----------
    email, role, at, actor, name
        As for :func:`create`.
    password
        Their password; None: none opens until they set one.
    action
        What the audit log calls it.

    Raises
    ------
    EmailBad, RoleUnknown, PasswordWeak
        If these cannot be used.
    StaffExists
        If the address is taken.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise EmailBad from error
    refuse_unknown_role(role)
    record = Staff(
        id=new_id(),
        username=address,
        email=address,
        first_name=name.strip()[:150],
        role=role,
        date_joined=at,
    )
    if password is None:
        record.set_unusable_password()
    else:
        set_password(record, password=password)
    try:
        with transaction.atomic():
            record.save(force_insert=True)
            audit.note(
                action,
                actor=actor,
                target=public_id("stf", record.id),
                facts={"role": role},
            )
    except IntegrityError as error:
        raise StaffExists from error
    return record


def refuse_unknown_role(role: str) -> None:
    """Refuse a name that is no role.

    Parameters
    ----------
    role
        The name.

    Raises
    ------
    RoleUnknown
        If there is no such role.
    """
    if role not in Staff.Role.values:
        raise RoleUnknown(role=role[:40], known=", ".join(Staff.Role.values))


def set_password(record: Staff, *, password: str) -> None:
    """Give a record a password that is hard to guess; the caller saves it.

    Parameters
    ----------
    record
        Whose.
    password
        The new one.

    Raises
    ------
    PasswordWeak
        If it would be guessed.
    """
    try:
        validate_password(password, user=record)
    except ValidationError as error:
        raise PasswordWeak from error
    record.set_password(password)
