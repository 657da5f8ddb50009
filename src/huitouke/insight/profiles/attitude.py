"""What customers say: satisfaction, experience against expectation, and the last word of each.

Satisfaction is experience less expectation, but the raw difference is not used as a score:
difference scores are unreliable and hide main effects. The polynomial regression
``S = b0 + b1 E + b2 P + b3 E² + b4 E P + b5 P²`` says whether the difference is the right
summary (b2 = -b1, b3 = b5 = -b4/2); the asymmetric regression on disconfirmation D says whether
worse than expected weighs more than better.

References
----------
Fornell et al. (1996), "The American customer satisfaction index", J. Marketing 60.
Oliver (1980), "A cognitive model of the antecedents and consequences of satisfaction
decisions", JMR 17. Edwards (2002), polynomial regression instead of difference scores.
Mittal, Ross & Baldasare (1998), J. Marketing 62: asymmetric impact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from huitouke.insight.profiles.judged import Flags, Floats, Ints, Verdict, even_length
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "SCALES",
    "ExpectationGap",
    "LastWord",
    "Satisfaction",
    "answer_scale",
    "expectation_gap",
    "last_word",
    "satisfaction_index",
]

MIN_ANSWERS = 30
MIN_FOR_GAP = 150
MIN_FOR_WEIGHTS = 250
_DRAWS = 2_000
_Z = 1.2815515655446004

#: Answer scales that are recognised, from the narrowest.
SCALES: tuple[tuple[float, float], ...] = ((1.0, 5.0), (1.0, 7.0), (1.0, 10.0), (0.0, 100.0))

FEW_ANSWERS = N_("Only {answers} answers; {needed} are needed for a number.")
FEW_GAPS = N_(
    "Only {answers} customers answered on expectation, experience and satisfaction; "
    "{needed} are needed."
)


def answer_scale(scores: Floats, *, kind: str) -> tuple[float, float]:
    """Return the ends of the scale that answers of a kind were given on.

    Parameters
    ----------
    scores
        (answers,) as given.
    kind
        As in the table ``answers``; nps is always 0 to 10, disconfirmation -3 to 3 if any
        answer is negative.

    Returns
    -------
    tuple of float
        The narrowest usual scale that holds every answer: 1-5, 1-7, 1-10, 0-100; a 0 among
        answers up to 10 means 0-10.

    Examples
    --------
    >>> answer_scale(np.array([1.0, 4.0]), kind="satisfaction")
    (1.0, 5.0)
    """
    known = scores[np.isfinite(scores)]
    if kind == "nps":
        return 0.0, 10.0
    if len(known) == 0:
        return SCALES[0]
    top, bottom = float(known.max()), float(known.min())
    if bottom < 0:
        reach = max(3.0, float(np.ceil(max(top, -bottom))))
        return -reach, reach
    if bottom < 1 and top <= 10:
        return 0.0, 10.0
    fitting = (scale for scale in SCALES if scale[0] <= bottom and top <= scale[1])
    return next(fitting, (bottom, top))


@dataclass(frozen=True)
class Satisfaction:
    """A satisfaction index from 0 to 100.

    Parameters
    ----------
    index, low, high
        The index and its 80 % bootstrap interval; None with fewer than 30 answers.
    weights
        Weight of each item, adding to 1.
    answers
        Respondents who answered every item.
    verdict
        Whether there is a number.
    """

    index: float | None
    low: float | None
    high: float | None
    weights: tuple[float, ...]
    answers: int
    verdict: Verdict


def satisfaction_index(
    items: Floats, *, scale: tuple[float, float], seed: int = 20_240_601
) -> Satisfaction:
    """Return the satisfaction index ``100 Σ w_k (X̄_k - min)/(max - min)``.

    Weights are equal below 250 respondents, else those of the first principal component.

    Parameters
    ----------
    items
        (respondents, items) answers: overall, against expectation, against the ideal; one
        column is enough. Respondents with a missing item are left out.
    scale
        The ends of the answer scale.
    seed
        Of the bootstrap.

    Examples
    --------
    >>> found = satisfaction_index(np.full((40, 3), 7.0), scale=(1.0, 10.0))
    >>> round(found.index, 2), round(found.low, 2)
    (66.67, 66.67)

    References
    ----------
    Fornell et al. (1996), the index formula.
    """
    full = items[np.isfinite(items).all(axis=1)]
    n = len(full)
    weights = _item_weights(full)
    listed = tuple(float(w) for w in weights)
    if n < MIN_ANSWERS:
        values = {"answers": n, "needed": MIN_ANSWERS}
        verdict = Verdict(Status.INSUFFICIENT, FEW_ANSWERS, values)
        return Satisfaction(None, None, None, listed, n, verdict)
    scored = 100 * (full @ weights - scale[0]) / (scale[1] - scale[0])
    # Resampling respondents is resampling how many gave each score: exact and small.
    levels, counts = np.unique(scored, return_counts=True)
    draws = np.random.Generator(np.random.PCG64(seed)).multinomial(n, counts / n, size=_DRAWS)
    low, high = np.quantile(draws @ levels / n, [0.1, 0.9])
    index = float(levels @ counts / n)
    return Satisfaction(index, float(low), float(high), listed, n, Verdict(Status.OK))


def _item_weights(full: Floats) -> Floats:
    n, columns = full.shape
    equal = np.full(columns, 1 / columns)
    if columns == 1 or n < MIN_FOR_WEIGHTS:
        return equal
    covariance = np.cov(full, rowvar=False)
    first = np.abs(np.linalg.eigh(covariance)[1][:, -1])
    return np.asarray(first / first.sum()) if first.sum() > 0 else equal


@dataclass(frozen=True)
class ExpectationGap:
    """How expectation and experience make satisfaction.

    Parameters
    ----------
    coefficients, errors
        (6,) b0 to b5 of 1, E, P, E², EP, P², centred at the middle of the scale, and their
        standard errors; None unless the verdict is ok.
    difference_p_value
        Of the restriction that only the difference P - E matters.
    worse, better
        Slopes on disconfirmation below and above zero.
    worse_error, better_error
        Their standard errors.
    r_squared
        Of the polynomial.
    answers
        Respondents with all three answers.
    verdict
        Whether the numbers may be shown.
    """

    coefficients: Floats | None
    errors: Floats | None
    difference_p_value: float | None
    worse: float | None
    better: float | None
    worse_error: float | None
    better_error: float | None
    r_squared: float | None
    answers: int
    verdict: Verdict


def expectation_gap(
    expectation: Floats,
    *,
    performance: Floats,
    satisfaction: Floats,
    disconfirmation: Floats | None = None,
    middle: float = 3.0,
) -> ExpectationGap:
    """Regress satisfaction on expectation and experience.

    Parameters
    ----------
    expectation, performance, satisfaction
        (respondents,) answers of the same person on the same scale; NaN where missing.
    disconfirmation
        (respondents,) worse (below 0) or better (above 0) than expected; P - E if not asked.
    middle
        Middle of the scale of E and P.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    References
    ----------
    Edwards (2002); Oliver (1980); Mittal, Ross & Baldasare (1998).
    """
    even_length(
        len(expectation),
        performance=performance,
        satisfaction=satisfaction,
        disconfirmation=disconfirmation,
    )
    d = performance - expectation if disconfirmation is None else disconfirmation
    use = np.isfinite(expectation + performance + satisfaction + d)
    n = int(use.sum())
    if n < MIN_FOR_GAP:
        values = {"answers": n, "needed": MIN_FOR_GAP}
        verdict = Verdict(Status.INSUFFICIENT, FEW_GAPS, values)
        return ExpectationGap(None, None, None, None, None, None, None, None, n, verdict)
    e, p, s, d = expectation[use] - middle, performance[use] - middle, satisfaction[use], d[use]
    ones = np.ones(n)
    design = np.column_stack([ones, e, p, e**2, e * p, p**2])
    b, errors, rest = _least_squares(design, s)
    gap = p - e
    restricted = _least_squares(np.column_stack([ones, gap, gap**2]), s)[2]
    f = ((restricted - rest) / 3) / max(rest / (n - 6), 1e-300)
    sides = np.column_stack([ones, np.minimum(d, 0), np.maximum(d, 0)])
    slopes, slope_errors, _ = _least_squares(sides, s)
    return ExpectationGap(
        coefficients=b,
        errors=errors,
        difference_p_value=float(stats.f.sf(f, 3, n - 6)),
        worse=float(slopes[1]),
        better=float(slopes[2]),
        worse_error=float(slope_errors[1]),
        better_error=float(slope_errors[2]),
        r_squared=1 - rest / max(float(((s - s.mean()) ** 2).sum()), 1e-300),
        answers=n,
        verdict=Verdict(Status.OK),
    )


def _least_squares(design: Floats, y: Floats) -> tuple[Floats, Floats, float]:
    """Return coefficients, standard errors and the residual sum of squares."""
    inverse = np.linalg.pinv(design.T @ design)
    b = inverse @ design.T @ y
    rest = float(((y - design @ b) ** 2).sum())
    freedom = max(len(y) - design.shape[1], 1)
    return b, np.sqrt(np.maximum(np.diag(inverse), 0) * rest / freedom), rest


@dataclass(frozen=True)
class LastWord:
    """The last answer of each customer to one kind of question.

    Parameters
    ----------
    score
        (customers,) 0 (worst) to 1 (best); NaN where there is no answer.
    observed
        (customers,) whether there is one.
    days_ago
        (customers,) days from the answer to as_of; -1 where there is none.
    """

    score: Floats
    observed: Flags
    days_ago: Ints


def last_word(
    customer: Ints,
    *,
    day: Ints,
    score: Floats,
    customers: int,
    as_of_day: int,
    scale: tuple[float, float],
) -> LastWord:
    """Return each customer's last answer known by a day.

    Several answers on the last day are averaged.

    Parameters
    ----------
    customer
        (answers,) customer_no, 0 to customers - 1; others are left out.
    day
        (answers,) day number of the answer.
    score
        (answers,) as given.
    customers
        How many customers there are.
    as_of_day
        The last day that is known.
    scale
        The ends of the answer scale.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> found = last_word(
    ...     np.array([1, 1]), day=np.array([5, 9]), score=np.array([2.0, 4.0]),
    ...     customers=2, as_of_day=10, scale=(1.0, 5.0),
    ... )
    >>> found.score, found.days_ago
    (array([ nan, 0.75]), array([-1,  1]))
    """
    even_length(len(customer), day=day, score=score)
    use = (customer >= 0) & (customer < customers) & (day <= as_of_day) & np.isfinite(score)
    who, when, given = customer[use], day[use], score[use]
    last = np.full(customers, np.iinfo(np.int64).min)
    np.maximum.at(last, who, when)
    newest = when == last[who]
    count = np.bincount(who[newest], minlength=customers)
    total = np.bincount(who[newest], weights=given[newest], minlength=customers)
    observed = count > 0
    mean = np.full(customers, np.nan)
    mean[observed] = total[observed] / count[observed]
    return LastWord(
        score=np.clip((mean - scale[0]) / (scale[1] - scale[0]), 0.0, 1.0),
        observed=observed,
        days_ago=np.where(observed, as_of_day - last, -1),
    )
