"""Which share of points is ever redeemed, by issue month, and how sure that is.

Points of one issue month are followed by age in months. What old cohorts did tells what young
ones will do, and expiry ends it: a point that has expired is not redeemed any more. The share
that is never redeemed is the breakage. It is a cost that was not paid, never a goal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from huitouke.service.programme.economics.fitting import (
    DRAWS,
    LEVEL,
    SEED,
    Cohort,
    Fit,
    Status,
    Told,
    Why,
    fit,
)
from huitouke.service.programme.economics.triangle import developed

__all__ = ["Breakage", "CohortRate", "Rate", "certain", "estimate"]

_ALL = 1.0


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
    life: int | None
    rate: Rate


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """The estimate for all cohorts.

    Parameters
    ----------
    status
        ``ok``; ``too_few`` cohorts or redemptions; ``unfinished``: what was seen does not
        reach to the end of points.
    why
        Where it is unfinished: ``few_ended`` (fewer than two months of issue have ended),
        ``longer_life`` (points live longer than any month of issue has been followed),
        ``long_tail`` (points have no end, and too much of them is redeemed later than what
        was seen).
    level
        How often the intervals are meant to hold.
    redemption
        Share of all points that is redeemed in the end; the rest is the breakage.
    prior
        Share that new points can be expected to reach.
    pattern
        Share of all redemption of new points that has happened by the end of age 0, 1, 2 …
    cohorts
        By month.
    life
        Ages in which new points can be redeemed; none is without end.
    issued, redemptions
        Points and redemptions it rests on.
    certain
        No estimate: stored value is money, all of which is owed.
    """

    status: Status
    why: Why | None
    level: float
    redemption: Rate
    prior: Rate
    pattern: tuple[float, ...]
    cohorts: tuple[CohortRate, ...]
    life: int | None
    issued: int
    redemptions: int
    certain: bool = False

    def of(self, month: date, *, life: int | None) -> Rate:
        """Return the share of a month's points; of one that is not complete, by its own life.

        Parameters
        ----------
        month
            Of issue.
        life
            Ages in which its points can be redeemed; none is without end.
        """
        for cohort in self.cohorts:
            if cohort.month == month:
                return cohort.rate
        prior = self.prior
        if prior.value is None or life is None or life > len(self.pattern):
            return prior
        reach = self.pattern[max(life, 1) - 1]
        return Rate(value=prior.value * reach, low=prior.low * reach, high=prior.high * reach)


def certain(cohorts: Sequence[Cohort]) -> Breakage:
    """Return that all is owed, as it is of stored value: there is no breakage.

    Parameters
    ----------
    cohorts
        In any order.
    """
    whole = Rate(value=_ALL, low=_ALL, high=_ALL)
    return Breakage(
        status="ok",
        why=None,
        level=LEVEL,
        redemption=whole,
        prior=whole,
        pattern=(),
        cohorts=(),
        life=None,
        issued=sum(cohort.issued for cohort in cohorts),
        redemptions=sum(sum(cohort.redemptions) for cohort in cohorts),
        certain=True,
    )


def estimate(
    cohorts: Sequence[Cohort], *, life: int | None, count: int = DRAWS, seed: int = SEED
) -> Breakage:
    """Return the ultimate redemption rate of each cohort and of all together.

    Chain ladder on cumulative redemption by age, Bornhuetter–Ferguson prior for young
    cohorts, expiry as the end of all; 90 % interval by residual bootstrap.

    Parameters
    ----------
    cohorts
        In any order; without those that have issued nothing.
    life
        Ages in which points that are issued now can be redeemed; none is without end.
    count, seed
        Draws of the bootstrap, and the seed of PCG64.
    """
    made = fit(cohorts, life=life, count=count, seed=seed)
    shares = _untold(made) if made.told is None else _shares(made.told)
    return Breakage(
        status=made.status,
        why=made.why,
        level=LEVEL,
        redemption=shares.whole,
        prior=shares.prior,
        pattern=_pattern(made),
        cohorts=tuple(
            CohortRate(
                month=cohort.month,
                issued=cohort.issued,
                redeemed=cohort.so_far,
                expired=cohort.expired,
                ages=len(cohort.redeemed),
                life=cohort.life,
                rate=rate,
            )
            for cohort, rate in zip(made.cohorts, shares.each, strict=True)
        ),
        life=life,
        issued=sum(cohort.issued for cohort in made.cohorts),
        redemptions=sum(sum(cohort.redemptions) for cohort in made.cohorts),
    )


@dataclass(frozen=True)
class _Shares:
    whole: Rate
    prior: Rate
    each: tuple[Rate, ...]


_NOTHING = Rate(value=None, low=0.0, high=1.0)


def _pattern(made: Fit) -> tuple[float, ...]:
    if made.told is None:
        return ()
    triangle = made.told.triangle
    by_age = developed(triangle.steps, seen=triangle.seen)
    return tuple(float(share) for share in by_age[: made.life] / made.told.reach)


def _untold(made: Fit) -> _Shares:
    if made.triangle is None:
        return _Shares(_NOTHING, _NOTHING, ())
    so_far, room, issued = made.triangle.so_far, made.triangle.room, made.triangle.issued
    return _Shares(
        _bounds(so_far.sum(), room=room.sum(), issued=issued.sum()),
        _NOTHING,
        tuple(
            _bounds(done, room=rest, issued=all_)
            for done, rest, all_ in zip(so_far, room, issued, strict=True)
        ),
    )


def _bounds(redeemed: float, *, room: float, issued: float) -> Rate:
    """Return what is possible at all: nothing more, or everything that is left."""
    return Rate(
        value=None, low=min(1.0, redeemed / issued), high=min(1.0, (redeemed + room) / issued)
    )


def _shares(told: Told) -> _Shares:
    triangle, left, drawn = told.triangle, told.left, told.drawn
    so_far, issued = triangle.so_far, triangle.issued
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(drawn.left, ends, axis=0)
    # What outlives the rest of its month is no part of the estimate, but can be redeemed.
    late = np.where(triangle.ended, triangle.room, 0.0)
    each = tuple(
        _rate((done + more) / all_, low=(done + less) / all_, high=(done + most) / all_)
        for done, more, less, most, all_ in zip(
            so_far, left, low, high + late, issued, strict=True
        )
    )
    everything = np.arange(len(issued))
    least, most = drawn.between(everything, level=LEVEL, centre=float(left.sum()))
    done, all_ = float(so_far.sum()), float(issued.sum())
    whole = _rate(
        (done + left.sum()) / all_,
        low=(done + least) / all_,
        high=(done + min(most, triangle.room.sum()) + late.sum()) / all_,
    )
    fresh_low, fresh_high = np.quantile(drawn.fresh, ends)
    return _Shares(whole, _rate(told.prior * told.reach, low=fresh_low, high=fresh_high), each)


def _rate(value: float, *, low: float, high: float) -> Rate:
    value = min(1.0, max(0.0, float(value)))
    return Rate(
        value=value,
        low=min(value, max(0.0, float(low))),
        high=max(value, min(1.0, float(high))),
    )
