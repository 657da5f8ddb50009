"""Gaps, cohorts and the matrix say what their rows say."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from huitouke.insight.engine import Engine
from huitouke.insight.features.history import after, cohorts, gaps
from huitouke.insight.features.matrix import FEATURES, matrix
from huitouke.insight.features.occasions import occasions
from huitouke.insight.features.panel import panel
from huitouke.insight.tables import POSTINGS

AS_OF = date(2024, 12, 30)


def bought(days: dict[int, list[int]], *, amount_e4: int = 100_000) -> pa.Table:
    """Postings of customers by days before AS_OF."""
    rows = [
        (
            who,
            n,
            AS_OF - timedelta(days=ago),
            AS_OF - timedelta(days=ago),
            False,
            amount_e4,
            amount_e4,
            0,
            amount_e4,
        )
        for n, (who, ago) in enumerate((who, ago) for who, many in days.items() for ago in many)
    ]
    return pa.table([list(c) for c in zip(*rows, strict=True)], names=POSTINGS.names).cast(
        POSTINGS.arrow_schema()
    )


def test_gaps_are_counted_within_a_customer_only(engine: Engine) -> None:
    kept = occasions(engine.put(bought({0: [30, 23, 16], 1: [9], 2: [12, 5]})), as_of=AS_OF)

    made = engine.fetch(gaps(kept)).to_pylist()

    assert made == [{"gap_days": 7, "times": 3}]


def test_cohorts_follow_newcomers_by_period(engine: Engine) -> None:
    kept = occasions(engine.put(bought({0: [25, 15, 14, 1], 1: [29], 2: [3, 2]})), as_of=AS_OF)

    made = engine.fetch(cohorts(kept, as_of=AS_OF, days=10)).to_pylist()

    found = {(row["cohort_age"], row["period_age"]): row["customers"] for row in made}
    assert found == {(2, 2): 2, (2, 1): 1, (2, 0): 1, (0, 0): 1}


def test_matrix_leaves_out_what_no_customer_has(duckdb_engine: Engine) -> None:
    postings = duckdb_engine.put(bought({0: [30, 10], 1: [9]}))
    rows = duckdb_engine.fetch(
        panel(occasions(postings, as_of=AS_OF), as_of=AS_OF, postings=postings),
        order_by=("customer_no",),
    )

    made = matrix(rows, as_of=AS_OF)

    value = {name: made.values[:, n] for n, name in enumerate(made.names)}
    assert set(made.names) == set(FEATURES) - {
        "discount_share",
        "full_price_share",
        "category_count",
        "returned_count",
    }
    assert value["silence_days"].tolist() == [10, 9]
    assert value["silence_ratio"][0] == 0.5
    assert np.isnan(value["silence_ratio"][1])
    assert value["spend_mean"].tolist() == [10, 10]
    assert set(made.known_on.values()) == {AS_OF}


def test_after_an_origin_only_its_customers_count(engine: Engine) -> None:
    kept = occasions(engine.put(bought({0: [30, 9, 5], 1: [9, 5], 2: [20, 9]})), as_of=AS_OF)

    made = engine.fetch(
        after(kept, origin=AS_OF - timedelta(days=10), until=AS_OF), order_by=("ordered_on",)
    )

    assert made["occasions"].to_pylist() == [2, 1]
