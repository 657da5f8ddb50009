"""What a member may get for points: within reach, how much is missing, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.core.errors import Refused
from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.eligibility import obstacles
from huitouke.service.programme.rewards.redemptions import terms_of
from huitouke.service.programme.rewards.refusals import NotEnrolled
from huitouke.service.programme.rewards.standing import account_in, counted_units, member_of

__all__ = ["RewardOffer", "rewards_for"]

_HAD_ALL = """
SELECT r.id, count(d.id) FROM programme_reward r
JOIN programme_redemption d ON d.reward_id = r.id AND d.customer_id = %s
  AND d.state NOT IN ('released', 'reversed')
  AND NOT (d.state = 'held' AND d.expires_at <= %s)
  AND (r.limit_days IS NULL
       OR d.created_at >= %s::timestamptz - r.limit_days * interval '1 day')
WHERE r.programme = %s AND r.per_member_limit IS NOT NULL
GROUP BY r.id
"""


@dataclass(frozen=True, kw_only=True)
class RewardOffer:
    """One reward as one member sees it.

    Parameters
    ----------
    reward
        The record: kind, names, price, validity.
    reachable
        True: the member may redeem it now.
    points_missing
        0 where points suffice.
    left_for_member
        How many more the member's limit allows; none is no limit.
    why_not
        What stands in the way, most lasting first; the same refusals that redeeming gives.
    """

    reward: Reward
    reachable: bool
    points_missing: int
    left_for_member: int | None
    why_not: tuple[Refused, ...]


def _had_all(customer: UUID, *, programme: str, at: datetime) -> dict[Any, int]:
    with connection.cursor() as cursor:
        cursor.execute(_HAD_ALL, [customer, at, at, programme])
        return dict(cursor.fetchall())


def rewards_for(customer: UUID, *, programme: str, at: datetime) -> list[RewardOffer]:
    """Return the rewards of a programme as a customer sees them now, cheapest first.

    Rewards that are switched off, not begun or over are left out, and those for which
    nobody can have anything: in a unit that is not counted (yet), or never spent.

    Parameters
    ----------
    customer
        Who asks; may be no member yet, then nothing is reachable.
    programme
        Code of the programme.
    at
        When.
    """
    holder = customers.record_of(customer)
    member = member_of(programme, customer=holder)
    had = _had_all(holder, programme=programme, at=at)
    spendable: dict[str, int] = {}
    found = []
    units = counted_units(programme)
    listed = Reward.objects.filter(programme__code=programme, enabled=True, unit__in=units)
    for reward in listed.order_by("cost_points", "id"):
        if not _runs(reward, at):
            continue
        if reward.unit not in spendable:
            spendable[reward.unit] = account_in(units[reward.unit], customer=holder)[1]
        available = spendable[reward.unit]
        times = had.get(reward.id, 0)
        least = 1 if reward.cooperative else None
        why_not: list[Refused] = obstacles(
            terms_of(reward),
            tier=member.tier if member else "",
            available=available,
            had=times,
            at=at,
            points=least,
        )
        if member is None:
            why_not.insert(0, NotEnrolled(programme=programme))
        limit = reward.per_member_limit
        found.append(
            RewardOffer(
                reward=reward,
                reachable=not why_not,
                points_missing=max(0, (least or reward.cost_points) - available),
                left_for_member=None if limit is None else max(0, limit - times),
                why_not=tuple(why_not),
            )
        )
    return found


def _runs(reward: Reward, at: datetime) -> bool:
    begun = reward.valid_from is None or reward.valid_from <= at
    return begun and (reward.valid_to is None or at < reward.valid_to)
