"""What the bridge knows of a person: their profile, which goes with them.

A profile is an opinion of a day on one record. Where two records turn out to be one person,
the opinion on the one that goes is worth nothing any more; the next analysis sees the person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.core.person import Part
from huitouke.service.loop import locks, queries
from huitouke.service.loop.models import Analysis, Profile

__all__ = ["PART", "erase", "export", "merge", "unmerge"]


def export(customer: UUID) -> list[dict[str, Any]]:
    """Return a person's profiles, newest first.

    Parameters
    ----------
    customer
        Whose.

    Returns
    -------
    list[dict[str, Any]]
        Ready for JSON.
    """
    return [queries.as_json(profile) for profile in queries.profiles_of(customer)]


def merge(loser: UUID, *, into: UUID, at: datetime, actor: Actor) -> dict[str, Any]:
    """Take away the profile of a record that is no person of its own any more.

    Parameters
    ----------
    loser, into
        Which record, and whose it is from now on.
    at, actor
        When and by whom.

    Returns
    -------
    dict[str, Any]
        Nothing to be put back: an analysis will tell.
    """
    del into, at, actor
    _remove(loser)
    return {}


def unmerge(
    loser: UUID, *, winner: UUID, moved: dict[str, Any], at: datetime, actor: Actor
) -> None:
    """Take away the profile of two persons who were taken for one.

    Parameters
    ----------
    loser, winner
        The two.
    moved
        What ``merge`` returned.
    at, actor
        When and by whom.
    """
    del loser, moved, at, actor
    _remove(winner)


def erase(customer: UUID, *, at: datetime, actor: Actor) -> None:
    """Take a person's profiles away; they stay in the sums of the shop.

    Parameters
    ----------
    customer
        Whose.
    at, actor
        When and by whom.
    """
    del at, actor
    _remove(customer)


def _remove(customer: UUID) -> None:
    locks.share_writing()
    kept = Analysis.objects.filter(profiles_kept=True).values_list("id", flat=True)
    Profile.objects.filter(analysis_id__in=list(kept), customer_id=customer).delete()


PART = Part(name="profiles", export=export, merge=merge, unmerge=unmerge, erase=erase, place=60)
