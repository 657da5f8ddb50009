"""``huitouke import orders``: history comes in once, whatever the file and however often."""

from __future__ import annotations

import itertools

import pytest

from huitouke.errors import HuitoukeError
from huitouke.service.loop.imports import orders
from huitouke.service.orders.imports import OrdersImport

ORDERS = """订单号,会员号,下单时间,商品编号,品类,数量,实付,优惠,门店
A1,M001,2024-03-05 10:20:00,tea,茶,2,36.00,4.00,S1
A1,M001,2024-03-05 10:20:00,cup,器具,1,25.50,,S1
A2,M002,2024-03-06 12:00:00,tea,茶,1,20.00,,S2
A3,,2024-03-07 09:00:00,tea,茶,1,20.00,,S2
"""


def test_a_dry_run_says_what_is_new_and_writes_nothing(bring, written, everything):
    before = everything()

    said = bring("orders", written(ORDERS), "--dry-run")

    assert "New: 3" in said
    assert "New customers: 2" in said
    assert "nothing was written" in said
    assert everything() == before


def test_orders_come_in_as_history_with_customers_products_and_places(bring, written, table):
    said = bring("orders", written(ORDERS))

    assert "New: 3" in said
    assert "Refused: 0" in said
    orders = table(
        "SELECT o.number, o.total_minor, o.currency, o.status, o.history, o.store, i.kind,"
        " i.value, o.ordered_at AT TIME ZONE 'Asia/Shanghai'"
        " FROM orders_order o LEFT JOIN customers_identity i ON i.customer_id = o.customer_id"
        " ORDER BY o.number"
    )
    assert [row[:8] for row in orders] == [
        ("A1", 6150, "CNY", "paid", True, "S1", "external", "M001"),
        ("A2", 2000, "CNY", "paid", True, "S2", "external", "M002"),
        ("A3", 2000, "CNY", "paid", True, "S2", None, None),
    ]
    assert str(orders[0][8]) == "2024-03-05 10:20:00"
    lines = table(
        "SELECT position, sku, category, quantity_e3, amount_minor, l.discount_minor"
        " FROM orders_line l JOIN orders_order o ON o.id = l.order_id WHERE number = 'A1'"
        " ORDER BY position"
    )
    assert lines == [(1, "tea", "茶", 2000, 3600, 400), (2, "cup", "器具", 1000, 2550, 0)]
    assert table("SELECT count(*) FROM orders_product") == [(2,)]
    assert table("SELECT count(*) FROM customers_customer WHERE first_bought_at IS NULL") == [
        (0,)
    ]
    assert table("SELECT count(*) FROM ledger.entry") == [(0,)]


def test_a_file_that_comes_twice_changes_nothing(bring, written, everything):
    bring("orders", written(ORDERS))
    before = everything()

    said = bring("orders", written(ORDERS))

    assert "New: 0" in said
    assert "The same: 3" in said
    assert everything() == before


def test_an_overlapping_file_brings_only_what_is_new_and_tells_what_differs(
    bring, written, table, tmp_path, rows_of
):
    bring("orders", written(ORDERS))
    later = ORDERS.replace("20.00,,S2\nA3", "21.00,,S2\nA3")
    later += "A4,M001,2024-03-09 10:00:00,cup,器具,1,25.50,,S1\n"
    aside = tmp_path / "aside.csv"

    said = bring("orders", written(later), "--quarantine", aside)

    assert "New: 1" in said
    assert "The same: 2" in said
    assert "Changed, left as they are: 1 (the first: line 4)" in said
    assert table("SELECT total_minor FROM orders_order WHERE number = 'A2'") == [(2000,)]
    (row,) = rows_of(aside)
    assert (row["line_number"], row["value"], row["reason"]) == ("4", "A2", "order_changed")


