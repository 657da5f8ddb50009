"""Net promoter score with an interval that holds for small samples, changes, sample sizes.

``NPS = 100 (p - d)``: p the share of 9 and 10, d the share of 0 to 6. One attitude input among
others, never a target: who answers is not who buys, and no study shows it to beat plain
satisfaction.

References
----------
Rocks (2016), "Interval estimation for the net promoter score", The American Statistician 70:
adjusted Wald, add 3/4 to promoters and detractors and 3 to n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from huitouke.insight.profiles.judged import Floats, Verdict
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "NetPromoter",
    "NetPromoterChange",
    "adjusted_interval",
    "answers_needed",
    "net_promoter",
    "net_promoter_change",
]

#: Fewer answers than this get no number.
MIN_ANSWERS = 30

FEW_ANSWERS = N_("Only {answers} answers; {needed} are needed for a number.")
RESPONDENTS = N_("This is the score of those who answered; those who did not may differ.")


@dataclass(frozen=True)
class NetPromoter:
    """A net promoter score and the answers behind it.

    Parameters
    ----------
    score
        -100 to 100; None with fewer than 30 answers.
    low, high
        Adjusted Wald interval at the level asked for; None like the score.
    promoters, passives, detractors
        Answers of 9-10, 7-8, 0-6.
    variance
        Variance of the score divided by 100²: (p + d - (p - d)²)/n; None without answers.
    verdict
        Whether there is a number; if so, the reminder of who answered.
    """

    score: float | None
    low: float | None
    high: float | None
    promoters: int
    passives: int
    detractors: int
    variance: float | None
    verdict: Verdict

    @property
    def answers(self) -> int:
        """Answers between 0 and 10."""
        return self.promoters + self.passives + self.detractors


def adjusted_interval(
    promoters: int, *, detractors: int, answers: int, level: float = 0.8
) -> tuple[float, float]:
    """Return the adjusted Wald interval of a net promoter score.

    Parameters
    ----------
    promoters, detractors, answers
        Counts.
    level
        Two-sided level.

    Returns
    -------
    tuple of float
        Ends, within -100 to 100.

    Examples
    --------
    >>> low, high = adjusted_interval(50, detractors=20, answers=100, level=0.95)
    >>> round(low, 1), round(high, 1)
    (14.1, 44.2)

    References
    ----------
    Rocks (2016): p̃ = (P + 3/4)/(n + 3), d̃ = (D + 3/4)/(n + 3), variance over n + 3.
    """
    n = answers + 3.0
    p, d = (promoters + 0.75) / n, (detractors + 0.75) / n
    half = float(stats.norm.ppf(0.5 + level / 2)) * math.sqrt((p + d - (p - d) ** 2) / n)
    return max(-100.0, 100 * (p - d - half)), min(100.0, 100 * (p - d + half))


def net_promoter(scores: Floats, *, level: float = 0.8) -> NetPromoter:
    """Return the net promoter score of answers from 0 to 10.

    Parameters
    ----------
    scores
        (answers,) numbers 0 to 10; anything else is left out.
    level
        Level of the interval.

    Examples
    --------
    >>> import numpy as np
    >>> found = net_promoter(np.repeat([10.0, 7.0, 3.0], [50, 30, 20]))
    >>> found.score, round(found.variance, 4)
    (30.0, 0.0061)
    """
    given = scores[(scores >= 0) & (scores <= 10)]
    n = len(given)
    promoters, detractors = int((given >= 9).sum()), int((given < 7).sum())
    passives = n - promoters - detractors
    p, d = promoters / max(n, 1), detractors / max(n, 1)
    variance = (p + d - (p - d) ** 2) / n if n else None
    if n < MIN_ANSWERS:
        values = {"answers": n, "needed": MIN_ANSWERS}
        verdict = Verdict(Status.INSUFFICIENT, FEW_ANSWERS, values)
        return NetPromoter(None, None, None, promoters, passives, detractors, variance, verdict)
    low, high = adjusted_interval(promoters, detractors=detractors, answers=n, level=level)
    verdict = Verdict(Status.OK, RESPONDENTS)
    score = 100 * (promoters - detractors) / n
    return NetPromoter(score, low, high, promoters, passives, detractors, variance, verdict)


@dataclass(frozen=True)
class NetPromoterChange:
    """The change between two waves of different respondents.

    Parameters
    ----------
    change
        Points, second minus first; None unless both waves have a number.
    low, high
        80 % interval, points.
    z, p_value
        Two-sided test of no change.
    answers_needed
        Answers per wave that would show a change of five points at 80 % power.
    verdict
        Whether the change may be shown.
    """

    change: float | None
    low: float | None
    high: float | None
    z: float | None
    p_value: float | None
    answers_needed: int
    verdict: Verdict


def net_promoter_change(first: NetPromoter, *, second: NetPromoter) -> NetPromoterChange:
    """Compare two waves: z = Δ/√(V₁ + V₂), V the adjusted variance of each score.

    ¾ is added to promoters and detractors and 3 to the answers, as in the interval: a wave
    of one mind is not infinitely sure.

    Parameters
    ----------
    first, second
        The waves, answered by different people.

    Examples
    --------
    >>> import numpy as np
    >>> early = net_promoter(np.repeat([10.0, 3.0], [200, 200]))
    >>> later = net_promoter(np.repeat([10.0, 3.0], [260, 140]))
    >>> round(net_promoter_change(early, second=later).z, 2)
    4.36
    """
    needed = answers_needed(5.0)
    for wave in (first, second):
        if not wave.verdict.ok:
            return NetPromoterChange(None, None, None, None, None, needed, wave.verdict)
    change = (second.score or 0.0) - (first.score or 0.0)
    error = 100 * math.sqrt(_adjusted_variance(first) + _adjusted_variance(second))
    half = float(stats.norm.ppf(0.9)) * error
    z = change / error
    p_value = 2 * float(stats.norm.sf(abs(z)))
    ends = (change - half, change + half)
    return NetPromoterChange(change, *ends, z, p_value, needed, Verdict(Status.OK))


def _adjusted_variance(wave: NetPromoter) -> float:
    n = wave.answers + 3.0
    p, d = (wave.promoters + 0.75) / n, (wave.detractors + 0.75) / n
    return (p + d - (p - d) ** 2) / n


def answers_needed(
    points: float,
    *,
    power: float = 0.8,
    level: float = 0.95,
    promoters: float = 0.5,
    detractors: float = 0.2,
) -> int:
    """Return how many answers each wave needs to show a change.

    ``n = (z_{level} + z_{power})² · 2 (p + d - (p - d)²)/Δ²``.

    Parameters
    ----------
    points
        The change to detect, points.
    power
        Chance of detecting it.
    level
        One minus the size of the two-sided test.
    promoters, detractors
        Their shares.

    Examples
    --------
    >>> answers_needed(5.0), answers_needed(10.0)
    (3831, 958)
    """
    z = float(stats.norm.ppf(0.5 + level / 2) + stats.norm.ppf(power))
    variance = promoters + detractors - (promoters - detractors) ** 2
    return math.ceil(2 * variance * (z / (points / 100)) ** 2)
