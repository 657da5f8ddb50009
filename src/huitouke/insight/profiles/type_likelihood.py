"""How likely a customer's signals are under each loyalty type, and what they are worth.

``log P(signals | type) = Σ_j w_j log f_j(s_j | type)`` over the signals observed. Signals of
one family repeat each other, so each is discounted by ``w = 1/(1 + mean |corr| with its
family)``. A signal's worth is its expected information: the mutual information between type
and signal under the prior, in nats; a customer's evidence mass is the weighted sum of it.

References
----------
Bain & Engelhardt (1975): 2 n k (ln mean - mean ln) of n gamma gaps is about chi-squared.
Shannon (1948): mutual information.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from scipy import special, stats

from huitouke.insight.profiles.judged import Flags, Floats, Ints
from huitouke.insight.profiles.type_signals import (
    ITEM_TYPES,
    PRIOR,
    SIGNALS,
    TYPES,
    Signal,
    TypeEvidence,
)

__all__ = ["information", "log_likelihood", "signal_weights"]

#: Survey items, 1 to 7: mean for the own type and for others, spread, yea-saying.
_ITEM_OWN, _ITEM_OTHER, _ITEM_SD, _YEA_SD = 5.2, 3.4, 1.3, 0.8
#: Promotion purchases of one customer repeat each other: intraclass correlation.
_PROMO_ICC = 0.1
_WEIGHT_DEFAULT_CORRELATION = 0.3


def _promo_rates(opportunity: Floats, ratios: tuple[float, ...]) -> Floats:
    odds = opportunity[:, None] * np.array(ratios)[None, :]
    return np.asarray(odds / (1 - opportunity[:, None] + odds))


def _effective(occasions: Floats) -> Floats:
    return occasions / (1 + np.maximum(occasions - 1, 0) * _PROMO_ICC)


def _flag(x: Floats, signal: Signal, evidence: TypeEvidence) -> Floats:  # noqa: ARG001
    by_type = np.array(signal.by_type)
    return np.asarray(np.where(x > 0.5, np.log(by_type), np.log1p(-by_type)))


def _count(x: Floats, signal: Signal, evidence: TypeEvidence) -> Floats:  # noqa: ARG001
    by_type = np.array(signal.by_type)
    return np.asarray(x * np.log(by_type) - by_type)


def _level(x: Floats, signal: Signal, evidence: TypeEvidence) -> Floats:  # noqa: ARG001
    return np.asarray(-0.5 * ((x - np.array(signal.by_type)) / signal.spread) ** 2)


def _positive(x: Floats, signal: Signal, evidence: TypeEvidence) -> Floats:  # noqa: ARG001
    by_type = np.array(signal.by_type)
    return np.asarray(-2.0 * np.log(by_type) - 2.0 * x / by_type)


def _rhythm(x: Floats, signal: Signal, evidence: TypeEvidence) -> Floats:
    k = np.array(signal.by_type)
    n = _gaps(evidence)[:, None]
    return np.asarray((n - 1) / 2 * np.log(k) - n * k * x)


def _promo(x: Floats, signal: Signal, evidence: TypeEvidence) -> Floats:
    n, opportunity = _exposure(evidence)
    p = np.clip(_promo_rates(opportunity, signal.by_type), 1e-6, 1 - 1e-6)
    per_occasion = (_effective(n) / np.maximum(n, 1.0))[:, None]
    return np.asarray(per_occasion * (x * np.log(p) + (n[:, None] - x) * np.log1p(-p)))


#: (customers, types) log likelihoods, up to what no type changes.
_LOG_DENSITY: dict[str, Callable[[Floats, Signal, TypeEvidence], Floats]] = {
    "flag": _flag,
    "count": _count,
    "level": _level,
    "positive": _positive,
    "rhythm": _rhythm,
    "promo": _promo,
}


def _gaps(evidence: TypeEvidence) -> Floats:
    if evidence.rhythm_gaps is None:
        return np.full(evidence.customers, 2.0)
    return np.maximum(evidence.rhythm_gaps, 2).astype(np.float64)


def _exposure(evidence: TypeEvidence) -> tuple[Floats, Floats]:
    """Return purchases and the opportunity to make them on promotion, NaN if not known."""
    share = evidence.promo_opportunity
    if share is None:
        share = np.full(evidence.customers, np.nan)
    return evidence.purchases.astype(np.float64), share


def _item_log_density(items: Floats) -> tuple[Floats, Ints]:
    """Return the log likelihood of survey items with a shared yea-saying effect, and counts."""
    asked = np.isfinite(items)
    count = asked.sum(axis=1)
    own = np.full((len(TYPES), len(ITEM_TYPES)), _ITEM_OTHER)
    own[: len(ITEM_TYPES)][np.diag_indices(len(ITEM_TYPES))] = _ITEM_OWN
    result = np.zeros((len(items), len(TYPES)))
    shared = _YEA_SD**2 / (_ITEM_SD**2 * (_ITEM_SD**2 + count * _YEA_SD**2))
    for code in range(len(TYPES)):
        off = np.where(asked, items - own[code], 0.0)
        square = (off**2).sum(axis=1) / _ITEM_SD**2
        result[:, code] = -0.5 * (square - shared * off.sum(axis=1) ** 2)
    return result, count.astype(np.int64)


@cache
def information(signal: Signal, occasions: int = 2, opportunity: float = 0.2) -> float:
    """Return the expected information of an observed signal about the type, in nats.

    Parameters
    ----------
    signal
        The signal.
    occasions, opportunity
        For ``promo``: occasions (effective) and share of time with a promotion on; for
        ``rhythm``: gaps.

    Examples
    --------
    >>> round(information(SIGNALS[0]), 2)
    0.16
    """
    masses = _masses(signal, occasions=occasions, opportunity=opportunity)
    return _mutual(masses / masses.sum(axis=1, keepdims=True))


def _mutual(masses: Floats) -> float:
    mixed = PRIOR @ masses
    terms = special.rel_entr(masses, mixed[None, :]).sum(axis=1)
    return float(PRIOR @ terms)


def _masses(signal: Signal, *, occasions: int, opportunity: float) -> Floats:
    by_type = np.array(signal.by_type)[:, None]
    if signal.kind == "flag":
        return np.hstack([1 - by_type, by_type])
    if signal.kind == "count":
        return np.asarray(stats.poisson.pmf(np.arange(40)[None, :], by_type))
    if signal.kind == "level":
        grid = np.linspace(
            by_type.min() - 5 * signal.spread, by_type.max() + 5 * signal.spread, 400
        )
        return np.asarray(stats.norm.pdf(grid[None, :], by_type, signal.spread))
    if signal.kind == "positive":
        grid = np.geomspace(1e-3, 40.0, 600)
        return np.asarray(stats.gamma.pdf(grid[None, :], 2, scale=by_type / 2) * grid)
    if signal.kind == "rhythm":
        grid = np.geomspace(1e-6, 20.0, 800)
        shape, rate = (occasions - 1) / 2, occasions * by_type
        return np.asarray(stats.gamma.pdf(grid[None, :], shape, scale=1 / rate) * grid)
    p = _promo_rates(np.array([opportunity]), signal.by_type).T
    return np.asarray(stats.binom.pmf(np.arange(occasions + 1)[None, :], occasions, p))


@cache
def _item_information(count: int) -> float:
    """Return the information of so many survey items, by an even grid of normal quantiles."""
    points = stats.qmc.Sobol(count + 1, scramble=False).random_base2(10) + 0.5 / 1024
    normal = stats.norm.ppf(points)
    own = np.full((len(TYPES), len(ITEM_TYPES)), _ITEM_OTHER)
    own[: len(ITEM_TYPES)][np.diag_indices(len(ITEM_TYPES))] = _ITEM_OWN
    chosen = [list(c) for c in itertools.combinations(range(len(ITEM_TYPES)), count)][:6]
    total = 0.0
    for columns in chosen:
        for code, share in enumerate(PRIOR):
            items = np.full((len(points), len(ITEM_TYPES)), np.nan)
            answers = own[code, columns] + _YEA_SD * normal[:, [0]] + _ITEM_SD * normal[:, 1:]
            items[:, columns] = answers
            log_density = _item_log_density(items)[0]
            mixed = special.logsumexp(log_density + np.log(PRIOR), axis=1)
            total += float(share * (log_density[:, code] - mixed).mean())
    return max(total / len(chosen), 0.0)


def signal_weights(evidence: TypeEvidence) -> dict[str, float]:
    """Return how far each signal counts, given the others of its family.

    ``w = 1/(1 + mean |corr|)`` over the observed signals of the same family, from customers
    who show both; with fewer than 100 of those a correlation of 0.3 is assumed.

    Parameters
    ----------
    evidence
        What was observed.
    """
    seen = [s for s in SIGNALS if _is_seen(evidence.signal(s.name))]
    weights = {}
    for signal in seen:
        others = [s for s in seen if s.family == signal.family and s.name != signal.name]
        found = [_correlation(evidence, signal.name, other.name) for other in others]
        weights[signal.name] = 1 / (1 + float(np.mean(found))) if found else 1.0
    return weights


def _is_seen(values: Floats | None) -> bool:
    return values is not None and bool(np.isfinite(values).any())


def _correlation(evidence: TypeEvidence, *names: str) -> float:
    first, second = (evidence.signal(name) for name in names)
    if first is None or second is None:
        return _WEIGHT_DEFAULT_CORRELATION
    both = np.isfinite(first) & np.isfinite(second)
    x, y = first[both], second[both]
    if len(x) < 100 or x.std() == 0 or y.std() == 0:
        return _WEIGHT_DEFAULT_CORRELATION
    return abs(float(np.corrcoef(x, y)[0, 1]))


def log_likelihood(
    evidence: TypeEvidence, *, weights: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Return the weighted log likelihood of each type and the evidence mass.

    Parameters
    ----------
    evidence
        What was observed.
    weights
        From ``signal_weights``.

    Returns
    -------
    tuple of Floats
        (customers, 7) log likelihood up to a constant, and (customers,) evidence in nats.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    evidence.check()
    total = np.zeros((evidence.customers, len(TYPES)))
    mass = np.zeros(evidence.customers)
    for signal in SIGNALS:
        values = evidence.signal(signal.name)
        if values is None:
            continue
        observed = _observed(signal, values, evidence)
        rows = np.flatnonzero(observed)
        weight = weights.get(signal.name, 1.0)
        part = evidence if len(rows) == evidence.customers else evidence.take(rows)
        density = _LOG_DENSITY[signal.kind](values[rows][:, None], signal, part)
        total[rows] += weight * density
        mass[rows] += weight * _worth(signal, part)
    if evidence.items is not None:
        density, count = _item_log_density(evidence.items)
        total += np.where((count > 0)[:, None], density, 0.0)
        worth = np.array([0.0] + [_item_information(m) for m in range(1, 7)])
        mass += worth[count]
    return total, mass


def _observed(signal: Signal, values: Floats, evidence: TypeEvidence) -> Flags:
    observed = np.isfinite(values)
    if signal.kind == "promo":
        n, opportunity = _exposure(evidence)
        with np.errstate(invalid="ignore"):
            observed &= (opportunity > 0.02) & (opportunity < 0.98) & (n > 0)
    return np.asarray(observed)


def _worth(signal: Signal, evidence: TypeEvidence) -> Floats | float:
    if signal.kind == "rhythm":
        n = np.minimum(_gaps(evidence), 30).astype(np.int64)
        return np.array([0.0, 0.0, *(information(signal, k) for k in range(2, 31))])[n]
    if signal.kind != "promo":
        return information(signal)
    occasions, opportunity = _exposure(evidence)
    n = np.clip(np.rint(_effective(occasions)).astype(np.int64), 1, 10)
    tenth = np.clip(np.rint(opportunity * 10).astype(np.int64), 1, 9)
    table = np.array(
        [[information(signal, k, t / 10) for t in range(1, 10)] for k in range(1, 11)]
    )
    return np.asarray(table[n - 1, tenth - 1])
