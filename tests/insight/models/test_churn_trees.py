"""The tree: pruned as Breiman says, readable, and true to its rules."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from huitouke.insight.models.churn_pruning import Nodes, cut_back, prunings, reachable
from huitouke.insight.models.churn_rules import Condition
from huitouke.insight.models.trees import ChurnTree

NAMES = ("silence_days", "repeat_count", "full_price_share", "gap_last_days")


def shop(seed: int, n: int = 4000):
    rng = np.random.default_rng(seed)
    silence = rng.integers(0, 400, n).astype(float)
    repeats = rng.poisson(2, n).astype(float)
    share = rng.uniform(0, 1, n)
    gap = np.where(repeats > 0, rng.integers(1, 90, n), np.nan)
    p = np.where(silence > 150, np.where(repeats > 1, 0.6, 0.9), 0.2)
    y = (rng.random(n) < p).astype(float)
    return np.column_stack([silence, repeats, share, gap]), y


def tree_of(X, y):
    grown = DecisionTreeClassifier(max_depth=4, min_samples_leaf=20, random_state=0).fit(X, y)
    arrays = grown.tree_
    nodes = Nodes(
        feature=np.where(arrays.children_left < 0, -1, arrays.feature).astype(np.int64),
        threshold=arrays.threshold,
        left=arrays.children_left.astype(np.int64),
        right=arrays.children_right.astype(np.int64),
        missing_left=arrays.missing_go_to_left.astype(bool),
        n=np.zeros(arrays.node_count),
        events=np.zeros(arrays.node_count),
    )
    n, events = nodes.counted(nodes.leaf_of(X), y=y)
    return grown, Nodes(**{**nodes.__dict__, "n": n, "events": events})


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_prunings_are_the_path_of_the_reference_implementation(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 12, (500, 3)).astype(float)
    y = (rng.random(500) < np.where(X[:, 0] > 5, 0.7, 0.3)).astype(float)
    grown, nodes = tree_of(X, y)

    path = prunings(nodes)

    theirs = grown.cost_complexity_pruning_path(X, y).ccp_alphas
    assert [alpha for alpha, _ in path] == pytest.approx(np.unique(theirs.round(12)), abs=1e-9)
    sizes = [int(np.count_nonzero(leaf & reachable(nodes, leaf))) for _, leaf in path]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1


def test_a_tree_cut_back_answers_like_the_reference_pruned_as_much():
    X, y = shop(1)
    X = np.nan_to_num(X)
    _, nodes = tree_of(X, y)
    path = prunings(nodes)
    alpha, leaf = path[len(path) // 2]

    cut = cut_back(nodes, leaf)
    reference = DecisionTreeClassifier(
        max_depth=4, min_samples_leaf=20, random_state=0, ccp_alpha=alpha * 1.0000001
    ).fit(X, y)

    assert np.count_nonzero(cut.feature < 0) == reference.get_n_leaves()
    rates = (cut.events / cut.n)[cut.leaf_of(X)]
    assert rates == pytest.approx(reference.predict_proba(X)[:, 1])


def test_the_structure_that_made_the_data_is_found_and_no_more():
    X, y = shop(2, 8000)

    rules = ChurnTree().fit(X, y, names=NAMES, rng_seed=0).rules()

    assert [rule.rate for rule in rules] == pytest.approx([0.9, 0.6, 0.2], abs=0.03)
    assert {c.feature for rule in rules for c in rule.conditions} == set(NAMES[:2])
    assert rules[2].conditions[0].at_most == pytest.approx(150, abs=6)


def test_leaves_are_few_and_large():
    X, y = shop(3, 3000)
    y = np.where(X[:, 2] > 0.5, 1 - y, y)

    tree = ChurnTree(leaves_max=6).fit(X, y, names=NAMES, rng_seed=0)

    assert 2 <= len(tree.rules()) <= 6
    assert all(rule.n >= 50 for rule in tree.rules())
    assert sum(rule.n for rule in tree.rules()) == 3000
    assert sum(rule.events for rule in tree.rules()) == y.sum()


def test_pure_noise_is_pruned_to_the_root():
    rng = np.random.default_rng(4)
    X = rng.uniform(size=(3000, 4))
    y = (rng.random(3000) < 0.4).astype(float)

    rules = ChurnTree().fit(X, y, names=NAMES, rng_seed=0).rules()

    assert len(rules) == 1
    assert rules[0].text("en", horizon_days=91).startswith("All customers: ")


def passes(condition: Condition, value: float) -> bool:
    if math.isnan(value):
        return condition.or_missing
    above = condition.above is None or value > condition.above
    return above and (condition.at_most is None or value <= condition.at_most)


def test_every_row_meets_exactly_one_rule_and_gets_its_rate():
    X, y = shop(5)
    # Missing at random places, and telling: risk is certain there at half price and above.
    X[:, 3] = np.where(np.arange(len(y)) % 5 == 0, np.nan, X[:, 3])
    y = np.where(np.isnan(X[:, 3]) & (X[:, 2] > 0.4), 1.0, y)
    tree = ChurnTree().fit(X, y, names=NAMES, rng_seed=0)
    fresh, _ = shop(6, 400)

    rules, chances = tree.rules(), tree.predict(fresh)

    assert any(c.feature == "gap_last_days" for rule in rules for c in rule.conditions)
    for row, chance in zip(fresh, chances, strict=True):
        met = [
            rule
            for rule in rules
            if all(passes(c, row[NAMES.index(c.feature)]) for c in rule.conditions)
        ]
        assert len(met) == 1
        assert chance == pytest.approx((met[0].events + 0.5) / (met[0].n + 1))


def test_rules_measured_later_tell_what_happened_later():
    X, y = shop(7)
    tree = ChurnTree().fit(X, y, names=NAMES, rng_seed=0)
    later, _ = shop(8, 1000)

    rules = tree.rules(later, np.ones(1000))

    assert sum(rule.n for rule in rules) == 1000
    assert all(rule.rate == 1.0 and rule.lo < 1.0 for rule in rules)
    assert {rule.conditions for rule in rules} == {rule.conditions for rule in tree.rules()}


def test_a_rule_without_later_rows_has_no_rate():
    X, y = shop(9)
    tree = ChurnTree().fit(X, y, names=NAMES, rng_seed=0)

    rules = tree.rules(X[:0], y[:0])

    assert all(rule.rate is None for rule in rules)
    assert rules[0].text("zh", horizon_days=91).endswith("没有可统计的顾客")


def test_cuts_are_numbers_that_people_read():
    rng = np.random.default_rng(10)
    X = np.column_stack([rng.gamma(2, 371.234, 5000), rng.integers(0, 900, 5000)])
    y = ((X[:, 0] > 612.7) ^ (rng.random(5000) < 0.2)).astype(float)

    rules = ChurnTree().fit(X, y, names=["spend_total", "silence_days"], rng_seed=0).rules()

    cuts = [
        cut
        for rule in rules
        for c in rule.conditions
        for cut in (c.above, c.at_most)
        if cut is not None
    ]
    assert cuts
    assert all(float(f"{cut:.3g}") == cut for cut in cuts)


def test_customers_of_one_household_do_not_straddle_inner_folds():
    # Every customer appears 20 times with a serial number: within folds cut by row, the
    # number would look predictive; cut by customer it is noise and is pruned away.
    rng = np.random.default_rng(11)
    serial = np.repeat(rng.permutation(150).astype(float), 20)
    y = np.repeat((rng.random(150) < 0.5).astype(float), 20)
    X = serial[:, None]

    by_row = ChurnTree().fit(X, y, names=["serial"], rng_seed=0)
    by_customer = ChurnTree().fit(
        X, y, names=["serial"], rng_seed=0, groups=np.repeat(np.arange(150), 20)
    )

    assert len(by_row.rules()) > len(by_customer.rules())


@pytest.mark.parametrize(
    ("condition", "en", "zh"),
    [
        (
            Condition("silence_days", 60.0, None, False),
            "days since last purchase over 60",
            "距上次购买天数大于 60",
        ),
        (Condition("repeat_count", None, 0.0, False), "repeat purchases: none", "复购次数为 0"),
        (
            Condition("full_price_share", None, 0.355, False),
            "full-price share at most 35.5%",
            "原价消费占比不超过 35.5%",
        ),
        (
            Condition("spend_total", 1000.0, 2500.5, False),
            "total spend over 1,000, at most 2,500.5",
            "累计消费大于 1,000、不超过 2,500.5",
        ),
        (
            Condition("gap_last_days", None, 30.0, True),
            "days between the last two purchases at most 30, or unknown",
            "最近两次购买间隔天数不超过 30或未知",
        ),
        (
            Condition("gap_last_days", math.inf, None, True),
            "days between the last two purchases unknown",
            "最近两次购买间隔天数未知",
        ),
        (
            Condition("gap_last_days", None, math.inf, False),
            "days between the last two purchases known",
            "最近两次购买间隔天数已知",
        ),
        (Condition("f17", 1.0, None, False), "f17 over 1", "f17大于 1"),
    ],
)
def test_conditions_read_well_in_both_languages(condition, en, zh):
    assert condition.text("en") == en
    assert condition.text("zh") == zh


def test_a_rule_is_a_sentence_with_its_n_and_interval():
    X = np.repeat([[10.0], [90.0]], 400, axis=0)
    y = np.concatenate([np.tile([0.0, 0, 0, 1], 100), np.tile([1.0, 1, 1, 0], 100)])

    rule = ChurnTree().fit(X, y, names=["silence_days"], rng_seed=0).rules()[0]

    assert (rule.n, rule.events, rule.rate) == (400, 300, 0.75)
    assert rule.lo == pytest.approx(0.721, abs=0.001)
    assert rule.text("zh", horizon_days=91) == (
        "距上次购买天数大于 10：75% 在 91 天内没有再买（72% 至 78%；400 位顾客）"
    )
    assert list(itertools.islice(rule.to_json(), 3)) == ["conditions", "n", "events"]
