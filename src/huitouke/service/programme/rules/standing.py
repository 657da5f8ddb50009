"""Where a member stands among the tiers, and what changed it: plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from huitouke.service.programme.rules.tier_shapes import Tiers

__all__ = [
    "Change",
    "ChangeKind",
    "Journal",
    "Metric",
    "Qualified",
    "Standing",
    "Step",
    "UnitMove",
    "metric_from",
    "stepped",
]

ChangeKind = Literal["up", "down", "kept", "grace", "reverted", "granted", "paid", "ended"]

#: ``metric(first, last)``: sum over local days, both included; ``first`` none: since ever.
Metric = Callable[[date | None, date], int]


@dataclass(frozen=True, slots=True)
class Qualified:
    """One line of a member's tier journal.

    Parameters
    ----------
    on
        Local day on which it counts; what a refund takes off counts on the day of the
        order, whenever it came back.
    amount
        In the metric's unit; below 0 for refunds.
    """

    on: date
    amount: int


Journal = list[Qualified] | tuple[Qualified, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitMove:
    """Points that came to a member, or went (below 0), otherwise than by a rule for a fact.

    Parameters
    ----------
    unit
        Code within the programme.
    points
        How many.
    at
        When they count; what is taken back counts when it was given.
    source
        Key of what moved them, once per member.
    """

    unit: str
    points: int
    at: datetime
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A member's tier and the three promises it rests on; the highest of them counts.

    Parameters
    ----------
    tier, since
        What the member has, and since which local day.
    earned
        Tier by the metric.
    review_on
        Local day that begins with the review of the earned tier: the promise holds through
        the day before. None where there is nothing to lose.
    grace_until
        After a review that was not passed: local day that begins with the fall.
    lifted_on
        Day of the last lift of the earned tier, and what was there before it (``before``,
        ``before_review_on``), for a refund that takes away its ground.
    granted, granted_through
        Tier given by staff, and its last day.
    paid, paid_through
        Tier that was bought, and its last day.
    """

    tier: str | None = None
    since: date | None = None
    earned: str | None = None
    review_on: date | None = None
    grace_until: date | None = None
    lifted_on: date | None = None
    before: str | None = None
    before_review_on: date | None = None
    granted: str | None = None
    granted_through: date | None = None
    paid: str | None = None
    paid_through: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that happened to a member's tier.

    Parameters
    ----------
    kind
        ``up``, ``down``, ``kept`` (a review was passed), ``grace`` (it was not, and the
        tier holds for some days), ``reverted`` (a refund undid a lift), ``granted``,
        ``paid``, ``ended`` (a grant or a paid membership ran out).
    from_tier, to_tier
        What the member had and has, in effect.
    on
        The local day.
    metric, required
        What was counted, and what was asked.
    reason
        For :func:`reasons.say`; JSON-able.
    """

    kind: ChangeKind
    from_tier: str | None
    to_tier: str | None
    on: date
    metric: int
    required: int
    reason: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A standing and how it came about.

    Parameters
    ----------
    standing
        As it is now.
    changes
        What happened, in order; empty if nothing did.
    """

    standing: Standing
    changes: tuple[Change, ...] = ()


def metric_from(journal: Journal) -> Metric:
    """Return the metric that a journal in hand gives.

    Parameters
    ----------
    journal
        In any order.

    Examples
    --------
    >>> spent = metric_from([Qualified(date(2026, 3, 1), 500), Qualified(date(2026, 5, 1), 70)])
    >>> spent(None, date(2026, 4, 1)), spent(date(2026, 3, 2), date(2026, 5, 1))
    (500, 70)
    """

    def metric(first: date | None, last: date) -> int:
        return sum(
            one.amount
            for one in journal
            if (first is None or first <= one.on) and one.on <= last
        )

    return metric


def stepped(
    kind: ChangeKind,
    *,
    tiers: Tiers,
    old: Standing,
    new: Standing,
    on: date,
    metric: tuple[int, int] = (0, 0),
) -> Step:
    """Return a step to a standing whose tier in effect is worked out anew.

    Parameters
    ----------
    kind
        What happened.
    tiers
        The definition's.
    old, new
        Before and after.
    on
        The local day.
    metric
        What was counted, and what was asked.
    """
    best = max((new.earned, new.granted, new.paid), key=tiers.rank)
    # A tier that the version no longer knows is kept until its review.
    tier = best if tiers.rank(best) >= 0 else new.earned
    settled = replace(new, tier=tier, since=old.since if tier == old.tier else on)
    change = _change(kind, tiers=tiers, old=old, new=settled, on=on, metric=metric)
    return Step(standing=settled, changes=(change,))


def _change(
    kind: ChangeKind,
    *,
    tiers: Tiers,
    old: Standing,
    new: Standing,
    on: date,
    metric: tuple[int, int],
) -> Change:
    reason: dict[str, Any] = {
        "code": f"tier.{kind}",
        "tier": _name(tiers, code=new.tier),
        "from_tier": _name(tiers, code=old.tier),
        "on": on.isoformat(),
        "metric": tiers.metric,
        "have": metric[0],
        "need": metric[1],
    }
    through = _through(new, kind=kind)
    if through is not None:
        reason["through"] = through.isoformat()
    return Change(
        kind=kind,
        from_tier=old.tier,
        to_tier=new.tier,
        on=on,
        metric=metric[0],
        required=metric[1],
        reason=reason,
    )


def _through(standing: Standing, *, kind: ChangeKind) -> date | None:
    if kind == "granted":
        return standing.granted_through
    if kind == "paid":
        return standing.paid_through
    if kind == "grace" and standing.grace_until is not None:
        return standing.grace_until - timedelta(days=1)
    return None if standing.review_on is None else standing.review_on - timedelta(days=1)


def _name(tiers: Tiers, *, code: str | None) -> dict[str, str] | None:
    found = tiers.tier(code)
    if found is not None:
        return found.name.model_dump(exclude_defaults=True)
    return None if code is None else {"zh": code, "en": code}
