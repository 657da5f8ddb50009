"""Loyalty types: right when named, silent from orders alone, gated, calibrated by labels."""

from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.profiles.type_labels import fit_labels
from huitouke.insight.profiles.type_likelihood import information, signal_weights
from huitouke.insight.profiles.type_signals import (
    PRIOR,
    SIGNALS,
    TYPES,
    TypeEvidence,
    gap_rhythm,
)
from huitouke.insight.profiles.types import TYPE_LABELS, loyalty_types, type_gates
from huitouke.insight.tables import Status

LABELS = 400


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_named_types_are_right_and_say_how_sure_they_are(seed, types_of):
    truth, evidence = types_of(seed)
    labelled, rest = np.arange(LABELS), np.arange(LABELS, len(truth))
    model = fit_labels(evidence.take(labelled), types=truth[:LABELS].astype(np.int8))

    found = loyalty_types(evidence.take(rest), model=model)

    named = (found.label >= 0) & (found.label < len(TYPES))
    accuracy = (found.label == truth[rest])[named].mean()
    assert named.mean() >= 0.4
    assert accuracy >= 0.75
    assert found.confidence[named].mean() - accuracy <= 0.03
    assert model.verdict.ok


def test_orders_alone_name_hardly_anybody(types_of):
    _, evidence = types_of(5)
    orders_only = TypeEvidence(
        evidence.purchases,
        evidence.gaps,
        {name: evidence.values[name] for name in ("rhythm", "variety")},
        evidence.rhythm_gaps,
        evidence.promo_occasions,
        evidence.promo_opportunity,
    )

    found = loyalty_types(orders_only)

    assert (found.label >= 0).mean() < 0.05
    assert np.isnan(found.confidence[found.label < 0]).all()


def test_nothing_observed_leaves_the_prior_and_no_label():
    evidence = TypeEvidence(np.full(3, 9), np.full(3, 8))

    found = loyalty_types(evidence, keep=True)

    assert (found.evidence_nats == 0).all()
    assert found.probabilities[0, 2] == pytest.approx(PRIOR[2], rel=0.02)
    assert (found.label == -1).all()
    assert found.verdict.status is Status.INSUFFICIENT


def test_a_closed_gate_holds_a_type_at_its_prior():
    n = 50
    values = {"complained_and_stayed": np.ones(n), "satisfaction": np.full(n, 1.0)}
    evidence = TypeEvidence(np.full(n, 9), np.full(n, 8), values)

    closed = loyalty_types(evidence, keep=True).probabilities
    opened = loyalty_types(
        TypeEvidence(np.full(n, 9), np.full(n, 8), {**values, "contract": np.ones(n)}),
        keep=True,
    ).probabilities

    forced = TYPES.index("forced")
    assert closed[:, forced] == pytest.approx(PRIOR[forced])
    assert (opened[:, forced] > 0.9).all()
    assert closed.sum(axis=1) == pytest.approx(1.0)


def test_each_gate_opens_on_its_own_evidence():
    gates = type_gates(
        TypeEvidence(
            np.full(4, 9),
            np.array([8, 4, 8, 8]),
            {
                "contract": np.array([1.0, 0.0, np.nan, 0.0]),
                "public_badge": np.array([0.0, 1.0, 0.0, 0.0]),
            },
            items=np.array([[np.nan] * 6, [np.nan] * 6, [5, 6, 1, 1, 1, 1], [1.0] * 6]),
        )
    )

    assert gates[:, TYPES.index("forced")].tolist() == [True, False, True, False]
    assert gates[:, TYPES.index("nostalgic")].tolist() == [False, False, True, False]
    assert gates[:, TYPES.index("identity")].tolist() == [False, True, False, False]
    assert gates[:, TYPES.index("inertia")].tolist() == [True, False, True, True]


def test_two_purchases_name_nobody_however_clear_the_signals():
    values = {"contract": np.ones(2), "sole_supplier": np.ones(2)}
    values["satisfaction"] = np.ones(2)
    values["nps"] = np.zeros(2)
    values["engagement"] = np.full(2, 0.4)
    values["deep_use"] = np.zeros(2)
    values["public_badge"] = np.zeros(2)
    said = np.tile([7.0, 1, 1, 1, 1, 1], (2, 1))

    found = loyalty_types(TypeEvidence(np.array([2, 9]), np.array([1, 8]), values, items=said))

    assert found.label[0] == -1
    assert TYPE_LABELS[found.label[1]] == "forced"


def test_two_types_that_share_the_chance_are_mixed(types_of):
    truth, evidence = types_of(7)

    found = loyalty_types(evidence, keep=True)

    mixed = np.flatnonzero(found.label >= len(TYPES))
    assert len(mixed) > 0
    for row in mixed[:50]:
        first, second = np.argsort(-found.probabilities[row])[:2]
        assert TYPE_LABELS[found.label[row]] == f"mixed({TYPES[first]},{TYPES[second]})"
        chances = found.probabilities[row, [first, second]]
        assert chances[0] - chances[1] <= 0.15
        assert found.confidence[row] == pytest.approx(chances.sum())
    assert len(truth) == len(found.label)


def test_labels_cool_or_heat_the_defaults_and_few_labels_change_nothing(types_of):
    truth, evidence = types_of(8)
    some = np.arange(200)

    few = fit_labels(evidence.take(some[:50]), types=truth[:50].astype(np.int8))
    heated = fit_labels(evidence.take(some), types=truth[some].astype(np.int8))
    rng = np.random.default_rng(1)
    wrong = fit_labels(evidence.take(some), types=rng.permutation(truth[some]).astype(np.int8))

    assert few.temperature == 1.0
    assert few.verdict.status is Status.INSUFFICIENT
    assert heated.coefficients is None
    assert 0.5 < heated.temperature < 2.0
    assert wrong.temperature > 3.0


def test_signals_that_repeat_each_other_count_less():
    rng = np.random.default_rng(3)
    score = rng.normal(3, 1, 500)
    alone = TypeEvidence(np.full(500, 9), np.full(500, 8), {"satisfaction": score})
    twins = TypeEvidence(
        np.full(500, 9), np.full(500, 8), {"satisfaction": score, "nps": 2 * score}
    )

    assert signal_weights(alone)["satisfaction"] == 1.0
    assert signal_weights(twins)["satisfaction"] == pytest.approx(0.5)


def test_information_grows_with_exposure_and_is_never_negative():
    promo = next(s for s in SIGNALS if s.name == "promo")
    rhythm = next(s for s in SIGNALS if s.name == "rhythm")

    assert all(information(signal) >= 0 for signal in SIGNALS)
    assert information(promo, 8, 0.2) > information(promo, 2, 0.2)
    assert information(rhythm, 12) > information(rhythm, 3)


def test_even_gaps_have_no_unevenness_and_missing_gaps_no_value():
    found = gap_rhythm(
        np.array([10.0, 1.0, np.nan, 5.0]), gap_previous_days=np.array([10.0, 9.0, 4.0, 0.0])
    )

    assert found[0] == 0.0
    assert found[1] == pytest.approx(np.log(5) - np.log(9) / 2)
    assert np.isnan(found[2:]).all()
