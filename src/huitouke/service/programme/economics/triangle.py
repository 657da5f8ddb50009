"""Redemption by issue month and age as a triangle: how far each age has come, and what is left.

All arithmetic of the breakage estimate: volume-weighted chain ladder, Bornhuetter–Ferguson
prior, Benktander's credibility between the two, and the residual bootstrap. Nothing here
knows what points are.

References
----------
Bornhuetter & Ferguson (1972), "The actuary and IBNR"; Mack (2000), "Credible claims reserves:
the Benktander method"; England & Verrall (1999), "Analytic and bootstrap estimates of
prediction errors in claims reserving"; Gault, Llaguno & Ménard (2012), "Loyalty rewards and
gift card programs: basic actuarial estimation techniques".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "Floats",
    "Triangle",
    "benktander",
    "developed",
    "draws",
    "prior_and_left",
    "tail_factor",
]

Floats = npt.NDArray[np.float64]

_TAIL_POINTS = 4
_TAIL_MONTHS = 240
_FLAT = 1e-9


@dataclass(frozen=True)
class Triangle:
    """Points redeemed per cohort and age.

    Parameters
    ----------
    steps
        (cohorts, ages) points redeemed at each age; what is not observed yet counts as 0.
    seen
        (cohorts,) how many ages of each were observed, at least 1.
    issued
        (cohorts,) points that can be redeemed at all.
    room
        (cohorts,) the most that can still be redeemed: issued less redeemed less expired.
    """

    steps: Floats
    seen: npt.NDArray[np.int64]
    issued: Floats
    room: Floats

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(cohorts, ages) true where an age of a cohort was observed."""
        return np.arange(self.steps.shape[1])[None, :] < self.seen[:, None]

    @property
    def so_far(self) -> Floats:
        """(cohorts,) redeemed up to the last age observed."""
        total: Floats = np.where(self.known, self.steps, 0.0).sum(axis=1)
        return total


