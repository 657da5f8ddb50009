"""What benefits a customer responds to: material, identity, influence, value recognition.

The need vector is a simplex: the relative marginal response to benefits of each class. Orders
alone identify nothing of it. It can be estimated from randomised messages, from a menu of
rewards, or, here, from answers to a scale of benefit items; behavioural proxies are not used.

References
----------
Mimouni-Chaabane & Volle (2010), "Perceived benefits of loyalty programs", J. Business
Research 63: monetary savings, recognition and social benefits as measured scales.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huitouke.insight.profiles.judged import (
    INSUFFICIENT,
    NOT_IDENTIFIED,
    OK,
    Codes,
    Floats,
    Ints,
    Verdict,
    even_length,
)
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["NEEDS", "Needs", "needs_from_orders", "needs_from_scale"]

#: The four needs in order.
NEEDS: tuple[str, ...] = ("material", "identity", "influence", "value_recognition")

#: A need vector this close to even (nats; four equal needs have 1.386) says nothing.
ENTROPY_MAX = 1.2
MIN_RESPONDENTS = 30
_DRAWS = 400

ORDERS_ALONE = N_(
    "Which benefits move a customer cannot be told from orders: it takes messages sent at "
    "random, a choice of rewards, or answers to a benefit scale."
)
FEW_RESPONDENTS = N_("Only {answers} customers answered the scale; {needed} are needed.")


@dataclass(frozen=True)
class Needs:
    """Each customer's need vector.

    Parameters
    ----------
    share, low, high
        (customers, 4) posterior mean and 80 % interval, in the order of ``NEEDS``; NaN where
        the status is not ok.
    entropy
        (customers,) of the mean, nats.
    status
        (customers,) status codes.
    verdict
        What may be said of the whole.
    """

    share: Floats
    low: Floats
    high: Floats
    entropy: Floats
    status: Codes
    verdict: Verdict


def _nothing(customers: int, code: int, verdict: Verdict) -> Needs:
    share, low, high = (np.full((customers, len(NEEDS)), np.nan) for _ in range(3))
    status = np.full(customers, code, dtype=np.int8)
    return Needs(share, low, high, np.full(customers, np.nan), status, verdict)


def needs_from_orders(customers: int) -> Needs:
    """Return what orders alone say of needs: not identified.

    Parameters
    ----------
    customers
        How many customers there are.

    Examples
    --------
    >>> needs_from_orders(3).verdict.status.value
    'not_identified'
    """
    verdict = Verdict(Status.NOT_IDENTIFIED, ORDERS_ALONE)
    return _nothing(customers, NOT_IDENTIFIED, verdict)


def needs_from_scale(
    means: Floats, *, items: Ints, item_variance: float, seed: int = 20_240_601
) -> Needs:
    """Estimate need vectors from answers to benefit items.

    Each person's class means are taken relative to the person's own mean (a yea-sayer gains
    nothing), shrunk by their reliability ``s_b²/(s_b² + s_e²/m)``, and turned into shares by a
    softmax in units of the between-person spread. The interval and mean are over draws of the
    normal posterior.

    Parameters
    ----------
    means
        (customers, 4) mean answer to the items of each need; NaN where not answered.
    items
        (4,) items per need.
    item_variance
        Variance of one item around a person's true level, answer units squared.
    seed
        Of the draws.

    Raises
    ------
    ArraysUneven
        If items does not have one entry per need.

    References
    ----------
    Mimouni-Chaabane & Volle (2010), the scale; Kelley's formula for reliability.
    """
    even_length(len(NEEDS), items=items)
    answered = np.isfinite(means).all(axis=1)
    n = int(answered.sum())
    customers = len(means)
    if n < MIN_RESPONDENTS:
        values = {"answers": n, "needed": MIN_RESPONDENTS}
        code = INSUFFICIENT if n else NOT_IDENTIFIED
        verdict = Verdict(Status.INSUFFICIENT, FEW_RESPONDENTS, values)
        return _nothing(customers, code, verdict if n else needs_from_orders(0).verdict)
    own = means[answered] - means[answered].mean(axis=1, keepdims=True)
    noise = item_variance / np.maximum(items, 1)
    spread = np.maximum(own.var(axis=0, ddof=1) - noise, 1e-6)
    reliability = spread / (spread + noise)
    centre = own.mean(axis=0)
    level = centre + reliability * (own - centre)
    error = np.sqrt(spread * (1 - reliability))
    unit = float(np.sqrt(spread.mean()))
    found = _nothing(customers, NOT_IDENTIFIED, Verdict(Status.OK))
    rows = np.flatnonzero(answered)
    generator = np.random.Generator(np.random.PCG64(seed))
    noise_draws = generator.standard_normal((_DRAWS, len(NEEDS))) * error
    for start in range(0, n, 4_096):
        part = slice(start, start + 4_096)
        logits = (level[part, None, :] + noise_draws[None, :, :]) / unit
        shares = np.exp(logits - logits.max(axis=2, keepdims=True))
        shares /= shares.sum(axis=2, keepdims=True)
        found.share[rows[part]] = shares.mean(axis=1)
        found.low[rows[part]], found.high[rows[part]] = np.quantile(shares, [0.1, 0.9], axis=1)
    return _gated(found, rows)


def _gated(found: Needs, rows: Ints) -> Needs:
    """Keep only the vectors that are not nearly even."""
    share = found.share[rows]
    found.entropy[rows] = -(share * np.log(np.maximum(share, 1e-12))).sum(axis=1)
    clear = found.entropy[rows] <= ENTROPY_MAX
    found.status[rows] = np.where(clear, OK, INSUFFICIENT)
    unclear = rows[~clear]
    for values in (found.share, found.low, found.high):
        values[unclear] = np.nan
    return found
