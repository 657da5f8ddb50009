"""Questions about orders."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from huitouke.service.core.person import parts
from huitouke.service.customers.models import Customer
from huitouke.service.orders import queries
from huitouke.service.orders.commands import record, refund
from huitouke.service.orders.contract import NewPayment

pytestmark = pytest.mark.django_db


def _part():
    return next(part for part in parts() if part.name == "orders")


def test_orders_of_a_customer_come_page_by_page_newest_first(order_of, lin, at, till):
    mei = Customer.objects.create(name="梅", created_at=at)
    orders = [
        order_of(number=f"N{n}", customer=lin, ordered_at=at + timedelta(days=n // 2))
        for n in range(7)
    ]
    record([*orders, order_of(number="other", customer=mei)], at=at, actor=till)

    first = queries.of_customer(lin.id, limit=3)
    second = queries.of_customer(lin.id, cursor=first.cursor, limit=3)
    third = queries.of_customer(lin.id, cursor=second.cursor, limit=3)

    numbers = [order.number for page in (first, second, third) for order in page.orders]
    assert numbers == ["N6", "N5", "N4", "N3", "N2", "N1", "N0"]
    assert third.cursor is None


def test_a_page_after_somebody_elses_order_is_empty(order_of, lin, at, till):
    (other,) = record([order_of()], at=at, actor=till)

    assert queries.of_customer(lin.id, cursor=other).orders == ()


def test_unknown_orders_are_left_out(order_of, at, till):
    (key,) = record([order_of()], at=at, actor=till)

    assert set(queries.kept([key, UUID(int=5)])) == {key}
    assert queries.kept([]) == {}


def test_what_was_placed_stays_beside_what_is_kept(order_of, refund_of, at, till):
    (key,) = record([order_of(("tea", 100, 2), ("cup", 60))], at=at, actor=till)
    refund(refund_of((2, None, None)), at=at, actor=till)

    placed, kept = queries.placed([key])[key], queries.kept([key])[key]

    assert [line.amount_minor for line in placed.lines] == [100, 60]
    assert [line.position for line in kept.lines] == [1]


def test_an_export_tells_orders_with_lines_payments_and_refunds(
    order_of, refund_of, lin, at, till
):
    payments = (NewPayment(kind="card", amount_minor=100, reference="4111"),)
    record([order_of(("tea", 100, 2), customer=lin, payments=payments)], at=at, actor=till)
    refund(refund_of((1, 1_000, None), reason="broken"), at=at, actor=till)

    (told,) = _part().export(lin.id)

    assert told["id"].startswith("ord_")
    assert told["lines"][0]["amount_minor"] == 100
    assert told["payments"][0]["reference"] == "4111"
    assert told["refunds"][0]["reason"] == "broken"
    assert told["delivery"] is None


def test_a_merge_moves_orders_and_an_unmerge_moves_the_same_ones_back(order_of, lin, at, till):
    mei = Customer.objects.create(name="梅", created_at=at)
    record([order_of(customer=lin), order_of(number="A-2", customer=mei)], at=at, actor=till)

    moved = _part().merge(lin.id, into=mei.id, at=at, actor=till)
    assert len(queries.of_customer(mei.id).orders) == 2
    record([order_of(number="A-3", customer=mei)], at=at, actor=till)
    _part().unmerge(lin.id, winner=mei.id, moved=moved, at=at, actor=till)

    assert [each.number for each in queries.of_customer(lin.id).orders] == ["A-1"]
    assert {each.number for each in queries.of_customer(mei.id).orders} == {"A-2", "A-3"}


def test_an_order_sent_again_after_a_merge_is_still_the_same(order_of, lin, at, till):
    mei = Customer.objects.create(name="梅", created_at=at)
    first = record([order_of(customer=lin)], at=at, actor=till)
    _part().merge(lin.id, into=mei.id, at=at, actor=till)

    assert record([order_of(customer=mei)], at=at, actor=till) == first


def test_erasing_keeps_amounts_and_forgets_what_leads_to_the_person(
    order_of, refund_of, lin, at, till
):
    payments = (NewPayment(kind="card", amount_minor=100, reference="4111"),)
    record([order_of(("tea", 100, 2), customer=lin, payments=payments)], at=at, actor=till)
    refund(refund_of((1, 1_000, None), reason="林小雨 asked"), at=at, actor=till)

    _part().erase(lin.id, at=at, actor=till)

    (told,) = _part().export(lin.id)
    assert (told["total_minor"], told["refunds"][0]["reason"]) == (100, "")
    assert told["payments"] == [{"kind": "card", "amount_minor": 100, "reference": ""}]
