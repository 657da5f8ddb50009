"""What customers say: intervals that cover, slopes that are recovered, last words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from huitouke.insight.profiles.attitude import (
    answer_scale,
    expectation_gap,
    last_word,
    satisfaction_index,
)
from huitouke.insight.profiles.needs import NEEDS, needs_from_orders, needs_from_scale
from huitouke.insight.profiles.net_promoter import (
    adjusted_interval,
    answers_needed,
    net_promoter,
    net_promoter_change,
)
from huitouke.insight.tables import Status


def exact_coverage(n, detractors, promoters):
    truth = 100 * (promoters - detractors)
    shares = [promoters, detractors, 1 - promoters - detractors]
    total = 0.0
    for p in range(n + 1):
        for d in range(n - p + 1):
            low, high = adjusted_interval(p, detractors=d, answers=n, level=0.95)
            if low <= truth <= high:
                total += stats.multinomial.pmf([p, d, n - p - d], n, shares)
    return total


@pytest.mark.parametrize("n", [10, 20, 50])
@pytest.mark.parametrize(("detractors", "promoters"), [(0.05, 0.8), (0.2, 0.5), (0.3, 0.3)])
def test_the_adjusted_interval_covers_from_ten_answers_on(n, detractors, promoters):
    assert 0.94 <= exact_coverage(n, detractors, promoters) <= 0.97


def test_the_sample_sizes_are_the_published_ones():
    assert answers_needed(5.0) == 3_831
    assert answers_needed(10.0) == 958


def test_the_usual_half_widths_are_met():
    for n, half in ((100, 15.3), (400, 7.7)):
        answers = np.repeat([10.0, 8.0, 2.0], [n // 2, 3 * n // 10, n // 5])
        found = net_promoter(answers, level=0.95)
        assert 196 * np.sqrt(found.variance) == pytest.approx(half, abs=0.05)
        assert found.score == 30.0


def test_twenty_nine_answers_are_no_number():
    found = net_promoter(np.full(29, 10.0))

    assert found.score is None
    assert found.verdict.status is Status.INSUFFICIENT
    assert found.promoters == 29


def test_answers_off_the_scale_are_left_out():
    found = net_promoter(np.array([10.0] * 30 + [11.0, -1.0, np.nan]))

    assert found.answers == 30


def test_a_change_between_waves_needs_enough_answers():
    rng = np.random.default_rng(1)
    first = net_promoter(rng.choice([10.0, 8.0, 3.0], 4_000, p=[0.5, 0.3, 0.2]))
    second = net_promoter(rng.choice([10.0, 8.0, 3.0], 4_000, p=[0.6, 0.2, 0.2]))
    small = net_promoter(np.full(10, 9.0))

    found = net_promoter_change(first, second=second)

    assert found.change == pytest.approx(10, abs=4)
    assert found.low < found.change < found.high
    assert found.p_value < 1e-4
    assert net_promoter_change(first, second=small).change is None


def test_the_satisfaction_index_is_the_mean_on_a_hundred():
    rng = np.random.default_rng(4)
    items = np.clip(np.rint(rng.normal(7, 1.5, (200, 3))), 1, 10)

    found = satisfaction_index(items, scale=(1, 10))

    assert found.index == pytest.approx(100 * (items.mean() - 1) / 9)
    assert found.low < found.index < found.high
    half = 1.2816 * (100 * (items.mean(axis=1) - 1) / 9).std() / np.sqrt(200)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)


def test_item_weights_follow_the_first_component_from_250_answers_on():
    rng = np.random.default_rng(4)
    common = rng.normal(0, 1, 400)
    items = 5 + np.column_stack([common * 2, common, rng.normal(0, 0.3, 400)])

    weights = satisfaction_index(items, scale=(1, 10)).weights

    assert sum(weights) == pytest.approx(1.0)
    assert weights[0] > weights[1] > weights[2]


def test_worse_than_expected_weighs_what_it_weighs():
    rng = np.random.default_rng(8)
    d = rng.normal(0, 1, 1_000)
    e = rng.normal(3, 0.8, 1_000)
    s = 3 + 0.9 * np.minimum(d, 0) + 0.5 * np.maximum(d, 0) + rng.normal(0, 0.4, 1_000)

    found = expectation_gap(e, performance=e + d, satisfaction=s)

    assert found.worse == pytest.approx(0.9, rel=0.2)
    assert found.better == pytest.approx(0.5, rel=0.2)


def test_the_restriction_to_a_difference_is_kept_when_true_and_rejected_when_false():
    rng = np.random.default_rng(9)
    e, p = rng.normal(3, 1, (2, 2_000))
    noise = rng.normal(0, 0.5, 2_000)

    only_gap = expectation_gap(e, performance=p, satisfaction=3 + 0.6 * (p - e) + noise)
    experience = expectation_gap(e, performance=p, satisfaction=3 + 0.6 * p + noise)

    assert only_gap.difference_p_value > 0.01
    assert experience.difference_p_value < 1e-6
    assert experience.coefficients[2] == pytest.approx(0.6, abs=0.06)


def test_a_few_answers_make_no_regression():
    few = np.ones(100)

    found = expectation_gap(few, performance=few, satisfaction=few)

    assert found.coefficients is None
    assert found.verdict.status is Status.INSUFFICIENT


@pytest.mark.parametrize(
    ("scores", "kind", "scale"),
    [
        ([0.0, 10.0], "nps", (0.0, 10.0)),
        ([1.0, 5.0], "satisfaction", (1.0, 5.0)),
        ([1.0, 6.0], "satisfaction", (1.0, 7.0)),
        ([0.0, 8.0], "satisfaction", (0.0, 10.0)),
        ([2.0, 9.0], "satisfaction", (1.0, 10.0)),
        ([40.0, 90.0], "satisfaction", (0.0, 100.0)),
        ([-2.0, 3.0], "disconfirmation", (-3.0, 3.0)),
    ],
)
def test_answer_scales_are_recognised(scores, kind, scale):
    assert answer_scale(np.array(scores), kind=kind) == scale


def test_only_the_last_answer_known_by_the_day_counts():
    found = last_word(
        np.array([0, 0, 0, 2, 9]),
        day=np.array([1, 5, 20, 5, 5]),
        score=np.array([1.0, 5.0, 1.0, np.nan, 3.0]),
        customers=3,
        as_of_day=10,
        scale=(1.0, 5.0),
    )

    assert found.score[0] == 1.0
    assert found.observed.tolist() == [True, False, False]
    assert found.days_ago.tolist() == [5, -1, -1]


def test_needs_are_not_identified_from_orders():
    found = needs_from_orders(4)

    assert found.verdict.status is Status.NOT_IDENTIFIED
    assert np.isnan(found.share).all()


def test_needs_from_a_scale_follow_the_true_need_and_stay_silent_when_even():
    rng = np.random.default_rng(6)
    truth = rng.dirichlet(np.full(4, 0.4), 1_500)
    yea = rng.normal(0, 0.8, (1_500, 1))
    items = np.full(4, 4)
    level = 4 + 0.7 * (np.log(np.maximum(truth, 0.01)) + 2) + yea
    means = level + rng.normal(0, 1.2 / 2, (1_500, 4))
    means[:100] = np.nan

    found = needs_from_scale(means, items=items, item_variance=1.44)

    seen = found.status == 0
    assert 0.2 < seen.mean() < 0.95
    assert (found.entropy[seen] <= 1.2).all()
    ranks = stats.spearmanr(found.share[seen].ravel(), truth[seen].ravel()).statistic
    assert ranks >= 0.5
    assert (found.status[:100] == 2).all()
    assert found.share[seen].sum(axis=1) == pytest.approx(1.0)
    assert len(NEEDS) == found.share.shape[1]


def test_a_scale_that_few_answered_gives_no_needs():
    means = np.full((50, 4), np.nan)
    means[:5] = 4.0

    found = needs_from_scale(means, items=np.full(4, 4), item_variance=1.0)

    assert found.verdict.status is Status.INSUFFICIENT
    assert np.isnan(found.share).all()
