"""May this member have this reward now? One pure answer, to enforce and to display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from huitouke.service.core.errors import Refused
from huitouke.service.programme.rewards.refusals import (
    InsufficientPoints,
    MemberLimitReached,
    RewardNotValidNow,
    RewardOutOfStock,
    TierTooLow,
)

__all__ = ["RewardTerms", "for_partner", "limit_since", "obstacles"]


@dataclass(frozen=True, kw_only=True)
class RewardTerms:
    """What a reward asks for.

    Parameters
    ----------
    reward
        Public id, for messages.
    cost_points
        What it costs.
    enabled, valid_from, valid_to
        When it may be had; from is included, to is not; none is no end.
    tiers
        For which tiers; empty is for all.
    per_member_limit, limit_days
        How often one member may have it, ever or within so many days; none is no limit.
    stock_left
        How many there are; none is no end.
    """

    reward: str
    cost_points: int
    enabled: bool = True
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    tiers: Sequence[str] = ()
    per_member_limit: int | None = None
    limit_days: int | None = None
    stock_left: int | None = None


def for_partner(terms: RewardTerms) -> RewardTerms:
    """Return what a shared reward asks of who joins: it began in time, its stock is set aside.

    Parameters
    ----------
    terms
        The reward.
    """
    return replace(terms, stock_left=None, enabled=True, valid_from=None, valid_to=None)


def limit_since(terms: RewardTerms, *, at: datetime) -> datetime | None:
    """Return from when on the uses of a member count; none is from the beginning."""
    return None if terms.limit_days is None else at - timedelta(days=terms.limit_days)


def _is_valid(terms: RewardTerms, at: datetime) -> bool:
    begun = terms.valid_from is None or terms.valid_from <= at
    return terms.enabled and begun and (terms.valid_to is None or at < terms.valid_to)


def obstacles(
    terms: RewardTerms,
    *,
    tier: str,
    available: int,
    had: int,
    at: datetime,
    points: int | None = None,
) -> list[Refused]:
    """Return all that stands between a member and a reward, most lasting first.

    Parameters
    ----------
    terms
        The reward.
    tier
        Code of the member's tier; empty is none.
    available
        Points that the member can spend.
    had
        How often the member has it already, holds included, released and reversed not.
    at
        When.
    points
        What this member pays; none is the whole cost.

    Examples
    --------
    >>> from datetime import UTC
    >>> cup = RewardTerms(reward="rwd_1", cost_points=500, per_member_limit=1)
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> obstacles(cup, tier="", available=600, had=0, at=noon)
    []
    >>> [each.code for each in obstacles(cup, tier="", available=20, had=1, at=noon)]
    ['programme.member_limit_reached', 'programme.insufficient_points']
    """
    found: list[Refused] = []
    if not _is_valid(terms, at):
        found.append(RewardNotValidNow(reward=terms.reward))
    if terms.tiers and tier not in terms.tiers:
        found.append(TierTooLow(reward=terms.reward, tier=tier, tiers=", ".join(terms.tiers)))
    if terms.per_member_limit is not None and had >= terms.per_member_limit:
        found.append(MemberLimitReached(limit=terms.per_member_limit, had=had))
    if terms.stock_left is not None and terms.stock_left <= 0:
        found.append(RewardOutOfStock(reward=terms.reward))
    required = terms.cost_points if points is None else points
    if available < required:
        found.append(InsufficientPoints(required=required, available=available))
    return found
