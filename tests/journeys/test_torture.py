"""Strange shops through the whole path: each ends in whole files, or in one clear refusal."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest

from huitouke.errors import HuitoukeError
from huitouke.insight.flow import analyze
from huitouke.insight.world.simulate import STARTS_ON, simulate

FIRST = date(2024, 1, 1)
FORECASTS = ("p_alive", "p_buy", "orders_expected")
MONEY = ("spend_expected", "clv")


@pytest.fixture(scope="module")
def usual():
    """An ordinary small shop: customer, day, amount of each order."""
    orders = simulate("W0", customers=600, seed=4).orders
    who = np.array([int(name[1:]) for name in orders["customer_id"].to_pylist()])
    at = orders["ordered_at"].to_numpy().astype("datetime64[D]")
    return who, (at - np.datetime64(STARTS_ON)).astype(int), orders["amount"].to_numpy()


def seeded():
    return np.random.Generator(np.random.PCG64(11))


def baskets(count):
    return seeded().gamma(6.0, 4.0, count)


def single_buyers(usual):
    return np.arange(1_200), seeded().integers(0, 728, 1_200), baskets(1_200)


def one_customer(usual):
    return np.zeros(40, int), np.sort(seeded().choice(728, 40, replace=False)), baskets(40)


def one_order(usual):
    return np.array([0]), np.array([0]), np.array([9.9])


def two_customers(usual):
    return np.array([0, 0, 0, 1, 1]), np.array([0, 30, 80, 5, 95]), baskets(5)


def five_thousand_days(usual):
    """An ordinary shop at the end of the fourteen years of one who came every day."""
    who, day, amount = usual
    return (
        np.append(who, np.full(5_001, 9_999)),
        np.append(day + 5_000 - day.max(), np.arange(5_001)),
        np.append(amount, baskets(5_001)),
    )


def one_day(usual):
    return np.arange(900) % 700, np.zeros(900, int), baskets(900)


def two_days(usual):
    who = np.append(np.arange(700), np.arange(300))
    return who, (np.arange(1_000) >= 700).astype(int), baskets(1_000)


def constant_spend(usual):
    return usual[0], usual[1], np.full(usual[0].size, 9.99)


def equal_tenure(usual):
    """Everybody's first order is on the first day."""
    who, day, amount = usual
    first = np.full(who.max() + 1, day.max())
    np.minimum.at(first, who, day)
    return who, day - first[who], amount


def free_of_charge(usual):
    return usual[0], usual[1], np.zeros(usual[0].size)


def partly_free(usual):
    return usual[0], usual[1], usual[2] * (seeded().random(usual[0].size) > 0.3)


def daily_for_a_year(usual):
    return np.zeros(366, int), np.arange(366), baskets(366)


def all_of_them_weekly(usual):
    """Nobody ever leaves or varies: rates without spread, nothing to learn of leaving."""
    who = np.repeat(np.arange(520), 60)
    return who, np.tile(np.arange(60) * 7, 520) + who % 7, baskets(who.size)


def great_amounts(usual):
    return usual[0], usual[1], np.round(usual[2]) * 1e6


def a_hundred_and_fifty(usual):
    few = usual[0] < 150
    return usual[0][few], usual[1][few], usual[2][few]


def as_it_is(usual):
    return usual


#: shop, options of analyze, what must be known of everybody
SHOPS = [
    (single_buyers, {}, ()),
    (one_customer, {}, ()),
    (one_order, {}, ()),
    (two_customers, {"lang": "zh"}, ()),
    (five_thousand_days, {}, (*FORECASTS, *MONEY)),
    (one_day, {}, ()),
    (two_days, {}, ()),
    (constant_spend, {}, FORECASTS),
    (equal_tenure, {}, FORECASTS),
    (free_of_charge, {}, FORECASTS),
    (partly_free, {}, FORECASTS),
    (daily_for_a_year, {}, ()),
    (all_of_them_weekly, {}, ()),
    (great_amounts, {}, FORECASTS),
    (a_hundred_and_fifty, {}, ()),
    (as_it_is, {"as_of": FIRST + timedelta(days=500)}, ()),
    (as_it_is, {"as_of": FIRST + timedelta(days=1_500)}, FORECASTS),
    (as_it_is, {"horizon_days": 1}, FORECASTS),
    (as_it_is, {"horizon_days": 3_650}, ()),
    (as_it_is, {"margin": 1.0, "discount_rate": 0.0}, FORECASTS),
]


