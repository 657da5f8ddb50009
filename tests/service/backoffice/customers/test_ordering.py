"""One order on one page: what was sold, paid, delivered, given back and earned, and why."""

from __future__ import annotations

import pytest
from counter import RULES, TILL, Counter, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customers
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewLine, NewOrder
from huitouke.service.orders.models import Order
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record

pytestmark = pytest.mark.django_db

LARGE = {
    "id": "large",
    "name": {"zh": "大单", "en": "Large orders"},
    "on": "order.paid",
    "when": [{"fact": "order.total_minor", "op": "gte", "value": 90_000}],
    "gives": {"kind": "fixed", "points": 77},
}


def at(told):
    return reverse("customer_order", args=[told.order])


def tell(**fact):
    told = record([FACT.validate_python({"source": "shop", **fact})], actor=TILL)[0]
    assert told.status == "done", told


def sold(shop, customer):
    """A shop's order with payments, delivery and a coupon, told under a name of its own."""
    code = shop.coupon(customer, value=1_000)
    fact = {
        "type": "order.paid", "source": "shop:7", "source_id": "evt-1", "occurred_at": shop.now,
        "customer": {"id": key(customer)},
        "order": {
            "number": "W9", "coupons": [code], "discount_minor": 1_500, "shipping_minor": 800,
            "store": "Jing'an", "channel": "web",
            "delivery": {"promised_on": "2030-01-05", "needed_on": "2030-01-06"},
            "payments": [
                {"kind": "wechat", "amount_minor": 14_000, "reference": "wx-1"},
                {"kind": "loan", "amount_minor": 300},
            ],
            "lines": [
                {"sku": "tea", "name": "Green <b>tea", "quantity": 3, "amount_minor": 12_000},
                {"sku": "cup", "name": "Cup", "amount_minor": 3_000},
            ],
        },
    }  # fmt: skip
    told = record([FACT.validate_python(fact)], actor=TILL)[0]
    assert told.status == "done", told
    return told


def test_care_and_the_marketer_read_all_of_an_order(shop, as_role):
    made = shop.member("Lin Xiaoyu")
    told = sold(shop, made)

    for role in ("care", "marketer"):
        text = as_role(role).get(at(told)).content.decode()
        for said in (
            "Green &lt;b&gt;tea", "WeChat Pay", "wx-1", "loan", "¥143.00", "Jing", "web",
            "Promised for", "Jan 5, 2030", "Lin Xiaoyu", "Points on purchases",
        ):  # fmt: skip
            assert said in text, (role, said)
        assert "Show at the till" not in text


def test_it_says_what_was_not_earned_and_why(as_role):
    shop = Counter().open({**RULES, "rules": [*RULES["rules"], LARGE]})
    told = shop.buy(shop.member(), 12_000)

    page = as_role("care").get(at(told)).context["page"]

    assert [(each.unit, each.earned) for each in page.order.brought] == [("points", 120)]
    assert any("Large orders" in each for each in page.order.misses)


def test_what_came_back_is_told_with_its_goods_and_what_it_took(shop, as_role):
    made = shop.member()
    told = shop.buy(made, 12_000, 3_000, number="B1", pieces=2)
    tell(
        type="order.refunded", source_id="r1", occurred_at=shop.later(hours=1),
        order={"number": "B1", "reason": "Broken", "lines": [{"position": 1, "quantity": 1}]},
    )  # fmt: skip

    page = as_role("care").get(at(told)).context["page"]

    (back,) = page.refunds
    assert (back.amount_minor, back.reason) == (6_000, "Broken")
    assert back.goods == (("Tea 1", "1", 6_000),)
    assert [each.back for each in page.order.lines] == ["1", ""]
    (points,) = page.order.brought
    assert (points.earned, points.taken) == (150, 60)
    assert any("60" in each for each in page.order.back)


def test_an_order_that_was_called_off_says_so_in_words(shop, as_role):
    told = shop.buy(shop.member(), 12_000, number="B2")
    tell(
        type="order.cancelled", source_id="c1", occurred_at=shop.later(hours=1),
        order={"number": "B2"},
    )  # fmt: skip

    answer = as_role().get(at(told))

    assert answer.context["page"].cancelled_at is not None
    assert "The order was called off" in answer.content.decode()


def test_the_timeline_leads_to_its_orders(shop, as_role):
    made, client = shop.member(), as_role("care")
    told = shop.buy(made, 12_000)

    text = client.get(reverse("customer", args=[key(made)])).content.decode()

    assert at(told) in text
    assert client.get(at(told)).status_code == 200


def test_the_till_finds_what_a_shop_told_under_a_name_of_its_own(shop, as_role):
    told = sold(shop, shop.member())

    text = as_role("front_line").get(reverse("till_order", args=[told.order])).content.decode()

    assert "Points on purchases" in text


@pytest.mark.parametrize("role", ["front_line", "analyst", "developer"])
def test_who_may_not_see_customers_sees_none_of_their_orders(shop, as_role, role):
    told = shop.buy(shop.member(), 12_000)

    assert as_role(role).get(at(told)).status_code == 403


@pytest.mark.parametrize(
    "wrong", ["ord_00000000000000000000000000", "cus_00000000000000000000000000", "x", "0"]
)
def test_an_order_that_is_not_there_is_told_in_words(db, as_role, wrong):
    answer = as_role("care").get(reverse("customer_order", args=[wrong]))

    assert answer.status_code == 404


def test_the_order_of_who_was_erased_names_nobody(shop, as_role):
    made = shop.member("Lin Xiaoyu")
    told = shop.buy(made, 12_000)
    customers.erase(made.pk, at=shop.now, actor=TILL)

    answer = as_role("care").get(at(told))

    assert answer.status_code == 200
    assert answer.context["page"].person is None
    assert "Lin Xiaoyu" not in answer.content.decode()


def test_many_lines_and_returns_take_as_many_questions(shop, as_role):
    made, client = shop.member(), as_role("care")
    few = shop.buy(made, 1_000, 1_000, number="F1")
    many = shop.buy(made, *[1_000] * 12, number="M1")
    for number, places in (("F1", [1]), ("M1", range(1, 9))):
        for place in places:
            tell(
                type="order.refunded", source_id=f"{number}{place}",
                occurred_at=shop.later(hours=1),
                order={"number": number, "lines": [{"position": place}]},
            )  # fmt: skip
    client.get(at(few))

    with CaptureQueriesContext(connection) as short:
        client.get(at(few))
    with CaptureQueriesContext(connection) as long:
        client.get(at(many))

    assert len(short) == len(long) <= 35


def test_an_order_that_a_file_brought_says_that_it_earns_nothing(shop, as_role):
    made = shop.member("Lin Xiaoyu")
    line = NewLine(position=1, sku="tea", category="", quantity_e3=1_000, amount_minor=12_000)
    new = NewOrder(
        source="import", number="H1", customer_id=made.id, ordered_at=shop.now,
        paid_at=shop.now, currency="CNY", store="", channel="", tax_minor=0, shipping_minor=0,
        discount_minor=0, paid_by_points_minor=0, paid_by_gift_card_minor=0, coupons=(),
        lines=(line,), payments=(), delivery=None, history=True,
    )  # fmt: skip
    orders.record([new], at=shop.now, actor=TILL)
    found = public_id("ord", Order.objects.get().pk)

    text = as_role("care").get(reverse("customer_order", args=[found])).content.decode()

    assert "a file brought it as history" in text
    assert "nobody was known" not in text
