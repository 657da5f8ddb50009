"""What this door keeps of a person: that they are signed in, and where it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.core.person import Part
from huitouke.service.portal.models import Session

__all__ = ["PART"]


def _export(customer: UUID) -> list[dict[str, Any]]:
    sessions = Session.objects.filter(customer=customer).order_by("began_at", "pk")
    return [
        {"began_at": each.began_at.isoformat(), "seen_at": each.seen_at.isoformat()}
        for each in sessions
    ]


def _merge(loser: UUID, *, into: UUID, at: datetime, actor: Actor) -> dict[str, Any]:
    """End the sessions of the record that goes: who it was signs in anew, as the other."""
    del into, at, actor
    Session.objects.filter(customer=loser).delete()
    return {}


def _unmerge(
    loser: UUID, *, winner: UUID, moved: dict[str, Any], at: datetime, actor: Actor
) -> None:
    """End the sessions of both: nobody can tell any more whose they are."""
    del moved, at, actor
    Session.objects.filter(customer__in=[loser, winner]).delete()


def _erase(customer: UUID, *, at: datetime, actor: Actor) -> None:
    del at, actor
    Session.objects.filter(customer=customer).delete()


PART = Part(
    name="sessions", export=_export, merge=_merge, unmerge=_unmerge, erase=_erase, place=90
)
