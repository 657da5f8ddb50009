"""How far a member is from keeping the tier and from the next one, and at what pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.shapes import Name
from huitouke.service.programme.rules.standing import Metric, Standing
from huitouke.service.programme.rules.tier_shapes import Tier, Tiers
from huitouke.service.programme.rules.tier_windows import window_end, window_start

__all__ = ["PACE_DAYS", "PACE_LEAST_DAYS", "Progress", "forecast"]

#: The pace is that of the last so many days (or of all, for newer members) …
PACE_DAYS = 90
#: … once there are so many: a first order on the first day is no pace.
PACE_LEAST_DAYS = 30

_DAY = timedelta(days=1)
_NONE = Tiers(tiers=(Tier(code="none", name=Name(zh="无", en="none")),))


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """A member's way to keep the tier and to reach the next.

    Parameters
    ----------
    tier
        In effect now.
    metric
        Sum over the present window.
    keep_by
        Last local day on which a purchase helps to keep the earned tier; none where there
        is nothing to lose.
    to_keep
        How much more is needed until then; 0: it is safe.
    next_tier, to_reach, reach_by
        The next earned tier, how much more it needs, and the last day of the present
        window (none where the window moves along with the days).
    pace
        What the member adds in 30 days, as of late; none for newer members.
    keeps_at_pace, reaches_at_pace
        Whether that pace gets there by ``keep_by`` and ``reach_by``; none where there is
        no such day, and where there is no pace and something is missing.
    reasons
        Sentences for :func:`reasons.say`, the most pressing first.
    """

    tier: str | None
    metric: int
    keep_by: date | None
    to_keep: int
    next_tier: str | None
    to_reach: int
    reach_by: date | None
    pace: int | None
    keeps_at_pace: bool | None
    reaches_at_pace: bool | None
    reasons: tuple[dict[str, Any], ...]


def forecast(
    standing: Standing, *, definition: Definition, day: date, joined_on: date, metric: Metric
) -> Progress:
    """Return how far it is, by when, and whether the present pace gets there.

    Parameters
    ----------
    standing
        Advanced to ``day``.
    definition
        The version in force; without tiers there is nothing to keep or reach.
    day
        Today, by the programme's calendar.
    joined_on
        Local day of enrolment.
    metric
        The member's journal, summed.
    """
    tiers = definition.tiers or _NONE
    have = metric(window_start(tiers.window, day=day, joined_on=joined_on), day)
    rate = _rate(day=day, joined_on=joined_on, metric=metric)
    keep_by, to_keep = _to_keep(
        standing, tiers=tiers, day=day, joined_on=joined_on, metric=metric
    )
    following = _following(standing, tiers=tiers)
    to_reach = 0 if following is None else max(0, (following.reach or 0) - have)
    reach_by = window_end(tiers.window, day=day, joined_on=joined_on) if following else None
    said = _Said(definition, tiers=tiers)
    reasons = []
    if keep_by is not None:
        reasons.append(said.keep(standing, amount=to_keep, by=keep_by))
    if following is not None:
        reasons.append(said.reach(following, amount=to_reach, by=reach_by))
    return Progress(
        tier=standing.tier,
        metric=have,
        keep_by=keep_by,
        to_keep=to_keep,
        next_tier=None if following is None else following.code,
        to_reach=to_reach,
        reach_by=reach_by,
        pace=None if rate is None else rate[0] * 30 // rate[1],
        keeps_at_pace=_gets_there(to_keep, by=keep_by, day=day, rate=rate),
        reaches_at_pace=_gets_there(to_reach, by=reach_by, day=day, rate=rate),
        reasons=tuple(reasons),
    )


def _to_keep(
    standing: Standing, *, tiers: Tiers, day: date, joined_on: date, metric: Metric
) -> tuple[date | None, int]:
    """Return the last day that helps, and how much is missing in the window of the review."""
    held = tiers.tier(standing.earned)
    if standing.review_on is None or held is None:
        return None, 0
    promised = standing.review_on - _DAY
    last = promised if standing.grace_until is None else standing.grace_until - _DAY
    first = window_start(tiers.window, day=promised, joined_on=joined_on)
    return last, max(0, (held.keeps_at or 0) - metric(first, day))


def _following(standing: Standing, *, tiers: Tiers) -> Tier | None:
    place = tiers.rank(standing.tier)
    return next((t for t in tiers.tiers[place + 1 :] if t.reach is not None), None)


def _rate(*, day: date, joined_on: date, metric: Metric) -> tuple[int, int] | None:
    """Return what was added in the last days and how many these are; none if too few."""
    span = min(PACE_DAYS, (day - joined_on).days + 1)
    if span < PACE_LEAST_DAYS:
        return None
    return max(0, metric(day - timedelta(days=span - 1), day)), span


def _gets_there(
    amount: int, *, by: date | None, day: date, rate: tuple[int, int] | None
) -> bool | None:
    if by is None:
        return None
    if rate is None or not amount:
        return None if amount else True
    recent, span = rate
    return recent * max(0, (by - day).days) >= amount * span


class _Said:
    """The reasons of a forecast."""

    def __init__(self, definition: Definition, *, tiers: Tiers) -> None:
        self.definition = definition
        self.tiers = tiers

    def keep(self, standing: Standing, *, amount: int, by: date) -> dict[str, Any]:
        """Say what keeps the tier that was earned."""
        held = self.tiers.tier(standing.earned)
        code = "progress.keep" if amount else "progress.safe"
        return self._of(code, tier=held, amount=amount, by=by)

    def reach(self, tier: Tier, *, amount: int, by: date | None) -> dict[str, Any]:
        """Say what lifts to the next tier."""
        return self._of("progress.reach", tier=tier, amount=amount, by=by)

    def _of(
        self, code: str, *, tier: Tier | None, amount: int, by: date | None
    ) -> dict[str, Any]:
        said: dict[str, Any] = {
            "code": code,
            "tier": None if tier is None else tier.name.model_dump(exclude_defaults=True),
            "metric": self.tiers.metric,
            "need": amount,
            "currency": self.definition.currency,
        }
        unit = self.definition.unit(self.tiers.unit or "")
        if unit is not None:
            said["unit"] = unit.name.model_dump(exclude_defaults=True)
        if by is not None:
            said["by"] = by.isoformat()
        elif code == "progress.reach" and self.tiers.window.kind == "rolling":
            said["months"] = self.tiers.window.months
        return said
