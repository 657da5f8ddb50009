"""Gates: which model may be used, and which information may enter a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from huitouke.insight.tables import Status
from huitouke.insight.validation.logit import fit_logit, logit
from huitouke.insight.validation.records import RivalScore, ValidationRecord, Verdict
from huitouke.insight.validation.scores import (
    EVENTS_MIN,
    Score,
    check_probabilities,
    log_losses,
)
from huitouke.insight.validation.splits import stable_hash
from huitouke.language import N_

__all__ = [
    "Choice",
    "IncrementalGate",
    "choose",
    "incremental_gate",
    "usable",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: The gate of incremental validity.
_P_MAX, _DRAWS, _CELLS = 0.01, 1000, 2000

_USED = N_("{model} is used: on a later period its {metric} is the lowest ({value}).")
_WEAKER = N_(
    "{model} is not used: on a later period its {metric} is {value}, that of {winner} {best}."
)
_UNTESTED = N_("{model} is not used: it has no result on a later period.")
_TOO_FEW = N_(
    "{model} is not used: a later period of {n} rows and {events} events cannot judge it."
)
_RULE = N_(
    "{model} stands in as a rule: a later period of {n} rows and {events} events "
    "cannot judge a model."
)


@dataclass(frozen=True)
class Choice:
    """Which model is shown, and the records with their verdicts.

    Parameters
    ----------
    winner
        Name of the model used; None where no model has an out-of-time result.
    status
        ``ok``, or ``insufficient_evidence`` where the test could not tell.
    records
        The same records, each with rivals and verdict filled in.
    """

    winner: str | None
    status: Status
    records: tuple[ValidationRecord, ...]


def usable(record: ValidationRecord) -> bool:
    """Return whether a model may be used at all: it has an out-of-time result that counts.

    Parameters
    ----------
    record
        Its validation record.
    """
    return record.out_of_time is not None and record.out_of_time.status is Status.OK


def choose(records: Sequence[ValidationRecord]) -> Choice:
    """Choose the model to use: the best out of time, whether candidate or cheap rival.

    Parameters
    ----------
    records
        Records of candidates and rivals for one target.

    Returns
    -------
    Choice
        The lowest out-of-time log loss wins (root mean squared error for amounts); on equal
        scores a rival wins. A model without an out-of-time result is never used. Where the
        test has too few events, the best rival stands in with ``insufficient_evidence``.
    """
    tested = [record for record in records if record.out_of_time is not None]
    proven = [record for record in tested if usable(record)]
    pool = proven or [record for record in tested if record.is_rival]
    pool = [record for record in pool if _loss(record) is not None]
    status = Status.OK if proven and pool else Status.INSUFFICIENT
    ranked = sorted(pool, key=lambda record: (_loss(record), not record.is_rival, record.model))
    winner = ranked[0] if ranked else None
    judged = tuple(
        replace(
            record,
            rivals=_others(record, tested),
            verdict=_verdict(record, winner=winner, status=status),
        )
        for record in records
    )
    return Choice(winner.model if winner else None, status, judged)


def _metric(record: ValidationRecord) -> str:
    chance = record.out_of_time is not None and record.out_of_time.kind == "chance"
    return "log_loss" if chance else "rmse"


def _loss(record: ValidationRecord) -> float | None:
    if record.out_of_time is None:
        return None
    return record.out_of_time.score(_metric(record)).value


def _others(
    record: ValidationRecord, tested: Sequence[ValidationRecord]
) -> tuple[RivalScore, ...]:
    return tuple(
        RivalScore(other.model, _metric(other), _loss(other), other.is_rival)
        for other in tested
        if other.model != record.model
    )


def _verdict(
    record: ValidationRecord, *, winner: ValidationRecord | None, status: Status
) -> Verdict:
    block = record.out_of_time
    if block is None:
        return Verdict(False, "untested", _UNTESTED, {"model": record.model})
    wins = winner is not None and record.model == winner.model
    if status is not Status.OK or not usable(record):
        values: dict[str, str | int] = {
            "model": record.model,
            "n": block.n,
            "events": block.n if block.events is None else block.events,
        }
        return Verdict(wins, str(Status.INSUFFICIENT), _RULE if wins else _TOO_FEW, values)
    told: dict[str, str | int] = {
        "model": record.model,
        "metric": _metric(record),
        "value": f"{_loss(record):.4g}",
    }
    if wins or winner is None:
        return Verdict(True, "used", _USED, told)
    told |= {"winner": winner.model, "best": f"{_loss(winner):.4g}"}
    return Verdict(False, "weaker", _WEAKER, told)


@dataclass(frozen=True)
class IncrementalGate:
    """Whether a block of information earns its place in a score.

    Parameters
    ----------
    admitted
        True if it passes both tests.
    p_value
        Of the likelihood ratio; None where it cannot be computed.
    delta_log_loss
        Log loss without the block minus with it, and its 95 % bootstrap interval.
    status
        ``ok`` or ``insufficient_evidence``.
    """

    admitted: bool
    p_value: float | None
    delta_log_loss: Score
    status: Status


def incremental_gate(
    without: FloatArray, *, with_block: FloatArray, y: FloatArray, groups: IntArray, seed: int
) -> IncrementalGate:
    """Admit a block of information only if it helps out of time.

    Parameters
    ----------
    without
        Out-of-time chances from the model without the block, shape (N,).
    with_block
        The same from the model with the block, shape (N,).
    y
        What happened, 0 or 1, shape (N,).
    groups
        Customer numbers; the bootstrap draws customers, shape (N,).
    seed
        Seed of the bootstrap.

    Returns
    -------
    IncrementalGate
        Admitted if (1) adding the new log odds to the old ones raises the likelihood on the
        test rows with p < .01 (one degree of freedom) and (2) the 95 % interval of the fall
        in log loss lies above 0.

    Raises
    ------
    ScoreInputsInvalid
        If the predictions are not chances or the outcomes not 0 and 1.

    References
    ----------
    Wilks (1938), distribution of the likelihood ratio; Efron & Tibshirani (1993), chapter 13
    (percentile interval).

    Examples
    --------
    >>> y = np.tile([0., 1.], 400)
    >>> same = np.full(800, .5)
    >>> incremental_gate(same, with_block=same, y=y, groups=np.arange(800), seed=1).admitted
    False
    """
    check_probabilities(without, y=y)
    check_probabilities(with_block, y=y)
    n, events = len(y), int(y.sum())
    enough = min(events, n - events) >= EVENTS_MIN
    status = Status.OK if enough else Status.INSUFFICIENT
    gains = log_losses(without, y=y) - log_losses(with_block, y=y)
    lo, hi = _bootstrap(gains, groups=groups, seed=seed) if n > 1 else (0.0, 0.0)
    value = float(gains.mean()) if n else None
    delta = Score("delta_log_loss", value, lo, hi, n, events, status, 0.95)
    p_value = _ratio_test(without, with_block=with_block, y=y)
    passes = p_value is not None and p_value < _P_MAX and lo > 0
    return IncrementalGate(enough and passes, p_value, delta, status)


def _ratio_test(without: FloatArray, *, with_block: FloatArray, y: FloatArray) -> float | None:
    old, new = logit(without), logit(with_block)
    # A constant base says no more than the intercept does.
    columns = [old] if float(np.ptp(old)) > 0 else []
    base = fit_logit(np.column_stack(columns) if columns else np.empty((len(y), 0)), y=y)
    full = fit_logit(np.column_stack([*columns, new]), y=y)
    if not (base.converged and full.converged):
        return None
    return float(chi2.sf(max(0.0, 2 * (full.log_likelihood - base.log_likelihood)), 1))


def _bootstrap(gains: FloatArray, *, groups: IntArray, seed: int) -> tuple[float, float]:
    """Interval of the mean gain from redrawn customers, pooled into cells if many."""
    numbers, places = np.unique(groups, return_inverse=True)
    if len(numbers) > _CELLS:
        places = (stable_hash(groups, seed=seed) % np.uint64(_CELLS)).astype(np.int64)
    sums = np.bincount(places, weights=gains)
    sizes = np.bincount(places)
    rng = np.random.Generator(np.random.PCG64(seed))
    means = np.empty(_DRAWS)
    for draw in range(_DRAWS):
        chosen = rng.integers(0, len(sums), len(sums))
        means[draw] = sums[chosen].sum() / max(int(sizes[chosen].sum()), 1)
    lo, hi = np.quantile(means, [0.025, 0.975])
    return float(lo), float(hi)
