from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.insight.facts.amounts import (
    AmountEvidence,
    read_amounts,
    times,
    weigh_amounts,
)
from huitouke.insight.facts.currencies import currency_meant
from huitouke.insight.facts.moments import MISSING, OK, OUT_OF_RANGE, UNREADABLE


def read_one(text: str, decimal: str = ".") -> Decimal:
    found = read_amounts(pa.array([text]), places=4, decimal=decimal)
    assert found.state[0] == OK, text
    return Decimal(int(found.units[0])).scaleb(-4).normalize()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("12.5", "12.5"),
        (".5", "0.5"),
        ("12.", "12"),
        ("+3", "3"),
        ("-3.25", "-3.25"),
        ("3.25-", "-3.25"),
        ("(3.25)", "-3.25"),
        ("($3.25)", "-3.25"),
        ("-$3.25", "-3.25"),
        ("$-3.25", "-3.25"),
        ("−3.25", "-3.25"),
        ("¥1,234.50", "1234.5"),
        ("\uffe5\uff11\uff12\uff0e\uff150", "12.5"),
        ("£ 1 234.50", "1234.5"),
        ("CNY 88", "88"),
        ("88 RMB", "88"),
        ("88.00元", "88"),
        ("1,234,567.89", "1234567.89"),
        ("1,234.500", "1234.5"),
        ("£13,541.330", "13541.33"),
        ("1'234.5", "1234.5"),
        ("1\u2019234.567", "1234.567"),
        ("12,34,567.8", "1234567.8"),
        ("1,234", "1234"),
        ("0.00005", "0"),
        ("0.00015", "0.0002"),
        ("0.000150001", "0.0002"),
        ("1.5E+03", "1500"),
    ],
)
def test_amounts_with_a_decimal_point_are_read_exactly(text: str, value: str) -> None:
    assert read_one(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12,5", "12.5"),
        ("1.234,56", "1234.56"),
        ("1.234,567", "1234.567"),
        ("1 234,56 €", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1.234", "1234"),
        ("-1.234.567", "-1234567"),
        ("0,125", "0.125"),
    ],
)
def test_amounts_with_a_decimal_comma_are_read_exactly(text: str, value: str) -> None:
    assert read_one(text, ",") == Decimal(value)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", MISSING),
        ("nan", MISSING),
        (None, MISSING),
        ("n/a", MISSING),
        ("abc", UNREADABLE),
        ("1.2.3", UNREADABLE),
        ("12,5", UNREADABLE),
        ("1,23,4", UNREADABLE),
        ("1,234,5", UNREADABLE),
        ("1,234.567.890", UNREADABLE),
        ("1.234,567.8", UNREADABLE),
        ("--5", UNREADABLE),
        ("(-5)", UNREADABLE),
        ("5)", UNREADABLE),
        ("10%", UNREADABLE),
        ("99999999999", OUT_OF_RANGE),
        ("9" * 30, OUT_OF_RANGE),
    ],
)
def test_what_cannot_be_an_amount_has_a_state(text: str | None, state: int) -> None:
    found = read_amounts(pa.array([text], pa.string()), places=4, decimal=".")
    assert found.state.tolist() == [state]
    assert found.units.tolist() == [0]


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["1.234", "12,50"], ","),
        (["1,234", "12.50"], "."),
        (["1.234,5"], ","),
        (["1,234.5"], "."),
        (["1.234.567"], ","),
        (["0.125", "1.234"], "."),
        (["0,125", "1,234"], ","),
        (["1,234", "5"], None),
        (["1", "2"], None),
        (["1,5"] * 3 + ["1.5"], ","),
    ],
)
def test_the_decimal_sign_is_decided_over_the_column(
    texts: list[str], sign: str | None
) -> None:
    evidence = AmountEvidence()
    weigh_amounts(pa.array(texts), evidence=evidence)
    assert evidence.settled() == sign


def test_currency_signs_are_counted() -> None:
    evidence = AmountEvidence()
    weigh_amounts(pa.array(["¥5", "5 元", "RMB 7", "US$ 3", "8"]), evidence=evidence)
    assert evidence.currencies == {"¥": 1, "元": 1, "CNY": 1, "USD": 1}


@pytest.mark.parametrize(
    ("sign", "usual", "meant"),
    [
        ("$", None, "USD"), ("$", "TWD", "TWD"), ("$", "CNY", "USD"), ("¥", "JPY", "JPY"),
        ("¥", "HKD", "CNY"), ("元", "TWD", "TWD"), ("元", "USD", "CNY"), ("GBP", "HKD", "GBP"),
    ],
)  # fmt: skip
def test_a_shared_sign_stands_for_what_the_merchant_counts_in(
    sign: str, usual: str | None, meant: str
) -> None:
    assert currency_meant(sign, usual=usual) == meant


def test_floats_and_integers_of_parquet_round_half_to_even() -> None:
    found = read_amounts(
        pa.array([0.1, 0.03125, 0.09375, None, float("nan"), float("inf")]),
        places=4,
        decimal=",",
    )
    assert found.units[:3].tolist() == [1000, 312, 938]
    assert found.state.tolist() == [OK, OK, OK, MISSING, MISSING, OUT_OF_RANGE]
    whole = read_amounts(pa.array([7, None, 2**40]), places=4, decimal=".")
    assert whole.units.tolist() == [70_000, 0, 0]
    assert whole.state.tolist() == [OK, MISSING, OUT_OF_RANGE]


def test_decimals_of_parquet_are_exact() -> None:
    column = pa.array([Decimal("1.2345"), Decimal("-9999999999.9999")])
    assert read_amounts(column, places=4, decimal=",").units.tolist() == [
        12345,
        -99999999999999,
    ]


@given(
    st.integers(0, 6).flatmap(lambda places: st.decimals(-(10**9), 10**9, places=places)),
    st.sampled_from([".", ","]),
    st.sampled_from(["", "group", " ", "'"]),
)
def test_text_becomes_money_without_a_float(value: Decimal, sign: str, between: str) -> None:
    if between == "group":
        between = "," if sign == "." else "."
    text = f"{value:,f}".translate(str.maketrans({",": between, ".": sign}))
    found = read_amounts(pa.array([text]), places=4, decimal=sign)
    want = int(value.scaleb(4).to_integral_value(rounding=ROUND_HALF_EVEN))
    assert found.units.tolist() == [want]


@given(
    st.lists(
        st.tuples(st.decimals(-1000, 1000, places=5), st.decimals(-1000, 1000, places=3)),
        min_size=1,
    )
)
def test_price_times_quantity_is_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    price = read_amounts(pa.array([f"{p:f}" for p, _ in pairs]), places=8, decimal=".")
    pieces = read_amounts(pa.array([f"{q:f}" for _, q in pairs]), places=4, decimal=".")
    want = [
        int((p * q).scaleb(4).to_integral_value(rounding=ROUND_HALF_EVEN)) for p, q in pairs
    ]
    assert times(price, quantity=pieces).units.tolist() == want


def test_a_product_beyond_belief_is_out_of_range() -> None:
    price = read_amounts(pa.array([9e9]), places=8, decimal=".")
    pieces = read_amounts(pa.array([9e9]), places=4, decimal=".")
    found = times(price, quantity=pieces)
    assert found.state.tolist() == [OUT_OF_RANGE]
    assert found.units.dtype == np.int64
