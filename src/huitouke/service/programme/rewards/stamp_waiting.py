"""Presents of full cards that waited for stock, handed out when there is some again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from huitouke.service.programme.models.referrals import StampGrant
from huitouke.service.programme.rewards.stamp_presents import hand_out
from huitouke.service.programme.rewards.standing import lock_members
from huitouke.service.programme.rules.extras import StampCard
from huitouke.service.programme.versions import queries as versions

__all__ = ["hand_out_presents"]


def hand_out_presents(*, at: datetime, limit: int = 500) -> int:
    """Hand out presents whose reward is there again, those that waited longest first.

    Parameters
    ----------
    at
        When.
    limit
        The most to look at; call again until it returns less.

    Returns
    -------
    int
        How many were handed out.
    """
    there = Q(reward__stock_left__gt=0) | Q(reward__stock_left=None, reward__isnull=False)
    waiting = StampGrant.objects.filter(state=StampGrant.State.WAITING).order_by("at", "id")
    wanted = list(waiting.filter(there).values_list("id", flat=True)[:limit])
    # Their card named a reward that was not in the catalogue.
    unnamed = list(waiting.filter(reward=None).values_list("id", flat=True)[:limit])
    return sum(_handed_out(each, at=at) for each in [*wanted, *unnamed])


@transaction.atomic
def _handed_out(grant: UUID, *, at: datetime) -> bool:
    seen = StampGrant.objects.get(id=grant)
    lock_members(seen.programme_id, customers=[seen.customer_id])
    found = StampGrant.objects.select_related("reward__campaign").get(id=grant)
    if found.customer_id != seen.customer_id or found.state != StampGrant.State.WAITING:
        return False  # It was merged, taken back or handed out while we waited.
    card = None if found.reward_id else _card(found, at=at)
    return hand_out(found, card=card, at=at)


def _card(grant: StampGrant, *, at: datetime) -> StampCard | None:
    """Return the card as the rules in force have it."""
    try:
        _, definition = versions.current(grant.programme_id, at=at)
    except versions.NothingPublished:
        return None
    return next((card for card in definition.stamps if card.id == grant.card), None)
