"""How far a triangle's estimate can stray: residuals drawn anew, every fit made again.

References
----------
England & Verrall (1999), "Analytic and bootstrap estimates of prediction errors in claims
reserving"; Shapland (2016), "Using the ODP bootstrap model", on effects of the calendar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huitouke.service.programme.economics.triangle import (
    ENDLESS,
    FLAT,
    TAIL_POINTS,
    Floats,
    Ints,
    Triangle,
    benktander,
    developed,
    growth,
    prior_of,
    reach_of,
    still_to_come,
    tail_factors,
)

__all__ = ["Draws", "draws", "freedom_of"]


@dataclass(frozen=True)
class Draws:
    """What may come, drawn from what is not known.

    Parameters
    ----------
    left
        (draws, cohorts) points still to be redeemed.
    fresh
        (draws,) share of a cohort that is issued next.
    together
        By how much cohorts stray together, as a factor of the width of their sum: 1 where
        what happened in a calendar month says nothing about all of them.
    """

    left: Floats
    fresh: Floats
    together: float

    def between(self, chosen: Ints, *, level: float, centre: float) -> tuple[float, float]:
        """Return the interval of what is still to be redeemed of some cohorts together.

        Parameters
        ----------
        chosen
            Which cohorts.
        level
            In (0, 1).
        centre
            The estimate; the interval widens from it.
        """
        ends = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(self.left[:, chosen].sum(axis=1), ends)
        return (
            centre - self.together * max(0.0, centre - float(low)),
            centre + self.together * max(0.0, float(high) - centre),
        )


def freedom_of(triangle: Triangle) -> int:
    """Return how many observations there are beyond what is fitted.

    Parameters
    ----------
    triangle
        The data.
    """
    factors = growth(triangle.steps, seen=triangle.seen)
    return int(triangle.seen.sum()) - len(triangle.seen) - int((~np.isnan(factors)).sum())


def _fitted(triangle: Triangle, *, by_age: Floats) -> Floats:
    """Return what the chain ladder says each observed step should have been."""
    share = by_age[triangle.seen - 1]
    ultimate = np.where(share > 0, triangle.so_far / np.where(share > 0, share, 1), 0)
    steps = np.diff(by_age, prepend=0.0)
    return np.where(triangle.known, ultimate[:, None] * steps[None, :], 0.0)


def _dispersion(triangle: Triangle, *, fitted: Floats) -> tuple[Floats, float]:
    """Return scaled Pearson residuals and their dispersion; no residuals: no freedom."""
    used = triangle.known & (fitted > 0)
    residuals = (triangle.steps[used] - fitted[used]) / np.sqrt(fitted[used])
    freedom = freedom_of(triangle) - int((triangle.known & ~used).sum())
    if freedom < 1:
        return np.zeros(0), 0.0
    scaled = residuals * np.sqrt(used.sum() / freedom)
    return scaled - scaled.mean(), float((residuals**2).sum() / freedom)


def _spread(
    triangle: Triangle, *, share: Floats, reach: Floats, left: Floats, dispersion: float
) -> float:
    """Return by how much (standard deviation, as a share) cohorts differ beyond chance."""
    old = (share > 0.5) & (triangle.issued > 0) & (reach > 0)
    if old.sum() < TAIL_POINTS:
        return 0.0
    # Of cohorts with other lives, what each would have come to by the same age.
    total = (triangle.so_far[old] + left[old]) / reach[old]
    issued = triangle.issued[old]
    rate = total / issued
    mean = total.sum() / issued.sum()
    if mean <= 0:
        return 0.0
    chance = float(np.mean(dispersion * total / reach[old] / issued**2))
    return float(np.sqrt(max(0.0, rate.var(ddof=1) - chance)) / mean)


def _together(triangle: Triangle, *, fitted: Floats, dispersion: float) -> float:
    """Return how much wider a sum of cohorts is than if each strayed by itself.

    One redemption takes from many cohorts, and a good month is good for all: the sums of
    calendar months then stray more than their steps do.
    """
    _, ages = triangle.steps.shape
    calendar = triangle.month[:, None] + np.arange(ages)[None, :] - triangle.month.min()
    known = triangle.known
    happened = np.bincount(calendar[known], weights=triangle.steps[known])
    expected = np.bincount(calendar[known], weights=fitted[known])
    some = expected > 0
    if some.sum() < TAIL_POINTS or dispersion <= 0:
        return 1.0
    odd = ((happened[some] - expected[some]) ** 2 / expected[some]).sum()
    return float(np.sqrt(max(1.0, odd / (some.sum() - 1) / dispersion)))


def draws(triangle: Triangle, *, tail: float, life: int, count: int, seed: int) -> Draws | None:
    """Return draws of what is still to be redeemed.

    Residuals are drawn anew, the triangle and its tail are fitted again (every other draw by
    the tail that fades slower), cohorts differ as they did, and what happens by chance is added
    (gamma with the same dispersion). Where a tail cannot be told from a draw, everything that
    is left is redeemed in it.

    Parameters
    ----------
    triangle
        The data.
    tail
        Growth after the last age.
    life
        Ages of a cohort that is issued next.
    count
        How many draws.
    seed
        Of NumPy's PCG64.

    Returns
    -------
    Draws or None
        None where the data leave no degree of freedom.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    by_age = developed(triangle.steps, seen=triangle.seen)
    fitted = _fitted(triangle, by_age=by_age)
    residuals, dispersion = _dispersion(triangle, fitted=fitted)
    if not len(residuals):
        return None
    _, share, left = still_to_come(triangle, tail=tail)
    reach = reach_of(by_age, life=triangle.life, tail=tail)
    spread = _spread(triangle, share=share, reach=reach, left=left, dispersion=dispersion)
    again = fitted + np.sqrt(fitted) * generator.choice(residuals, size=(count, *fitted.shape))
    again = np.where(triangle.known, again, 0.0)
    by_age = developed(again, seen=triangle.seen)
    lives = np.append(triangle.life, life)
    tails = np.ones(count)
    if (lives >= ENDLESS).any():
        quick, slow = tail_factors(again, seen=triangle.seen)
        tails = np.where(np.arange(count) % 2, slow, quick)
    # The last column is the cohort of tomorrow, as large as the usual one.
    issued = np.append(triangle.issued, np.median(triangle.issued))
    happened = np.append(by_age[:, triangle.seen - 1], np.zeros((count, 1)), axis=1)
    reach = reach_of(by_age, life=lives, tail=np.nan_to_num(tails, nan=1.0))
    share = np.minimum(1.0, happened / reach)
    so_far = np.append(np.maximum(again.sum(axis=-1), 0), np.zeros((count, 1)), axis=1)
    prior = prior_of(so_far, happened=happened, issued=issued)[:, None]
    prior = prior * np.maximum(0, 1 + spread * generator.standard_normal(share.shape))
    mean = benktander(so_far, share=share, issued=issued, prior=np.minimum(1.0, prior * reach))
    noise = mean
    if dispersion > 0:
        noise = generator.gamma(np.maximum(mean, FLAT) / dispersion, dispersion)
    room = np.append(triangle.room, issued[-1])
    found = np.where(
        np.isnan(tails)[:, None] & (lives >= ENDLESS), room, np.clip(noise, 0, room)
    )
    found[:, :-1][:, triangle.ended] = 0.0
    return Draws(
        left=found[:, :-1],
        fresh=found[:, -1] / max(issued[-1], 1.0),
        together=_together(triangle, fitted=fitted, dispersion=dispersion),
    )
