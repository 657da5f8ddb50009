"""The fast summary, the kept summary and the panel agree, whatever the rows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitouke.insight.engine import Engine
from huitouke.insight.features.occasions import occasions
from huitouke.insight.features.panel import panel
from huitouke.insight.features.summary import (
    KeptSummary,
    LateRows,
    RowsOutOfRange,
    Summary,
    dense,
    summarise,
)
from huitouke.insight.tables import POSTINGS

rows_of = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(-3, 9)),
    min_size=0,
    max_size=60,
)


def columns(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array(rows, np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2] * 10_000


def same(one: Summary, other: Summary) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in Summary.__dataclass_fields__
    )


@given(rows_of)
@settings(deadline=None)
def test_adding_day_by_day_equals_a_full_rebuild(rows: list[tuple[int, int, int]]) -> None:
    who, day, amount = columns(rows)
    kept = KeptSummary()

    for each in np.unique(day):
        on = day == each
        half = np.flatnonzero(on)[: on.sum() // 2 + 1]
        rest = np.setdiff1d(np.flatnonzero(on), half)
        for part in (half, rest):
            kept.add(who[part], day=day[part], amount_e4=amount[part])

    assert same(
        kept.summary(as_of_day=41), summarise(who, day=day, amount_e4=amount, as_of_day=41)
    )


@given(rows_of)
@settings(deadline=None)
def test_adding_many_days_at_once_equals_a_full_rebuild(
    rows: list[tuple[int, int, int]],
) -> None:
    who, day, amount = columns(rows)
    kept = KeptSummary()

    early = day <= 20
    for part in (early, ~early):
        kept.add(who[part], day=day[part], amount_e4=amount[part])

    assert same(
        kept.summary(as_of_day=41), summarise(who, day=day, amount_e4=amount, as_of_day=41)
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_fast_summary_equals_the_panel(duckdb_engine: Engine, seed: int) -> None:
    rng = np.random.default_rng(seed)
    who, day, amount = (
        rng.integers(0, 50, 400),
        rng.integers(0, 90, 400),
        rng.integers(0, 5, 400) * 10_000,
    )
    start = date(1970, 1, 1)
    on = [start + timedelta(days=int(d)) for d in day]
    rows = pa.table(
        [who, range(400), on, on, [False] * 400, amount, amount, [0] * 400, amount],
        names=POSTINGS.names,
    ).cast(POSTINGS.arrow_schema())
    postings = duckdb_engine.put(rows)
    as_of = start + timedelta(days=70)

    made = duckdb_engine.fetch(
        panel(occasions(postings, as_of=as_of), as_of=as_of, postings=postings),
        order_by=("customer_no",),
    )

    fast = summarise(who, day=day, amount_e4=amount, as_of_day=70)
    for name in Summary.__dataclass_fields__:
        assert made[name].to_pylist() == getattr(fast, name).tolist(), name


def test_late_rows_are_refused_and_nothing_is_added() -> None:
    kept = KeptSummary()
    kept.add(np.array([0]), day=np.array([10]), amount_e4=np.array([1]))

    with pytest.raises(LateRows) as caught:
        kept.add(np.array([1, 0]), day=np.array([11, 9]), amount_e4=np.array([1, 1]))

    assert caught.value.values == {"rows": 1, "last_day": 10}
    assert kept.summary(as_of_day=11).customer_no.tolist() == [0]


def test_rows_outside_the_calendar_are_refused() -> None:
    with pytest.raises(RowsOutOfRange):
        summarise(np.array([-1]), day=np.array([1]), amount_e4=np.array([1]), as_of_day=2)


@given(st.lists(st.integers(-(2**40), 2**40), max_size=30))
def test_dense_numbers_point_back_to_their_keys(keys: list[int]) -> None:
    given_keys = np.array(keys, np.int64)

    numbers, distinct = dense(given_keys)

    assert np.array_equal(distinct[numbers], given_keys) if keys else numbers.size == 0
    assert np.all(np.diff(distinct) > 0)
