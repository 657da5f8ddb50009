from __future__ import annotations

import pytest

from huitouke.insight.facts.columns import (
    ColumnsAmbiguous,
    ColumnsMissing,
    MapUnknownColumn,
    MapUnknownField,
    NotOrders,
    find_columns,
)
from huitouke.insight.facts.headings import ORDER_FIELDS


def found(headers: list[str], *more: list[str], **mapping: str) -> dict[str, tuple[int, ...]]:
    columns = find_columns(
        [headers, *more], fields=ORDER_FIELDS, mapping=mapping, path="orders.csv"
    )
    return columns.places


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["客户编号", "下单时间", "订单号", "金额"], "customer_id ordered_at order_id amount"),
        (["会员号", "订单时间", "实付", "原价"], "customer_id ordered_at amount list_amount"),
        (["手机号", "交易日期", "实付金额", "优惠"], "customer_id ordered_at amount discount"),
        (["買家", "訂單日期", "金額", "門店"], "customer_id ordered_at amount store"),
        (["用户ID", "付款时间", "应付", "品类"], "customer_id ordered_at amount category"),
        (["会员卡号", "日期", "单价", "数量"], "customer_id ordered_at unit_price quantity"),
        (["客户ID", "下单时间", "实付", "退款金额"], "customer_id ordered_at amount refund"),
        (
            ["客户ID", "下单时间", "实付(元)", "状态"],
            "customer_id ordered_at amount status",
        ),
        (["客户ID", "下单时间", "实付", "渠道"], "customer_id ordered_at amount channel"),
        (["客户ID", "下单时间", "实付", "吊牌价"], "customer_id ordered_at amount list_price"),
        (
            ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"],
            "order_id product quantity ordered_at unit_price customer_id",
        ),
        (
            ["household_id", "store_id", "basket_id", "sales_value", "transaction_timestamp"],
            "customer_id store order_id amount ordered_at",
        ),
        (["Customer ID", "Order-Date", "NET AMOUNT"], "customer_id ordered_at amount"),
        (["\uff23ustomer\uff3f\uff29D", "date", "Dollars"], "customer_id ordered_at amount"),
    ],
)
def test_headers_are_recognised_in_english_and_chinese(headers: list[str], fields: str) -> None:
    places = found(headers)
    assert places == {name: (place,) for place, name in enumerate(fields.split())}


def test_a_better_header_wins_over_a_weaker_one() -> None:
    columns = find_columns(
        [["手机号", "会员号", "下单时间", "付款时间", "应付", "实付"]],
        fields=ORDER_FIELDS,
        mapping={},
        path="x.csv",
    )
    assert columns.places == {"customer_id": (1,), "ordered_at": (2,), "amount": (5,)}
    assert columns.passed_over == (
        ("手机号", "customer_id"),
        ("付款时间", "ordered_at"),
        ("应付", "amount"),
    )


def test_a_day_wins_over_a_time_beside_it() -> None:
    assert found(["客户ID", "时间", "日期", "金额"])["ordered_at"] == (2,)
    assert found(["客户ID", "下单时间", "下单日期", "金额"])["ordered_at"] == (2,)


def test_discounts_of_several_columns_share_the_field() -> None:
    places = found(["household_id", "date", "amount", "retail_disc", "coupon_disc"])
    assert places["discount"] == (3, 4)


def test_a_lone_price_is_the_amount() -> None:
    assert found(["customer_id", "date", "price"])["amount"] == (2,)
    assert "amount" not in found(["customer_id", "date", "price", "quantity"])


def test_the_header_may_stand_below_a_title() -> None:
    columns = find_columns(
        [
            ["2024年订单"],
            ["导出人：张"],
            ["会员号", "下单时间", "实付"],
            ["1", "2024-03-05", "9"],
        ],
        fields=ORDER_FIELDS,
        mapping={},
        path="x.csv",
    )
    assert columns.header_row == 2


def test_a_mapping_by_header_or_position_comes_first() -> None:
    headers = ["who", "day", "paid out", "amount"]
    places = found(headers, customer_id="WHO", ordered_at="2", amount="paid_out")
    assert places == {"customer_id": (0,), "ordered_at": (1,), "amount": (2,)}


def test_a_file_without_header_is_mapped_by_position() -> None:
    columns = find_columns(
        [["00004", "0001", "19970101", "2", "29.33"]],
        fields=ORDER_FIELDS,
        mapping={"customer_id": "1", "ordered_at": "3", "amount": "5"},
        path="x.txt",
    )
    assert columns.header_row == -1
    assert columns.places == {"customer_id": (0,), "ordered_at": (2,), "amount": (4,)}


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(ColumnsMissing) as caught:
        found(["会员号", "下单时间", "备注"])
    assert caught.value.code == "facts.columns_missing"
    assert "amount" in str(caught.value)
    assert "备注" in str(caught.value)
    assert "--map amount=…" in str(caught.value)


def test_a_list_of_customers_is_told_from_orders() -> None:
    with pytest.raises(NotOrders) as caught:
        found(["ID", "Year_Birth", "Education", "Income", "Dt_Customer"])
    assert "list of customers" in str(caught.value)


def test_two_columns_for_one_field_are_a_question() -> None:
    with pytest.raises(ColumnsAmbiguous) as caught:
        found(["customer_id", "date", "金额", "金额"])
    assert "金额 (3), 金额 (4)" in str(caught.value)
    assert found(["customer_id", "date", "金额", "金额"], amount="4")["amount"] == (3,)


def test_a_mapping_to_nothing_is_refused() -> None:
    with pytest.raises(MapUnknownField):
        found(["a"], colour="a")
    with pytest.raises(MapUnknownColumn) as caught:
        found(["customer_id", "date", "amount"], store="Filiale")
    assert "customer_id, date, amount" in str(caught.value)
    for nowhere in ("4", "²"):
        with pytest.raises(MapUnknownColumn):
            found(["customer_id", "date", "amount"], store=nowhere)


def test_cells_of_a_file_without_header_are_not_shown() -> None:
    with pytest.raises(ColumnsMissing) as caught:
        found(["张三", "13800000000", "2024-03-01", "0.50元", "zhang@mail.cn"])
    assert "(1), (2), (3), (4), (5)" in str(caught.value)
    assert "张三" not in str(caught.value)
    with pytest.raises(ColumnsMissing) as caught:
        found(["Tax 1 Name", "Tax 2 Name", "Kwartaal 3", "2e naam"])
    assert "Tax 2 Name" in str(caught.value)
