"""What lies ahead of a member's points: what comes, what goes, what is about to be lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from huitouke.service.ledger.contract import Balance, Expiring
from huitouke.service.programme.events.reading import TierView
from huitouke.service.programme.rules.expiry import WARN_DAYS

__all__ = ["TIER_WARN_DAYS", "Ahead", "Loss", "On", "ahead", "losses"]

#: A tier that is about to be lost is told of so many days before the last one that helps.
TIER_WARN_DAYS = 45

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class On:
    """Points that come or go on a local day.

    Parameters
    ----------
    day
        First day on which they may be spent, or last day on which they are good; none where
        it is not known yet (goods that have not arrived).
    points
        How many.
    """

    day: date | None
    points: int


@dataclass(frozen=True)
class Ahead:
    """A balance in words' reach.

    Parameters
    ----------
    active, held, owed
        Spendable now, set aside, owed.
    coming, lapsing
        What comes and what goes, soonest first, one per day.
    """

    active: int
    held: int
    owed: int
    coming: tuple[On, ...]
    lapsing: tuple[On, ...]


@dataclass(frozen=True)
class Loss:
    """Something that a member loses unless they do something.

    Parameters
    ----------
    kind
        ``"points"`` or ``"tier"``.
    by
        Last day on which it helps to do something.
    points
        That lapse after it.
    reason
        Of a tier: what keeps it, a sentence for ``rules.reasons.say``.
    """

    kind: str
    by: date
    points: int = 0
    reason: dict[str, Any] | None = None


def ahead(balance: Balance, *, zone: ZoneInfo) -> Ahead:
    """Return what a balance says about the days to come.

    Parameters
    ----------
    balance
        As the ledger gives it.
    zone
        Whose local days are meant.
    """
    return Ahead(
        active=balance.active,
        held=balance.held,
        owed=balance.owed,
        coming=_by_day(balance.activating, zone=zone, last=False),
        lapsing=tuple(
            each
            for each in _by_day(balance.expiring, zone=zone, last=True)
            if each.day is not None
        ),
    )


def _by_day(moments: tuple[Expiring, ...], *, zone: ZoneInfo, last: bool) -> tuple[On, ...]:
    """Sum by local day; what is gone at midnight was good through the day before."""
    found: dict[date | None, int] = {}
    for each in moments:
        day = None if each.expires_at is None else _day(each.expires_at, zone=zone, last=last)
        found[day] = found.get(day, 0) + each.points
    known = sorted((day, points) for day, points in found.items() if day is not None)
    unknown = [On(None, found[None])] if found.get(None) else []
    return (*(On(day, points) for day, points in known), *unknown)


def _day(moment: datetime, *, zone: ZoneInfo, last: bool) -> date:
    return (moment - _MOMENT if last else moment).astimezone(zone).date()


def losses(points: Ahead, *, tier: TierView, today: date) -> tuple[Loss, ...]:
    """Return what a member is about to lose, the most pressing first.

    Parameters
    ----------
    points
        What lies ahead of their points.
    tier
        Where they stand.
    today
        By the programme's calendar.
    """
    found = [
        Loss("points", each.day, points=each.points)
        for each in points.lapsing
        if each.day is not None and (each.day - today).days <= max(WARN_DAYS)
    ][:1]
    way = tier.progress
    if way is not None and way.keep_by is not None and way.to_keep > 0:
        keep = next((r for r in way.reasons if r.get("code") == "progress.keep"), None)
        if keep is not None and 0 <= (way.keep_by - today).days <= TIER_WARN_DAYS:
            found.append(Loss("tier", way.keep_by, reason=keep))
    return tuple(sorted(found, key=lambda loss: loss.by))
