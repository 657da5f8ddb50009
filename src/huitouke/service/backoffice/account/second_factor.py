"""The second factor: who must have one, who has, and how an operator takes one away."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from huitouke.service.backoffice.account.tasks import tell_changed
from huitouke.service.core import audit, clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Staff

__all__ = ["missing", "needed", "remove"]


def needed(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Say whether a person's role must have a second factor.

    Parameters
    ----------
    user
        Who.
    """
    return getattr(user, "role", "") in settings.SIGNING.second_factor_roles


def missing(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Say whether a person must set up a second factor before going on.

    Parameters
    ----------
    user
        Who; signed in.
    """
    if not needed(user):
        return False
    found = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP)
    return not found.exists()


def remove(staff_id: UUID, *, actor: Actor) -> bool:
    """Take a person's second factor and recovery codes away, e.g. when the phone is lost.

    All their sessions end: whoever holds the phone may hold one, too. They are told by letter.

    Parameters
    ----------
    staff_id
        Whose.
    actor
        Who does it.

    Returns
    -------
    bool
        Whether there was one.
    """
    with transaction.atomic():
        person = Staff.objects.select_for_update().get(id=staff_id)
        deleted, _ = Authenticator.objects.filter(user=person).delete()
        if deleted:
            person.session_epoch += 1
            person.save(update_fields=["session_epoch"])
            audit.note(
                "staff.second_factor_taken", actor=actor, target=public_id("stf", staff_id)
            )
            at = clock.now().isoformat()
            tell_changed.defer(who=str(staff_id), what="factor_taken", at=at)
    return bool(deleted)
