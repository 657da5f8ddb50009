"""What was rounded down once is split so that nothing is lost.

Whole numbers only; a float would make 0.1 + 0.2 points.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["split"]


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number by weights so that the parts sum to it: largest remainder.

    Each part is its exact share rounded down, and what is left over goes one by one to the
    largest remainders, the earlier first among equals. No part is more than one away from
    its exact share.

    Parameters
    ----------
    total
        What to split, at least 0.
    weights
        At least one, none negative; if all are 0 they count as equal.

    Returns
    -------
    list of int
        One part per weight, summing to ``total``.

    References
    ----------
    Balinski & Young (1982), *Fair Representation*, on Hamilton's method.

    Examples
    --------
    >>> split(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if left:
        order = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
        for place in order[:left]:
            parts[place] += 1
    return parts
