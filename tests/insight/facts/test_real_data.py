"""The published data sets come to their published totals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from huitouke.insight import tables
from huitouke.insight.engine import Engine
from huitouke.insight.facts.columns import ColumnsMissing
from huitouke.insight.facts.read import Reading, read_orders


def test_online_retail_comes_to_its_known_totals(
    shared_data: Path, duckdb_engine: Engine
) -> None:
    path = shared_data / "online_retail" / "online_retail.parquet"

    facts = read_orders([path], engine=duckdb_engine, reading=Reading())

    rows = facts.rows
    assert (rows.read, rows.merged, rows.quarantined) == (541_909, 5_268, 0)
    assert rows.adds_up
    keys = duckdb_engine.fetch(facts.customers)
    assert keys.num_rows == 4_372
    assert keys["customer_id"][0].as_py() == "12346"
    assert (facts.first_on, facts.last_on) == (dt.date(2010, 12, 1), dt.date(2011, 12, 9))
    frame = pq.read_table(path).to_pandas().drop_duplicates()
    cents = np.rint(frame["Quantity"] * frame["UnitPrice"] * 10_000).astype("int64")
    assert facts.revenue_e4 == cents.sum()
    assert facts.revenue_without_customer_e4 == cents[frame["CustomerID"].isna()].sum()
    sold = frame[
        frame["CustomerID"].notna() & (frame["Quantity"] > 0) & (frame["UnitPrice"] >= 0)
    ]
    assert sold["InvoiceNo"].nunique() == 18_536
    postings = duckdb_engine.fetch(facts.postings)
    back = postings["is_return"].to_numpy(zero_copy_only=False)
    orders = postings.to_pandas().groupby("order_no")
    undone = orders["is_return"].any() & (orders["amount_e4"].sum() <= 0)
    assert (len(undone), undone.sum()) == (18_536, 188)
    assert facts.orders == 18_536 - 188
    unmatched = next(n for n in facts.notes if n.code == "facts.returns_unmatched")
    assert postings["amount_e4"].to_numpy().sum() == (
        facts.revenue_e4
        - facts.revenue_without_customer_e4
        - round(unmatched.values["amount"] * 10_000)
    )
    recorded, ordered = postings["recorded_on"].to_numpy(), postings["ordered_on"].to_numpy()
    assert (recorded >= ordered).all()
    assert (recorded[~back] == ordered[~back]).all()
    order = [
        postings[name].to_numpy()
        for name in ("recorded_on", "order_no", "ordered_on", "customer_no")
    ]
    assert (np.lexsort(order) == np.arange(postings.num_rows)).all()


def test_cdnow_master_keeps_equal_purchases_of_a_day(
    shared_data: Path, duckdb_engine: Engine
) -> None:
    facts = read_orders(
        [shared_data / "cdnow" / "CDNOW_master.txt"], engine=duckdb_engine, reading=Reading()
    )

    assert (facts.rows.read, facts.rows.used, facts.rows.merged) == (69_659, 69_659, 0)
    assert facts.orders == 69_659 - 2_068
    assert duckdb_engine.fetch(facts.customers).num_rows == 23_570
    assert (facts.first_on, facts.last_on) == (dt.date(1997, 1, 1), dt.date(1998, 6, 30))
    assert facts.revenue_e4 == 25_003_156_300


def test_cdnow_sample_is_read_by_position(shared_data: Path, duckdb_engine: Engine) -> None:
    mapping = {"customer_id": "2", "ordered_at": "3", "quantity": "4", "amount": "5"}

    facts = read_orders(
        [shared_data / "cdnow" / "CDNOW_sample.txt"],
        engine=duckdb_engine,
        reading=Reading(mapping=mapping),
    )

    assert (facts.rows.read, facts.orders) == (6_919, 6_696)
    keys = duckdb_engine.fetch(facts.customers)
    assert keys.num_rows == 2_357
    assert keys["customer_id"][0].as_py() == "0001"


def test_complete_journey_rolls_up_to_baskets(shared_data: Path, duckdb_engine: Engine) -> None:
    facts = read_orders(
        [shared_data / "complete_journey" / "transactions.parquet"],
        engine=duckdb_engine,
        reading=Reading(),
    )

    assert facts.rows.used == 1_469_307
    assert facts.orders == 155_848
    assert facts.revenue_e4 == 45_960_395_800
    assert duckdb_engine.fetch(facts.customers).num_rows == 2_469
    assert {"discount", "order_id", "quantity", "store"} == facts.provides
    tables.POSTINGS.check(facts.postings.schema())


def test_a_list_of_customers_is_explained(shared_data: Path, duckdb_engine: Engine) -> None:
    with pytest.raises(ColumnsMissing) as caught:
        read_orders(
            [shared_data / "customer_personality" / "marketing_campaign.csv.gz"],
            engine=duckdb_engine,
            reading=Reading(),
        )

    assert "customer_id, ordered_at, amount" in str(caught.value)
    assert "Dt_Customer" in caught.value.text("zh")


def test_day_first_dates_of_the_campaign_file_are_seen(
    shared_data: Path, duckdb_engine: Engine
) -> None:
    mapping = {"customer_id": "ID", "ordered_at": "Dt_Customer", "amount": "MntWines"}

    facts = read_orders(
        [shared_data / "customer_personality" / "marketing_campaign.csv.gz"],
        engine=duckdb_engine,
        reading=Reading(mapping=mapping),
    )

    assert facts.rows.used == 2_240
    assert (facts.first_on, facts.last_on) == (dt.date(2012, 7, 30), dt.date(2014, 6, 29))


def test_the_same_orders_as_text_give_the_same_postings(
    shared_data: Path, duckdb_engine: Engine, tmp_path: Path
) -> None:
    table = pq.read_table(shared_data / "online_retail" / "online_retail.parquet")
    table = table.slice(0, 60_000)
    binary, text = tmp_path / "orders.parquet", tmp_path / "orders.csv"
    pq.write_table(table, binary)
    frame = table.to_pandas()
    frame["InvoiceDate"] = frame["InvoiceDate"].dt.strftime("%d/%m/%Y %H:%M")
    frame["UnitPrice"] = frame["UnitPrice"].map("£{:,.3f}".format)
    frame.to_csv(text, index=False, encoding="utf-16", sep=";")

    facts = [
        read_orders([path], engine=duckdb_engine, reading=Reading()) for path in (binary, text)
    ]

    one, other = facts
    assert one.rows == other.rows
    assert one.revenue_e4 == other.revenue_e4
    key = tables.POSTINGS.key
    assert duckdb_engine.fetch(one.postings, order_by=key).equals(
        duckdb_engine.fetch(other.postings, order_by=key)
    )
    assert (one.currency, other.currency) == (None, "GBP")
