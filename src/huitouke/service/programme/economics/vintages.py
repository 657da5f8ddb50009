"""Frozen vintages: what earlier data would have foretold, beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np

from huitouke.service.programme.economics.fitting import (
    LEVEL,
    SEED,
    Cohort,
    Told,
    fit,
)

__all__ = ["Vintage", "vintages"]


@dataclass(frozen=True, kw_only=True)
class Vintage:
    """What would have been said ``months_back`` months ago, beside what came.

    Parameters
    ----------
    months_back
        How many months of the data were put aside.
    cohorts
        Cohorts that were young then and have ended now.
    predicted, low, high
        Points redeemed in the end, as predicted from the data of that time.
    actual
        What it was.
    """

    months_back: int
    cohorts: int
    predicted: int
    low: int
    high: int
    actual: int

    @property
    def inside(self) -> bool:
        """Whether it came as predicted."""
        return self.low <= self.actual <= self.high


def vintages(
    cohorts: Sequence[Cohort], *, life: int | None, count: int = 500, seed: int = SEED
) -> tuple[Vintage, ...]:
    """Return what earlier data would have predicted of cohorts that have ended since.

    What was too little to tell then is left out, by the rules of today. The same cohorts are
    foretold from several moments, so that the outcomes are no independent trials.

    Parameters
    ----------
    cohorts
        All that is known today.
    life
        Ages in which points that are issued now can be redeemed; none is without end.
    count, seed
        Draws of the bootstrap, and the seed of PCG64.

    Returns
    -------
    tuple of Vintage
        One per number of months put aside from which an estimate could be made.
    """
    found = []
    ended = {cohort.month: cohort for cohort in cohorts if cohort.ended}
    for back in range(1, max((each.life or 1 for each in ended.values()), default=1)):
        then = [_then(each, back=back) for each in cohorts if len(each.redeemed) > back]
        made = fit(then, life=life, count=count, seed=seed)
        chosen = [
            place
            for place, cohort in enumerate(made.cohorts)
            if cohort.month in ended and not cohort.ended
        ]
        if made.told is None or not chosen:
            continue
        actual = sum(ended[made.cohorts[place].month].so_far for place in chosen)
        found.append(_vintage(made.told, chosen=chosen, back=back, actual=actual))
    return tuple(found)


def _then(cohort: Cohort, *, back: int) -> Cohort:
    """Return a cohort as it was so many months ago: points go at the end of their life."""
    before = replace(
        cohort,
        redeemed=cohort.redeemed[:-back],
        redemptions=cohort.redemptions[:-back],
    )
    return before if before.ended else replace(before, expired=0)


def _vintage(told: Told, *, chosen: list[int], back: int, actual: int) -> Vintage:
    so_far, left = float(told.triangle.so_far[chosen].sum()), float(told.left[chosen].sum())
    low, high = told.drawn.between(np.array(chosen), level=LEVEL, centre=left)
    return Vintage(
        months_back=back,
        cohorts=len(chosen),
        predicted=round(so_far + left),
        low=floor(so_far + max(0.0, low)),
        high=ceil(so_far + high),
        actual=actual,
    )
