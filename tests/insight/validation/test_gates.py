"""Gates: who is used, what enters, and the reasons given."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy.special import expit

from huitouke.insight.tables import Status
from huitouke.insight.validation.blocks import score_amounts, score_chances
from huitouke.insight.validation.gates import choose, incremental_gate, usable
from huitouke.insight.validation.records import ValidationRecord

RNG = np.random.default_rng(11)
SIGNAL = RNG.normal(size=4000)
Y = (RNG.random(4000) < expit(SIGNAL)).astype(float)


def record(model, *, strength=None, is_rival=False, rows=4000, tested=True):
    p = expit((strength or 0.0) * SIGNAL[:rows])
    block = score_chances(p, Y[:rows])
    return ValidationRecord(
        model=model,
        version="1",
        parameters={},
        target="churn",
        horizon_days=91,
        train_origins=(date(2024, 1, 1),),
        calibration_origin=None,
        test_origin=date(2024, 6, 1) if tested else None,
        calibrator="identity",
        is_rival=is_rival,
        in_sample=block,
        cross_validated=block,
        out_of_time=block if tested else None,
    )


def verdicts(choice):
    return {item.model: (item.verdict.used, item.verdict.code) for item in choice.records}


def test_the_best_out_of_time_is_used_and_the_others_are_told_why_not():
    found = choose(
        [record("logistic", strength=1.0), record("rfm", strength=0.4, is_rival=True)]
    )

    assert (found.winner, found.status) == ("logistic", Status.OK)
    assert verdicts(found) == {"logistic": (True, "used"), "rfm": (False, "weaker")}
    rival = found.records[0].rivals[0]
    assert (rival.model, rival.metric, rival.is_rival) == ("rfm", "log_loss", True)
    assert rival.value == found.records[1].out_of_time.score("log_loss").value


def test_a_model_that_does_not_beat_its_rival_is_not_used():
    found = choose(
        [record("logistic", strength=0.4), record("rfm", strength=1.0, is_rival=True)]
    )

    assert found.winner == "rfm"
    assert verdicts(found)["logistic"] == (False, "weaker")


def test_on_equal_scores_the_rival_wins():
    found = choose([record("a", strength=1.0), record("rfm", strength=1.0, is_rival=True)])

    assert found.winner == "rfm"


def test_a_model_without_an_out_of_time_result_is_not_used_however_good():
    best = record("boosting", strength=1.0, tested=False)

    found = choose([best, record("rfm", strength=0.2, is_rival=True)])

    assert not usable(best)
    assert found.winner == "rfm"
    assert verdicts(found)["boosting"] == (False, "untested")


def test_nothing_tested_means_nothing_used():
    found = choose([record("a", strength=1.0, tested=False)])

    assert (found.winner, found.status) == (None, Status.INSUFFICIENT)


def test_with_too_few_events_the_rival_stands_in_as_a_rule():
    few = [
        record("logistic", strength=1.0, rows=200),
        record("rfm", strength=0.2, is_rival=True, rows=200),
    ]

    found = choose(few)

    assert (found.winner, found.status) == ("rfm", Status.INSUFFICIENT)
    assert verdicts(found) == {
        "logistic": (False, "insufficient_evidence"),
        "rfm": (True, "insufficient_evidence"),
    }


def test_amounts_are_compared_by_root_mean_squared_error():
    actual = RNG.gamma(2, 10, 500)
    made = [
        ValidationRecord(
            model=name,
            version="1",
            parameters={},
            target="spend",
            horizon_days=91,
            train_origins=(),
            calibration_origin=None,
            test_origin=date(2024, 6, 1),
            calibrator="identity",
            is_rival=False,
            in_sample=None,
            cross_validated=None,
            out_of_time=score_amounts(actual + error, actual),
        )
        for name, error in (("near", 1.0), ("far", 9.0))
    ]

    found = choose(made)

    assert found.winner == "near"
    assert found.records[1].rivals[0].metric == "rmse"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_reasons_are_sentences_in_both_languages(language):
    found = choose(
        [
            record("logistic", strength=1.0),
            record("rfm", strength=0.4, is_rival=True),
            record("boosting", tested=False),
        ]
    )

    names = {"logistic": "Logistic regression"}
    texts = [item.verdict.text(language, names=names) for item in found.records]

    if language == "en":
        assert texts[0].startswith(
            "Logistic regression is used: on a later period its log loss"
        )
        assert "that of Logistic regression" in texts[1]
        assert texts[2] == "boosting is not used: it has no result on a later period."
    else:
        assert "对数损失" in texts[0]
        assert all(text.endswith("。") for text in texts)


def gate(extra, *, n=4000, noise=0.0, seed=3):
    """A base that knows half of what drives y, and a block that adds ``extra`` of the rest."""
    rng = np.random.default_rng(seed)
    known, hidden = rng.normal(size=(2, n))
    y = (rng.random(n) < expit(known + hidden)).astype(float)
    base = expit(0.85 * known)
    block = expit(0.85 * known + extra * hidden + noise * rng.normal(size=n))
    return incremental_gate(base, with_block=block, y=y, groups=np.arange(n), seed=1)


def test_a_block_that_helps_out_of_time_is_admitted():
    found = gate(0.8)

    assert found.admitted
    assert found.p_value < 1e-6
    assert 0 < found.delta_log_loss.lo < found.delta_log_loss.value < found.delta_log_loss.hi
    assert found.delta_log_loss.level == 0.95


def test_a_decorative_block_is_kept_out():
    found = gate(0.0, noise=0.3)

    assert not found.admitted
    assert found.delta_log_loss.value < 0


def test_a_block_that_informs_but_misjudges_is_kept_out():
    # The new chances know more (likelihood ratio) yet are so extreme that they lose.
    found = gate(6.0)

    assert found.p_value < 0.01
    assert found.delta_log_loss.hi < 0
    assert not found.admitted


def test_decoration_passes_the_gate_less_than_one_time_in_twenty():
    passed = [gate(0.0, noise=0.05, n=1500, seed=seed).admitted for seed in range(40)]

    assert sum(passed) <= 2


def test_too_few_events_admit_nothing():
    found = gate(0.8, n=400)

    assert found.status is Status.INSUFFICIENT
    assert not found.admitted


def test_repeated_rows_of_a_customer_count_once_in_the_interval():
    n = 1200
    rng = np.random.default_rng(8)
    hidden = rng.normal(size=n)
    y = (rng.random(n) < expit(hidden)).astype(float)
    base, block = np.full(n, 0.5), expit(hidden)
    twice = [np.concatenate([values, values]) for values in (base, block, y)]
    who = np.concatenate([np.arange(n), np.arange(n)])

    once = incremental_gate(base, with_block=block, y=y, groups=np.arange(n), seed=1)
    again = incremental_gate(twice[0], with_block=twice[1], y=twice[2], groups=who, seed=1)
    apart = incremental_gate(
        twice[0], with_block=twice[1], y=twice[2], groups=np.arange(2 * n), seed=1
    )

    def width(found):
        return found.delta_log_loss.hi - found.delta_log_loss.lo

    assert width(again) == pytest.approx(width(once), rel=0.01)
    assert width(apart) < 0.85 * width(again)
