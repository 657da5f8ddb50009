"""Who works here: invited, given another role, switched off and on again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit, links
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Staff
from huitouke.service.core.staff import enter, refuse_unknown_role

__all__ = [
    "Invited",
    "LastOwner",
    "StaffUnknown",
    "all_staff",
    "by_address",
    "change_role",
    "disable",
    "enable",
    "invite",
    "invite_again",
]


class StaffUnknown(ServiceError):
    """Nobody of the staff is this."""

    code = "core.staff_unknown"
    status = 404
    says = N_("Nobody of the staff has this address or id.")
    remedy = N_("See huitouke staff list, or the page of staff.")


class LastOwner(ServiceError):
    """Without this person nobody could answer for the shop."""

    code = "core.last_owner"
    status = 409
    says = N_("This is the only owner who can sign in; without one nobody could manage staff.")
    remedy = N_("Make somebody else an owner first.")


@dataclass(frozen=True)
class Invited:
    """A person just invited; ``secret`` goes into the link that they alone get."""

    record: Staff
    secret: str


def invite(email: str, *, role: str, at: datetime, actor: Actor, name: str = "") -> Invited:
    """Enter a person who sets the password themselves, by a link that is good once.

    Parameters
    ----------
    email
        Their address; also what they sign in with.
    role
        One of :class:`huitouke.service.core.models.Staff.Role`.
    at, actor
        When, and who invites.
    name
        How they are called.

    Raises
    ------
    EmailBad, RoleUnknown
        If these cannot be used.
    StaffExists
        If the address is taken.
    """
    with transaction.atomic():
        record = enter(
            email,
            role=role,
            name=name,
            at=at,
            actor=actor,
            password=None,
            action="staff.invited",
        )
        link = links.make(record, at=at, lasts=links.INVITATION_LASTS)
    return Invited(record, link.secret)


def invite_again(staff_id: UUID, *, at: datetime, actor: Actor) -> Invited:
    """Make a new link for somebody; the one before is no longer good.

    Parameters
    ----------
    staff_id
        Whom.
    at, actor
        When, and who.

    Raises
    ------
    StaffUnknown
        If there is nobody with this id.
    """
    with transaction.atomic():
        record = _locked(staff_id)
        link = links.make(record, at=at, lasts=links.INVITATION_LASTS)
        audit.note("staff.link_made", actor=actor, target=public_id("stf", record.id))
    return Invited(record, link.secret)


def _locked(staff_id: UUID) -> Staff:
    record = Staff.objects.select_for_update().filter(id=staff_id).first()
    if record is None:
        raise StaffUnknown
    return record


def _keep_an_owner(staff_id: UUID) -> None:
    """Refuse what would leave no owner: two who step down at once, too.

    Every such change locks all owners, in one order; the second sees what the first left.
    """
    owners = list(
        Staff.objects.select_for_update()
        .filter(role=Staff.Role.OWNER, is_active=True)
        .order_by("id")
        .values_list("id", flat=True)
    )
    if owners == [staff_id]:
        raise LastOwner


def change_role(
    staff_id: UUID,
    *,
    role: str,
    at: datetime,  # noqa: ARG001 - as every command
    actor: Actor,
) -> Staff:
    """Give a person another role, from their next request on.

    Parameters
    ----------
    staff_id
        Whom.
    role
        One of :class:`huitouke.service.core.models.Staff.Role`.
    at, actor
        When, and who.

    Raises
    ------
    StaffUnknown
        If there is nobody with this id.
    RoleUnknown
        If there is no such role.
    LastOwner
        If nobody else is an owner.
    """
    refuse_unknown_role(role)
    with transaction.atomic():
        if role != Staff.Role.OWNER:
            _keep_an_owner(staff_id)
        record = _locked(staff_id)
        before = record.role
        if before != role:
            record.role = role
            record.save(update_fields=["role"])
            audit.note(
                "staff.role_changed",
                actor=actor,
                target=public_id("stf", record.id),
                facts={"from": before, "to": role},
            )
    return record


def disable(staff_id: UUID, *, at: datetime, actor: Actor) -> Staff:
    """Switch a person's sign-in off: their sessions end at once, their links too.

    Parameters
    ----------
    staff_id
        Whom.
    at, actor
        When, and who.

    Raises
    ------
    StaffUnknown
        If there is nobody with this id.
    LastOwner
        If nobody else is an owner.
    """
    with transaction.atomic():
        _keep_an_owner(staff_id)
        record = _locked(staff_id)
        if record.is_active:
            record.is_active = False
            # Switched on again, a session that was left open must not live again.
            record.session_epoch += 1
            record.save(update_fields=["is_active", "session_epoch"])
            record.link_set.filter(used_at=None).update(used_at=at)
            audit.note("staff.disabled", actor=actor, target=public_id("stf", record.id))
    return record


def enable(
    staff_id: UUID,
    *,
    at: datetime,  # noqa: ARG001 - as every command
    actor: Actor,
) -> Staff:
    """Switch a person's sign-in on again.

    Parameters
    ----------
    staff_id
        Whom.
    at, actor
        When, and who.

    Raises
    ------
    StaffUnknown
        If there is nobody with this id.
    """
    with transaction.atomic():
        record = _locked(staff_id)
        if not record.is_active:
            record.is_active = True
            record.save(update_fields=["is_active"])
            audit.note("staff.enabled", actor=actor, target=public_id("stf", record.id))
    return record


def all_staff() -> list[Staff]:
    """Return everybody, in the order in which they were entered."""
    return list(Staff.objects.order_by("id"))


def by_address(email: str) -> Staff:
    """Return the person with an address.

    Parameters
    ----------
    email
        The address, in any case.

    Raises
    ------
    StaffUnknown
        If there is nobody.
    """
    record = Staff.objects.filter(username=email.strip().lower()).first()
    if record is None:
        raise StaffUnknown
    return record
