"""The three tests of a model, on models simple enough to know the answers."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from huitouke.insight.validation.blocks import rounded, score_amounts
from huitouke.insight.validation.crossval import (
    Sample,
    Task,
    cross_validate,
    evaluate,
    pool,
)
from huitouke.insight.validation.splits import grouped_folds


class Memory:
    """Remembers every customer it has seen: perfect in sample, ignorant beyond."""

    def fit(self, X, y, *, names, rng_seed, groups=None):
        self.seen = dict(zip(X[:, 0].tolist(), y.tolist(), strict=True))
        self.rate = float(y.mean())
        self.names = names
        return self

    def predict(self, X):
        return np.array([self.seen.get(key, self.rate) for key in X[:, 0].tolist()])

    def parameters(self):
        return {"rate": self.rate, "seen": len(self.seen)}


def sample(seed=0, n=4000, origin=None, first=0):
    rng = np.random.default_rng(seed)
    numbers = np.arange(first, first + n)
    y = (rng.random(n) < 0.3).astype(float)
    return Sample(numbers[:, None].astype(float), y, numbers, origin)


TASK = Task("churn", 91, ("number",))


def test_a_model_that_memorises_is_found_out():
    found = evaluate(
        Memory,
        model="memory",
        task=TASK,
        train=[sample(origin=date(2024, 1, 1))],
        test=sample(1, origin=date(2024, 6, 1), first=10_000),
    ).record

    assert found.in_sample.score("auc").value == 1.0
    assert found.cross_validated.score("auc").value == pytest.approx(0.5, abs=0.03)
    assert found.out_of_time.score("auc").value == 0.5
    assert found.optimism()["auc"] == pytest.approx(0.5)
    assert found.optimism()["log_loss"] > 0.5
    assert (found.train_origins, found.test_origin) == ((date(2024, 1, 1),), date(2024, 6, 1))


def test_rows_of_a_held_out_customer_are_never_seen():
    one = sample(n=500)
    twice = pool([one, Sample(one.X, 1 - one.y, one.groups)])
    twice = Sample(twice.groups[:, None].astype(float), twice.y, twice.groups)

    found = cross_validate(Memory, sample=twice, names=("number",), folds=5, seed=0)

    fold = grouped_folds(twice.groups, folds=5)
    rates = [twice.y[fold != place].mean() for place in range(5)]
    assert found == pytest.approx(np.array(rates)[fold])


def test_one_customer_cannot_be_cross_validated():
    lone = Sample(np.zeros((3, 1)), np.array([0.0, 1.0, 0.0]), np.zeros(3, dtype=int))

    assert cross_validate(Memory, sample=lone, names=("a",), folds=5, seed=0) is None
    assert evaluate(Memory, model="m", task=TASK, train=[lone]).record.cross_validated is None


def test_without_a_test_origin_there_is_no_out_of_time_result():
    found = evaluate(Memory, model="memory", task=TASK, train=[sample()]).record

    assert found.out_of_time is None
    assert found.optimism()["auc"] == pytest.approx(0.5, abs=0.03)


class Doubted:
    """Says half the chance that the one feature gives."""

    def fit(self, X, y, *, names, rng_seed, groups=None):
        return self

    def predict(self, X):
        return X[:, 0] / 2

    def parameters(self):
        return {}


def test_a_calibration_origin_mends_the_chances_out_of_time():
    rng = np.random.default_rng(6)
    p = rng.uniform(0.05, 0.95, (3, 6000))
    y = (rng.random((3, 6000)) < p).astype(float)
    train, calibrate, test = (
        Sample(p[k][:, None], y[k], np.arange(6000), date(2024, k + 1, 1)) for k in range(3)
    )

    raw = evaluate(Doubted, model="d", task=TASK, train=[train], test=test)
    mended = evaluate(
        Doubted, model="d", task=TASK, train=[train], calibrate=calibrate, test=test
    )

    assert raw.record.out_of_time.score("ece").value > 0.2
    assert mended.record.out_of_time.score("ece").value < 0.03
    assert mended.record.calibrator in {"beta", "isotonic"}
    assert mended.record.calibration_origin == date(2024, 2, 1)
    assert np.array_equal(
        mended.predict(test.X), mended.calibrator.apply(mended.model.predict(test.X))
    )


def test_large_data_are_sampled_by_customer_and_said_so():
    task = Task("churn", 91, ("number",), fit_rows=1000, test_rows=500)

    found = evaluate(Memory, model="m", task=task, train=[sample()], test=sample(2)).record

    assert 900 <= found.in_sample.n <= 1000
    assert 400 <= found.out_of_time.n <= 500
    assert found.in_sample.n == found.cross_validated.n


def test_amounts_are_scored_as_amounts():
    task = Task("spend", 91, ("number",), score=score_amounts)

    found = evaluate(Memory, model="m", task=task, train=[sample()], test=sample(2)).record

    assert found.out_of_time.kind == "amount"
    assert found.in_sample.score("mae").value == 0.0
    assert set(found.optimism()) == {"rmse"}


def test_the_record_is_plain_json_and_the_same_every_time():
    def text():
        made = evaluate(
            Memory,
            model="memory",
            task=TASK,
            train=[sample(origin=date(2024, 1, 1))],
            test=sample(1, origin=date(2024, 6, 1)),
        )
        return json.dumps(made.record.to_json(), allow_nan=False)

    found = json.loads(text())

    assert text() == text()
    assert found["out_of_time"]["metrics"]["auc"]["n"] == 4000
    assert found["out_of_time"]["metrics"]["slope"]["level"] == 0.8
    assert found["in_sample"]["metrics"]["slope"]["status"] == "not_identified"
    assert found["parameters"]["seen"] == 4000
    assert found["verdict"] is None
    assert found["train_origins"] == ["2024-01-01"]


def test_numbers_are_rounded_to_ten_digits_and_nothing_is_not_a_number():
    assert rounded({"a": (1 / 3, np.float64(2e-20), np.int64(4), float("nan"), True)}) == {
        "a": [0.3333333333, 2e-20, 4, None, True]
    }
