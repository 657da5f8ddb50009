"""Redemption by issue month and age as a triangle: how far each age has come, and what is left.

The point estimate of the breakage: volume-weighted chain ladder, Bornhuetter–Ferguson prior
and Benktander's credibility between the two, each cohort up to its own end. Nothing here knows
what points are.

References
----------
Bornhuetter & Ferguson (1972), "The actuary and IBNR"; Mack (2000), "Credible claims reserves:
the Benktander method"; Gault, Llaguno & Ménard (2012), "Loyalty rewards and gift card
programs: basic actuarial estimation techniques".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "ENDLESS",
    "FLAT",
    "TAIL_POINTS",
    "Floats",
    "Ints",
    "Triangle",
    "benktander",
    "developed",
    "growth",
    "prior_of",
    "reach_of",
    "still_to_come",
    "tail_factors",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Life of what has no end, in ages.
ENDLESS = 10**9
#: A tail needs so many ages that still grow.
TAIL_POINTS = 4
#: Growth below this is none.
FLAT = 1e-9
_TAIL_MONTHS = 240


@dataclass(frozen=True)
class Triangle:
    """Points redeemed per cohort and age.

    Parameters
    ----------
    steps
        (cohorts, ages) points redeemed at each age; what is not observed yet counts as 0.
    seen
        (cohorts,) how many ages of each were observed: at least 1, at most its life.
    life
        (cohorts,) ages after which nothing is redeemed any more, or :data:`ENDLESS`.
    month
        (cohorts,) when each began, counted in months.
    issued
        (cohorts,) points that can be redeemed at all.
    room
        (cohorts,) the most that can still be redeemed: issued less redeemed less gone.
    """

    steps: Floats
    seen: Ints
    life: Ints
    month: Ints
    issued: Floats
    room: Floats

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(cohorts, ages) true where an age of a cohort was observed."""
        return np.arange(self.steps.shape[1])[None, :] < self.seen[:, None]

    @property
    def endless(self) -> npt.NDArray[np.bool_]:
        """(cohorts,) true where points have no end."""
        return self.life >= ENDLESS

    @property
    def ended(self) -> npt.NDArray[np.bool_]:
        """(cohorts,) true where the end was seen."""
        return self.seen >= self.life

    @property
    def so_far(self) -> Floats:
        """(cohorts,) redeemed up to the last age observed."""
        total: Floats = np.where(self.known, self.steps, 0.0).sum(axis=1)
        return total


def growth(steps: Floats, *, seen: Ints) -> Floats:
    """Return (..., ages − 1) how much larger each age is than the one before; nan: unseen.

    Infinite where nothing at all was redeemed up to the age before. A cohort counts up to its
    own end only, because no more of it is seen.

    Parameters
    ----------
    steps
        (..., cohorts, ages) points redeemed.
    seen
        (cohorts,) ages observed.
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


def tail_factors(steps: Floats, *, seen: Ints) -> tuple[Floats, Floats]:
    """Return (...,) by how much redemption still grows after the last age, told in two ways.

    A decay is fitted, by least squares on its logarithm, to the growth per month of the later
    half of the ages: one by a fixed share per month, and one by a power of the age, which
    fades slower. Where members differ in pace the first falls short and the second does not.

    Parameters
    ----------
    steps
        (..., cohorts, ages) points redeemed.
    seen
        (cohorts,) ages observed.

    Returns
    -------
    tuple of two arrays
        nan where it cannot be told, or never ends.
    """
    more = growth(steps, seen=seen) - 1
    ages = np.arange(1, more.shape[-1] + _TAIL_MONTHS + 1, dtype=np.float64)
    return _tail(more, scale=ages, steepest=0.0), _tail(more, scale=np.log(ages), steepest=-1.0)


def _tail(more: Floats, *, scale: Floats, steepest: float) -> Floats:
    """Return the growth beyond what was seen, if it falls along a scale of the ages."""
    count = more.shape[-1]
    ages, further = scale[:count], scale[count:]
    with np.errstate(invalid="ignore"):
        late = (np.arange(count) >= count // 2) & np.isfinite(more) & (more > FLAT)
    points = late.sum(axis=-1)
    some = np.maximum(points, 1)
    height = np.log(np.where(late, more, 1.0))
    centre = (ages * late).sum(axis=-1) / some
    middle = height.sum(axis=-1) / some
    apart = (ages - centre[..., None]) * late
    spread = (apart**2).sum(axis=-1)
    slope = (apart * height).sum(axis=-1) / np.where(spread > 0, spread, 1.0)
    told = (points >= TAIL_POINTS) & (slope < steepest)
    fade = middle[..., None] + slope[..., None] * (further - centre[..., None])
    fade = np.where(told[..., None], fade, -np.inf)
    found: Floats = np.where(told, np.exp(np.log1p(np.exp(fade)).sum(axis=-1)), np.nan)
    return found


def developed(steps: Floats, *, seen: Ints) -> Floats:
    """Return (..., ages) the share of redemption up to the last age that has happened by each.

    Parameters
    ----------
    steps
        (..., cohorts, ages) points redeemed.
    seen
        (cohorts,) ages observed.
    """
    # A bootstrap sample may shrink; a share of redemption never does.
    factors = np.nan_to_num(growth(steps, seen=seen), nan=1.0, posinf=np.inf)
    backwards = np.cumprod(1.0 / np.maximum(factors, 1.0)[..., ::-1], axis=-1)[..., ::-1]
    last = np.ones((*backwards.shape[:-1], 1))
    share: Floats = np.concatenate([backwards, last], axis=-1)
    return share


def reach_of(by_age: Floats, *, life: Ints, tail: Floats | float) -> Floats:
    """Return (..., cohorts) how far each will have come in the end, on the scale of the ages.

    1 is the last age of the triangle: less for what ends before, more for what has no end.

    Parameters
    ----------
    by_age
        Of :func:`developed`.
    life
        Ages of each cohort.
    tail
        (...,) growth after the last age.
    """
    endless = life >= ENDLESS
    ends = by_age[..., np.where(endless, by_age.shape[-1], life) - 1]
    found: Floats = np.where(endless, np.asarray(tail, dtype=np.float64)[..., None], ends)
    return found


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


def prior_of(so_far: Floats, *, happened: Floats, issued: Floats) -> Floats:
    """Return (...,) the rate that all cohorts show together by the last age (Cape Cod).

    Parameters
    ----------
    so_far
        (..., cohorts) redeemed.
    happened
        (..., cohorts) how far each has come, on the scale of the ages.
    issued
        (cohorts,) points.
    """
    used = (issued * happened).sum(axis=-1)
    total = so_far.sum(axis=-1)
    found: Floats = np.maximum(np.where(used > 0, total / np.where(used > 0, used, 1), 0), 0)
    return found


def still_to_come(triangle: Triangle, *, tail: float) -> tuple[float, Floats, Floats]:
    """Return the prior, the share that has happened per cohort, and what is still to come.

    Parameters
    ----------
    triangle
        The data.
    tail
        Growth after the last age; counts for what has no end only.
    """
    by_age = developed(triangle.steps, seen=triangle.seen)
    happened = by_age[triangle.seen - 1]
    reach = reach_of(by_age, life=triangle.life, tail=tail)
    share = np.minimum(1.0, happened / reach)
    so_far = triangle.so_far
    prior = prior_of(so_far, happened=happened, issued=triangle.issued)
    left = benktander(
        so_far, share=share, issued=triangle.issued, prior=np.minimum(1.0, prior * reach)
    )
    return float(prior), share, np.clip(left, 0, triangle.room)
