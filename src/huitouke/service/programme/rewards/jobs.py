"""What time alone does to redemptions and referrals; running late or twice does no harm."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.models.rewards import Pact, Redemption
from huitouke.service.programme.rewards.completion import (
    NotYetCapturable,
    locked,
    release_held,
)
from huitouke.service.programme.rewards.pacts import locked_pact, release_held_pact
from huitouke.service.programme.rewards.referral_rewards import settle_referrals
from huitouke.service.programme.rewards.stock import return_stock

__all__ = ["expire_holds", "reward_referrals"]


def expire_holds(*, at: datetime, limit: int = 500) -> int:
    """Release redemptions that were not completed in time; stock and limits return.

    Parameters
    ----------
    at
        Holds that end at or before this are released.
    limit
        How many at most; the next run takes the rest.

    Returns
    -------
    int
        How many were released.
    """
    due = Redemption.objects.filter(
        state=Redemption.State.HELD, expires_at__lte=at, pact__isnull=True
    )
    released = 0
    for each in list(due.order_by("expires_at").values_list("id", flat=True)[:limit]):
        try:
            released += _expire(each, at=at)
        except NotYetCapturable:
            continue  # It is being merged; the next run finds it where it is then.
    return released + _expire_pacts(at=at, limit=limit)


def _expire(redemption: UUID, *, at: datetime) -> bool:
    with locked(redemption) as found:
        # It may have been completed, renewed or released since it was listed.
        if found.state != Redemption.State.HELD or found.expires_at > at:
            return False
        release_held(found, at=at, actor=SYSTEM, because="expired")
        return_stock(found)
    return True


def _expire_pacts(*, at: datetime, limit: int) -> int:
    due = Pact.objects.filter(state__in=(Pact.State.OPEN, Pact.State.READY), expires_at__lte=at)
    wanted = list(due.order_by("expires_at").values_list("id", flat=True)[:limit])
    for each in wanted:
        with locked_pact(each) as (found, _):
            if found.state in {Pact.State.OPEN, Pact.State.READY}:
                release_held_pact(found, at=at, actor=SYSTEM, because="expired")
    return len(wanted)


def reward_referrals(*, at: datetime, limit: int = 500) -> int:
    """Pay referrals whose return window is over, and take back those that came undone.

    Parameters
    ----------
    at
        When.
    limit
        How many at most; the next run takes the rest.

    Returns
    -------
    int
        How many were settled.
    """
    return settle_referrals(at=at, limit=limit)
