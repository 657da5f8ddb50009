from __future__ import annotations

import pandas as pd
import pytest

from huitouke.insight.world.simulate import World, simulate


def test_the_faults_are_those_that_the_truth_counts(dirty_world: World) -> None:
    orders = dirty_world.orders.to_pandas()
    sold = orders[orders.status == "completed"]
    late = (sold.recorded_at - sold.ordered_at) > pd.Timedelta(hours=1)
    count = dirty_world.count

    assert orders.duplicated().sum() == count("rows_duplicated")
    assert len(orders) == count("rows") == count("rows_clean") + count("rows_duplicated")
    single = ~orders.duplicated()
    assert (late & single[sold.index]).sum() == count("rows_late")
    assert orders[single].discount.isna().sum() == count("rows_without_discount")
    assert dirty_world.truth_aliases.num_rows == count("customers_with_alias")


def test_faults_have_the_size_that_is_promised(dirty_world: World) -> None:
    rows = dirty_world.count("rows_clean")
    orders = dirty_world.orders.to_pandas()

    assert dirty_world.count("rows_duplicated") / rows == pytest.approx(0.02, abs=0.003)
    assert dirty_world.count("rows_late") / rows == pytest.approx(0.03, abs=0.004)
    promoted = (orders.discount != 0).sum()  # a lost discount is unequal to 0 as well
    assert dirty_world.count("rows_without_discount") / promoted == pytest.approx(
        0.05, abs=0.01
    )


def test_without_doubles_aliases_and_gaps_the_orders_are_the_clean_ones(
    dirty_world: World,
) -> None:
    clean = simulate("W1", customers=3_000, truth=False).orders.to_pandas()
    soiled = dirty_world.orders.to_pandas().drop_duplicates()
    alias = dirty_world.truth_aliases.to_pandas().set_index("alias_id").customer_id
    soiled["customer_id"] = soiled.customer_id.replace(alias.to_dict())
    keys = ["order_id", "category", "status"]
    columns = [*keys, "amount", "customer_id", "ordered_at"]

    mended, expected = (
        table.sort_values(keys)[columns].reset_index(drop=True) for table in (soiled, clean)
    )
    assert not mended.duplicated(keys).any()
    pd.testing.assert_frame_equal(mended, expected)


def test_a_second_identity_follows_the_first_in_time(dirty_world: World) -> None:
    orders = dirty_world.orders.to_pandas()
    span = orders.groupby("customer_id").ordered_at.agg(["min", "max"])
    aliases = dirty_world.truth_aliases.to_pandas()

    assert len(aliases) > 5
    assert (
        span.loc[aliases.alias_id, "min"].to_numpy()
        > span.loc[aliases.customer_id, "max"].to_numpy()
    ).all()


def test_a_clean_world_has_no_faults() -> None:
    world = simulate("W1", customers=500, truth=False)
    orders = world.orders.to_pandas()

    assert not orders.duplicated().any()
    assert orders.discount.notna().all()
    assert world.truth_aliases.num_rows == 0
