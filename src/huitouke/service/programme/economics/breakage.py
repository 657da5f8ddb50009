"""Which share of points is ever redeemed, by issue month, and how sure that is.

Points of one issue month are followed by age in months. What old cohorts did tells what young
ones will do, and expiry ends it: a point that has expired is not redeemed any more. The share
that is never redeemed is the breakage. It is a cost that was not paid, never a goal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from huitouke.service.programme.economics.triangle import (
    Triangle,
    developed,
    draws,
    prior_and_left,
    tail_factor,
)
from huitouke.service.programme.rules.calendar import add_months, last_day
from huitouke.service.programme.rules.expiry import expires_at
from huitouke.service.programme.rules.shapes import Expiry

__all__ = [
    "COHORTS_LEAST",
    "ENDED_LEAST",
    "REDEMPTIONS_LEAST",
    "Breakage",
    "Cohort",
    "CohortRate",
    "Rate",
    "Status",
    "estimate",
    "life_of",
]

Status = Literal["ok", "too_few", "unfinished"]

#: Fewer cohorts, or cohorts seen to their end, or redemptions, are too few to tell.
COHORTS_LEAST = 6
ENDED_LEAST = 2
REDEMPTIONS_LEAST = 100
_FREEDOM_LEAST = 8
_DRAWS = 2000
_SEED = 14
_LEVEL = 0.90


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Points issued in one local month, and what became of them in complete months.

    Parameters
    ----------
    month
        Its first day.
    issued
        Points that could be redeemed: without those taken back again.
    redeemed
        Points redeemed at age 0, 1, 2 … months (calendar months since ``month``).
    expired
        Points that expired or were given up so far.
    redemptions
        How many redemptions they paid for first, at age 0, 1, 2 …
    """

    month: date
    issued: int
    redeemed: tuple[int, ...]
    expired: int = 0
    redemptions: tuple[int, ...] = ()

    @property
    def so_far(self) -> int:
        """Points redeemed so far."""
        return sum(self.redeemed)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share in [0, 1] with its interval.

    Parameters
    ----------
    value
        None where the data cannot tell; then the bounds are what is possible at all.
    low, high
        90 % interval.
    """

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class CohortRate:
    """What one cohort will have redeemed in the end, as a share of its points."""

    month: date
    issued: int
    redeemed: int
    expired: int
    ages: int
    rate: Rate


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """The estimate for all cohorts.

    Parameters
    ----------
    status
        ``ok``; ``too_few`` cohorts or redemptions; ``unfinished``: none has lived to its end.
    redemption
        Share of all points that is redeemed in the end; the rest is the breakage.
    prior
        Share that new points can be expected to reach.
    pattern
        Share of all redemption that has happened by the end of age 0, 1, 2 …
    cohorts
        By month.
    life
        Ages in which points can be redeemed; none is without end.
    issued, redemptions
        Points and redemptions it rests on.
    """

    status: Status
    redemption: Rate
    prior: Rate
    pattern: tuple[float, ...]
    cohorts: tuple[CohortRate, ...]
    life: int | None
    issued: int
    redemptions: int


def life_of(expiry: Expiry, *, pending_days: int = 0) -> int | None:
    """Return in how many ages (calendar months) points can be redeemed; none is without end.

    Parameters
    ----------
    expiry
        Policy of the unit.
    pending_days
        From issue until they may be used.

    Examples
    --------
    >>> from huitouke.service.programme.rules.shapes import Never, Rolling
    >>> life_of(Rolling(months=12, round="month"), pending_days=7), life_of(Never())
    (14, None)
    """
    most = 0
    for month in range(1, 13):
        issued = add_months(date(2027, month, 1), months=1) - timedelta(days=1)
        open_at = datetime.combine(issued, time(12), tzinfo=UTC) + timedelta(days=pending_days)
        gone = expires_at(expiry, available_at=open_at, zone=ZoneInfo("UTC"))
        if gone is None:
            return None
        last = last_day(gone, zone=ZoneInfo("UTC"))
        most = max(most, (last.year - issued.year) * 12 + last.month - issued.month + 1)
    return most


def _triangle(cohorts: Sequence[Cohort], *, life: int | None) -> Triangle:
    ages = max(len(cohort.redeemed) for cohort in cohorts)
    ages = ages if life is None else max(life, 1)
    steps = np.zeros((len(cohorts), ages))
    for row, cohort in enumerate(cohorts):
        # What is redeemed after the end (a return's grace) belongs to the last age.
        kept = cohort.redeemed[:ages]
        steps[row, : len(kept)] = kept
        steps[row, -1] += sum(cohort.redeemed[ages:])
    seen = np.array([min(len(cohort.redeemed), ages) for cohort in cohorts], dtype=np.int64)
    issued = np.array([max(0, cohort.issued) for cohort in cohorts], dtype=np.float64)
    room = [max(0, c.issued - c.so_far - c.expired) for c in cohorts]
    ended = seen >= ages if life is not None else np.zeros(len(seen), dtype=bool)
    return Triangle(steps, seen, issued, np.where(ended, 0.0, np.array(room, dtype=np.float64)))


def _status(triangle: Triangle, cohorts: Sequence[Cohort], *, life: int | None) -> Status:
    redemptions = sum(sum(cohort.redemptions) for cohort in cohorts)
    if len(cohorts) < COHORTS_LEAST or redemptions < REDEMPTIONS_LEAST:
        return "too_few"
    ended = int((triangle.seen >= triangle.steps.shape[1]).sum())
    if ended < (ENDED_LEAST if life is not None else 1):
        return "unfinished"
    cells = int(triangle.seen.sum())
    return "ok" if cells - sum(triangle.steps.shape) + 1 >= _FREEDOM_LEAST else "too_few"


def _bounds(redeemed: float, *, room: float, issued: float) -> Rate:
    """Return what is possible at all: nothing more, or everything that is left."""
    if issued <= 0:
        return Rate(value=None, low=0.0, high=1.0)
    return Rate(
        value=None,
        low=min(1.0, redeemed / issued),
        high=min(1.0, (redeemed + room) / issued),
    )


def estimate(
    cohorts: Sequence[Cohort], *, life: int | None, count: int = _DRAWS, seed: int = _SEED
) -> Breakage:
    """Return the ultimate redemption rate of each cohort and of all together.

    Chain ladder on cumulative redemption by age, Bornhuetter–Ferguson prior for young
    cohorts, expiry as the end of all; 90 % interval by residual bootstrap.

    Parameters
    ----------
    cohorts
        In any order; without those that have issued nothing.
    life
        Ages in which points can be redeemed (:func:`life_of`); none is without end.
    count, seed
        Draws of the bootstrap, and the seed of PCG64.
    """
    used = sorted((each for each in cohorts if each.issued > 0), key=lambda each: each.month)
    redemptions = sum(sum(cohort.redemptions) for cohort in used)
    if not used:
        nothing = Rate(value=None, low=0.0, high=1.0)
        return Breakage(
            status="too_few", redemption=nothing, prior=nothing, pattern=(), cohorts=(),
            life=life, issued=0, redemptions=0,
        )  # fmt: skip
    triangle = _triangle(used, life=life)
    status = _status(triangle, used, life=life)
    tail = 1.0
    if status == "ok" and life is None:
        found = tail_factor(triangle)
        status, tail = (status, found) if found is not None else ("unfinished", 1.0)
    told = (
        _told(triangle, tail=tail, count=count, seed=seed)
        if status == "ok"
        else _untold(triangle)
    )
    pattern = developed(triangle.steps, seen=triangle.seen, tail=tail)
    return Breakage(
        status=status,
        redemption=told.whole,
        prior=told.prior,
        pattern=tuple(float(share) for share in pattern) if status == "ok" else (),
        cohorts=tuple(
            CohortRate(
                month=cohort.month,
                issued=cohort.issued,
                redeemed=cohort.so_far,
                expired=cohort.expired,
                ages=len(cohort.redeemed),
                rate=rate,
            )
            for cohort, rate in zip(used, told.each, strict=True)
        ),
        life=life,
        issued=sum(cohort.issued for cohort in used),
        redemptions=redemptions,
    )


@dataclass(frozen=True)
class _Told:
    whole: Rate
    prior: Rate
    each: tuple[Rate, ...]


def _untold(triangle: Triangle) -> _Told:
    so_far, room, issued = triangle.so_far, triangle.room, triangle.issued
    return _Told(
        _bounds(so_far.sum(), room=room.sum(), issued=issued.sum()),
        Rate(value=None, low=0.0, high=1.0),
        tuple(
            _bounds(done, room=rest, issued=all_)
            for done, rest, all_ in zip(so_far, room, issued, strict=True)
        ),
    )


def _told(triangle: Triangle, *, tail: float, count: int, seed: int) -> _Told:
    prior, share, left = prior_and_left(triangle, tail=tail)
    drawn = draws(triangle, tail=tail, count=count, seed=seed)
    if drawn is None:
        return _untold(triangle)
    so_far, issued = triangle.so_far, triangle.issued
    ends = [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]
    low, high = np.quantile(drawn, ends, axis=0)
    each = tuple(
        _rate((done + more) / all_, low=(done + less) / all_, high=(done + most) / all_)
        for done, more, less, most, all_ in zip(so_far, left, low, high, issued, strict=True)
    )
    whole_low, whole_high = np.quantile(drawn.sum(axis=1), ends)
    whole = _rate(
        (so_far + left).sum() / issued.sum(),
        low=(so_far.sum() + whole_low) / issued.sum(),
        high=(so_far.sum() + whole_high) / issued.sum(),
    )
    # A cohort of tomorrow is as unsure as the youngest one of today.
    youngest = each[int(np.argmin(share))]
    centre = float(prior)
    return _Told(
        whole,
        _rate(
            centre,
            low=min(centre, youngest.low) if youngest.value is not None else 0.0,
            high=max(centre, youngest.high),
        ),
        each,
    )


def _rate(value: float, *, low: float, high: float) -> Rate:
    value = min(1.0, max(0.0, float(value)))
    return Rate(
        value=value,
        low=min(value, max(0.0, float(low))),
        high=max(value, min(1.0, float(high))),
    )
