"""What a return would come to, when it is everything, and in which ways it went back."""

from __future__ import annotations

import pytest

from huitouke.service.orders.commands import record, refund
from huitouke.service.orders.models import Order
from huitouke.service.orders.returning import coming_back, is_all, ways_gone

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(lin, at, till, order_of):
    """Two cups for 80 and a pot for 20, half of it paid with points."""
    record(
        [order_of(("cup", 8_000, 2), ("pot", 2_000), customer=lin, paid_by_points_minor=5_000)],
        at=at,
        actor=till,
    )
    return Order.objects.get()


@pytest.mark.parametrize(
    ("lines", "all_of_it"),
    [
        ({}, False),
        ({1: None}, False),
        ({1: 1_000, 2: None}, False),
        ({1: None, 2: 1_000}, True),
        ({1: 2_000, 2: None}, True),
    ],
)
def test_lines_are_everything_only_where_nothing_of_any_is_left(order, lines, all_of_it):
    assert is_all(order, lines=lines) is all_of_it


def test_what_came_back_before_is_not_waited_for(order, at, till, refund_of):
    refund(refund_of((2, None, None)), at=at, actor=till)

    assert is_all(Order.objects.get(), lines={1: None})


def test_a_return_goes_back_in_the_ways_that_were_named_before_it(order, at, till, refund_of):
    named = []
    for place, line in enumerate([(1, 1_000, None), (1, None, None), (2, None, None)]):
        before = coming_back(Order.objects.get(), lines={line[0]: line[1]})
        done = refund(refund_of(line, source_id=f"R-{place}"), at=at, actor=till)
        done.order = Order.objects.get()

        assert ways_gone(done) == before
        named.append((before.amount_minor, before.by_points_minor))

    assert named == [(4_000, 2_000), (4_000, 2_000), (2_000, 1_000)]
