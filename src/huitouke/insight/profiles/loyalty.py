"""The loyalty score: 100 x the calibrated chance of a full-price purchase in the horizon.

70 means: of 100 such customers about 70 did so when it was last checked. The model is fitted
on all origins but the last two, calibrated on the last but one, and checked on the last; after
the check the calibration is renewed on both. What
customers say, and how they bear up without promotions, enter only where a gate finds that
they add to behaviour out of time; otherwise they explain but do not score. A customer with a
single purchase and no answer gets no score.

Never use the score to decide whom to treat (use uplift), never train it on what customers say
they will do, never compare it between shops with different horizons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from huitouke.insight.profiles.judged import (
    INSUFFICIENT,
    OK,
    Codes,
    Flags,
    Floats,
    Ints,
    Verdict,
    even_length,
)
from huitouke.insight.profiles.loyalty_calibration import BetaMap, fit_beta_map
from huitouke.insight.profiles.loyalty_checks import LoyaltyChecks, check_scores
from huitouke.insight.profiles.loyalty_model import (
    BEHAVIOUR,
    Additive,
    Block,
    fit_additive,
)
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = [
    "Gate",
    "LoyaltyModel",
    "LoyaltyOrigin",
    "LoyaltyScores",
    "MeanScore",
    "fit_loyalty",
    "no_loyalty",
    "score_loyalty",
]

#: Told what came, the chances without and with a block: does the block earn its place?
Gate = Callable[[Flags, Floats, Floats], bool]

MIN_ORIGINS = 3
MIN_EVENTS = 100
MIN_OBSERVED = 100
#: Rows that suffice for the curves, and for the calibration and the check of each origin.
_FIT_ROWS, _CHECK_ROWS = 60_000, 200_000
_BINS = 10
_CHUNK = 131_072
_Z = 1.2815515655446004

FEW_ORIGINS = N_(
    "The score needs outcomes at {needed} past days (to fit, to calibrate, to check); "
    "there are {origins}."
)
FEW_EVENTS = N_(
    "Only {events} customers bought, or did not, at a past day; {needed} are needed."
)
CHECK_FAILED = N_(
    "The score did not keep its word when it was checked ({failed} of {checks} checks failed), "
    "so it is not shown."
)


@dataclass(frozen=True)
class LoyaltyOrigin:
    """What was known of customers at a past day and what came of it.

    Parameters
    ----------
    features
        (customers,) arrays by name; optional blocks are NaN where not observed.
    bought
        (customers,) at least one full-price purchase within the horizon after the day.
    repeat_count
        (customers,) orders after the first, as of the day.
    rival
        (customers,) RFM score as of the day.
    segment
        (customers,) segment number, negative for none.
    """

    features: Mapping[str, Floats]
    bought: Flags
    repeat_count: Ints
    rival: Floats | None = None
    segment: Ints | None = None


@dataclass(frozen=True)
class LoyaltyModel:
    """A fitted, calibrated and checked loyalty score.

    Parameters
    ----------
    additive
        The model; None if it could not be fitted.
    calibration
        The map: checked as fitted on the last origin but one, then renewed with the last.
    edges
        Edges of the calibration bins, logits.
    bin_sd
        Per bin: standard deviation of the logit from the customers calibrated on and from
        what the check found beyond chance.
    blocks
        Blocks that score.
    diagnostic
        Optional blocks that were kept out: shown, not scored.
    checks
        On the last origin.
    verdict
        Whether scores may be shown.
    """

    additive: Additive | None
    calibration: BetaMap
    edges: Floats
    bin_sd: Floats
    blocks: tuple[Block, ...]
    diagnostic: tuple[str, ...]
    checks: LoyaltyChecks | None
    verdict: Verdict


@dataclass(frozen=True)
class LoyaltyScores:
    """Each customer's loyalty score.

    Parameters
    ----------
    score, low, high
        (customers,) 0 to 100 and its 80 % interval; NaN where the status is not ok.
    status
        (customers,) status codes.
    verdict
        The model's.
    """

    score: Floats
    low: Floats
    high: Floats
    status: Codes
    verdict: Verdict

    def mean(self) -> MeanScore:
        """Return the mean of those who have a score.

        Its ends are the means of the customers' own ends, as if the model erred with all of
        them the same way: rather too wide than too narrow, however many there are.
        """
        known = np.isfinite(self.score)
        if not known.any():
            return MeanScore(None, None, None, 0)
        mean, low, high = (
            float(each[known].mean()) for each in (self.score, self.low, self.high)
        )
        return MeanScore(mean, low, high, int(known.sum()))


@dataclass(frozen=True)
class MeanScore:
    """The mean loyalty score with its 80 % interval; None where nobody has one."""

    mean: float | None
    low: float | None
    high: float | None
    customers: int


def _eligible(
    features: Mapping[str, Floats], repeat_count: Ints, blocks: Sequence[Block]
) -> Flags:
    """More than one purchase, or an answer; and all that behaviour needs."""
    known = np.ones(len(repeat_count), dtype=np.bool_)
    for name, _ in blocks[0].features:
        known &= np.isfinite(features[name])
    enough = repeat_count > 0
    for block in blocks[1:]:
        for name, _ in block.features:
            enough = enough | np.isfinite(features[name])
    return np.asarray(known & enough)


def _kept(origin: LoyaltyOrigin, blocks: Sequence[Block]) -> LoyaltyOrigin:
    even_length(
        len(origin.bought),
        repeat_count=origin.repeat_count,
        rival=origin.rival,
        segment=origin.segment,
        **dict(origin.features),
    )
    rows = np.flatnonzero(_eligible(origin.features, origin.repeat_count, blocks))
    rows = rows[:: max(1, -(-len(rows) // _CHECK_ROWS))]
    return LoyaltyOrigin(
        {name: values[rows] for name, values in origin.features.items()},
        origin.bought[rows],
        origin.repeat_count[rows],
        None if origin.rival is None else origin.rival[rows],
        None if origin.segment is None else origin.segment[rows],
    )


def fit_loyalty(
    origins: Sequence[LoyaltyOrigin],
    *,
    optional: Sequence[Block] = (),
    gate: Gate | None = None,
    behaviour: Block = BEHAVIOUR,
) -> LoyaltyModel:
    """Fit on all origins but two, calibrate on the last but one, check on the last.

    Parameters
    ----------
    origins
        Past days in order, at least three, each with its outcomes.
    optional
        Blocks that may enter.
    gate
        Whether a block's chances beat those without it on the calibration origin; without a
        gate no optional block scores.
    behaviour
        The block that is known of everybody.

    Returns
    -------
    LoyaltyModel
        With the status insufficient below three origins, below 100 buyers or non-buyers at
        an origin, or if a check fails by more than chance.

    Raises
    ------
    ArraysUneven
        If arrays of an origin differ in length.
    """
    names = tuple(block.name for block in optional)
    if len(origins) < MIN_ORIGINS:
        values = {"origins": len(origins), "needed": MIN_ORIGINS}
        return _unfit(names, Verdict(Status.INSUFFICIENT, FEW_ORIGINS, values))
    kept = [_kept(origin, (behaviour, *optional)) for origin in origins]
    fewest = min(min(int(o.bought.sum()), int((~o.bought).sum())) for o in kept)
    if fewest < MIN_EVENTS:
        values = {"events": fewest, "needed": MIN_EVENTS}
        return _unfit(names, Verdict(Status.INSUFFICIENT, FEW_EVENTS, values))
    *past, calibrated, last = kept
    pooled, bought = _pooled(past)
    count = len(past)
    blocks: tuple[Block, ...] = (behaviour,)
    additive = fit_additive(pooled, bought=bought, blocks=blocks, origins=count)
    for block in optional if gate is not None else ():
        seen = np.isfinite(pooled[block.features[0][0]])
        if gate is None or seen.sum() < MIN_OBSERVED:
            continue
        wider = fit_additive(pooled, bought=bought, blocks=(*blocks, block), origins=count)
        without, with_block = (
            special.expit(model.logit(calibrated.features)) for model in (additive, wider)
        )
        if gate(calibrated.bought, without, with_block):
            blocks, additive = (*blocks, block), wider
    eta = additive.logit(calibrated.features)
    calibration = fit_beta_map(eta, bought=calibrated.bought)
    model = LoyaltyModel(
        additive=additive,
        calibration=calibration,
        edges=np.quantile(eta, np.linspace(0, 1, _BINS + 1)[1:-1]),
        bin_sd=np.zeros(_BINS),
        blocks=blocks,
        diagnostic=tuple(n for n in names if n not in {block.name for block in blocks}),
        checks=None,
        verdict=Verdict(Status.OK),
    )
    return _checked(model, additive, calibrated=calibrated, last=last)


def no_loyalty(reason: str) -> LoyaltyModel:
    """Return the model that scores nobody, for want of what it builds on.

    Parameters
    ----------
    reason
        The message that says what is wanting.
    """
    return _unfit((), Verdict(Status.INSUFFICIENT, reason))


def _unfit(names: tuple[str, ...], verdict: Verdict) -> LoyaltyModel:
    nothing = np.zeros(0)
    return LoyaltyModel(None, BetaMap(1, 1, 0), nothing, nothing, (), names, None, verdict)


def _pooled(past: Sequence[LoyaltyOrigin]) -> tuple[dict[str, Floats], Flags]:
    """Put origins together, every so-many-th customer of each: the curves need no more."""
    rows = sum(len(origin.bought) for origin in past)
    stride = max(1, -(-rows // _FIT_ROWS))
    features = {
        name: np.concatenate([origin.features[name][::stride] for origin in past])
        for name in past[0].features
    }
    return features, np.concatenate([origin.bought[::stride] for origin in past])


def _checked(
    model: LoyaltyModel, additive: Additive, *, calibrated: LoyaltyOrigin, last: LoyaltyOrigin
) -> LoyaltyModel:
    """Add the uncertainty of each calibration bin, the checks, and the verdict."""
    variance = _bin_variance(model, additive, calibrated)[0]
    chance, gap = _bin_variance(model, additive, last)
    drift = np.maximum(gap**2 - chance, 0.0)
    p = special.expit(model.calibration.logit(additive.logit(last.features)))
    checks = check_scores(p, bought=last.bought, rival=last.rival, segment=last.segment)
    failed = sum(not (check.passed or check.within_noise) for check in checks.checks)
    verdict = Verdict(Status.OK)
    if failed:
        values = {"failed": failed, "checks": len(checks.checks)}
        verdict = Verdict(Status.INSUFFICIENT, CHECK_FAILED, values)
    sd = np.sqrt(variance + drift)
    # The check is done: today's scores may learn from both later origins, the newest twice.
    later = (calibrated, last, last)
    eta = np.concatenate([additive.logit(origin.features) for origin in later])
    latest = fit_beta_map(eta, bought=np.concatenate([origin.bought for origin in later]))
    return replace(model, calibration=latest, bin_sd=sd, checks=checks, verdict=verdict)


def _bin_variance(
    model: LoyaltyModel, additive: Additive, origin: LoyaltyOrigin
) -> tuple[Floats, Floats]:
    """Return per bin the variance of the observed logit and its gap to what was said."""
    eta = additive.logit(origin.features)
    place = np.searchsorted(model.edges, eta, side="right")
    p = special.expit(model.calibration.logit(eta))
    count = np.bincount(place, minlength=_BINS) + 1.0
    # Half a buyer and half a non-buyer more keep empty and pure bins finite.
    came = (np.bincount(place, weights=origin.bought, minlength=_BINS) + 0.5) / count
    said = (np.bincount(place, weights=p, minlength=_BINS) + 0.5) / count
    return 1 / (count * came * (1 - came)), special.logit(came) - special.logit(said)


def score_loyalty(
    model: LoyaltyModel, *, features: Mapping[str, Floats], repeat_count: Ints
) -> LoyaltyScores:
    """Score customers as of today.

    The 80 % interval, on the logit scale, holds what the parameters leave open, the
    customers the calibration rests on, what the check found beyond chance, and the spread of
    blocks this customer did not answer.

    Parameters
    ----------
    model
        From ``fit_loyalty``.
    features
        (customers,) arrays by name, built as for the origins.
    repeat_count
        (customers,) orders after the first.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.
    """
    n = len(repeat_count)
    even_length(n, **dict(features))
    score, low, high = (np.full(n, np.nan) for _ in range(3))
    status = np.full(n, INSUFFICIENT, dtype=np.int8)
    additive = model.additive
    if additive is None or not model.verdict.ok:
        return LoyaltyScores(score, low, high, status, model.verdict)
    used = [(name, features[name]) for block in model.blocks for name, _ in block.features]
    rows = np.flatnonzero(_eligible(features, repeat_count, model.blocks))
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        some = {name: values[part] for name, values in used}
        eta = additive.logit(some)
        centre = model.calibration.logit(eta)
        place = np.searchsorted(model.edges, eta, side="right")
        variance = model.calibration.slope(eta) ** 2 * additive.variance(some)
        half = _Z * np.sqrt(variance + model.bin_sd[place] ** 2)
        score[part] = 100 * special.expit(centre)
        low[part] = 100 * special.expit(centre - half)
        high[part] = 100 * special.expit(centre + half)
    status[rows] = OK
    return LoyaltyScores(score, low, high, status, model.verdict)