def test_an_import_that_was_stopped_goes_on_where_it_was(
    bring, written, table, everything, monkeypatch
):
    text = "order_id,customer_id,date,amount\n" + "".join(
        f"N{n:03},C{n % 7},2024-03-{n % 28 + 1:02},{n + 1}.00\n" for n in range(50)
    )
    monkeypatch.setattr(orders, "_ORDERS", 10)
    taken: list[int] = []
    calls = itertools.count()
    whole = OrdersImport.bring

    def fails_at_the_fourth(self, rows, **rest):
        if next(calls) == 3:
            raise KeyboardInterrupt
        whole(self, rows, **rest)

    def counts(self, rows, **rest):
        taken.append(len(rows))
        whole(self, rows, **rest)

    monkeypatch.setattr(OrdersImport, "bring", fails_at_the_fourth)
    with pytest.raises(AssertionError):
        bring("orders", written(text))
    assert table("SELECT count(*) FROM orders_order") == [(30,)]
    assert table("SELECT rows_done, finished_at FROM orders_import") == [(30, None)]

    monkeypatch.setattr(OrdersImport, "bring", counts)
    said = bring("orders", written(text))

    assert taken == [10, 10]
    assert "New: 50" in said
    assert table("SELECT count(*), sum(total_minor) FROM orders_order") == [(50, 127_500)]
    assert table("SELECT finished_at IS NOT NULL FROM orders_import") == [(True,)]


def test_orders_without_numbers_get_one_that_tells_nobodys_name(
    bring, written, table, everything
):
    text = (
        "手机号,下单时间,实付\n"
        "13812345678,2024-03-05 10:20:00,10\n"
        "138 1234 5678,2024-03-08 10:20:00,12\n"
        "13812345678,2024-03-08 10:20:00,13\n"
    )

    said = bring("orders", written(text))
    before = everything()

    assert "New: 3" in said
    assert table("SELECT kind, value FROM customers_identity") == [("phone", "+8613812345678")]
    numbers = [row[0] for row in table("SELECT number FROM orders_order")]
    assert not any("138" in number and "5678" in number for number in numbers)
    bring("orders", written(text))
    assert everything() == before


def test_returns_find_their_order_by_number_by_product_or_as_the_latest(
    bring, written, table, everything, tmp_path, rows_of
):
    text = (
        "order_id,customer_id,date,product_id,quantity,amount\n"
        "A1,M1,2024-03-05,tea,3,30.00\n"
        "A1,M1,2024-03-05,cup,1,12.00\n"
        "A2,M1,2024-03-06,hat,1,50.00\n"
        "A1,M1,2024-03-07,tea,-1,-10.00\n"
        "C7,M1,2024-03-08,cup,-1,-12.00\n"
        "C8,M1,2024-03-09,sock,-1,-5.00\n"
        "C9,M9,2024-03-09,sock,-1,-5.00\n"
    )
    aside = tmp_path / "aside.csv"

    said = bring("orders", written(text), "--quarantine", aside)

    assert "New refunds: 3" in said
    back = table(
        "SELECT o.number, l.position, l.quantity_e3, l.amount_minor FROM orders_refundline l"
        " JOIN orders_refund r ON r.id = l.refund_id JOIN orders_order o ON o.id = r.order_id"
        " ORDER BY r.at"
    )
    assert back == [("A1", 1, 1000, 1000), ("A1", 2, 1000, 1200), ("A2", 1, 0, 500)]
    (row,) = rows_of(aside)
    assert (row["line_number"], row["reason"]) == ("8", "return_unmatched")
    before = everything()
    assert "Refunds, the same: 3" in bring("orders", written(text))
    assert everything() == before


def test_cancelled_orders_are_passed_over_until_they_are_paid_and_undone_when_known(
    bring, written, table
):
    head = "订单号,会员号,下单时间,实付,订单状态,退款金额\n"
    first = head + "A1,M1,2024-03-05,10,待付款,\nA2,M1,2024-03-06,20,交易成功,5\n"
    second = head + "A1,M1,2024-03-05,10,交易成功,\nA2,M1,2024-03-06,20,交易关闭,\n"

    said = bring("orders", written(first))

    assert "passed over: 1" in said
    assert table("SELECT number, refunded_minor FROM orders_order") == [("A2", 500)]
    bring("orders", written(second))
    found = table("SELECT number, refunded_minor, status FROM orders_order ORDER BY number")
    assert found == [("A1", 0, "paid"), ("A2", 2000, "refunded")]


