"""A reward handed over at the counter: set aside, spent and noted as used in one go."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.service.core.actor import Actor
from huitouke.service.programme.models.rewards import Redemption, Reward
from huitouke.service.programme.rewards.completion import capture, mark_used
from huitouke.service.programme.rewards.redemptions import redeem

__all__ = ["hand_over"]

#: What the member takes along at once; a code is used later.
_TAKEN_ALONG = frozenset({Reward.Kind.PRODUCT, Reward.Kind.SERVICE})


def hand_over(
    customer: UUID,
    *,
    reward: UUID,
    key: str,
    at: datetime,
    actor: Actor,
    programme: str = "main",
) -> Redemption:
    """Redeem a reward for a member who stands at the counter.

    Parameters
    ----------
    customer
        Who redeems; any id the person ever had.
    reward
        What for.
    key
        The caller's; the same redemption under it is done once, for ever.
    at, actor
        When, and who hands it over.
    programme
        Code of the programme.

    Returns
    -------
    Redemption
        Captured; with a code where the reward is one.

    Raises
    ------
    Refused
        What stands in the way, as of ``redemptions.redeem``; nothing is set aside then.
    RewardUnknown
        If the programme has no such reward.
    """
    with transaction.atomic():
        held = redeem(customer, programme=programme, key=key, actor=actor, at=at, reward=reward)
        done = capture(held.id, at=at, actor=actor)
        if done.reward is not None and done.reward.kind in _TAKEN_ALONG:
            done = mark_used(done.id, at=at, actor=actor)
    return done
