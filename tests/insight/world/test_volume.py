from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from huitouke.insight.world.pareto import ParameterInvalid
from huitouke.insight.world.scenarios import WorldSizeInvalid
from huitouke.insight.world.volume import Buying, btyd_orders, write_btyd_orders


def test_orders_come_in_time_order_with_the_promised_types() -> None:
    orders = btyd_orders(20_000, seed=1)
    at = orders["ordered_at"].to_numpy()

    assert [str(kind) for kind in orders.schema.types] == ["int64", "timestamp[us]", "double"]
    assert (np.diff(at) >= np.timedelta64(0)).all()
    assert pc.count_distinct(orders["customer_id"]).as_py() == 20_000
    assert orders.num_rows / 20_000 == pytest.approx(4.9, abs=0.15)
    assert pc.min(orders["amount"]).as_py() > 0


def test_purchases_follow_the_bgnbd_expectation() -> None:
    # E[X(t)] of BG/NBD at a fixed t (Fader, Hardie & Lee 2005a, eq. 9) over uniform tenures.
    from scipy.special import hyp2f1

    buying = Buying()
    orders = btyd_orders(60_000, seed=2)
    t = np.linspace(0, 730, 2_001)
    r, alpha, a, b = buying.r, buying.alpha, buying.a, buying.b
    z = t / (alpha + t)
    grown = 1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, z)
    expected = np.trapezoid((a + b - 1) / (a - 1) * grown, t) / 730

    assert orders.num_rows / 60_000 - 1 == pytest.approx(expected, rel=0.03)


def test_the_file_holds_the_same_orders_as_the_table(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"

    rows = write_btyd_orders(path, customers=5_000, seed=3)

    assert rows == pq.read_metadata(path).num_rows
    assert pq.read_table(path).equals(btyd_orders(5_000, seed=3))


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_btyd_orders(tmp_path / name, customers=1_000, seed=4, days=100)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_sizes_and_parameters_out_of_range_are_refused() -> None:
    with pytest.raises(WorldSizeInvalid):
        btyd_orders(0, seed=1)
    with pytest.raises(WorldSizeInvalid):
        btyd_orders(5, seed=1, days=0)
    with pytest.raises(ParameterInvalid):
        btyd_orders(5, seed=1, a=0.0)
    with pytest.raises(ParameterInvalid):
        btyd_orders(5, seed=1, q=0.9)


def test_a_single_customer_and_a_single_day_work() -> None:
    assert btyd_orders(1, seed=1, days=1).num_rows >= 1
