"""From cohorts to a triangle: whether anything can be told of them, and what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from huitouke.service.programme.economics.bootstrap import Draws, draws, freedom_of
from huitouke.service.programme.economics.triangle import (
    ENDLESS,
    Floats,
    Triangle,
    developed,
    growth,
    reach_of,
    still_to_come,
    tail_factors,
)

__all__ = [
    "COHORTS_LEAST",
    "DRAWS",
    "ENDED_LEAST",
    "FOLLOWED_LEAST",
    "LEVEL",
    "REDEMPTIONS_LEAST",
    "SEED",
    "UNSEEN_MOST",
    "Cohort",
    "Fit",
    "Status",
    "Told",
    "Why",
    "fit",
]

Status = Literal["ok", "too_few", "unfinished"]
Why = Literal["few_ended", "longer_life", "long_tail"]

#: Fewer cohorts, or cohorts seen to their end, or redemptions, are too few to tell.
COHORTS_LEAST = 6
ENDED_LEAST = 2
REDEMPTIONS_LEAST = 100
#: Points without end must have been followed so many months, and no more of all redemption
#: may lie beyond that.
FOLLOWED_LEAST = 24
UNSEEN_MOST = 0.10
#: How often intervals are meant to hold.
LEVEL = 0.90
#: Of the bootstrap, with NumPy's PCG64.
DRAWS = 2000
SEED = 14
_FREEDOM_LEAST = 8


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
    life
        Ages in which these points can be redeemed; none is without end.
    expired
        Points that can be redeemed no more: expired, past their last day, or given up.
    redemptions
        How many redemptions they paid for first, at age 0, 1, 2 …
    """

    month: date
    issued: int
    redeemed: tuple[int, ...]
    life: int | None
    expired: int = 0
    redemptions: tuple[int, ...] = ()

    @property
    def so_far(self) -> int:
        """Points redeemed so far."""
        return sum(self.redeemed)

    @property
    def ended(self) -> bool:
        """Whether the end of its points was seen."""
        return self.life is not None and len(self.redeemed) >= self.life


@dataclass(frozen=True)
class Told:
    """What can be told of a triangle.

    Parameters
    ----------
    triangle
        The data.
    reach
        How far a cohort that is issued next will come, on the scale of the ages.
    prior
        Share that is redeemed by the last age.
    left
        (cohorts,) points still to be redeemed.
    drawn
        How far they can stray.
    """

    triangle: Triangle
    reach: float
    prior: float
    left: Floats
    drawn: Draws


@dataclass(frozen=True)
class Fit:
    """Cohorts, and what was made of them.

    Parameters
    ----------
    cohorts
        Those with points, by month.
    life
        Ages of a cohort that is issued next, or
        :data:`huitouke.service.programme.economics.triangle.ENDLESS`.
    triangle
        None without cohorts.
    status, why
        Whether anything can be told, and why not.
    told
        None where nothing can.
    """

    cohorts: tuple[Cohort, ...]
    life: int
    triangle: Triangle | None
    status: Status
    why: Why | None = None
    told: Told | None = None


def _triangle(cohorts: Sequence[Cohort], *, life: int) -> Triangle:
    lives = np.array(
        [ENDLESS if c.life is None else max(1, c.life) for c in cohorts], dtype=np.int64
    )
    finite = [int(each) for each in (*lives, life) if each < ENDLESS]
    longest = max(len(c.redeemed) for c in cohorts) if (lives >= ENDLESS).any() else 1
    ages = max([longest, *finite])
    steps = np.zeros((len(cohorts), ages))
    for row, (cohort, own) in enumerate(zip(cohorts, lives, strict=True)):
        # What is redeemed after the end (a return's grace) belongs to the last age.
        end = min(int(own), ages)
        kept = cohort.redeemed[:end]
        steps[row, : len(kept)] = kept
        steps[row, end - 1] += sum(cohort.redeemed[end:])
    followed = np.array([len(cohort.redeemed) for cohort in cohorts], dtype=np.int64)
    return Triangle(
        steps=steps,
        seen=np.minimum(followed, lives),
        life=lives,
        month=np.array([12 * c.month.year + c.month.month for c in cohorts], dtype=np.int64),
        issued=np.array([max(0, c.issued) for c in cohorts], dtype=np.float64),
        room=np.array([max(0, c.issued - c.so_far - c.expired) for c in cohorts], dtype=float),
    )


def _status(
    triangle: Triangle, cohorts: Sequence[Cohort], *, life: int
) -> tuple[Status, Why | None, float]:
    """Return what can be told, why not, and the tail."""
    redemptions = sum(sum(cohort.redemptions) for cohort in cohorts)
    if len(cohorts) < COHORTS_LEAST or redemptions < REDEMPTIONS_LEAST:
        return "too_few", None, 1.0
    # Lives that have not ended must have been followed to their end in others.
    lives = np.append(triangle.life[~triangle.ended], life)
    finite = lives[lives < ENDLESS]
    factors = growth(triangle.steps, seen=triangle.seen)
    if len(finite):
        if triangle.ended.sum() < ENDED_LEAST:
            return "unfinished", "few_ended", 1.0
        if np.isnan(factors[: finite.max() - 1]).any():
            return "unfinished", "longer_life", 1.0
    tail = 1.0
    if len(finite) < len(lives):
        quick, slow = (float(each) for each in tail_factors(triangle.steps, seen=triangle.seen))
        tail = (quick + slow) / 2
        # A tail that is not a number is none of known size.
        short = 1 - 1 / quick <= UNSEEN_MOST and not np.isnan(tail)
        if triangle.steps.shape[1] < FOLLOWED_LEAST or not short:
            return "unfinished", "long_tail", 1.0
    enough = freedom_of(triangle) >= _FREEDOM_LEAST
    return ("ok" if enough else "too_few"), None, tail


def fit(
    cohorts: Sequence[Cohort], *, life: int | None, count: int = DRAWS, seed: int = SEED
) -> Fit:
    """Return cohorts as a triangle and, where it can be told, what is still to come of them.

    Parameters
    ----------
    cohorts
        In any order; without those that have issued nothing.
    life
        Ages in which points that are issued now can be redeemed; none is without end.
    count, seed
        Draws of the bootstrap, and the seed of PCG64.
    """
    used = tuple(
        sorted((each for each in cohorts if each.issued > 0), key=lambda each: each.month)
    )
    ages = ENDLESS if life is None else max(1, life)
    if not used:
        return Fit(used, ages, None, "too_few")
    triangle = _triangle(used, life=ages)
    status, why, tail = _status(triangle, used, life=ages)
    if status != "ok":
        return Fit(used, ages, triangle, status, why)
    prior, _, left = still_to_come(triangle, tail=tail)
    drawn = draws(triangle, tail=tail, life=ages, count=count, seed=seed)
    if drawn is None:
        return Fit(used, ages, triangle, "too_few")
    by_age = developed(triangle.steps, seen=triangle.seen)
    reach = reach_of(by_age, life=np.array([ages]), tail=tail)[0]
    told = Told(triangle, float(reach), prior, left, drawn)
    return Fit(used, ages, triangle, "ok", told=told)
