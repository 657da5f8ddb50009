"""The contract that every churn model keeps, and what each alone must do."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from huitouke.insight.models.churn import churn_candidates, spend_candidates
from huitouke.insight.models.churn_boosting import BoostedTrees
from huitouke.insight.models.churn_inputs import (
    ChurnInputsInvalid,
    ChurnModelUnfitted,
    Preparation,
    inner_folds,
    rows_to_fit,
)
from huitouke.insight.models.churn_logistic import RidgeLogistic
from huitouke.insight.models.churn_spend import LinearSpend, PastSpend
from huitouke.insight.tables import Status
from huitouke.insight.validation.splits import grouped_folds

NAMES = ("silence_days", "repeat_count", "spend_total", "tenure_days", "gap_last_days")
CHURN = [pytest.param(c, id=c.name) for c in churn_candidates()]
ALL = [*CHURN, *(pytest.param(c, id=c.name) for c in spend_candidates())]

#: Root mean squared miss of the true chance; predicting the base rate misses by .25.
MISS_MAX = {
    "logistic": 0.08,
    "tree": 0.05,
    "boosting": 0.035,
    "rfm_rank_sum": 0.16,
    "rfm_logistic": 0.095,
}


def shop(seed: int, n: int = 6000):
    """Return features, outcomes, true chances; gap_last_days is missing without repeats."""
    rng = np.random.default_rng(seed)
    tenure = rng.integers(30, 900, n).astype(float)
    repeats = rng.poisson(rng.gamma(0.7, 2.0, n)).astype(float)
    silence = np.floor(tenure * rng.beta(1, 1 + repeats))
    spend = (repeats + 1) * rng.gamma(3, 20, n)
    gap = np.where(repeats > 0, np.floor((tenure - silence) / (repeats + 1)), np.nan)
    p = expit(-1.2 + 0.006 * silence - 0.7 * np.log1p(repeats) + 0.8 * np.isnan(gap))
    X = np.column_stack([silence, repeats, spend, tenure, gap])
    return X, (rng.random(n) < p).astype(float), p


@pytest.mark.parametrize("candidate", CHURN)
def test_chances_are_near_the_truth_that_made_the_data(candidate):
    X, y, _ = shop(1, 20_000)
    fresh, _, truth = shop(2)

    model = candidate.make().fit(X, y, names=NAMES, rng_seed=0)
    found = model.predict(fresh)

    assert np.sqrt(np.mean((found - truth) ** 2)) < MISS_MAX[candidate.name]
    assert abs(found.mean() - truth.mean()) < 0.02
    assert model.status_ is Status.OK


@pytest.mark.parametrize("candidate", ALL)
def test_a_fit_is_the_same_to_the_byte_every_time(candidate):
    X, y, _ = shop(3, 3000)

    one, other = (
        candidate.make().fit(X, y, names=NAMES, rng_seed=5).predict(X) for _ in range(2)
    )

    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("candidate", ALL)
def test_a_row_is_answered_alike_alone_and_in_company(candidate):
    X, y, _ = shop(4, 3000)
    model = candidate.make().fit(X, y, names=NAMES, rng_seed=0)

    whole = model.predict(X)

    assert model.predict(X[7:8])[0] == pytest.approx(whole[7], abs=1e-12)
    assert model.predict(X[::-1]) == pytest.approx(whole[::-1], abs=1e-12)
    assert model.predict(X[:0]).shape == (0,)


@pytest.mark.parametrize("candidate", ALL)
def test_missing_and_extreme_values_get_a_finite_answer(candidate):
    X, y, _ = shop(5, 3000)
    model = candidate.make().fit(X, y, names=NAMES, rng_seed=0)
    strange = np.array([[np.nan] * 5, [1e12] * 5, [0.0] * 5, [-1e9] * 5])

    found = model.predict(strange)

    assert np.all(np.isfinite(found))
    assert np.all(found >= 0)


@pytest.mark.parametrize("candidate", CHURN)
@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_one_class_gives_a_rate_short_of_certain_and_a_status(candidate, outcome):
    X, _, _ = shop(6, 400)

    model = candidate.make().fit(X, np.full(400, outcome), names=NAMES, rng_seed=0)
    found = model.predict(X)

    assert model.status_ is Status.INSUFFICIENT
    assert np.all((found > 0) & (found < 1))
    assert np.all(np.abs(found - outcome) < 0.02)


@pytest.mark.parametrize("candidate", CHURN)
def test_fewer_than_300_events_are_insufficient(candidate):
    X, y, _ = shop(7, 500)

    model = candidate.make().fit(X, y, names=NAMES, rng_seed=0)

    assert model.status_ is Status.INSUFFICIENT


@pytest.mark.parametrize("candidate", ALL)
@pytest.mark.parametrize("rows", [1, 2, 60])
def test_a_handful_of_customers_breaks_nothing(candidate, rows):
    X, y, _ = shop(8, rows)

    found = candidate.make().fit(X, y, names=NAMES, rng_seed=0).predict(X)

    assert np.all(np.isfinite(found))


@pytest.mark.parametrize("candidate", ALL)
def test_columns_that_never_vary_or_are_all_missing_break_nothing(candidate):
    X, y, _ = shop(9, 1500)
    dull = np.column_stack([X, np.full(1500, 3.0), np.full(1500, np.nan)])
    names = (*NAMES, "same", "never")

    model = candidate.make().fit(dull, y, names=names, rng_seed=0)

    assert np.all(np.isfinite(model.predict(dull)))
    json.dumps(dict(model.parameters()), allow_nan=False)


@pytest.mark.parametrize("candidate", ALL)
def test_inputs_that_do_not_fit_together_are_refused(candidate):
    X, y, _ = shop(10, 100)
    wrong = [
        (X, y[:50], NAMES),
        (X, y, NAMES[:4]),
        (X, y, ("a",) * 5),
        (np.where(X > 500, np.inf, X), y, NAMES),
        (X, np.full(100, np.nan), NAMES),
    ]

    for features, outcomes, names in wrong:
        with pytest.raises(ChurnInputsInvalid):
            candidate.make().fit(features, outcomes, names=names, rng_seed=0)


@pytest.mark.parametrize("candidate", ALL)
def test_an_unfitted_model_says_so(candidate):
    with pytest.raises(ChurnModelUnfitted) as refused:
        candidate.make().predict(np.zeros((1, 5)))

    assert refused.value.code == "models.churn_unfitted"
    assert "尚未训练" in refused.value.text("zh")


def test_logistic_equals_scikit_learn_on_the_same_columns():
    X, y, _ = shop(11)
    model = RidgeLogistic(ridge=2.0).fit(X, y, names=NAMES, rng_seed=0)
    columns = Preparation.learn(X).apply(X)

    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(columns, y)

    assert model.coefficients_[1:] == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert model.coefficients_[0] == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_logistic_stands_at_a_true_optimum():
    X, y, _ = shop(12)
    model = RidgeLogistic().fit(X, y, names=NAMES, rng_seed=0)
    design = np.column_stack([np.ones(len(y)), model.preparation_.apply(X)])

    p = expit(design @ model.coefficients_)
    gradient = design.T @ (y - p) - np.r_[0.0, model.coefficients_[1:]]

    assert model.converged_
    assert np.abs(gradient).max() < 1e-8 * len(y)
    assert np.linalg.eigvalsh(model.covariance_)[0] > 0


def test_logistic_survives_separated_classes():
    X = np.linspace(-1, 1, 1000)[:, None]
    y = (X[:, 0] > 0).astype(float)

    model = RidgeLogistic().fit(X, y, names=["x"], rng_seed=0)

    assert model.converged_
    assert roc_auc_score(y, model.predict(X)) == 1.0


def test_contributions_add_up_to_the_log_odds():
    X, y, _ = shop(13, 2000)
    model = RidgeLogistic().fit(X, y, names=NAMES, rng_seed=0)

    parts = model.contributions(X)

    assert parts.shape == X.shape
    odds = model.coefficients_[0] + parts.sum(axis=1)
    assert expit(odds) == pytest.approx(model.predict(X), abs=1e-12)
    assert parts.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-9)


def test_reasons_name_what_raises_risk_most_and_nothing_else():
    X, y, _ = shop(14, 4000)
    model = RidgeLogistic().fit(X, y, names=NAMES, rng_seed=0)
    long_gone = np.array([[800.0, 6.0, 400.0, 850.0, 10.0]])
    loyal = np.array([[0.0, 12.0, 900.0, 850.0, 60.0]])

    places, added = model.reasons(long_gone, top=2)
    kept, nothing = model.reasons(loyal, top=5)

    assert NAMES[places[0, 0]] == "silence_days"
    assert added[0, 0] >= added[0, 1] >= 0
    assert all(value == 0 for value in nothing[kept == -1])
    assert "silence_days" not in [NAMES[place] for place in kept[0] if place >= 0]


def test_parameters_are_plain_and_tell_what_was_logged():
    X, y, _ = shop(15, 2000)

    told = RidgeLogistic().fit(X, y, names=NAMES, rng_seed=0).parameters()

    assert "repeat_count" in told["logged"]
    assert "tenure_days" not in told["logged"]
    assert set(told["coefficients_per_sd"]) == {*NAMES, "gap_last_days_missing"}
    assert told["coefficients_per_sd"]["silence_days"]["value"] > 0
    json.dumps(dict(told), allow_nan=False)


def test_preparation_holds_new_values_to_the_range_it_saw():
    X = np.array([[1.0], [2.0], [3.0]])
    made = Preparation.learn(X)

    found = made.apply(np.array([[99.0], [3.0], [-5.0], [1.0], [np.nan]]))[:, 0]

    assert found[0] == found[1]
    assert found[2] == found[3]
    assert found[4] == 0.0
    assert made.apply(X)[:, 0].std() == pytest.approx(1.0)


def test_boosting_obeys_a_monotone_constraint():
    rng = np.random.default_rng(16)
    X = rng.uniform(0, 10, (4000, 1))
    y = (rng.random(4000) < np.where(X[:, 0] < 5, 0.1 + 0.12 * X[:, 0], 0.2)).astype(float)
    grid = np.linspace(0, 10, 200)[:, None]

    free = BoostedTrees().fit(X, y, names=["x"], rng_seed=0).predict(grid)
    held = BoostedTrees(monotone={"x": 1}).fit(X, y, names=["x"], rng_seed=0).predict(grid)

    assert np.diff(free).min() < -0.1
    assert np.diff(held).min() >= 0


def test_boosting_refuses_a_constraint_on_a_feature_that_is_not_there():
    X, y, _ = shop(17, 100)

    with pytest.raises(ChurnInputsInvalid):
        BoostedTrees(monotone={"age": 1}).fit(X, y, names=NAMES, rng_seed=0)


def spent(seed: int, n: int = 5000):
    X, _, truth = shop(seed, n)
    mean = 5 + 0.2 * X[:, 2] * (1 - truth)
    rng = np.random.default_rng(seed)
    return X, mean * rng.gamma(2, 0.5, n), mean


def test_linear_spend_keeps_the_total_and_beats_the_scaled_past():
    X, y, _ = spent(18)
    fresh, came, _ = spent(19)

    line = LinearSpend().fit(X, y, names=NAMES, rng_seed=0).predict(fresh)
    past = PastSpend().fit(X, y, names=NAMES, rng_seed=0).predict(fresh)

    assert line.sum() == pytest.approx(came.sum(), rel=0.05)
    assert past.sum() == pytest.approx(came.sum(), rel=0.05)
    assert np.mean((line - came) ** 2) < np.mean((past - came) ** 2)
    assert line.min() >= 0


def test_linear_spend_is_least_squares_when_the_penalty_is_small():
    rng = np.random.default_rng(20)
    X = rng.uniform(0, 1, (2000, 2))
    y = 10 + 3 * X[:, 0] + 7 * X[:, 1]

    found = LinearSpend(ridge=1e-9).fit(X, y, names=["a", "b"], rng_seed=0).predict(X)

    inside = np.all((X > 0.002) & (X < 0.998), axis=1)
    assert found[inside] == pytest.approx(y[inside], abs=0.02)


def test_large_data_are_fitted_on_a_stable_sample_of_whole_customers():
    groups = np.repeat(np.arange(1000), 4)

    kept = rows_to_fit(4000, groups=groups, at_most=500)

    assert 480 <= len(kept) <= 500
    assert all(np.bincount(groups[kept])[groups[kept]] == 4)
    assert np.array_equal(kept, rows_to_fit(4000, groups=groups, at_most=500))


def test_inner_folds_are_not_the_outer_ones_in_disguise():
    groups = np.arange(20_000)
    outer = grouped_folds(groups, folds=5)
    inner = inner_folds(20_000, groups=groups, folds=5, rng_seed=0)

    left = np.bincount(inner[outer != 0], minlength=5)
    assert left.min() > 0.9 * left.max()
