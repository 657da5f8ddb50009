"""RFM ranks: quintiles within an acquisition age, ties jointly, and the published ranking."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from huitouke.insight.models.churn_inputs import ChurnInputsInvalid
from huitouke.insight.models.rfm import RfmColumns, RfmLogistic, RfmRankSum

NAMES = ("silence_days", "repeat_count", "spend_total", "tenure_days")


def fitted(X, **how):
    y = np.arange(len(X)) % 2.0
    return RfmRankSum(**how).fit(X, y, names=NAMES, rng_seed=0)


def test_quintiles_of_a_hundred_are_twenties_with_the_latest_best():
    n = np.arange(100.0)
    X = np.column_stack([n, n, n, np.full(100, 50.0)])

    ranks = fitted(X).ranks(X)

    assert ranks[:, 1].tolist() == np.repeat([1, 2, 3, 4, 5], 20).tolist()
    assert ranks[:, 0].tolist() == np.repeat([5, 4, 3, 2, 1], 20).tolist()
    assert fitted(X).scores(X).min() == fitted(X).scores(X).max() - 4


@given(st.lists(st.integers(0, 4), min_size=20, max_size=120))
def test_equal_customers_have_equal_ranks(counts):
    n = np.array(counts, dtype=float)
    X = np.column_stack([n, n, n * 10, np.full(len(n), 50.0)])

    ranks = fitted(X).ranks(X)

    for count in set(counts):
        assert len(np.unique(ranks[n == count], axis=0)) == 1
    assert np.all((ranks >= 1) & (ranks <= 5))


def test_most_tied_at_nothing_share_the_middle_of_their_places():
    # 60 of 100 never came back: their middle place is the 30th, in the second fifth.
    n = np.concatenate([np.zeros(60), np.arange(1.0, 41.0)])
    X = np.column_stack([n, n, n, np.full(100, 50.0)])

    ranks = fitted(X).ranks(X)[:, 1]

    assert set(ranks[:60]) == {2}
    assert ranks[60:].tolist() == [4] * 20 + [5] * 20


def test_customers_are_ranked_among_those_of_their_age():
    young = np.column_stack(
        [np.arange(200.0), np.zeros(200), np.arange(200.0), np.full(200, 30.0)]
    )
    old = np.column_stack(
        [np.arange(200.0), np.full(200, 50.0), np.arange(200.0) + 5000, np.full(200, 900.0)]
    )

    model = fitted(np.concatenate([young, old]))

    assert np.array_equal(model.ranks(young), model.ranks(old))
    assert len(model.parameters()["age_borders_days"]) >= 1


def test_a_thin_age_joins_its_neighbour():
    age = np.concatenate([np.full(300, 30.0), np.full(20, 120.0), np.full(300, 900.0)])
    X = np.column_stack([np.arange(620.0), np.arange(620.0), np.arange(620.0), age])

    told = fitted(X).parameters()

    assert sum(told["age_counts"]) == 620
    assert min(told["age_counts"]) >= 100


def test_a_missing_value_ranks_lowest():
    n = np.arange(100.0)
    X = np.column_stack([n, n, n, np.full(100, 50.0)])
    model = fitted(X)

    assert model.ranks(np.array([[np.nan, np.nan, np.nan, 50.0]])).tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("make", [RfmRankSum, RfmLogistic])
def test_a_missing_column_is_named(make):
    with pytest.raises(ChurnInputsInvalid) as refused:
        make(columns=RfmColumns(money="revenue")).fit(
            np.zeros((4, 4)), np.array([0.0, 1, 0, 1]), names=NAMES, rng_seed=0
        )

    assert "revenue" in str(refused.value)


@pytest.fixture(scope="module")
def cdnow(shared_data):
    rows = np.loadtxt(shared_data / "cdnow" / "CDNOW_sample.txt", usecols=(1, 2, 4))
    days = np.array([date.fromisoformat(f"{int(day)}").toordinal() for day in rows[:, 1]])
    cut = date(1997, 9, 30).toordinal()
    customer = rows[:, 0].astype(int) - 1
    past = days <= cut
    n = customer.max() + 1
    first, last = np.full(n, 10**9), np.zeros(n)
    np.minimum.at(first, customer[past], days[past])
    np.maximum.at(last, customer[past], days[past])
    occasions = np.unique(np.column_stack([customer, days])[past], axis=0)[:, 0]
    count = np.bincount(occasions, minlength=n) - 1.0
    spend = np.bincount(customer[past], rows[past, 2], minlength=n)
    churn = np.ones(n)
    churn[customer[~past]] = 0.0
    X = np.column_stack([cut - last, count, spend, cut - first])
    return X, churn


def test_rank_sum_on_cdnow_ranks_as_published(cdnow):
    X, churn = cdnow

    scores = RfmRankSum().fit(X, churn, names=NAMES, rng_seed=0).scores(X)
    ranks = RfmRankSum(groups=1000).fit(X, churn, names=NAMES, rng_seed=0).scores(X)

    assert (len(churn), churn.mean()) == (2357, pytest.approx(1 - 0.290, abs=0.001))
    assert roc_auc_score(churn, -scores) == pytest.approx(0.780, abs=0.005)
    assert roc_auc_score(churn, -ranks) == pytest.approx(0.780, abs=0.0015)
    assert roc_auc_score(churn, X[:, 0]) == pytest.approx(0.771, abs=0.001)
    assert roc_auc_score(churn, -X[:, 1]) == pytest.approx(0.758, abs=0.001)
    assert roc_auc_score(churn, -X[:, 2]) == pytest.approx(0.727, abs=0.001)
