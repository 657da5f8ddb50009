"""A draft that nobody wants is thrown away; what was published stays for ever."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.versions.commands import NotADraft
from huitouke.service.programme.versions.queries import VersionUnknown

__all__ = ["discard"]


@transaction.atomic
def discard(version: UUID, *, actor: Actor) -> int:
    """Throw a draft away, with all that was changed in it.

    Parameters
    ----------
    version
        Id of the draft.
    actor
        Who.

    Returns
    -------
    int
        The number that it had.

    Raises
    ------
    VersionUnknown
        If there is none, or no more.
    NotADraft
        If it was published.
    """
    seen = Version.objects.filter(pk=version).values_list("programme_id", flat=True).first()
    if seen is None:
        raise VersionUnknown(version=version)
    # The programme first, as everywhere: versions change one at a time.
    Programme.objects.select_for_update().get(pk=seen)
    found = Version.objects.select_for_update().filter(pk=version).first()
    if found is None:
        raise VersionUnknown(version=version)
    if found.state != Version.State.DRAFT:
        raise NotADraft(number=found.number, state=found.state)
    audit.note(
        "programme.draft_discarded",
        actor=actor,
        target=public_id("ver", version),
        facts={"number": found.number, "revision": found.revision},
    )
    found.delete()
    return found.number
