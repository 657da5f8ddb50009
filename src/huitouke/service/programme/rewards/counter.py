"""Rewards handed over at the counter: redeemed there, or shown there by who redeemed before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused
from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.rewards.completion import capture, locked, mark_used
from huitouke.service.programme.rewards.pacts import capture_pact, locked_pact
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.refusals import PartOfPact

__all__ = ["AlreadyHandedOver", "hand_over", "hand_over_held", "hand_over_shared"]

#: What the member takes along at once; a code is used later.
_TAKEN_ALONG = frozenset({Reward.Kind.PRODUCT, Reward.Kind.SERVICE})


class AlreadyHandedOver(Refused):
    """Somebody got it already: a code that is shown twice brings one reward."""

    code = "programme.already_handed_over"
    status = 409
    says = N_("This was handed over already.")
    remedy = N_("Do not hand it over again; look at when it was fetched.")


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
        return _given(capture(held.id, at=at, actor=actor), at=at, actor=actor)


def hand_over_held(redemption: UUID, *, at: datetime, actor: Actor) -> Redemption:
    """Hand over what a member redeemed before and shows now.

    Unlike ``capture``, which a machine may repeat, a second time is refused: it would be a
    second reward that goes over the counter.

    Parameters
    ----------
    redemption
        Its id.
    at, actor
        When, and who hands it over.

    Returns
    -------
    Redemption
        Captured; with a code where the reward is one.

    Raises
    ------
    AlreadyHandedOver
        If it was.
    HoldExpired, AlreadyEnded
        If it was not fetched in time, or was given up.
    PartOfPact
        If it is one of two for a shared reward.
    RedemptionUnknown
        If there is none with this id.
    """
    with locked(redemption) as found:
        if found.pact_id is not None:
            raise PartOfPact
        if found.captured_points:
            raise AlreadyHandedOver
        return _given(capture(redemption, at=at, actor=actor), at=at, actor=actor)


def hand_over_shared(pact: UUID, *, at: datetime, actor: Actor) -> Pact:
    """Hand over a shared reward that both members have set points aside for.

    Parameters
    ----------
    pact
        Its id.
    at, actor
        When, and who hands it over.

    Raises
    ------
    AlreadyHandedOver
        If it was.
    PactNotOpen, HoldExpired
        If the second member is missing, time is over, or it was given up.
    PactUnknown
        If there is none with this id.
    """
    with locked_pact(pact) as (found, _):
        if found.state in {Pact.State.CAPTURED, Pact.State.REVERSED}:
            raise AlreadyHandedOver
        done = capture_pact(pact, at=at, actor=actor)
        for part in Redemption.objects.filter(pact=pact).select_related("reward"):
            _given(part, at=at, actor=actor)
    return done


def _given(done: Redemption, *, at: datetime, actor: Actor) -> Redemption:
    """Note what is taken along as used; a code is used later."""
    if done.reward is not None and done.reward.kind in _TAKEN_ALONG:
        return mark_used(done.id, at=at, actor=actor)
    return done
