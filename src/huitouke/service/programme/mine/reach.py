"""Which rewards a member may have now, which one is next, and redeeming one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.offers import RewardOffer
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.refusals import InsufficientPoints

__all__ = ["Reach", "obtain", "reach"]


@dataclass(frozen=True)
class Reach:
    """A member's rewards by how near they are.

    Parameters
    ----------
    now
        May be had now, the dearest first.
    later
        Only points are missing, the nearest first.
    closed
        Something else stands in the way: a tier, a limit, the stock.
    """

    now: tuple[RewardOffer, ...]
    later: tuple[RewardOffer, ...]
    closed: tuple[RewardOffer, ...]

    @property
    def nearest_first(self) -> tuple[RewardOffer, ...]:
        """All of them: what may be had now, what only points are missing for, the rest."""
        return (*self.now, *self.later, *self.closed)

    @property
    def best(self) -> RewardOffer | None:
        """The one to name first: the dearest that one may have alone, else the nearest."""
        near = (*self.now, *self.later)
        return next((each for each in near if not each.reward.cooperative), None)


def reach(offers: Iterable[RewardOffer]) -> Reach:
    """Sort a member's rewards by how near they are.

    Parameters
    ----------
    offers
        Of ``rewards_for``.
    """
    now, later, closed = [], [], []
    for each in offers:
        if each.reachable:
            now.append(each)
        elif all(isinstance(why, InsufficientPoints) for why in each.why_not):
            later.append(each)
        else:
            closed.append(each)
    return Reach(
        now=tuple(sorted(now, key=lambda offer: -offer.reward.cost_points)),
        later=tuple(sorted(later, key=lambda offer: offer.points_missing)),
        closed=tuple(closed),
    )


def obtain(
    customer: UUID,
    *,
    programme: str,
    reward: UUID,
    key: str,
    at: datetime,
    actor: Actor,
    waits: timedelta,
) -> Redemption:
    """Redeem a reward for oneself: a coupon is issued at once, the rest waits at the till.

    Parameters
    ----------
    customer
        Who redeems.
    programme
        Code of the programme.
    reward
        Id of the reward.
    key
        The same request under it gets the same answer for ever, a refusal too.
    at, actor
        When, and who does it.
    waits
        How long it waits to be handed over.

    Raises
    ------
    NotEnrolled, TierTooLow, RewardNotValidNow, MemberLimitReached, RewardOutOfStock,
    InsufficientPoints, RewardUnknown, PartOfPact
        As for ``redeem``.
    """
    made = redeem(
        customer,
        programme=programme,
        key=key,
        actor=actor,
        at=at,
        reward=reward,
        ttl=waits,
    )
    is_coupon = made.reward is not None and made.reward.campaign_id is not None
    if is_coupon and made.state == Redemption.State.HELD:
        return capture(made.id, at=at, actor=actor)
    return made
