"""Scores of predicted chances: values worked by hand, and laws that any data must obey."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.insight.tables import Status
from huitouke.insight.validation.scores import (
    ScoreInputsInvalid,
    auc,
    brier,
    log_loss,
    top_decile_lift,
)

tenths = st.integers(0, 10).map(lambda tenth: tenth / 10)
judged = st.lists(st.tuples(tenths, st.booleans()), min_size=2, max_size=60).filter(
    lambda rows: len({event for _, event in rows}) == 2
)


def arrays(rows):
    p, y = zip(*rows, strict=True)
    return np.array(p, dtype=float), np.array(y, dtype=float)


@given(judged)
def test_auc_is_the_share_of_pairs_in_order_with_ties_counting_half(rows):
    p, y = arrays(rows)

    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in p[y == 1] for b in p[y == 0]]

    assert auc(p, y=y).value == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)


@given(judged)
def test_auc_does_not_change_under_a_rising_transform(rows):
    p, y = arrays(rows)

    assert auc(np.exp(3 * p) - 7, y=y).value == auc(p, y=y).value


@given(judged)
def test_auc_of_reversed_predictions_is_one_minus_auc(rows):
    p, y = arrays(rows)

    assert auc(1 - p, y=y).value == pytest.approx(1 - auc(p, y=y).value, abs=1e-12)


def test_auc_interval_has_the_variance_of_delong():
    # Placements by hand: events .5 and .9 against .2, .5, .7.
    p, y = np.array([0.5, 0.9, 0.2, 0.5, 0.7]), np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    above = np.array([1.5 / 3, 3 / 3])
    below = np.array([2 / 2, 1.5 / 2, 1 / 2])

    found = auc(p, y=y, level=0.95)

    value = 4.5 / 6
    error = math.sqrt(above.var(ddof=1) / 2 + below.var(ddof=1) / 3)
    half = 1.959963984540054 * error / (value * (1 - value))
    low = 1 / (1 + math.exp(-(math.log(value / (1 - value)) - half)))
    assert found.value == pytest.approx(value)
    assert found.lo == pytest.approx(low, abs=1e-9)


def test_auc_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    truth = 0.76024993890652  # normal scores one standard deviation apart: Phi(1 / sqrt 2)
    hits = 0
    for _ in range(400):
        y = np.repeat([1.0, 0.0], [60, 90])
        found = auc(rng.normal(size=150) + y, y=y)
        hits += found.lo <= truth <= found.hi

    assert 0.74 <= hits / 400 <= 0.86


def test_a_perfect_auc_on_few_rows_is_not_certain():
    y = np.repeat([0.0, 1.0], 10)

    found, more = auc(y, y=y), auc(np.repeat(y, 50), y=np.repeat(y, 50))

    assert found.value == 1.0
    assert 0.8 < found.lo < 0.99
    assert found.lo < more.lo < 1.0
    assert auc(1 - y, y=y).hi == pytest.approx(1 - found.lo)


def test_auc_of_one_class_is_no_number_but_a_status():
    found = auc(np.array([0.2, 0.4]), y=np.zeros(2))

    assert (found.value, found.lo, found.hi) == (None, None, None)
    assert found.status is Status.INSUFFICIENT


@pytest.mark.parametrize(
    ("events", "others", "status"),
    [
        (300, 300, Status.OK),
        (299, 9000, Status.INSUFFICIENT),
        (9000, 299, "insufficient_evidence"),
    ],
)
def test_fewer_than_300_of_either_class_is_insufficient(events, others, status):
    y = np.repeat([1.0, 0.0], [events, others])
    p = np.linspace(0, 1, len(y))

    for score in (auc(p, y=y), brier(p, y=y), log_loss(p, y=y), top_decile_lift(p, y=y)):
        assert score.status == status
        assert (score.n, score.events) == (events + others, events)


@given(judged)
def test_brier_lies_between_nought_and_one_and_is_its_definition(rows):
    p, y = arrays(rows)

    found = brier(p, y=y)

    assert 0 <= found.lo <= found.value <= found.hi <= 1
    assert found.value == pytest.approx(
        sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(y)
    )


def test_brier_of_the_base_rate_is_its_variance():
    y = np.tile([0.0, 0.0, 0.0, 1.0], 200)

    assert brier(np.full(800, 0.25), y=y).value == pytest.approx(0.1875)


def test_brier_interval_is_the_standard_error_of_the_squares():
    p, y = np.array([0.9, 0.4, 0.3, 0.6]), np.array([1.0, 0.0, 0.0, 1.0])
    squares = np.array([0.01, 0.16, 0.09, 0.16])

    found = brier(p, y=y, level=0.95)

    half = 1.959963984540054 * squares.std(ddof=1) / 2
    assert found.hi - found.value == pytest.approx(half)


def test_log_loss_stays_finite_when_a_sure_prediction_is_wrong():
    found = log_loss(np.array([0.0, 1.0]), y=np.array([1.0, 1.0]))

    assert found.value == pytest.approx(-math.log(1e-12) / 2)


def test_lift_counts_a_tie_at_the_border_with_its_expected_value():
    # 20 rows: 2 are wanted. One sure winner, then 4 tied rows of which 2 have the event.
    p = np.concatenate([[0.9], np.full(4, 0.5), np.zeros(15)])
    y = np.concatenate([[1.0], [1.0, 1.0, 0.0, 0.0], np.zeros(15)])

    found = top_decile_lift(p, y=y)

    assert found.value == pytest.approx((1 + 0.5) / 2 / (3 / 20))


@given(st.permutations(range(30)))
def test_lift_does_not_depend_on_the_order_of_rows(order):
    p = np.repeat([0.1, 0.4, 0.8], 10)
    y = np.tile([0.0, 1.0, 1.0, 0.0, 0.0], 6)

    shuffled = list(order)

    assert top_decile_lift(p[shuffled], y=y[shuffled]).value == top_decile_lift(p, y=y).value


def test_lift_of_no_order_is_one():
    assert top_decile_lift(np.full(50, 0.3), y=np.tile([0.0, 1.0], 25)).value == 1.0


@pytest.mark.parametrize(
    ("p", "y"),
    [
        ([0.5, 1.2], [0.0, 1.0]),
        ([0.5, math.nan], [0.0, 1.0]),
        ([0.5], [0.0, 1.0]),
        ([0.5, 0.5], [0.0, 2.0]),
    ],
)
def test_predictions_that_cannot_be_scored_are_refused(p, y):
    with pytest.raises(ScoreInputsInvalid) as refused:
        brier(np.array(p), y=np.array(y))

    assert refused.value.code == "validation.score_inputs"
    assert "无法评分" in refused.value.text("zh")
