"""What a member is about to lose, told before it is lost: one sentence each, with the amount.

Numbers come from lots, forecast, quote and rewards; here it is only decided what is worth a
word at the counter, and in which order. Each loss has two sentences: one for the member of
staff, one that can be said to the customer as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from huitouke.service.programme.rules.forecast import Progress
from huitouke.service.programme.rules.tier_shapes import Tiers

__all__ = [
    "KEEP_DAYS",
    "LAPSE_DAYS",
    "NEAR_PERCENT",
    "Doing",
    "Lapsing",
    "Loss",
    "NextReward",
    "Standing",
    "losses",
]

#: Points that lapse within so many days are told.
LAPSE_DAYS = 14
#: A tier that ends within so many days is told.
KEEP_DAYS = 30
#: A tier or reward is near when so much of the whole or less is missing.
NEAR_PERCENT = 10

Doing = Literal["serving", "selling", "redeeming", "refunding"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lapsing:
    """Spendable points that go together; ``through`` is the last local day they are good."""

    points: int
    through: date


@dataclass(frozen=True, kw_only=True, slots=True)
class NextReward:
    """A reward that points do not reach yet."""

    name: dict[str, str]
    cost_points: int
    missing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is true of a member at the counter, and what is about to be done.

    Parameters
    ----------
    doing
        ``serving`` (nothing yet), ``selling``, ``redeeming`` or ``refunding``.
    day
        Today, by the programme's calendar.
    unit
        Name of the points by language.
    currency
        ISO 4217 code.
    available
        Points that can be spent now.
    lapsing
        What lapses, soonest first.
    progress, tiers
        The forecast, and the tiers it is about; none for who has none.
    gain
        What the sale at hand adds to what the tiers count.
    lifted
        Whether that sale lifts the tier by itself.
    rewards
        What points do not reach yet, cheapest first.
    spends
        Points that are about to be redeemed.
    taken
        Points that a return takes back.
    owed
        How many of these are spent already and will be owed.
    falls_to, falls_from
        Names of tiers where a return ends one; to none where no tier is left.
    """

    doing: Doing
    day: date
    unit: dict[str, str] | str
    currency: str
    available: int = 0
    lapsing: Sequence[Lapsing] = ()
    progress: Progress | None = None
    tiers: Tiers | None = None
    gain: int = 0
    lifted: bool = False
    rewards: Sequence[NextReward] = ()
    spends: int = 0
    taken: int = 0
    owed: int = 0
    falls_to: dict[str, str] | None = None
    falls_from: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """One thing that may be lost.

    Parameters
    ----------
    kind
        ``lapsing``, ``tier_keep``, ``tier_near``, ``redeem_early``, ``refund_tier``,
        ``refund_points``.
    reason
        The sentence for staff, for ``rules.reasons.say``.
    words
        The sentence to say to the member.
    """

    kind: str
    reason: dict[str, Any]
    words: dict[str, Any]


def losses(standing: Standing) -> tuple[Loss, ...]:
    """Return what is worth a word before going on, the heaviest first.

    Parameters
    ----------
    standing
        What is true, and what is about to be done.

    Examples
    --------
    >>> soon = Lapsing(points=120, through=date(2026, 12, 1))
    >>> found = losses(Standing(doing="serving", day=date(2026, 11, 28), unit="points",
    ...     currency="CNY", available=500, lapsing=[soon]))
    >>> [(each.kind, each.reason["points"]) for each in found]
    [('lapsing', 120)]
    """
    found: list[Loss] = []
    if standing.doing == "refunding":
        found += _refund_tier(standing) + _refund_points(standing)
    if standing.doing == "redeeming":
        found += _redeem_early(standing)
    if standing.doing in {"serving", "selling"}:
        found += _tier(standing)
        found += _lapsing(standing)
    return tuple(found)


def _loss(kind: str, *, standing: Standing, **values: Any) -> Loss:
    said = {"unit": standing.unit, "currency": standing.currency, **values}
    return Loss(
        kind=kind,
        reason={"code": f"lose.{kind}", **said},
        words={"code": f"lose.{kind}.said", **said},
    )


def _lapsing(standing: Standing) -> list[Loss]:
    """Tell what lapses first, unless it is all gone into what is being redeemed."""
    soon = [
        each
        for each in standing.lapsing
        if each.points > 0 and 0 <= (each.through - standing.day).days <= LAPSE_DAYS
    ]
    if not soon:
        return []
    first = min(soon, key=lambda each: each.through)
    return [
        _loss(
            "lapsing",
            standing=standing,
            points=first.points,
            valid_through=first.through.isoformat(),
        )
    ]


def _tier(standing: Standing) -> list[Loss]:
    """Tell of a tier that ends soon, and of one that is missed by little."""
    progress, tiers = standing.progress, standing.tiers
    if progress is None or tiers is None or standing.lifted:
        return []
    found = []
    base = {"metric": tiers.metric}
    missing = progress.to_keep - standing.gain
    held = tiers.tier(progress.tier)
    if (
        held is not None
        and progress.keep_by is not None
        and 0 <= (progress.keep_by - standing.day).days <= KEEP_DAYS
        and missing > 0
    ):
        found.append(
            _loss(
                "tier_keep",
                standing=standing,
                tier=held.name.model_dump(exclude_defaults=True),
                need=missing,
                by=progress.keep_by.isoformat(),
                **base,
            )
        )
    following = tiers.tier(progress.next_tier)
    missing = progress.to_reach - standing.gain
    if following is not None and _near(missing, of=following.reach or 0, metric=tiers.metric):
        found.append(
            _loss(
                "tier_near",
                standing=standing,
                tier=following.name.model_dump(exclude_defaults=True),
                need=missing,
                **base,
            )
        )
    return found


def _near(missing: int, *, of: int, metric: str) -> bool:
    if missing <= 0:
        return False
    return missing * 100 <= of * NEAR_PERCENT or (metric == "visits" and missing == 1)


def _redeem_early(standing: Standing) -> list[Loss]:
    """Tell of a larger reward that is nearly reached, which this redemption puts off."""
    larger = [
        each
        for each in standing.rewards
        if each.cost_points > standing.spends
        and each.missing > 0
        and each.missing * 100 <= each.cost_points * NEAR_PERCENT
    ]
    if not larger or not 0 < standing.spends <= standing.available:
        return []
    nearest = min(larger, key=lambda each: each.missing)
    return [
        _loss(
            "redeem_early",
            standing=standing,
            points=nearest.missing,
            reward=nearest.name,
            left=standing.available - standing.spends,
        )
    ]


def _refund_tier(standing: Standing) -> list[Loss]:
    if standing.falls_from is None:
        return []
    values = {} if standing.falls_to is None else {"tier": standing.falls_to}
    return [_loss("refund_tier", standing=standing, from_tier=standing.falls_from, **values)]


def _refund_points(standing: Standing) -> list[Loss]:
    if standing.taken <= 0:
        return []
    more = {"owed": standing.owed} if standing.owed > 0 else {}
    return [_loss("refund_points", standing=standing, points=standing.taken, **more)]
