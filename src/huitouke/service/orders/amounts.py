"""Sums of an order as pure functions of integers: splits, shares, what a refund comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["GivenBack", "given_back", "part", "returned_amount", "split"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenBack:
    """In which ways a returned amount goes back, in minor units.

    Parameters
    ----------
    amount_minor
        All of it.
    by_points_minor, by_gift_card_minor
        What points and gift cards had paid of it: that goes back to where it came from.
    """

    amount_minor: int
    by_points_minor: int = 0
    by_gift_card_minor: int = 0

    @property
    def money_minor(self) -> int:
        """What is given back in money."""
        return self.amount_minor - self.by_points_minor - self.by_gift_card_minor


def split(total: int, *, weights: Sequence[int]) -> list[int]:
    """Split a sum in proportion to weights, by largest remainder.

    Equal remainders go to the earlier place, so that the same order always gives the same
    split.

    Parameters
    ----------
    total
        The sum, >= 0, in minor units.
    weights
        One per place, >= 0; where all are 0 and the total is not, the first takes it.

    Returns
    -------
    list[int]
        One share per weight; they add up to ``total``.

    Examples
    --------
    >>> split(100, weights=[1, 1, 1])
    [34, 33, 33]
    >>> split(10, weights=[0, 599, 401])
    [0, 6, 4]
    """
    whole = sum(weights)
    if not whole:
        return [total, *[0] * (len(weights) - 1)] if weights else []
    shares, rest = [], []
    for place, weight in enumerate(weights):
        share, remainder = divmod(total * weight, whole)
        shares.append(share)
        rest.append((-remainder, place))
    for _, place in sorted(rest)[: total - sum(shares)]:
        shares[place] += 1
    return shares


def part(amount: int, *, of: int, kept: int) -> int:
    """Return the share of ``amount`` that belongs to what is kept, rounded down.

    Parameters
    ----------
    amount
        Of the whole.
    of
        The whole, >= kept; 0 gives 0.
    kept
        The part of the whole that is kept.

    Examples
    --------
    >>> part(6, of=100, kept=50), part(7, of=100, kept=100), part(7, of=0, kept=0)
    (3, 7, 0)
    """
    return amount * kept // of if of else 0


def returned_amount(
    net_minor: int, *, quantity_e3: int, before_e3: int, now_e3: int, left_minor: int
) -> int:
    """Return what comes back for a returned quantity of a line.

    The rounding runs over all refunds of the line together: what has come back after them
    is ``net_minor * returned // quantity`` and the last piece brings all that is left.

    Parameters
    ----------
    net_minor
        What the line came to.
    quantity_e3, before_e3, now_e3
        Thousandths bought, returned before, returned now.
    left_minor
        What has not come back yet.

    Examples
    --------
    >>> returned_amount(100, quantity_e3=3000, before_e3=0, now_e3=1000, left_minor=100)
    33
    >>> returned_amount(100, quantity_e3=3000, before_e3=1000, now_e3=1000, left_minor=67)
    33
    >>> returned_amount(100, quantity_e3=3000, before_e3=2000, now_e3=1000, left_minor=34)
    34
    """
    after = before_e3 + now_e3
    if after == quantity_e3:
        return left_minor
    due = part(net_minor, of=quantity_e3, kept=after)
    return min(left_minor, due - part(net_minor, of=quantity_e3, kept=before_e3))


def given_back(
    amount_minor: int,
    *,
    total_minor: int,
    before_minor: int,
    by_points_minor: int,
    by_gift_card_minor: int,
) -> GivenBack:
    """Return in which ways a returned amount goes back.

    What points had paid shrinks with what is kept of the order, rounded down; what gift cards
    had paid shrinks with the rest, rounded down. So no way ever gives back less than nothing,
    and all returns of an order together give back exactly what each way had paid.

    Parameters
    ----------
    amount_minor
        What comes back now.
    total_minor
        What the order came to.
    before_minor
        What had come back before.
    by_points_minor, by_gift_card_minor
        What of the total these paid.

    Examples
    --------
    >>> how = {"total_minor": 900, "by_points_minor": 100, "by_gift_card_minor": 0}
    >>> [given_back(300, before_minor=before, **how).money_minor for before in (0, 300, 600)]
    [266, 267, 267]
    """

    def kept_of(left: int) -> tuple[int, int]:
        points = part(by_points_minor, of=total_minor, kept=left)
        rest = total_minor - by_points_minor
        return points, part(by_gift_card_minor, of=rest, kept=left - points)

    before = kept_of(total_minor - before_minor)
    after = kept_of(total_minor - before_minor - amount_minor)
    return GivenBack(
        amount_minor=amount_minor,
        by_points_minor=before[0] - after[0],
        by_gift_card_minor=before[1] - after[1],
    )
