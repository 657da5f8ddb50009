"""Frozen vintages: what earlier data would have foretold, beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from huitouke.service.programme.economics.breakage import Breakage, Cohort, estimate

__all__ = ["Vintage", "vintages"]

_SEED = 14


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
    cohorts: Sequence[Cohort], *, life: int, count: int = 500, seed: int = _SEED
) -> tuple[Vintage, ...]:
    """Return what earlier data would have predicted of cohorts that have ended since.

    Parameters
    ----------
    cohorts
        All that is known today.
    life
        Ages in which points can be redeemed.
    count, seed
        Draws of the bootstrap, and the seed of PCG64.

    Returns
    -------
    tuple of Vintage
        One per number of months put aside from which an estimate could be made.
    """
    found = []
    for back in range(1, life):
        then = {
            cohort.month: replace(
                cohort,
                redeemed=cohort.redeemed[:-back],
                redemptions=cohort.redemptions[:-back],
                expired=_expired_then(cohort, life=life, back=back),
            )
            for cohort in cohorts
            if len(cohort.redeemed) > back
        }
        ended = [
            cohort
            for cohort in cohorts
            if cohort.month in then
            and len(cohort.redeemed) >= life
            and len(cohort.redeemed) - back < life
        ]
        made = estimate(tuple(then.values()), life=life, count=count, seed=seed)
        if made.status != "ok" or not ended:
            continue
        found.append(_vintage(made, ended=ended, back=back))
    return tuple(found)


def _expired_then(cohort: Cohort, *, life: int, back: int) -> int:
    """Return what had expired then: points go at the end of their life."""
    return cohort.expired if len(cohort.redeemed) - back >= life else 0


def _vintage(made: Breakage, *, ended: Sequence[Cohort], back: int) -> Vintage:
    rates = {cohort.month: cohort.rate for cohort in made.cohorts}
    predicted = low = high = 0.0
    for cohort in ended:
        rate = rates[cohort.month]
        predicted += (rate.value or 0.0) * cohort.issued
        low += rate.low * cohort.issued
        high += rate.high * cohort.issued
    return Vintage(
        months_back=back,
        cohorts=len(ended),
        predicted=round(predicted),
        low=int(low),
        high=int(-(-high // 1)),
        actual=sum(cohort.so_far for cohort in ended),
    )