def _factors(steps: Floats, *, seen: npt.NDArray[np.int64]) -> Floats:
    """Return (..., ages − 1) how much larger each age is than the one before; nan: unseen.

    Infinite where nothing at all was redeemed up to the age before.
    """
    total = np.cumsum(steps, axis=-1)
    ages = steps.shape[-1]
    pairs = seen[:, None] > np.arange(1, ages)[None, :]
    later = np.where(pairs, total[..., 1:], 0.0).sum(axis=-2)
    before = np.where(pairs, total[..., :-1], 0.0).sum(axis=-2)
    unseen = ~pairs.any(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(before > 0, later / np.where(before > 0, before, 1.0), np.inf)
    return np.where(unseen, np.nan, found)


def tail_factor(triangle: Triangle) -> float | None:
    """Return by how much redemption still grows after the last age seen; none: cannot tell.

    An exponential decay is fitted to the growth per month of the later half of the ages.

    Parameters
    ----------
    triangle
        Of points that never expire.
    """
    growth = _factors(triangle.steps, seen=triangle.seen) - 1
    ages = np.arange(len(growth))
    late = (ages >= len(growth) // 2) & np.isfinite(growth) & (growth > _FLAT)
    if late.sum() < _TAIL_POINTS:
        return None
    slope, start = np.polyfit(ages[late], np.log(growth[late]), 1)
    if slope >= 0:
        return None
    further = np.arange(len(growth), len(growth) + _TAIL_MONTHS)
    return float(np.exp(np.log1p(np.exp(start + slope * further)).sum()))


def developed(steps: Floats, *, seen: npt.NDArray[np.int64], tail: float = 1.0) -> Floats:
    """Return (..., ages) the share of all redemption that has happened by the end of an age.

    Parameters
    ----------
    steps
        (..., cohorts, ages) points redeemed.
    seen
        (cohorts,) ages observed.
    tail
        Growth after the last age.
    """
    # A bootstrap sample may shrink; a share of redemption never does.
    factors = np.maximum(np.nan_to_num(_factors(steps, seen=seen), nan=1.0, posinf=np.inf), 1.0)
    backwards = np.cumprod(1.0 / factors[..., ::-1], axis=-1)[..., ::-1]
    last = np.ones((*backwards.shape[:-1], 1))
    share: Floats = np.concatenate([backwards, last], axis=-1) / tail
    return share


def benktander(so_far: Floats, *, share: Floats, issued: Floats, prior: Floats) -> Floats:
    """Return (..., cohorts) what is still to be redeemed.

    ``(1 − q)(C + (1 − q)·prior·issued)``: chain ladder weighted with the share ``q`` that has
    happened, Bornhuetter–Ferguson with the rest, so that young cohorts lean on the prior.

    Parameters
    ----------
    so_far
        Redeemed.
    share
        ``q`` of each cohort.
    issued
        Points of each cohort.
    prior
        Redemption rate that old cohorts show.
    """
    left: Floats = (1 - share) * (so_far + (1 - share) * prior * issued)
    return left


def _prior(so_far: Floats, *, share: Floats, issued: Floats) -> Floats:
    """Return (...,) the rate that all cohorts show together (Cape Cod)."""
    used = (issued * share).sum(axis=-1)
    total = so_far.sum(axis=-1)
    found: Floats = np.clip(np.where(used > 0, total / np.where(used > 0, used, 1), 0), 0, 1)
    return found


def prior_and_left(triangle: Triangle, *, tail: float) -> tuple[float, Floats, Floats]:
    """Return the prior, the share that has happened per cohort, and what is still to come.

    Parameters
    ----------
    triangle
        The data.
    tail
        Growth after the last age.
    """
    by_age = developed(triangle.steps, seen=triangle.seen, tail=tail)
    share = by_age[triangle.seen - 1]
    so_far = triangle.so_far
    prior = _prior(so_far, share=share, issued=triangle.issued)
    left = benktander(so_far, share=share, issued=triangle.issued, prior=prior)
    return float(prior), share, np.clip(left, 0, triangle.room)


def _fitted(triangle: Triangle, *, by_age: Floats) -> Floats:
    """Return what the chain ladder says each observed step should have been."""
    share = by_age[triangle.seen - 1]
    ultimate = np.where(share > 0, triangle.so_far / np.where(share > 0, share, 1), 0)
    steps = np.diff(by_age, prepend=0.0)
    return np.where(triangle.known, ultimate[:, None] * steps[None, :], 0.0)


def _dispersion(triangle: Triangle, *, fitted: Floats) -> tuple[Floats, float, int]:
    """Return scaled Pearson residuals, their dispersion, and the degrees of freedom."""
    used = triangle.known & (fitted > 0)
    residuals = (triangle.steps[used] - fitted[used]) / np.sqrt(fitted[used])
    cohorts, ages = triangle.steps.shape
    freedom = int(used.sum()) - (cohorts + ages - 1)
    if freedom < 1:
        return np.zeros(0), 0.0, freedom
    scaled = residuals * np.sqrt(used.sum() / freedom)
    return scaled - scaled.mean(), float((residuals**2).sum() / freedom), freedom


def _spread(triangle: Triangle, *, share: Floats, left: Floats, dispersion: float) -> float:
    """Return by how much (standard deviation, as a share) cohorts differ beyond chance."""
    old = (share > 0.5) & (triangle.issued > 0)
    if old.sum() < _TAIL_POINTS:
        return 0.0
    total = triangle.so_far[old] + left[old]
    rate = total / triangle.issued[old]
    mean = total.sum() / triangle.issued[old].sum()
    if mean <= 0:
        return 0.0
    chance = float(np.mean(dispersion * total / triangle.issued[old] ** 2))
    return float(np.sqrt(max(0.0, rate.var(ddof=1) - chance)) / mean)


def draws(triangle: Triangle, *, tail: float, count: int, seed: int) -> Floats | None:
    """Return (count, cohorts) points still to be redeemed, drawn from what is not known.

    Residuals are drawn anew, the triangle is refitted, cohorts differ as they did, and what
    happens by chance is added (gamma with the same dispersion).

    Parameters
    ----------
    triangle
        The data.
    tail
        Growth after the last age.
    count
        How many draws.
    seed
        Of NumPy's PCG64.

    Returns
    -------
    array or None
        None where the data leave no degree of freedom.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    by_age = developed(triangle.steps, seen=triangle.seen, tail=tail)
    fitted = _fitted(triangle, by_age=by_age)
    residuals, dispersion, freedom = _dispersion(triangle, fitted=fitted)
    if freedom < 1:
        return None
    _, share, left = prior_and_left(triangle, tail=tail)
    spread = _spread(triangle, share=share, left=left, dispersion=dispersion)
    again = fitted + np.sqrt(fitted) * generator.choice(residuals, size=(count, *fitted.shape))
    again = np.where(triangle.known, again, 0.0)
    by_age = developed(again, seen=triangle.seen, tail=tail)
    share = by_age[:, triangle.seen - 1]
    so_far = np.maximum(again.sum(axis=-1), 0)
    prior = _prior(so_far, share=share, issued=triangle.issued)[:, None]
    prior = prior * np.maximum(0, 1 + spread * generator.standard_normal(share.shape))
    mean = benktander(so_far, share=share, issued=triangle.issued, prior=prior)
    noise = mean
    if dispersion > 0:
        noise = generator.gamma(np.maximum(mean, _FLAT) / dispersion, dispersion)
    found: Floats = np.clip(noise, 0, triangle.room)
    return found
