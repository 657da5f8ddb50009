"""Revenue for points: IFRS 15 and 企业会计准则第14号, where points are a material right.

The price of a sale is split between the goods and the points it gives, by their stand-alone
selling prices; the points' part is a contract liability until they are redeemed. All sums are
whole minor units and add up exactly: shares by largest remainder, cumulative revenue rounded
half up from exact fractions, so that a later year takes up what an earlier one rounded.

References
----------
IFRS 15, paragraphs B39 to B43 and B44 to B47, with illustrative example 52; 企业会计准则第14号
——收入 (2017), 第三十五条 and 第三十九条.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.rules.rounding import split

__all__ = [
    "Allocation",
    "Estimate",
    "EstimateImpossible",
    "Release",
    "allocate",
    "release",
    "stand_alone",
]

_HUNDRED = 100


class EstimateImpossible(ServiceError):
    """An estimate of redemption contradicts itself."""

    code = "programme.estimate_impossible"
    says = N_("{redeemed} points are redeemed, but only {expected} are expected in all.")
    remedy = N_("Expect at least as many points as were redeemed.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocation:
    """A price split between goods and points.

    Parameters
    ----------
    price_minor
        What the customers paid; ``goods_minor + points_minor``.
    goods_minor, points_minor
        The parts; the second is a contract liability (合同负债) at first.
    goods_alone, points_alone
        Stand-alone selling prices (单独售价) in minor units.
    """

    price_minor: int
    goods_minor: int
    points_minor: int
    goods_alone: Fraction
    points_alone: Fraction


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of the points at the end of a period.

    Parameters
    ----------
    redeemed
        Points redeemed since they were issued.
    expected
        Points that will ever be redeemed, as estimated then.
    """

    redeemed: int
    expected: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """Revenue of one period from points.

    Parameters
    ----------
    revenue_minor
        Of the period; below 0 where a higher estimate, or a redemption that was undone, takes
        earlier revenue back.
    released_minor
        Since the points were issued.
    left_minor
        Contract liability at the end of the period.
    redeemed, expected
        The estimate it rests on.
    """

    revenue_minor: int
    released_minor: int
    left_minor: int
    redeemed: int
    expected: int


def stand_alone(points: int, *, value_minor: Fraction, redemption: Fraction) -> Fraction:
    """Return the stand-alone selling price of points: worth, times the share redeemed.

    Parameters
    ----------
    points
        Issued.
    value_minor
        What one point pays, in minor units.
    redemption
        Share of them that is expected to be redeemed, in [0, 1].

    Examples
    --------
    >>> stand_alone(10_000, value_minor=Fraction(1), redemption=Fraction(95, 100))
    Fraction(9500, 1)
    """
    return points * value_minor * redemption


def allocate(
    price_minor: int,
    *,
    goods_alone: Fraction | int,
    points_alone: Fraction | int,
    whole_percent: bool = False,
) -> Allocation:
    """Split a price between goods and points by their stand-alone selling prices.

    Parameters
    ----------
    price_minor
        What was paid, at least 0.
    goods_alone, points_alone
        Stand-alone selling prices, at least 0.
    whole_percent
        True: the shares are first rounded to whole percents, as some auditors do.

    Returns
    -------
    Allocation
        Its parts add up to the price.

    Examples
    --------
    >>> made = allocate(100_000, goods_alone=100_000, points_alone=9_500)
    >>> made.goods_minor, made.points_minor
    (91324, 8676)
    >>> allocate(
    ...     100_000, goods_alone=100_000, points_alone=9_700, whole_percent=True
    ... ).points_minor
    9000
    """
    goods, points = Fraction(goods_alone), Fraction(points_alone)
    both = goods.denominator * points.denominator
    weights = [int(goods * both), int(points * both)]
    if whole_percent:
        weights = split(_HUNDRED, weights)
    # Without any price of their own the points are a part of nothing.
    parts = split(price_minor, weights) if weights[1] else [price_minor, 0]
    return Allocation(
        price_minor=price_minor,
        goods_minor=parts[0],
        points_minor=parts[1],
        goods_alone=goods,
        points_alone=points,
    )


def release(points_minor: int, *, estimates: Sequence[Estimate]) -> tuple[Release, ...]:
    """Return the revenue of each period: allocated × redeemed ÷ expected, less what was before.

    A new estimate is caught up with at once, in the period in which it is made.

    Parameters
    ----------
    points_minor
        What was allocated to the points.
    estimates
        At the end of each period, in order; both numbers count from the issue.

    Returns
    -------
    tuple of Release
        One per estimate; ``released_minor + left_minor`` is what was allocated.

    Raises
    ------
    EstimateImpossible
        If more is redeemed than expected, or less than nothing.

    Examples
    --------
    >>> years = release(8_676, estimates=[Estimate(4_500, 9_500), Estimate(8_500, 9_700)])
    >>> [(year.revenue_minor, year.left_minor) for year in years]
    [(4110, 4566), (3493, 1073)]
    """
    found: list[Release] = []
    released = 0
    for one in estimates:
        if not 0 <= one.redeemed <= one.expected:
            raise EstimateImpossible(redeemed=one.redeemed, expected=one.expected)
        # Nothing is expected any more: the right has ended, and all of it is revenue.
        share = Fraction(one.redeemed, one.expected) if one.expected else Fraction(1)
        total = _half_up(points_minor * share)
        found.append(
            Release(
                revenue_minor=total - released,
                released_minor=total,
                left_minor=points_minor - total,
                redeemed=one.redeemed,
                expected=one.expected,
            )
        )
        released = total
    return tuple(found)


def _half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
