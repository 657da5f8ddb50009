"""Every script of our side runs on a few customers and finds what it should."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from goals import SCORING
from huitouke.insight.features.summary import Summary, summarise
from measure import run

CUSTOMERS = 1000


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    path = tmp_path_factory.mktemp("bench") / "orders.parquet"
    run("orders.py", "orders", path, str(CUSTOMERS))
    return path


@pytest.fixture(scope="module")
def walked(orders):
    found = run("path_huitouke.py", orders, orders.with_name("out.npz"))
    with np.load(orders.with_name("out.npz")) as outputs:
        return found, dict(outputs)


def test_the_path_gives_every_output_for_every_customer(walked):
    found, outputs = walked

    assert set(SCORING) <= set(found.steps)
    assert found.peak_mb > 0
    assert found.found["own_clv_cpu"] > 0
    assert {column.shape for column in outputs.values()} == {(CUSTOMERS,)}
    assert all(np.isfinite(column).all() for column in outputs.values())


def test_value_by_months_is_below_undiscounted_value_by_at_most_the_whole_discount(walked):
    _, outputs = walked

    # 365 days hold more than 12 months of 30 days; 1 % a month takes at most 12 %.
    most = outputs["expected"] * outputs["spend"]
    assert np.all(outputs["clv"] < most)
    assert np.all(outputs["clv"] > 0.85 * most)


def test_missing_numbers_are_counted_and_the_rest_compared(tmp_path):
    np.savez(tmp_path / "a.npz", v=np.array([1.0, 2.0, 4.0]))
    np.savez(tmp_path / "b.npz", v=np.array([1.0, np.nan, 5.0]))

    found = run("agreement.py", tmp_path / "a.npz", tmp_path / "b.npz").found

    assert found["apart"]["v"] == pytest.approx(0.2)
    assert (found["missing_ours"], found["missing_theirs"]) == (0, {"v": 1})


def test_a_kept_summary_equals_its_rebuild(orders):
    found = run("kept.py", orders).found

    assert found["equal"] is True
    assert found["rows_a_day"] > 0


def test_reading_counts_every_row(orders, tmp_path):
    rows = run("orders.py", "csv", tmp_path / "orders.csv", orders).found["rows"]

    found = run("reading.py", "csv", tmp_path / "orders.csv", tmp_path).found

    assert found["used"] == rows


def test_text_ids_keep_customers_apart(orders, tmp_path):
    run("orders.py", "text", tmp_path / "text.parquet", orders)

    plain, text = (
        pq.read_table(path)["customer_id"] for path in (orders, tmp_path / "text.parquet")
    )
    assert text[0].as_py() == f"C{plain[0].as_py():09d}"
    assert len(text.unique()) == len(plain.unique())


def test_customers_numbered_far_apart_are_summarised_alike():
    rng = np.random.default_rng(1)
    for _ in range(50):
        who, day = rng.integers(0, 8, 40), rng.integers(0, 50, 40)
        amount = rng.integers(-2, 6, 40) * 10_000

        near = summarise(who, day=day, amount_e4=amount, as_of_day=60)
        far = summarise(who * 10_000, day=day, amount_e4=amount, as_of_day=60)

        for name in Summary.__dataclass_fields__:
            scale = 10_000 if name == "customer_no" else 1
            assert np.array_equal(getattr(near, name) * scale, getattr(far, name)), name
            assert getattr(near, name).dtype == getattr(far, name).dtype == np.int64
