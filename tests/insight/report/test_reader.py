"""Numbers, money and days as each reader writes them."""

from __future__ import annotations

from datetime import date

import pytest

from huitouke.insight.report.evidence import Estimate
from huitouke.insight.report.reader import DASH, Reader

ENGLISH = Reader("en", currency="CNY")
CHINESE = Reader("zh", currency="CNY")
TRADITIONAL = Reader("zh-Hant", currency="TWD")


def test_days_and_money_follow_the_language() -> None:
    assert CHINESE.day(date(2026, 11, 21)) == "2026年11月21日"
    assert CHINESE.money(1280) == "¥1,280.00"
    assert ENGLISH.day(date(2026, 11, 21)) == "November 21, 2026"


def test_large_amounts_are_short_in_prose_and_whole_in_tables() -> None:
    assert CHINESE.prose(1_147_200.0) == "¥115万"
    assert ENGLISH.prose(1_147_200.0) == "¥1.15M"
    assert ENGLISH.money(1_147_200.0) == "¥1,147,200"


def test_traditional_readers_count_in_ten_thousands_and_see_their_own_dollar() -> None:
    assert TRADITIONAL.day(date(2026, 11, 21)) == "2026年11月21日"
    assert TRADITIONAL.prose(1_147_200.0) == "$115萬"
    assert TRADITIONAL.money(1280) == "$1,280.00"
    assert TRADITIONAL.join(("一。", "二。")) == "一。二。"


def test_an_interval_reads_as_words() -> None:
    assert ENGLISH.interval(Estimate(3.7, 3.1, 4.4)) == "between 3.1 and 4.4"
    assert CHINESE.interval(Estimate(0.3, 0.25, 0.35), how="percent") == "25%至35%之间"


def test_both_ends_of_a_share_have_the_same_decimals() -> None:
    assert ENGLISH.interval(Estimate(0.2, 0.09, 0.27), how="percent") == "between 9% and 27%"
    assert ENGLISH.interval(Estimate(0.02, 0.01, 0.03), how="percent") == (
        "between 1.0% and 3.0%"
    )


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
def test_a_missing_number_is_a_dash(nothing: float | None) -> None:
    for write in (ENGLISH.number, ENGLISH.percent, ENGLISH.money, ENGLISH.prose, ENGLISH.whole):
        assert write(nothing) == DASH


def test_an_interval_without_ends_says_nothing() -> None:
    assert ENGLISH.interval(Estimate(1.0)) == ""


def test_a_sliver_is_not_written_as_zero() -> None:
    assert ENGLISH.percent(0.0002) == "<0.1%"
    assert ENGLISH.percent(0.0) == "0%"


def test_one_customer_is_not_counted_as_many() -> None:
    assert ENGLISH.count("1 customer", "{n} customers", n=1) == "1 customer"
    assert CHINESE.count("1 customer", "{n} customers", n=1200) == "1,200位顾客"


def test_an_unknown_currency_has_no_sign() -> None:
    for language in ("en", "zh"):
        reader = Reader(language, currency="XXX")  # type: ignore[arg-type]
        assert reader.money(1280.5) == "1,280.50"
        assert "¤" not in reader.prose(-1_147_000.0) + reader.symbol
