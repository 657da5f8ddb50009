"""One-time links by which a person of the staff sets a password: invited, or forgotten."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import get_random_string

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.models import Link, Staff
from huitouke.service.core.staff import set_password

__all__ = [
    "FORGOTTEN_LASTS",
    "INVITATION_LASTS",
    "LinkSpent",
    "NewLink",
    "forget_old",
    "make",
    "person_of",
    "spend",
]

INVITATION_LASTS = timedelta(days=7)
FORGOTTEN_LASTS = timedelta(hours=1)
_KEPT = timedelta(days=30)
_LENGTH = 43  # 62 letters: 256 bits


class LinkSpent(ServiceError):
    """The link was used, replaced by a newer one, or is too old."""

    code = "core.link_spent"
    status = 410
    says = N_("This link is no longer good: it was used, replaced by a newer one, or is old.")
    remedy = N_("Ask for a new link with your e-mail address, or ask an owner of the shop.")


@dataclass(frozen=True)
class NewLink:
    """A link just made; ``secret`` is nowhere kept."""

    record: Link
    secret: str


def _hash(secret: str) -> bytes:
    # The secret has 256 random bits: a plain hash cannot be searched.
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def make(person: Staff, *, at: datetime, lasts: timedelta) -> NewLink:
    """Make the one link that is good for a person; older ones are no longer.

    Parameters
    ----------
    person
        Who may set a password by it.
    at
        When.
    lasts
        How long it is good.
    """
    secret = get_random_string(_LENGTH)
    with transaction.atomic():
        Link.objects.filter(staff=person, used_at=None).update(used_at=at)
        record = Link.objects.create(
            id=new_id(),
            staff=person,
            secret_hash=_hash(secret),
            created_at=at,
            expires_at=at + lasts,
        )
    return NewLink(record, secret)


def person_of(secret: str, *, at: datetime) -> Staff:
    """Return whose link this is; it stays good.

    Parameters
    ----------
    secret
        What the link carries.
    at
        Now.

    Raises
    ------
    LinkSpent
        If it is not good, or the person's sign-in is switched off.
    """
    return _good(secret, at=at).staff


def _good(secret: str, *, at: datetime, lock: bool = False) -> Link:
    found = Link.objects.select_related("staff")
    if lock:
        found = found.select_for_update()
    link = found.filter(secret_hash=_hash(secret), used_at=None, expires_at__gt=at).first()
    if link is None or not link.staff.is_active:
        raise LinkSpent
    return link


def spend(secret: str, *, password: str, at: datetime) -> Staff:
    """Set a password by a link; the link and all sessions of the person end.

    Parameters
    ----------
    secret
        What the link carries.
    password
        The new one.
    at
        When.

    Raises
    ------
    LinkSpent
        If it is not good; of two at once one gets this.
    PasswordWeak
        If the password would be guessed; the link stays good.
    """
    with transaction.atomic():
        link = _good(secret, at=at, lock=True)
        person = link.staff
        set_password(person, password=password)
        person.session_epoch += 1
        person.save(update_fields=["password", "session_epoch"])
        link.used_at = at
        link.save(update_fields=["used_at"])
        name = public_id("stf", person.id)
        audit.note("staff.password_set", actor=Actor("staff", name), target=name)
    return person


def forget_old(*, at: datetime) -> int:
    """Delete links that were good long ago, and say how many.

    Parameters
    ----------
    at
        Now.
    """
    deleted, _ = Link.objects.filter(expires_at__lt=at - _KEPT).delete()
    return deleted