def called(value):
    if callable(value):
        return value.__name__
    return ",".join(f"{name}={option}" for name, option in value.items()) or "plain"


@pytest.mark.parametrize(
    ("shop", "options", "known"),
    SHOPS,
    ids=[f"{called(shop)}-{called(options)}" for shop, options, _ in SHOPS],
)
def test_a_strange_shop_gets_a_whole_picture(
    shop, options, known, usual, shop_file, tmp_path, faults
):
    who, day, amount = shop(usual)
    orders = shop_file(who, day=day, amount=amount)

    found = analyze([orders], out=tmp_path / "out", **options)

    assert faults(found.folder) == []
    assert found.summary["rows"]["used"] == len(who)
    table = pq.read_table(found.folder / "customers.parquet")
    upto = options.get("as_of", date(9999, 1, 1))
    here = {c for c, d in zip(who, day, strict=True) if FIRST + timedelta(days=int(d)) <= upto}
    assert table.num_rows == len(here)
    for name in known:
        assert table[f"{name}_status"].unique().to_pylist() == ["ok"], name


def test_too_little_for_any_number_says_so(usual, shop_file, tmp_path):
    who, day, amount = one_order(usual)
    found = analyze([shop_file(who, day=day, amount=amount)], out=tmp_path / "out")
    table = pq.read_table(found.folder / "customers.parquet")
    statuses = {
        name: table[name][0].as_py() for name in table.column_names if name.endswith("_status")
    }

    assert not [name for name, status in statuses.items() if status == "ok"]
    assert found.summary["customer_equity"]["value"] is None
    assert "steps.no_holdout" in {warning["code"] for warning in found.summary["warnings"]}


def test_the_busiest_customer_is_forecast_as_they_bought(usual, shop_file, tmp_path):
    who, day, amount = five_thousand_days(usual)
    found = analyze([shop_file(who, day=day, amount=amount)], out=tmp_path / "out")
    table = pq.read_table(found.folder / "customers.parquet")
    row = table.slice(table["customer_id"].to_pylist().index("C09999"), 1).to_pylist()[0]

    assert row["repeat_count"] == 5_000
    assert row["p_alive"] > 0.99
    days = found.summary["horizon_days"]
    assert 0.8 * days <= row["orders_expected"] <= 1.05 * days
    assert row["orders_expected_lo"] <= row["orders_expected"] <= row["orders_expected_hi"]


def refused(orders, out, **options):
    with pytest.raises(HuitoukeError) as caught:
        analyze([orders], out=out, **options)
    assert not out.exists()
    return caught.value


def test_a_day_before_the_first_order_is_refused(usual, shop_file, tmp_path):
    who, day, amount = usual
    orders = shop_file(who, day=day, amount=amount)

    error = refused(orders, tmp_path / "out", as_of=date(2023, 12, 1))

    assert error.code == "steps.as_of_outside_period"


def test_a_shop_of_returns_alone_is_refused(usual, shop_file, tmp_path):
    who, day, amount = usual
    orders = shop_file(who, day=day, amount=-amount)

    error = refused(orders, tmp_path / "out")

    assert "churn" not in error.code


@pytest.mark.parametrize("option", [{"horizon_days": 0}, {"margin": 0.0}, {"lang": "fr"}])
def test_an_option_that_makes_no_sense_is_refused(option, usual, shop_file, tmp_path):
    who, day, amount = one_order(usual)

    error = refused(shop_file(who, day=day, amount=amount), tmp_path / "out", **option)

    assert error.code == "steps.option_invalid"


def test_the_middle_of_the_record_knows_nothing_later(usual, shop_file, tmp_path):
    who, day, amount = usual
    middle = 600
    whole = analyze(
        [shop_file(who, day=day, amount=amount)],
        out=tmp_path / "whole",
        as_of=FIRST + timedelta(days=middle),
    )
    early = day <= middle
    cut = analyze(
        [shop_file(who[early], day=day[early], amount=amount[early])],
        out=tmp_path / "cut",
        as_of=FIRST + timedelta(days=middle),
    )

    first, second = (
        pq.read_table(found.folder / "customers.parquet") for found in (whole, cut)
    )
    assert first.equals(second)
    told = [json.loads((f.folder / "validation.json").read_text("utf-8")) for f in (whole, cut)]
    assert told[0] == told[1]