def test_rows_that_cannot_be_used_are_written_with_place_and_reason(
    bring, written, table, tmp_path, rows_of
):
    text = (
        "order_id,phone,date,amount\n"
        "A1,12,2024-03-05,10\n"
        "A2,13812345678,soon,10\n"
        "A3,13812345678,2024-03-05,10\n"
        "A4,13812345678,2024-03-06,10\n"
        "A4,13912345678,2024-03-06,10\n"
        ",,2024-03-06,10\n"
    )
    aside = tmp_path / "deep" / "aside.csv"

    said = bring("orders", written(text), "--quarantine", aside)

    assert "New: 1" in said
    assert "Refused: 4" in said
    rows = {row["line_number"]: row["reason"] for row in rows_of(aside)}
    assert rows == {
        "2": "identity_invalid",
        "3": "date_unreadable",
        "5": "order_of_several",
        "7": "order_unnamed",
    }
    assert "12\n" not in said.replace("2024", "")


def test_the_shops_own_zone_and_currency_are_taken(bring, written, table):
    text = "order_id,customer_id,date,amount\nA1,1,2024-07-04 20:00,1500\n"

    bring("orders", written(text), "--timezone", "Asia/Tokyo", "--currency", "JPY")

    found = table("SELECT total_minor, ordered_at AT TIME ZONE 'UTC' FROM orders_order")
    assert [(minor, str(at)) for minor, at in found] == [(1500, "2024-07-04 11:00:00")]


def test_it_speaks_chinese(bring, written):
    said = bring("orders", written(ORDERS), "--dry-run", lang="zh")

    assert "新增：3" in said
    assert "New" not in said


def test_a_file_that_is_no_orders_file_is_refused_before_anything_is_written(
    bring, written, table
):
    with pytest.raises(HuitoukeError):
        bring("orders", written("a,b\n1,2\n"))
    with pytest.raises(HuitoukeError):
        bring("orders", written("x").with_name("absent.csv"))

    assert table("SELECT count(*) FROM orders_import") == [(0,)]


def _told(database, *, number, phone="13800138001", day="2026-03-05", amount=10_000):
    """Let a till tell a paid order."""
    from huitouke.service.core.actor import Actor
    from huitouke.service.programme.events.facts import FACT
    from huitouke.service.programme.events.record import record

    fact = {
        "type": "order.paid",
        "source": "till-7",
        "source_id": f"{number}/{day}",
        "occurred_at": f"{day}T10:00:00+08:00",
        "customer": {"identity": {"kind": "phone", "value": phone}},
        "order": {"number": number, "lines": [{"sku": "tea", "amount_minor": amount}]},
    }
    (told,) = record([FACT.validate_python(fact)], actor=Actor("key", "till-7"))
    return told


TOLD = """订单号,手机号,下单时间,实付金额,退款金额
A1,13800138001,2026-03-05 10:00:00,100.00,40.00
A2,13800138001,2026-03-06 10:00:00,80.00,
A3,13800138002,2026-03-05 10:00:00,60.00,
"""


def test_orders_that_a_till_told_are_known_and_not_brought_in_again(
    bring, written, database, table, everything
):
    _told(database, number="A1", day="2026-03-04")
    _told(database, number="A2", day="2025-03-06")
    _told(database, number="A3")

    tried = bring("orders", written(TOLD), "--dry-run")
    said = bring("orders", written(TOLD))
    before = everything()
    again = bring("orders", written(TOLD), lang="zh")

    for text in (tried, said):
        assert "New: 2" in text
        assert "Told by a till or shop before, not brought in again: 1" in text
    assert "收银机或网店已经传过，不再导入：1" in again
    assert everything() == before
    # Last year's A2 and somebody else's A3 are other orders than this file's.
    found = "SELECT source, number, refunded_minor FROM orders_order ORDER BY 2, 1"
    assert table(found) == [
        ("till-7", "A1", 0),
        ("import", "A2", 0),
        ("till-7", "A2", 0),
        ("import", "A3", 0),
        ("till-7", "A3", 0),
    ]
    spent = "SELECT sum(spend_minor)::int FROM orders_spend"
    assert table(spent) == [(10_000 + 8_000 + 10_000 + 6_000 + 10_000,)]


def test_a_till_that_replays_imported_orders_earns_nothing_and_doubles_nothing(
    bring, written, database, table
):
    bring("orders", written(TOLD))

    told = _told(database, number="A2", day="2026-03-06", amount=8_000)

    assert [each["condition"] for each in told.reasons] == ["order_imported"]
    assert table("SELECT count(*) FROM orders_order") == [(3,)]
    assert table("SELECT count(*) FROM ledger.entry") == [(0,)]
    assert "The same: 3" in bring("orders", written(TOLD))
