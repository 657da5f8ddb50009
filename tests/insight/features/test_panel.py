"""The panel equals a plain reading of its definition, on every engine."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from huitouke.insight.engine import Engine
from huitouke.insight.features.occasions import daily, occasions, sample
from huitouke.insight.features.panel import RECENT_DAYS, panel, promotion_calendar, targets
from huitouke.insight.tables import CATEGORIES, OCCASIONS, PANEL, POSTINGS

START = date(2023, 1, 1)
AS_OF = date(2023, 9, 30)


def make_postings(seed: int, *, customers: int = 40, rows: int = 300) -> pa.Table:
    rng = np.random.default_rng(seed)
    made = []
    for order_no in range(rows):
        ordered = START + timedelta(days=int(rng.integers(0, 330)))
        late = int(rng.choice([0, 0, 0, 5]))
        paid = int(rng.integers(0, 9)) * 10_000
        discount = int(rng.choice([0, 0, paid // 10, paid // 100]))
        who = int(rng.integers(0, customers))
        full = paid if discount == 0 else 0
        made.append(
            (
                who,
                order_no,
                ordered,
                ordered + timedelta(days=late),
                False,
                paid,
                paid + discount,
                discount,
                full,
            )
        )
        if rng.random() < 0.15:
            back = ordered + timedelta(days=int(rng.integers(0, 60)))
            lost = paid if rng.random() < 0.6 else paid // 2
            made.append((who, order_no, ordered, back, True, -lost, -lost, 0, -min(lost, full)))
    columns = list(zip(*made, strict=True))
    return pa.table([pa.array(list(column)) for column in columns], names=POSTINGS.names).cast(
        POSTINGS.arrow_schema()
    )


def plain_panel(
    postings: pa.Table, as_of: date, promoted: set[date]
) -> dict[int, dict[str, object]]:
    """The definition once more, in the slowest and plainest way."""
    days: dict[tuple[int, date], list[dict[str, object]]] = defaultdict(list)
    returns: dict[int, int] = defaultdict(int)
    for row in postings.to_pylist():
        if row["recorded_on"] <= as_of:
            returns[row["customer_no"]] += row["is_return"]
            if row["ordered_on"] <= as_of:
                days[row["customer_no"], row["ordered_on"]].append(row)
    per_customer: dict[int, list[tuple[date, list[dict[str, object]]]]] = defaultdict(list)
    for (who, day), rows in sorted(days.items()):
        placed = sum(not row["is_return"] for row in rows)
        net = sum(row["amount_e4"] for row in rows)
        if placed and (placed == len(rows) or net > 0):
            per_customer[who].append((day, rows))
    found = {}
    for who, kept in per_customer.items():
        dates = [day for day, _ in kept]
        net = [sum(row["amount_e4"] for row in rows) for _, rows in kept]
        lists = [sum(row["list_e4"] for row in rows) for _, rows in kept]
        off = [sum(row["discount_e4"] for row in rows) for _, rows in kept]
        gaps = [(b - a).days for a, b in itertools.pairwise(dates)]
        recent = [day > as_of - timedelta(days=RECENT_DAYS) for day in dates]
        span = [dates[0] + timedelta(days=n) for n in range((as_of - dates[0]).days + 1)]
        found[who] = {
            "customer_no": who,
            "first_order_on": dates[0],
            "last_order_on": dates[-1],
            "repeat_count": len(dates) - 1,
            "recency_days": (dates[-1] - dates[0]).days,
            "tenure_days": (as_of - dates[0]).days,
            "orders": sum(not row["is_return"] for _, rows in kept for row in rows),
            "spend_e4": sum(net),
            "repeat_spend_e4": sum(max(amount, 0) for amount in net[1:]),
            "repeat_paid_count": sum(amount > 0 for amount in net[1:]),
            "recent_count": sum(recent),
            "recent_spend_e4": sum(a for a, r in zip(net, recent, strict=True) if r),
            "list_e4": sum(lists),
            "discount_e4": sum(off),
            "full_price_e4": sum(row["full_price_e4"] for _, rows in kept for row in rows),
            "full_price_count": sum(
                not (total > 0 and d * 100 >= total * 5)
                for total, d in zip(lists, off, strict=True)
            ),
            "promo_days_share": sum(day in promoted for day in span) / len(span),
            "category_count": None,
            "gap_mean_days": sum(gaps) / len(gaps) if gaps else None,
            "gap_last_days": float(gaps[-1]) if gaps else None,
            "gap_previous_days": float(gaps[-2]) if len(gaps) > 1 else None,
            "returned_count": returns[who],
        }
    return found


def test_panel_is_its_definition_on_every_engine(engine: Engine) -> None:
    for seed in (1, 2):
        rows = make_postings(seed)
        promoted = {START + timedelta(days=n) for n in range(0, 330, 7)}
        calendar = promotion_calendar(promoted, first_on=START, last_on=AS_OF)
        postings = engine.put(rows)
        kept = occasions(postings, as_of=AS_OF)
        made = panel(
            kept,
            as_of=AS_OF,
            postings=postings,
            calendar=engine.put(calendar),
            promo_days_total=sum(day <= AS_OF for day in promoted),
        )
        PANEL.check(made.schema())
        OCCASIONS.check(kept.schema())

        found = {row["customer_no"]: row for row in engine.fetch(made).to_pylist()}

        expected = plain_panel(rows, AS_OF, promoted)
        assert found.keys() == expected.keys()
        for who, row in expected.items():
            assert found[who] == pytest.approx(row), who


def test_both_engines_give_the_same_bytes(duckdb_engine: Engine, spark_engine: Engine) -> None:
    rows = make_postings(7)
    tables = []
    for each in (duckdb_engine, spark_engine):
        postings = each.put(rows)
        made = panel(occasions(postings, as_of=AS_OF), as_of=AS_OF, postings=postings)
        tables.append(each.fetch(made, order_by=("customer_no",)).cast(PANEL.arrow_schema()))

    assert tables[0].equals(tables[1])


def test_features_do_not_change_when_the_future_does(duckdb_engine: Engine) -> None:
    rows = make_postings(3)
    known = [on <= AS_OF for on in rows["recorded_on"].to_pylist()]
    past, future = rows.filter(pa.array(known)), rows.filter(pa.array([not k for k in known]))
    later = future.set_column(
        5, "amount_e4", pa.array([9_990_000] * future.num_rows, pa.int64())
    )
    made = []
    for table in (past, pa.concat_tables([later, past]), rows):
        postings = duckdb_engine.put(table)
        expression = panel(occasions(postings, as_of=AS_OF), as_of=AS_OF, postings=postings)
        made.append(duckdb_engine.fetch(expression, order_by=("customer_no",)))

    assert future.num_rows > 10
    assert made[0].equals(made[1])
    assert made[0].equals(made[2])


def test_categories_are_counted_as_known(engine: Engine) -> None:
    rows = make_postings(4, customers=3, rows=30)
    postings = engine.put(rows)
    bought = [
        (0, START, "tea"),
        (0, START, "milk"),
        (0, AS_OF + timedelta(days=1), "rice"),
        (1, START, "tea"),
    ]
    table = pa.table(
        [pa.array(list(c)) for c in zip(*bought, strict=True)], names=CATEGORIES.names
    ).cast(CATEGORIES.arrow_schema())

    made = panel(
        occasions(postings, as_of=AS_OF),
        as_of=AS_OF,
        postings=postings,
        categories=engine.put(table),
    )

    found = {
        row["customer_no"]: row["category_count"] for row in engine.fetch(made).to_pylist()
    }
    assert (found[0], found[1], found[2]) == (2, 1, None)


def test_targets_count_only_the_window(engine: Engine) -> None:
    rows = make_postings(5)
    kept = occasions(engine.put(rows), as_of=date(2024, 1, 1))

    made = engine.fetch(targets(kept, origin=AS_OF, horizon_days=30)).to_pylist()

    days = engine.fetch(kept).to_pylist()
    inside = [d for d in days if AS_OF < d["ordered_on"] <= AS_OF + timedelta(days=30)]
    assert sum(row["bought_count"] for row in made) == len(inside) > 5
    assert sum(row["bought_e4"] for row in made) == sum(d["amount_e4"] for d in inside)
    assert 0 < sum(row["bought_full_price_count"] for row in made) < len(inside)


def test_daily_counts_promoted_occasions(engine: Engine) -> None:
    kept = occasions(engine.put(make_postings(6)), as_of=AS_OF)

    days = engine.fetch(daily(kept)).to_pylist()

    rows = engine.fetch(kept).to_pylist()
    assert sum(day["occasions"] for day in days) == len(rows)
    promoted = [r for r in rows if r["list_e4"] > 0 and r["discount_e4"] * 20 >= r["list_e4"]]
    assert sum(day["promoted"] for day in days) == len(promoted) > 0


def test_a_larger_sample_contains_the_smaller(engine: Engine) -> None:
    table = engine.put(pa.table({"customer_no": pa.array(range(5000), pa.int64())}))

    small, large = (
        set(engine.fetch(sample(table, share=share))["customer_no"].to_pylist())
        for share in (0.1, 0.4)
    )

    assert small < large
    assert 400 < len(small) < 600
    assert 1900 < len(large) < 2100
