"""Referrals when two records of one person become one, and when they part again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.rewards.referrals import referral_told

__all__ = ["merge_referrals", "unmerge_referrals"]

_PAID = (Referral.State.REWARDED, Referral.State.REVERSED)
_UNDER_WAY = (Referral.State.PENDING, Referral.State.QUALIFIED, Referral.State.REVIEW)


def merge_referrals(
    loser: UUID, *, into: UUID, at: datetime, actor: Actor
) -> list[dict[str, Any]]:
    """Move a person's referrals; what shows itself as one person goes to review.

    A friend is brought once: where both records came with a code, the loser's referral is
    refused, or stays where it is when it was paid.

    Parameters
    ----------
    loser, into
        From whom, to whom.
    at, actor
        When and by whom.

    Returns
    -------
    list of dict
        Each referral as it was before.
    """
    before: list[dict[str, Any]] = []
    taken: set[Any] = set(
        Referral.objects.filter(friend=into)
        .exclude(state=Referral.State.REFUSED)
        .values_list("programme_id", flat=True)
    )
    rows = Referral.objects.select_for_update().filter(friend=loser) | (
        Referral.objects.select_for_update().filter(advocate=loser)
    )
    for each in rows.order_by("id"):
        before.append(
            {
                "id": str(each.id),
                "advocate": str(each.advocate_id),
                "friend": str(each.friend_id),
                "state": each.state,
                "flags": list(each.flags),
            }
        )
        if each.advocate_id == loser:
            each.advocate_id = into
        if each.friend_id == loser:
            _move_friend(each, into=into, taken=taken, at=at, actor=actor)
        if each.advocate_id == each.friend_id and each.state in _UNDER_WAY:
            each.state = Referral.State.REVIEW
            each.flags = sorted({*each.flags, "same_person"})
            referral_told("referral.review", each, flags=each.flags)
        if each.advocate_id == each.friend_id and each.state == Referral.State.REWARDED:
            # Nobody brings themselves: the job takes both rewards back.
            each.take_back, each.due_at = True, at
            each.flags = sorted({*each.flags, "same_person"})
        each.save(
            update_fields=[
                "advocate", "friend", "state", "flags", "decided_at", "decided_by",
                "decided_because", "take_back", "due_at",
            ]
        )  # fmt: skip
    return before


def _move_friend(
    each: Referral, *, into: UUID, taken: set[Any], at: datetime, actor: Actor
) -> None:
    if each.programme_id not in taken or each.state == Referral.State.REFUSED:
        each.friend_id = into
    elif each.state in _UNDER_WAY:
        each.friend_id = into
        each.state = Referral.State.REFUSED
        each.decided_at = at
        each.decided_by = str(actor)
        each.decided_because = "merged: brought by another member before"


def unmerge_referrals(loser: UUID, *, winner: UUID, moved: list[dict[str, Any]]) -> None:
    """Put referrals back; a state that moved on since the merge stays.

    What was paid meanwhile was paid to the winner, and stays there with its referral: the
    points could be taken back from nobody else.

    Parameters
    ----------
    loser, winner
        Whose they were, and who has them.
    moved
        What :func:`merge_referrals` returned.
    """
    for was in moved:
        each = Referral.objects.select_for_update().get(id=was["id"])
        if each.state in _PAID and was["state"] not in _PAID:
            continue
        if UUID(was["advocate"]) == loser and each.advocate_id == winner:
            each.advocate_id = loser
        if UUID(was["friend"]) == loser and each.friend_id == winner:
            each.friend_id = loser
        if "same_person" in each.flags and each.state == Referral.State.REWARDED:
            each.take_back, each.due_at, each.flags = False, None, was["flags"]
        by_merge = "same_person" in each.flags or each.decided_because.startswith("merged:")
        if by_merge and each.state in {Referral.State.REVIEW, Referral.State.REFUSED}:
            each.state = was["state"]
            each.flags = was["flags"]
            each.decided_at, each.decided_by, each.decided_because = None, "", ""
        each.save()
