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
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise EmailBad from error
    if role not in Staff.Role.values:
        raise RoleUnknown(role=role[:40], known=", ".join(Staff.Role.values))
    made = get_random_string(20, _LETTERS) if password is None else None
    record = Staff(
        id=new_id(),
        username=address,
        email=address,
        first_name=name.strip()[:150],
        role=role,
        date_joined=at,
    )
    _set_password(record, password=made or password or "")
    try:
        with transaction.atomic():
            record.save(force_insert=True)
            audit.note(
                "staff.created",
                actor=actor,
                target=public_id("stf", record.id),
                facts={"role": role},
            )
    except IntegrityError as error:
        raise StaffExists from error
    return NewStaff(record, made)


def _set_password(record: Staff, *, password: str) -> None:
    try:
        validate_password(password, user=record)
    except ValidationError as error:
        raise PasswordWeak from error
    record.set_password(password)
