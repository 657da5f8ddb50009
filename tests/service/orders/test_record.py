"""Orders are recorded once, in sets, and never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, timezone

import pytest
from django.db import IntegrityError, connection, transaction

from huitouke.service.customers.models import Customer
from huitouke.service.orders import queries
from huitouke.service.orders.commands import OrderDiffers, OrderInvalid, record
from huitouke.service.orders.contract import NewDelivery, NewLine, NewPayment
from huitouke.service.orders.models import (
    Channel,
    Delivery,
    Line,
    Order,
    Payment,
    Product,
    Store,
)

pytestmark = pytest.mark.django_db


def test_an_order_is_there_with_all_it_says(order_of, lin, at, till):
    new = order_of(
        ("tea", 9_000, 3),
        ("cup", 3_000, {"name": "茶杯", "category": "器具", "tax_minor": 100, "brand": "山"}),
        customer=lin,
        store="S1",
        channel="till",
        shipping_minor=800,
        discount_minor=1_000,
        tax_minor=500,
        paid_by_points_minor=200,
        coupons=('a "b"', "c\\d,{}", "中文"),
        payments=(NewPayment(kind="wechat", amount_minor=11_600, reference="wx1"),),
        delivery=NewDelivery(promised_on=date(2026, 3, 8), needed_on=date(2026, 3, 9)),
    )

    (key,) = record([new], at=at, actor=till)

    stored = Order.objects.get(id=key)
    assert (stored.source, stored.number, stored.customer_id) == ("shop", "A-1", lin.id)
    assert (stored.goods_minor, stored.total_minor, stored.status) == (12_000, 11_800, "paid")
    assert stored.coupons == ['a "b"', "c\\d,{}", "中文"]
    assert (stored.recorded_at, stored.actor) == (at, "key:till-7")
    lines = list(Line.objects.filter(order=stored).order_by("position"))
    assert [(each.sku, each.quantity_e3, each.net_minor) for each in lines] == [
        ("tea", 3_000, 8_250),
        ("cup", 1_000, 2_750),
    ]
    assert Payment.objects.get(order=stored).reference == "wx1"
    assert Delivery.objects.get(order=stored).needed_on == date(2026, 3, 9)


def test_the_same_order_again_is_the_same_id(order_of, lin, at, till):
    first = record([order_of(customer=lin)], at=at, actor=till)

    again = record([order_of(customer=lin)], at=at + timedelta(days=1), actor=till)

    assert again == first
    assert (Order.objects.count(), Line.objects.count()) == (1, 1)


def test_the_same_moment_in_another_zone_is_the_same_order(order_of, at, till):
    first = record([order_of()], at=at, actor=till)
    shanghai = at.astimezone(timezone(timedelta(hours=8)))

    again = record([order_of(ordered_at=shanghai, paid_at=shanghai)], at=at, actor=till)

    assert again == first


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "USD"},
        {"shipping_minor": 1},
        {"coupons": ("X",)},
        {"store": "S2"},
        {"lines": (NewLine(position=1, sku="tea", amount_minor=9_999),)},
        {"lines": (NewLine(position=1, sku="tea", amount_minor=10_000, quantity_e3=999),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_same_number_with_other_content_is_refused(order_of, at, till, change):
    record([order_of()], at=at, actor=till)

    with pytest.raises(OrderDiffers) as told:
        record(
            [order_of(("cup", 5, 1), number="A-2"), replace(order_of(), **change)],
            at=at, actor=till,
        )  # fmt: skip

    assert told.value.status == 409
    assert "A-1" in told.value.text("zh")
    assert queries.find("shop", "A-2") is None


def test_the_same_order_of_another_customer_is_refused(order_of, lin, at, till):
    record([order_of(customer=lin)], at=at, actor=till)
    mei = Customer.objects.create(name="梅", created_at=at)

    with pytest.raises(OrderDiffers):
        record([order_of(customer=mei)], at=at, actor=till)


def test_one_call_may_hold_the_same_order_twice_and_known_ones(order_of, at, till):
    (known,) = record([order_of(number="K")], at=at, actor=till)

    ids = record(
        [
            order_of(number="B"),
            order_of(number="K"),
            order_of(number="A"),
            order_of(number="B"),
        ],
        at=at,
        actor=till,
    )

    assert ids[1] == known
    assert ids[0] == ids[3]
    assert ids[2] == queries.find("shop", "A").id
    assert Line.objects.count() == 3


def test_a_pending_order_becomes_paid_when_it_comes_paid(order_of, at, till):
    paid = order_of(payments=(NewPayment(kind="cash", amount_minor=10_000),))
    (pending,) = record([replace(paid, paid_at=None, payments=())], at=at, actor=till)
    assert Order.objects.get(id=pending).status == "pending"

    (again,) = record([paid], at=at, actor=till)

    assert again == pending
    stored = Order.objects.get(id=pending)
    assert (stored.status, stored.paid_at) == ("paid", at)
    assert Payment.objects.get(order=stored).kind == "cash"


def test_the_first_purchase_is_noted_with_the_customer(order_of, lin, at, till):
    earlier = at - timedelta(days=9)

    record([order_of(customer=lin, paid_at=None)], at=at, actor=till)
    lin.refresh_from_db()
    assert lin.first_bought_at is None
    record([order_of(customer=lin)], at=at, actor=till)
    lin.refresh_from_db()
    assert lin.first_bought_at == at
    record([order_of(customer=lin, number="A-2", ordered_at=earlier)], at=at, actor=till)

    lin.refresh_from_db()
    assert lin.first_bought_at == earlier


def test_a_paid_order_does_not_become_pending_again(order_of, at, till):
    (key,) = record([order_of()], at=at, actor=till)

    record([order_of(paid_at=None)], at=at, actor=till)

    assert Order.objects.get(id=key).status == "paid"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": ()}, "lines"),
        ({"lines": (NewLine(position=1, amount_minor=-1),)}, "lines[1].amount_minor"),
        ({"lines": (NewLine(position=1, amount_minor=5, tax_minor=6),)}, "lines[1].amount"),
        (
            {"lines": (NewLine(position=1, amount_minor=5, quantity_e3=-1),)},
            "lines[1].quantity",
        ),
        ({"lines": (NewLine(position=0, amount_minor=5),)}, "lines[0]"),
        ({"lines": (NewLine(position=1, amount_minor=5),) * 2}, "lines.position"),
        ({"lines": (NewLine(position=1, amount_minor=9 * 10**15 + 1),)}, "lines[1].amount"),
        ({"discount_minor": 10_001}, "discount_minor"),
        ({"shipping_minor": -1}, "shipping_minor"),
        ({"paid_by_points_minor": 6_000, "paid_by_gift_card_minor": 4_001}, "paid_by_points"),
        ({"currency": "yuan"}, "currency"),
        ({"number": ""}, "number"),
    ],
)
def test_figures_that_cannot_be_are_refused_by_name(order_of, at, till, change, field):
    with pytest.raises(OrderInvalid) as told:
        record([replace(order_of(), **change)], at=at, actor=till)

    assert field in told.value.text("en")
    assert Order.objects.count() == 0


def test_a_moment_without_a_zone_is_refused(order_of, at, till):
    with pytest.raises(OrderInvalid, match="ordered_at"):
        record([order_of(ordered_at=at.replace(tzinfo=None))], at=at, actor=till)


def test_products_and_places_are_kept_and_no_empty_name_wipes_a_full_one(order_of, at, till):
    named = {"name": "龙井", "category": "茶", "brand": "西湖"}
    record([order_of(("tea", 1, named), store="S1", channel="web")], at=at, actor=till)

    record(
        [
            order_of(("tea", 1, 1), ("", 1, 1), number="A-2", store="S2"),
            order_of(("tea", 1, {"category": "绿茶"}), number="A-3", store="S1"),
        ],
        at=at,
        actor=till,
    )

    product = Product.objects.get()
    assert (product.name, product.category, product.brand) == ("龙井", "绿茶", "西湖")
    assert set(Store.objects.values_list("code", flat=True)) == {"S1", "S2"}
    assert list(Channel.objects.values_list("code", flat=True)) == ["web"]


def test_ten_thousand_orders_go_the_same_way(order_of, lin, at, till):
    orders = [
        order_of(("tea", 100 + n), number=f"N{n}", customer=lin if n % 2 else None)
        for n in range(10_000)
    ]

    ids = record(orders, at=at, actor=till)
    again = record(orders, at=at, actor=till)

    assert again == ids
    assert len(set(ids)) == 10_000
    kept = queries.kept(ids[:2])
    assert [kept[key].lines[0].amount_minor for key in ids[:2]] == [100, 101]


def test_the_database_itself_refuses_sums_that_disagree(order_of, at, till):
    (key,) = record([order_of()], at=at, actor=till)

    for change in (
        "UPDATE orders_order SET total_minor = total_minor + 1 WHERE id = %s",
        "UPDATE orders_order SET refunded_minor = total_minor + 1 WHERE id = %s",
        "UPDATE orders_line SET refunded_minor = net_minor + 1 WHERE order_id = %s",
        "UPDATE orders_line SET returned_e3 = quantity_e3 + 1 WHERE order_id = %s",
    ):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change, [key])
