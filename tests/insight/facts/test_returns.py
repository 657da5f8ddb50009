"""Returns net off the order they belong to, the same on both engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from huitouke.insight.engine import Engine
from huitouke.insight.facts.read import Facts

Read = Callable[..., Facts]
Postings = Callable[..., list[Any]]

DAY = dt.date(2024, 3, 1)
COLUMNS = ("order_no", "ordered_on", "recorded_on", "is_return", "amount_e4")


def short(rows: list[Any]) -> list[tuple[int, int, int, bool, int]]:
    return [
        (no, (o - DAY).days, (r - DAY).days, back, amount // 10_000)
        for no, o, r, back, amount in rows
    ]


def note(facts: Facts, code: str) -> dict[str, Any]:
    return next(note.values for note in facts.notes if note.code == code)


def test_returns_find_their_order_by_number_product_and_time(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(
        "customer_id,order_id,date,product,quantity,amount\n"
        "a,1,2024-03-02,tea,2,20\n"
        "a,2,2024-03-03,tea,2,24\n"
        "a,3,2024-03-04,cup,1,7\n"
        "a,1,2024-03-05,tea,-1,-10\n"  # by number
        "a,8,2024-03-06,tea,-2,-20\n"  # same product at the same price: order 1
        "a,9,2024-03-07,tea,-1,-12\n"  # same product at the same price: order 2
        "a,10,2024-03-08,tea,-1,-3\n"  # same product at no such price: the latest, 2
        "a,11,2024-03-09,pot,-1,-5\n"  # the latest order, 3
        "a,12,2024-03-01,tea,-1,-9\n"  # before any order
        "b,13,2024-03-09,tea,-1,-9\n"  # no order at all
        ",14,2024-03-09,tea,-1,-9\n",  # nobody
        engine=engine,
    )

    assert short(postings(facts, *COLUMNS, engine=engine)) == [
        (0, 1, 1, False, 20),
        (0, 1, 4, True, -10),
        (0, 1, 5, True, -20),
        (1, 2, 2, False, 24),
        (1, 2, 6, True, -12),
        (1, 2, 7, True, -3),
        (2, 3, 3, False, 7),
        (2, 3, 8, True, -5),
    ]
    assert facts.orders == 2  # more came back of order 1 than was bought
    assert facts.revenue_e4 == (51 - 50 - 18 - 9) * 10_000
    assert facts.revenue_without_customer_e4 == -90_000
    assert "returns" in facts.provides
    found = note(facts, "facts.returns")
    assert (found["by_order_id"], found["by_product"], found["by_latest"]) == (1, 3, 1)
    assert note(facts, "facts.returns_unmatched") == {"rows": 2, "amount": -18.0}


def test_cancellations_marked_with_c_are_returns(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(
        "CustomerID,InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n"
        "17850,536365,A,6,2024-03-02 08:26,2.5\n"
        "17850,536366,B,1,2024-03-03 08:26,4\n"
        "17850,C536379,A,-6,2024-03-04 09:41,2.5\n"
        "17850,C536366,B,1,2024-03-05 09:41,4\n",
        engine=engine,
    )

    assert short(postings(facts, *COLUMNS, engine=engine)) == [
        (0, 1, 1, False, 15),
        (0, 1, 3, True, -15),
        (1, 2, 2, False, 4),
        (1, 2, 4, True, -4),
    ]
    assert facts.revenue_e4 == 0


def test_order_numbers_that_all_begin_with_c_are_no_cancellations(read: Read) -> None:
    facts = read("customer_id,order_id,date,amount\na,C1,2024-03-02,5\na,C2,2024-03-03,5\n")

    assert facts.revenue_e4 == 100_000
    assert "returns" not in facts.provides


def test_a_cancelled_status_voids_its_own_order(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(
        "会员号,订单号,下单时间,实付,订单状态\n"
        "a,1,2024-03-02,5,交易成功\na,2,2024-03-03,7,交易关闭\n,3,2024-03-04,9,已取消\n",
        engine=engine,
    )

    assert short(postings(facts, *COLUMNS, engine=engine)) == [
        (0, 1, 1, False, 5),
        (1, 2, 2, False, 7),
        (1, 2, 2, True, -7),
    ]
    assert facts.revenue_e4 == 50_000
    assert note(facts, "facts.voided") == {"rows": 2}


def test_a_refund_row_beside_its_sale_is_a_return(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(
        "customer_id,order_id,date,amount,status\n"
        "a,1,2024-03-02,5,paid\na,2,2024-03-03,7,paid\na,1,2024-03-09,5,refunded\n",
        engine=engine,
    )

    assert short(postings(facts, *COLUMNS, engine=engine)) == [
        (0, 1, 1, False, 5),
        (0, 1, 8, True, -5),
        (1, 2, 2, False, 7),
    ]
    assert facts.revenue_e4 == 70_000


def test_a_refund_column_nets_off_its_own_order(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(
        "会员号,订单号,下单时间,实付,退款金额,状态,优惠\n"
        "a,1,2024-03-02,10,4,部分退款,1\n"
        "a,2,2024-03-03,7,7,已退款,\n"
        "a,3,2024-03-04,3,0,成功,\n"
        "a,4,2024-03-05,3,?,成功,\n",
        engine=engine,
    )

    assert short(postings(facts, *COLUMNS, engine=engine)) == [
        (0, 1, 1, False, 10),
        (0, 1, 1, True, -4),
        (1, 2, 2, False, 7),
        (1, 2, 2, True, -7),
        (2, 3, 3, False, 3),
        (3, 4, 4, False, 3),
    ]
    assert facts.revenue_e4 == 120_000
    assert facts.orders == 3
    assert note(facts, "facts.refund_unreadable")["rows"] == 1


def test_a_return_takes_its_share_of_the_full_price(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(
        "customer_id,order_id,date,amount,discount\n"
        "a,1,2024-03-02,10,0\na,1,2024-03-02,30,5\na,1,2024-03-05,-20,\n",
        engine=engine,
    )

    rows = postings(
        facts, "amount_e4", "full_price_e4", "list_e4", "discount_e4", engine=engine
    )

    assert rows == [
        (400_000, 100_000, 450_000, 50_000),
        (-200_000, -50_000, -200_000, 0),
    ]


def test_orders_without_a_number_fall_back_on_their_moment(
    read: Read, postings: Postings, engine: Engine
) -> None:
    facts = read(
        "customer_id,order_id,date,amount\n"
        "a,,2024-03-02 08:00,1\na,,2024-03-02 08:00,2\na,,2024-03-02 09:00,4\n"
        "a,7,2024-03-02 08:00,8\nb,7,2024-03-02 08:00,16\nb,,2024-03-03 08:00,-16\n",
        engine=engine,
    )

    assert sorted(short(postings(facts, *COLUMNS, engine=engine))) == [
        (0, 1, 1, False, 8),
        (1, 1, 1, False, 3),
        (2, 1, 1, False, 4),
        (3, 1, 1, False, 16),
        (3, 1, 2, True, -16),
    ]
