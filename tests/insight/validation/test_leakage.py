"""Features that know the future are refused by name; honest features pass."""

from __future__ import annotations

import gzip
import io
from datetime import date

import numpy as np
import pyarrow.csv
import pytest
from python_calamine import CalamineWorkbook

from huitouke.insight.validation.leakage import (
    LeakFound,
    find_leaks,
    refuse_future_readers,
    refuse_leaks,
)

ORIGIN = date(2024, 6, 30)


def dated(features):
    return dict.fromkeys(features, ORIGIN)


def honest(n=2000):
    rng = np.random.default_rng(4)
    y = (rng.random(n) < 0.3).astype(float)
    return y, {"spend": rng.gamma(2, 30, n) - 20 * y, "visits": rng.poisson(4 - 2 * y)}


def test_honest_features_pass():
    y, features = honest()

    refuse_leaks(features, label=y, known_on=dated(features), origin=ORIGIN)


def test_a_feature_known_after_the_origin_is_refused_and_named():
    y, features = honest()
    known = dated(features) | {"visits": date(2024, 7, 1)}

    with pytest.raises(LeakFound) as refused:
        refuse_leaks(features, label=y, known_on=known, origin=ORIGIN)

    assert refused.value.code == "validation.leak"
    assert refused.value.values["names"] == "visits"
    assert "visits" in refused.value.text("zh")


def test_a_feature_without_a_day_is_refused():
    y, features = honest()

    found = find_leaks(features, label=y, known_on={"spend": ORIGIN}, origin=ORIGIN)

    assert [(leak.name, leak.reason) for leak in found] == [("visits", "undated")]


def test_the_label_in_disguise_is_refused_either_way_round():
    y, features = honest()
    noise = np.random.default_rng(9).normal(0, 0.2, len(y))
    features |= {
        "copy": y + noise,
        "mirror": 5 - y + noise,
        "word": np.where(y == 1, "out", "in"),
    }

    found = find_leaks(features, label=y, known_on=dated(features), origin=ORIGIN)

    assert [leak.name for leak in found] == ["copy", "mirror", "word"]
    assert {leak.reason for leak in found} == {"too_good"}


def test_what_is_filled_in_only_after_leaving_is_refused():
    y, features = honest()
    features["days_to_close"] = np.where(y == 1, 14.0, np.nan)

    found = find_leaks(features, label=y, known_on=dated(features), origin=ORIGIN)

    assert [leak.name for leak in found] == ["days_to_close"]


def test_a_strong_feature_whose_making_is_proven_blind_is_kept():
    y, features = honest()
    features["silence_days"] = 100 * y + np.random.default_rng(1).integers(0, 90, len(y))

    found = find_leaks(
        features, label=y, known_on=dated(features), origin=ORIGIN, proven=["silence_days"]
    )

    assert found == ()


def test_few_rows_accuse_nobody():
    y = np.repeat([0.0, 1.0], 50)

    assert find_leaks({"same": y}, label=y, known_on=dated(["same"]), origin=ORIGIN) == ()


def test_many_small_cells_are_not_evidence():
    y, features = honest()
    features["postcode"] = np.array([f"p{number // 2}" for number in range(len(y))])

    assert find_leaks(features, label=y, known_on=dated(features), origin=ORIGIN) == ()


def sheet(shared_data, name):
    book = CalamineWorkbook.from_path(
        str(shared_data / "telco_churn_ibm" / f"Telco_customer_churn_{name}.xlsx")
    )
    header, *rows = book.get_sheet_by_index(0).to_python()
    return {column: list(values) for column, *values in zip(header, *rows, strict=True)}


def column(values):
    if all(isinstance(value, int | float) for value in values):
        return np.array(values, dtype=float)
    return np.array([str(value) for value in values])


def test_the_telco_columns_that_saw_the_label_are_refused_and_only_those(shared_data):
    status = sheet(shared_data, "status")
    services = sheet(shared_data, "services")
    assert status["Customer ID"] == services["Customer ID"]
    y = np.array(status["Churn Value"], dtype=float)
    saw = (
        "Satisfaction Score",
        "Churn Score",
        "Customer Status",
        "Churn Label",
        "Churn Reason",
    )
    features = {name: column(status[name]) for name in saw}
    features |= {
        name: column(values)
        for name, values in services.items()
        if name not in {"Customer ID", "Count", "Quarter"}
    }

    with pytest.raises(LeakFound) as refused:
        refuse_leaks(features, label=y, known_on=dated(features), origin=ORIGIN)

    assert y.sum() == 1869
    assert {leak.name for leak in refused.value.values["leaks"]} == set(saw)


def test_the_basic_telco_columns_pass(shared_data):
    raw = (shared_data / "telco_churn_ibm" / "Telco-Customer-Churn.csv.gz").read_bytes()
    table = pyarrow.csv.read_csv(io.BytesIO(gzip.decompress(raw)))
    y = np.array([value == "Yes" for value in table["Churn"].to_pylist()], dtype=float)
    features = {
        name: column(table[name].to_pylist())
        for name in table.column_names
        if name not in {"Churn", "customerID"}
    }

    refuse_leaks(features, label=y, known_on=dated(features), origin=ORIGIN)

    assert len(features) == 19


EVENTS = {
    "customer": np.array([0, 1, 0, 1, 0, 0, 1]),
    "day": np.array([1, 2, 3, 4, 11, 12, 13]),
    "amount": np.array([5.0, 7.0, 9.0, 4.0, 100.0, 200.0, 300.0]),
}
KNOWN = EVENTS["day"] <= 10


def spend(events):
    kept = events["day"] <= 10
    return {"spend": np.bincount(events["customer"][kept], events["amount"][kept], minlength=2)}


def test_a_feature_that_looks_back_only_survives_the_shuffle():
    refuse_future_readers(spend, events=EVENTS, known=KNOWN)


def test_a_feature_that_looks_ahead_is_named():
    def peeking(events):
        return spend(events) | {"largest": np.array([events["amount"].max()])}

    with pytest.raises(LeakFound) as refused:
        refuse_future_readers(peeking, events=EVENTS, known=KNOWN)

    assert refused.value.values["names"] == "largest"


def test_a_feature_that_reads_only_who_came_later_is_named():
    def peeking(events):
        later = events["customer"][events["day"] > 10]
        return {"later": np.bincount(later, minlength=2)}

    with pytest.raises(LeakFound):
        refuse_future_readers(peeking, events=EVENTS, known=KNOWN)


def test_a_feature_that_notices_only_the_shuffle_is_named():
    def peeking(events):
        # Without future rows it says what it says with them: only a shuffle gives it away.
        later = events["amount"][events["day"] > 10]
        return {"sly": later[:1] if len(later) else EVENTS["amount"][4:5]}

    with pytest.raises(LeakFound) as refused:
        refuse_future_readers(peeking, events=EVENTS, known=KNOWN)

    assert refused.value.values["names"] == "sly"
