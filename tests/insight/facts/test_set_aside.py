"""What an optional column may cost, which orders count as kept, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import Facts
from huitouke.insight.facts.reading import Note

Read = Callable[..., Facts]

REFUNDS = "会员号,订单号,下单时间,实付,退款金额\n"


def said(facts: Facts, code: str) -> list[Note]:
    return [note for note in facts.notes if note.code == code]


@pytest.mark.parametrize(
    "word",
    [
        "无退款申请",
        "无",
        "没有申请退款",
        "未退款",
        "无售后或售后取消",
        "none",
        "No refund",
        "not_refunded",
        "N/A",
        "-",
        "—",
        "/",
        "無退款",
        "",
    ],
)
def test_words_for_no_refund_are_no_refund(read: Read, word: str) -> None:
    facts = read(f"{REFUNDS}a,1,2024-03-05,10,{word}\na,2,2024-03-06,8,3\n")

    assert (facts.rows.used, facts.rows.quarantined) == (2, 0)
    assert (facts.orders, facts.revenue_e4) == (2, 150_000)
    assert not said(facts, "facts.refund_unreadable")


def test_words_for_none_are_nothing_in_every_optional_amount(read: Read) -> None:
    facts = read("会员号,下单时间,实付,优惠,数量\na,2024-03-05,10,无优惠,无\n")

    assert facts.rows.used == 1
    assert not said(facts, "facts.optional_unreadable")


def test_words_for_none_are_no_amount(read: Read) -> None:
    facts = read("会员号,下单时间,实付\na,2024-03-05,10\na,2024-03-05,无\n")

    assert facts.quarantine["reason"].to_pylist() == ["amount_unreadable"]


def test_a_refund_that_cannot_be_read_costs_no_row_and_is_said(read: Read) -> None:
    facts = read(
        f"{REFUNDS}a,1,2024-03-05,10,1.2.3\na,2,2024-03-06,8,99999999999\n"
        "b,3,2024-03-06,7,全额退款\nb,4,2024-03-06,6,6\n"
    )

    assert (facts.rows.used, facts.rows.quarantined) == (4, 0)
    assert facts.revenue_e4 == 250_000
    (note,) = said(facts, "facts.refund_unreadable")
    assert (note.values["rows"], note.values["column"]) == (3, "退款金额")
    assert "未从营业额中扣除" in note.text("zh")


def test_orders_undone_as_a_whole_do_not_count(read: Read, engine: Engine) -> None:
    facts = read(
        "会员号,订单号,下单时间,实付,退款金额,订单状态\n"
        "a,1,2024-03-05,10,,交易成功\n"
        "a,2,2024-03-06,10,,交易关闭\n"
        "a,3,2024-03-07,10,10,交易成功\n"
        "b,4,2024-03-07,10,4,交易成功\n"
        "b,5,2024-03-07,0,,交易成功\n"  # a free order without a return is kept
        "b,6,2024-03-08,3,,交易成功\n"
        "b,6,2024-03-09,-3,,交易成功\n"
        ",7,2024-03-09,3,,交易成功\n",
        engine=engine,
    )

    assert facts.orders == 3


def test_a_file_whose_orders_were_all_undone_is_still_read(read: Read) -> None:
    facts = read("会员号,订单号,下单时间,实付,订单状态\na,2,2024-03-06,10,交易关闭\n")

    assert (facts.rows.used, facts.orders, facts.revenue_e4) == (1, 0, 0)


def test_many_rows_set_aside_are_said_with_the_most_frequent_reasons(read: Read) -> None:
    good = "a,2024-03-05,1\n" * 10
    bad = "a,,1\n" * 2 + "a,2024-03-05,lots\n" * 3 + "a,1875-03-05,1\na,2024-03-05,\n"

    facts = read(f"会员号,日期,实付\n{good}{bad}")

    (note,) = said(facts, "facts.many_set_aside")
    assert note.text("en") == (
        "7 of 17 rows were set aside, most often: “实付”: This is not an amount that can be "
        "read (3); “日期”: There is no date (2); “实付”: There is no amount (1)."
    )
    assert note.text("zh") == (
        "17 行中有 7 行被隔离，主要原因：“实付”列：无法识别为金额（3 行）；“日期”列：没有日期"
        "（2 行）；“实付”列：没有金额（1 行）。"
    )


def test_a_row_that_breaks_off_has_no_column_to_name(read: Read) -> None:
    facts = read('会员号,日期,实付\na,2024-03-05,1\n"a,2024-03-05,1\nb,2024-03-05,1\n')

    (note,) = said(facts, "facts.many_set_aside")
    assert note.text("zh") == "3 行中有 1 行被隔离，主要原因：这里的引号没有闭合（1 行）。"


def test_a_cell_that_is_too_long_is_called_that(read: Read) -> None:
    facts = read(f"会员号,日期,实付\na,2024-03-05,1\n{'x' * 140_000},2024-03-05,1\n")

    assert facts.quarantine["reason"].to_pylist() == ["cell_too_long"]
    assert facts.rows.adds_up


def test_few_rows_set_aside_are_not_said(read: Read) -> None:
    good = "a,2024-03-05,1\n" * 19

    facts = read(f"会员号,日期,实付\n{good}合计,,19\n")

    assert facts.rows.quarantined == 1
    assert not said(facts, "facts.many_set_aside")
