"""How steady the four groups are between two days: transitions, agreement, and hysteresis.

A label that changes at every look is no label. The transition matrix and Cohen's kappa say
how steady the labels were; the hysteresis rule keeps a label until the change is confirmed.

References
----------
Cohen (1960), "A coefficient of agreement for nominal scales", Educ. Psych. Meas. 20.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from huitouke.insight.profiles.groups import GROUPS
from huitouke.insight.profiles.judged import NO_LABEL, Codes, Floats, Ints, even_length

__all__ = ["Transitions", "steady_labels", "transitions"]

CERTAIN_FROM = 0.8
_Z = 1.2815515655446004


@dataclass(frozen=True)
class Transitions:
    """How customers moved between groups from one day to another.

    Parameters
    ----------
    counts
        (5, 5) customers: row is the group before, column the group after, as in ``GROUPS``.
    customers
        Customers with a label on both days.
    agreement
        Share that kept their label; None without customers.
    kappa
        Agreement beyond chance, at most 1; None if chance alone explains all or none.
    kappa_low, kappa_high
        Its 80 % interval.
    """

    counts: Ints
    customers: int
    agreement: float | None
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None


def transitions(before: Codes, *, after: Codes) -> Transitions:
    """Count the moves between groups of customers labelled on both days.

    Parameters
    ----------
    before, after
        (customers,) places in ``GROUPS``, the same customers in the same order; -1 for none.

    Raises
    ------
    ArraysUneven
        If the arrays differ in length.

    Examples
    --------
    >>> labels = np.array([0, 0, 2, 2], dtype=np.int8)
    >>> transitions(labels, after=labels).kappa
    1.0
    """
    even_length(len(before), after=after)
    size = len(GROUPS)
    both = (before >= 0) & (after >= 0)
    pairs = before[both].astype(np.int64) * size + after[both]
    counts = np.bincount(pairs, minlength=size * size).reshape(size, size).astype(np.int64)
    n = int(counts.sum())
    if n == 0:
        return Transitions(counts, 0, None, None, None, None)
    agreement = float(np.trace(counts)) / n
    chance = float((counts.sum(axis=0) * counts.sum(axis=1)).sum()) / n**2
    if chance >= 1.0:
        return Transitions(counts, n, agreement, None, None, None)
    kappa = (agreement - chance) / (1.0 - chance)
    half = _Z * math.sqrt(agreement * (1.0 - agreement) / n) / (1.0 - chance)
    return Transitions(counts, n, agreement, kappa, kappa - half, min(kappa + half, 1.0))


def steady_labels(shown: Codes, *, before: Codes, now: Codes, probability: Floats) -> Codes:
    """Change a shown label only after two periods of the same news, or near certainty.

    Parameters
    ----------
    shown
        (customers,) the label shown so far; -1 for none yet.
    before, now
        (customers,) what the model said last time and says now.
    probability
        (customers,) how sure it is now, 0 to 1.

    Returns
    -------
    Codes
        (customers,) the label to show. A customer the model no longer labels loses it.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> one = lambda code: np.array([code], dtype=np.int8)
    >>> steady_labels(one(0), before=one(0), now=one(1), probability=np.array([0.75]))
    array([0], dtype=int8)
    >>> steady_labels(one(0), before=one(1), now=one(1), probability=np.array([0.75]))
    array([1], dtype=int8)
    """
    even_length(len(shown), before=before, now=now, probability=probability)
    change = (before == now) | (probability > CERTAIN_FROM) | (shown == NO_LABEL)
    return np.where(change | (now == NO_LABEL), now, shown).astype(np.int8)
