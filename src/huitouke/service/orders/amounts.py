"""Sums of an order as pure functions of integers: splits, shares, what a refund comes to."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["part", "returned_amount", "split"]


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
