"""Six types of loyalty (and none), as a gated posterior.

``P(type | signals) ∝ π_type · exp(log-likelihood / τ)``; the temperature τ is fitted on labels
so that the stated confidence is right. A type is named only if its chance is at least .6, at
least one nat of evidence was seen and the customer bought three times; if two types share the
chance (within .15) the customer is ``mixed``; else the evidence is insufficient, and from
orders alone that is the usual, true answer.

**Identification gates.** Behaviour alone cannot show some types: *forced* needs a direct
barrier (a contract, sole supplier, or the customer saying so), *nostalgic* a life event,
family link or survey item, *identity* a public act or survey item, *inertia* at least five
gaps. A gate unmet caps the type at its prior. How long each type lasts is not shipped as a
number: it is measured from shocks.

References
----------
Dick & Basu (1994), "Customer loyalty: toward an integrated conceptual framework", JAMS 22.
Guo, Pleiss, Sun & Weinberger (2017), "On calibration of modern neural networks": temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from huitouke.insight.profiles.judged import (
    INSUFFICIENT,
    NO_LABEL,
    OK,
    Codes,
    Flags,
    Floats,
    Verdict,
)
from huitouke.insight.profiles.type_labels import TypeModel, label_features
from huitouke.insight.profiles.type_likelihood import log_likelihood, signal_weights
from huitouke.insight.profiles.type_signals import (
    ITEM_TYPES,
    PRIOR,
    TYPES,
    TypeEvidence,
)
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["TYPE_LABELS", "LoyaltyTypes", "loyalty_types", "type_gates"]

CONFIDENT_FROM = 0.6
MIN_EVIDENCE_NATS = 1.0
MIN_PURCHASES = 3
MIN_GAPS_FOR_INERTIA = 5
MIXED_WITHIN = 0.15
AGREES_FROM = 5.0
_CHUNK = 262_144

#: Every label by code: the seven types, then ``mixed(a,b)`` for each ordered pair.
TYPE_LABELS: tuple[str, ...] = TYPES + tuple(
    f"mixed({first},{second})" for first in TYPES for second in TYPES
)

ORDERS_ALONE = N_(
    "The type of loyalty shows in contracts, complaints, answers, referrals and the like; with "
    "the signals given, {named} of {customers} customers can be told."
)


@dataclass(frozen=True)
class LoyaltyTypes:
    """The loyalty type of each customer, where it can be told.

    Parameters
    ----------
    label
        (customers,) places in ``TYPE_LABELS``; -1 where the evidence is insufficient.
    confidence
        (customers,) chance that the label is right; NaN without a label.
    evidence_nats
        (customers,) evidence mass.
    status
        (customers,) status codes.
    probabilities
        (customers, 7) in the order of ``TYPES``, if they were asked for.
    verdict
        How many customers can be told.
    """

    label: Codes
    confidence: Floats
    evidence_nats: Floats
    status: Codes
    probabilities: Floats | None
    verdict: Verdict

    def shares(self) -> dict[str, float]:
        """Return the share of each type among customers named with a single type."""
        named = self.label[(self.label >= 0) & (self.label < len(TYPES))]
        counts = np.bincount(named, minlength=len(TYPES))
        total = max(int(counts.sum()), 1)
        return {name: int(c) / total for name, c in zip(TYPES, counts, strict=True)}


def type_gates(evidence: TypeEvidence) -> Flags:
    """Say which types each customer's evidence can identify.

    Parameters
    ----------
    evidence
        What was observed.

    Returns
    -------
    Flags
        (customers, 7) True where the gate of the type is met.
    """
    met = np.ones((evidence.customers, len(TYPES)), dtype=np.bool_)
    needs = {
        "forced": ("contract", "sole_supplier"),
        "nostalgic": ("first_in_category", "family_link"),
        "identity": ("public_badge", "referral"),
    }
    for name, signals in needs.items():
        shown = np.zeros(evidence.customers, dtype=np.bool_)
        for signal in signals:
            if signal in evidence.values:
                shown |= np.nan_to_num(evidence.values[signal]) > 0.5
        if evidence.items is not None:
            shown |= np.nan_to_num(evidence.items[:, ITEM_TYPES.index(name)]) >= AGREES_FROM
        met[:, TYPES.index(name)] = shown
    met[:, TYPES.index("inertia")] = evidence.gaps >= MIN_GAPS_FOR_INERTIA
    return met


def loyalty_types(
    evidence: TypeEvidence, *, model: TypeModel | None = None, keep: bool = False
) -> LoyaltyTypes:
    """Name each customer's type of loyalty, or say that the evidence is insufficient.

    Parameters
    ----------
    evidence
        What was observed.
    model
        From ``fit_labels``; expert defaults without.
    keep
        Whether to keep the probabilities of every customer.

    Raises
    ------
    ArraysUneven
        If arrays differ in length.

    Examples
    --------
    >>> bought = np.array([9, 9])
    >>> loyalty_types(TypeEvidence(bought, bought - 1)).label
    array([-1, -1], dtype=int8)
    """
    evidence.check()
    n = evidence.customers
    weights = signal_weights(evidence)
    label = np.full(n, NO_LABEL, dtype=np.int8)
    confidence, mass = np.full(n, np.nan), np.zeros(n)
    kept = np.empty((n, len(TYPES))) if keep else None
    for start in range(0, n, _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, n))
        part = evidence.take(rows)
        likelihood, mass[rows] = log_likelihood(part, weights=weights)
        enough = (mass[rows] >= MIN_EVIDENCE_NATS) & (part.purchases >= MIN_PURCHASES)
        chosen = np.arange(len(rows)) if keep else np.flatnonzero(enough)
        posterior = _posterior(part.take(chosen), likelihood[chosen], model)
        if kept is not None:
            kept[rows] = posterior
        names = _named(posterior, enough[chosen], none_told=model is not None)
        label[rows[chosen]], confidence[rows[chosen]] = names
    named = int((label >= 0).sum())
    values = {"named": named, "customers": n}
    status = Status.OK if named else Status.INSUFFICIENT
    return LoyaltyTypes(
        label=label,
        confidence=confidence,
        evidence_nats=mass,
        status=np.where(label >= 0, OK, INSUFFICIENT).astype(np.int8),
        probabilities=kept,
        verdict=Verdict(status, ORDERS_ALONE, values),
    )


def _posterior(evidence: TypeEvidence, likelihood: Floats, model: TypeModel | None) -> Floats:
    logits = np.log(PRIOR) + likelihood
    if model is not None and model.coefficients is not None:
        logits = label_features(evidence, likelihood, model.signals) @ model.coefficients
        logits = logits / model.temperature
    elif model is not None:
        logits = np.log(PRIOR) + likelihood / model.temperature
    return _capped(special.softmax(logits, axis=1), ~type_gates(evidence))


def _capped(posterior: Floats, closed: Flags) -> Floats:
    """Hold types whose gate is closed to their prior; the rest share what is freed."""
    result = posterior.copy()
    fixed = np.zeros_like(closed)
    for _ in range(int(closed.any(axis=0).sum())):
        over = closed & ~fixed & (result > PRIOR + 1e-12)
        if not over.any():
            break
        fixed |= over
        held = np.where(fixed, PRIOR, 0.0)
        free = np.where(fixed, 0.0, posterior)
        scale = (1 - held.sum(axis=1)) / np.maximum(free.sum(axis=1), 1e-300)
        result = held + free * scale[:, None]
    return np.asarray(result / result.sum(axis=1, keepdims=True))


def _named(posterior: Floats, enough: Flags, *, none_told: bool) -> tuple[Codes, Floats]:
    """Name the types; "none" only where labels have shown what it looks like.

    By the expert defaults it is what faint signals of everything else look like, and absence
    of evidence is not evidence of absence.
    """
    label = np.full(len(posterior), NO_LABEL, dtype=np.int8)
    confidence = np.full(len(posterior), np.nan)
    if len(posterior) == 0:
        return label, confidence
    order = np.argsort(-posterior, axis=1, kind="stable")[:, :2]
    top, second = (np.take_along_axis(posterior, order[:, [k]], axis=1)[:, 0] for k in (0, 1))
    single = enough & (top >= CONFIDENT_FROM)
    mixed = enough & ~single & (top - second <= MIXED_WITHIN) & (top + second >= CONFIDENT_FROM)
    if not none_told:
        none = TYPES.index("none")
        single &= order[:, 0] != none
        mixed &= (order != none).all(axis=1)
    pair = len(TYPES) + order[:, 0] * len(TYPES) + order[:, 1]
    label[single] = order[single, 0]
    label[mixed] = pair[mixed]
    confidence[single] = top[single]
    confidence[mixed] = (top + second)[mixed]
    return label, confidence
