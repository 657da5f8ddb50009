"""Refunds by line: exact to the last cent, never more than was paid."""

from __future__ import annotations

import threading
from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Audit
from huitouke.service.orders import queries
from huitouke.service.orders.commands import (
    OrderUnknown,
    RefundBeforeOrder,
    RefundDiffers,
    RefundInvalid,
    RefundTooLarge,
    cancel,
    deliver,
    record,
    refund,
)
from huitouke.service.orders.contract import NewLine
from huitouke.service.orders.models import Delivery, Order, Refund, RefundLine


def _kept(key):
    return queries.kept([key])[key]


@pytest.mark.django_db
class TestOne:
    def test_a_third_of_a_hundred_three_times_is_a_hundred(self, order_of, refund_of, at, till):
        (key,) = record([order_of(("tea", 100, 3))], at=at, actor=till)

        amounts = [
            refund(refund_of((1, 1_000, None), source_id=each), at=at, actor=till).amount_minor
            for each in ("a", "b", "c")
        ]

        assert amounts == [33, 33, 34]
        assert _kept(key).lines == ()
        assert Order.objects.get(id=key).status == "refunded"

    def test_the_discount_of_the_order_comes_off_every_line(
        self, order_of, refund_of, at, till
    ):
        new = order_of(("a", 100), ("b", 100), ("c", 100), discount_minor=100)
        (key,) = record([new], at=at, actor=till)

        back = refund(refund_of((1, None, None)), at=at, actor=till)

        assert back.amount_minor == 66
        assert [line.amount_minor for line in _kept(key).lines] == [67, 67]
        assert Order.objects.get(id=key).status == "part_refunded"

    def test_the_same_refund_again_is_the_same_refund(self, order_of, refund_of, at, till):
        record([order_of(("tea", 100, 2))], at=at, actor=till)
        first = refund(refund_of((1, 1_000, None)), at=at, actor=till)

        again = refund(refund_of((1, 1_000, None)), at=at, actor=till)

        assert again.id == first.id
        assert Refund.objects.count() == RefundLine.objects.count() == 1

    def test_the_same_id_for_another_refund_is_refused(self, order_of, refund_of, at, till):
        record([order_of(("tea", 100, 2)), order_of(number="A-2")], at=at, actor=till)
        refund(refund_of((1, 1_000, None)), at=at, actor=till)

        for other in (refund_of((1, 2_000, None)), refund_of((1, 1_000, None), number="A-2")):
            with pytest.raises(RefundDiffers):
                refund(other, at=at, actor=till)

    def test_a_refund_before_its_order_is_told_to_wait(self, order_of, refund_of, at, till):
        with pytest.raises(RefundBeforeOrder) as told:
            refund(refund_of(), at=at, actor=till)
        assert told.value.status == 409

        record([order_of(paid_at=None)], at=at, actor=till)

        with pytest.raises(RefundBeforeOrder):
            refund(refund_of(), at=at, actor=till)

    @pytest.mark.parametrize(
        "lines",
        [((1, 3_000, None),), ((1, 0, 101),), ((1, None, 101),), ((1, 2_001, 1),)],
    )
    def test_more_than_is_left_is_refused_and_nothing_changes(
        self, order_of, refund_of, at, till, lines
    ):
        (key,) = record([order_of(("tea", 100, 2))], at=at, actor=till)

        with pytest.raises(RefundTooLarge):
            refund(refund_of(*lines), at=at, actor=till)

        assert _kept(key) == queries.placed([key])[key]
        assert Refund.objects.count() == 0

    @pytest.mark.parametrize(
        "lines", [((2, 1_000, None),), ((1, -1, None),), ((1, 0, -1),), ((1, 0, 0), (1, 0, 0))]
    )
    def test_a_refund_of_what_the_order_does_not_have_is_refused(
        self, order_of, refund_of, at, till, lines
    ):
        record([order_of()], at=at, actor=till)

        with pytest.raises(RefundInvalid):
            refund(refund_of(*lines), at=at, actor=till)

    def test_an_empty_refund_brings_all_goods_and_delivery_only_when_asked(
        self, order_of, refund_of, at, till
    ):
        new = order_of(("tea", 100, 2), ("cup", 50), shipping_minor=20)
        (key,) = record([new], at=at, actor=till)
        refund(refund_of((1, 1_000, None), source_id="part"), at=at, actor=till)

        goods = refund(refund_of(source_id="goods"), at=at, actor=till)
        assert (goods.amount_minor, _kept(key).shipping_minor) == (100, 20)
        freight = refund(refund_of(source_id="freight", shipping_minor=None), at=at, actor=till)

        assert freight.amount_minor == 20
        assert _kept(key).shipping_minor == 0
        assert Order.objects.get(id=key).refunded_minor == 170

    def test_nothing_left_is_nothing_to_refund(self, order_of, refund_of, at, till):
        record([order_of()], at=at, actor=till)
        refund(refund_of(source_id="all"), at=at, actor=till)

        with pytest.raises(RefundTooLarge):
            refund(refund_of(source_id="more"), at=at, actor=till)

    def test_money_back_without_goods_leaves_the_pieces(self, order_of, refund_of, at, till):
        (key,) = record([order_of(("tea", 100, 2))], at=at, actor=till)

        refund(refund_of((1, None, 30), source_id="sorry"), at=at, actor=till)
        half = refund(refund_of((1, 1_000, None), source_id="half"), at=at, actor=till)
        rest = refund(refund_of((1, 1_000, None), source_id="rest"), at=at, actor=till)

        assert (half.amount_minor, rest.amount_minor) == (50, 20)
        assert _kept(key).lines == ()

    def test_a_free_gift_can_come_back(self, order_of, refund_of, at, till):
        (key,) = record([order_of(("gift", 0))], at=at, actor=till)

        refund(refund_of(), at=at, actor=till)

        assert Order.objects.get(id=key).status == "refunded"

    def test_tax_and_what_points_paid_shrink_with_what_is_kept(
        self, order_of, refund_of, at, till
    ):
        new = order_of(("tea", 1_000, {"quantity_e3": 4_000, "tax_minor": 90}))
        new = replace(new, paid_by_points_minor=101, paid_by_gift_card_minor=200)
        (key,) = record([new], at=at, actor=till)

        refund(refund_of((1, 2_000, None)), at=at, actor=till)

        now = _kept(key)
        assert (now.lines[0].quantity_e3, now.lines[0].tax_minor) == (2_000, 45)
        assert (now.paid_by_points_minor, now.paid_by_gift_card_minor) == (50, 100)

    def test_cancelling_brings_back_the_rest_once(self, order_of, refund_of, at, till):
        new = order_of(("tea", 100, 2), shipping_minor=7)
        (key,) = record([new], at=at, actor=till)
        refund(refund_of((1, 1_000, None)), at=at, actor=till)

        assert cancel("shop", "A-1", at=at, actor=till) == key
        assert cancel("shop", "A-1", at=at, actor=till) == key

        assert sum(each.amount_minor for each in Refund.objects.all()) == 107
        assert Order.objects.get(id=key).status == "cancelled"
        assert (_kept(key).lines, _kept(key).shipping_minor) == ((), 0)
        with pytest.raises(RefundTooLarge):
            refund(refund_of(source_id="late"), at=at, actor=till)

    def test_a_pending_order_is_cancelled_without_a_refund(self, order_of, at, till):
        (key,) = record([order_of(paid_at=None)], at=at, actor=till)

        cancel("shop", "A-1", at=at, actor=till)

        assert Refund.objects.count() == 0
        assert _kept(key).lines == ()

    def test_a_fully_refunded_order_can_be_cancelled(self, order_of, refund_of, at, till):
        (key,) = record([order_of()], at=at, actor=till)
        refund(refund_of(), at=at, actor=till)

        cancel("shop", "A-1", at=at, actor=till)

        assert Order.objects.get(id=key).status == "cancelled"

    def test_a_cancelled_order_knows_when_it_was_called_off(self, order_of, at, till):
        (key,) = record([order_of()], at=at, actor=till)
        later = at.replace(day=9)

        cancel("shop", "A-1", at=at, actor=till, happened_at=later)
        cancel("shop", "A-1", at=at, actor=till)

        assert Order.objects.get(id=key).cancelled_at == later

    def test_orders_that_were_called_off_before_are_dated_by_the_migration(
        self, order_of, at, till
    ):
        pending, paid = (
            record([order_of(number=number, paid_at=moment)], at=at, actor=till)[0]
            for number, moment in (("A-1", None), ("A-2", at))
        )
        later = at.replace(day=9)
        for number in ("A-1", "A-2"):
            cancel("shop", number, at=at, actor=till, happened_at=later)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE orders_order DROP CONSTRAINT orders_order_cancelled")
            cursor.execute("UPDATE orders_order SET cancelled_at = NULL")

        import_module("huitouke.service.orders.migrations.0005_cancelled_at").fill(apps, None)

        noted = Audit.objects.get(target=public_id("ord", pending)).created_at
        dated = dict(Order.objects.values_list("id", "cancelled_at"))
        assert dated == {pending: noted, paid: later}

    def test_an_unknown_order_is_neither_cancelled_nor_delivered(self, at, till):
        with pytest.raises(OrderUnknown):
            cancel("shop", "?", at=at, actor=till)
        with pytest.raises(OrderUnknown):
            deliver("shop", "?", delivered_at=at, at=at, actor=till)

    def test_the_first_moment_of_delivery_stays(self, order_of, at, till):
        (key,) = record([order_of()], at=at, actor=till)

        deliver("shop", "A-1", delivered_at=at, at=at, actor=till)
        deliver("shop", "A-1", delivered_at=at.replace(day=9), at=at, actor=till)

        assert Delivery.objects.get(order_id=key).delivered_at == at

    @settings(
        max_examples=60, deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )  # fmt: skip
    @given(data=st.data())
    def test_refunds_in_any_parts_add_up_to_the_order(
        self, order_of, refund_of, at, till, data
    ):
        lines = data.draw(
            st.lists(st.tuples(st.integers(0, 999), st.integers(1, 5)), min_size=1, max_size=4)
        )
        goods = sum(amount for amount, _ in lines)
        number = f"H{Order.objects.count()}"
        new = replace(
            order_of(number=number, discount_minor=data.draw(st.integers(0, goods)),
                     shipping_minor=data.draw(st.integers(0, 50))),
            lines=tuple(
                NewLine(position=place, amount_minor=amount, quantity_e3=pieces * 1_000)
                for place, (amount, pieces) in enumerate(lines, start=1)
            ),
        )  # fmt: skip
        (key,) = record([new], at=at, actor=till)
        given_back = 0
        for step, place in enumerate(
            data.draw(st.lists(st.integers(1, len(lines)), max_size=12))
        ):
            money = data.draw(st.sampled_from([None, None, None, 0, 1, 40]))
            quantity = 1_000 if money is None else None
            one = refund_of((place, quantity, money), number=number, source_id=f"{key}{step}")
            try:
                given_back += refund(one, at=at, actor=till).amount_minor
            except RefundTooLarge:
                continue
            now = _kept(key)
            left = sum(line.amount_minor for line in now.lines) + now.shipping_minor
            assert left + given_back == goods - new.discount_minor + new.shipping_minor

        cancel("shop", number, at=at, actor=till)

        refunds = Refund.objects.filter(order_id=key)
        total = sum(each.amount_minor for each in refunds)
        assert total == Order.objects.get(id=key).total_minor


def test_eight_refunds_at_once_never_bring_back_more_than_was_paid(
    own_database, order_of, refund_of, at
):
    (key,) = record([order_of(("tea", 500, 5))], at=at, actor=Actor("key", "till"))
    told: list = [None] * 8
    start = threading.Barrier(8)

    def send(place: int) -> None:
        try:
            start.wait()
            one = refund_of((1, 1_000, None), source_id=f"R{place}")
            told[place] = refund(one, at=at, actor=Actor("key", "till")).amount_minor
        except RefundTooLarge:
            told[place] = 0
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == [0, 0, 0, 100, 100, 100, 100, 100]
    assert Order.objects.get(id=key).refunded_minor == 500


def test_one_refund_sent_eight_times_at_once_is_one_refund(
    own_database, order_of, refund_of, at
):
    record([order_of(("tea", 500, 5))], at=at, actor=Actor("key", "till"))
    told: list = [None] * 8
    start = threading.Barrier(8)

    def send(place: int) -> None:
        try:
            start.wait()
            one = refund(refund_of((1, 1_000, None)), at=at, actor=Actor("key", "till"))
            told[place] = one.id
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(told)) == 1
    assert Refund.objects.get().amount_minor == 100
