"""Churn models on public data: the numbers that others have published or we recomputed."""

from __future__ import annotations

import gzip
import io
from datetime import date

import numpy as np
import pyarrow.csv
import pytest

from huitouke.insight.models.churn_boosting import BoostedTrees
from huitouke.insight.models.churn_logistic import RidgeLogistic
from huitouke.insight.models.rfm import RfmLogistic, RfmRankSum
from huitouke.insight.models.trees import ChurnTree
from huitouke.insight.validation.blocks import score_chances
from huitouke.insight.validation.crossval import Sample, Task, cross_validate, evaluate
from huitouke.insight.validation.gates import choose

AMOUNTS = {"tenure", "MonthlyCharges", "TotalCharges"}
RFM = ("silence_days", "repeat_count", "spend_total", "tenure_days")


@pytest.fixture(scope="module")
def telco(shared_data):
    """All fields of the basic file, one-hot; 11 blank totals are customers of tenure 0."""
    packed = (shared_data / "telco_churn_ibm" / "Telco-Customer-Churn.csv.gz").read_bytes()
    table = pyarrow.csv.read_csv(io.BytesIO(gzip.decompress(packed)))
    columns, names = [], []
    for name in table.column_names:
        values = table[name].to_pylist()
        if name in AMOUNTS:
            blank = [str(value).strip() == "" for value in values]
            columns.append([0.0 if b else float(v) for b, v in zip(blank, values, strict=True)])
            names.append(name)
            if name == "TotalCharges":
                assert sum(blank) == 11
        elif name not in {"customerID", "Churn"}:
            for level in sorted({str(value) for value in values}):
                columns.append([float(str(value) == level) for value in values])
                names.append(f"{name}={level}")
    churn = np.array([value == "Yes" for value in table["Churn"].to_pylist()], dtype=float)
    assert (len(churn), churn.sum()) == (7043, 1869)
    return Sample(np.array(columns).T, churn, np.arange(7043)), tuple(names)


def test_ridge_logistic_on_telco_scores_as_recomputed(telco):
    sample, names = telco

    p = cross_validate(RidgeLogistic, sample=sample, names=names, folds=10, seed=0)
    left_out = score_chances(p, sample.y)
    model = RidgeLogistic().fit(sample.X, sample.y, names=names, rng_seed=0)
    inside = score_chances(model.predict(sample.X), sample.y)

    assert left_out.score("auc").value == pytest.approx(0.845, abs=0.002)
    assert left_out.score("brier").value == pytest.approx(0.1356, abs=0.0005)
    assert left_out.score("ece").value == pytest.approx(0.013, abs=0.004)
    assert left_out.score("top_decile_lift").value == pytest.approx(2.86, abs=0.05)
    assert left_out.score("empc").value == pytest.approx(10.28, abs=0.1)
    assert left_out.score("empc_target_share").value == pytest.approx(0.52, abs=0.01)
    assert 0.95 < left_out.score("slope").value < 1.0
    assert inside.score("auc").value == pytest.approx(0.848, abs=0.001)
    assert all(score.status == "ok" for score in left_out.scores)


@pytest.mark.parametrize(("make", "least"), [(BoostedTrees, 0.845), (ChurnTree, 0.82)])
def test_trees_on_telco_are_no_worse_than_they_should_be(telco, make, least):
    sample, names = telco

    p = cross_validate(make, sample=sample, names=names, folds=5, seed=0)

    assert least < score_chances(p, sample.y).score("auc").value < 0.852


def test_the_month_to_month_contract_heads_the_rules(telco):
    sample, names = telco

    rules = ChurnTree().fit(sample.X, sample.y, names=names, rng_seed=0).rules()

    assert len(rules) <= 16
    first = {condition.feature: condition for condition in rules[0].conditions}
    assert first["Contract=Month-to-month"].above == 0.0
    assert rules[0].rate > 0.75
    assert rules[-1].rate < 0.05


@pytest.fixture(scope="module")
def cdnow(shared_data):
    rows = np.loadtxt(shared_data / "cdnow" / "CDNOW_sample.txt", usecols=(1, 2, 4))
    days = [date.fromisoformat(f"{int(day)}").toordinal() for day in rows[:, 1]]
    return rows[:, 0].astype(int) - 1, np.array(days), rows[:, 2]


def as_of(cdnow, *, cut: str, until: str) -> Sample:
    """Silence, repeats, spend and tenure as of a day, and who bought no more by another."""
    customer, day, amount = cdnow
    here, there = (date.fromisoformat(text).toordinal() for text in (cut, until))
    past, after = day <= here, (day > here) & (day <= there)
    n = customer.max() + 1
    first, last = np.full(n, 10**9), np.zeros(n)
    np.minimum.at(first, customer[past], day[past])
    np.maximum.at(last, customer[past], day[past])
    visits = np.unique(np.column_stack([customer, day])[past], axis=0)[:, 0]
    X = np.column_stack(
        [
            here - last,
            np.bincount(visits, minlength=n) - 1.0,
            np.bincount(customer[past], amount[past], minlength=n),
            here - first,
        ]
    )
    churn = np.ones(n)
    churn[customer[after]] = 0.0
    known = first <= here
    origin = date.fromisoformat(cut)
    return Sample(X[known], churn[known], np.flatnonzero(known), origin)


@pytest.mark.parametrize(
    ("make", "auc", "within", "brier_most"),
    [
        (RidgeLogistic, 0.778, 0.006, 0.157),
        (ChurnTree, 0.761, 0.008, 0.159),
        (BoostedTrees, 0.767, 0.008, 0.158),
        (RfmLogistic, 0.778, 0.006, 0.157),
        (RfmRankSum, 0.775, 0.006, 0.160),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_five_folds_on_cdnow_score_as_published_or_better(cdnow, make, auc, within, brier_most):
    sample = as_of(cdnow, cut="1997-09-30", until="1998-06-30")

    p = cross_validate(make, sample=sample, names=RFM, folds=5, seed=0)
    found = score_chances(p, sample.y)

    assert sample.y.sum() == 2357 - 684
    assert found.score("auc").value == pytest.approx(auc, abs=within)
    assert found.score("brier").value < brier_most


def test_out_of_time_on_cdnow_one_model_is_used_and_the_rest_say_why_not(cdnow):
    train = as_of(cdnow, cut="1997-06-30", until="1997-12-31")
    test = as_of(cdnow, cut="1997-12-31", until="1998-06-30")
    task = Task("no purchase in the horizon", 182, RFM)

    records = [
        evaluate(
            make, model=make.name, task=task, train=[train], test=test, is_rival=rival
        ).record
        for make, rival in (
            (RidgeLogistic, False),
            (ChurnTree, False),
            (BoostedTrees, False),
            (RfmRankSum, True),
            (RfmLogistic, True),
        )
    ]
    found = choose(records)

    assert found.status == "ok"
    assert [record.model for record in found.records if record.verdict.used] == [found.winner]
    best = min(record.out_of_time.score("log_loss").value for record in records)
    winner = next(record for record in found.records if record.model == found.winner)
    assert winner.out_of_time.score("log_loss").value == best
    assert all(record.out_of_time.score("auc").value > 0.72 for record in records)
    assert all(len(record.rivals) == 4 for record in found.records)
