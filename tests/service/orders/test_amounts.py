"""Splits add up, whatever the weights."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.orders.amounts import given_back, returned_amount, split


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=30))
def test_a_split_adds_up_and_no_share_is_further_than_one_from_its_due(total, weights):
    shares = split(total, weights=weights)

    whole = sum(weights)
    assert sum(shares) == total
    if whole:
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share * whole - total * weight) < whole


@given(st.integers(0, 10**9), st.lists(st.integers(1, 9_000), min_size=1, max_size=12))
def test_a_line_returned_in_any_parts_brings_back_all_of_it(net, parts):
    bought, before, back = sum(parts), 0, 0

    for piece in parts:
        now = returned_amount(
            net, quantity_e3=bought, before_e3=before, now_e3=piece, left_minor=net - back
        )
        assert 0 <= now <= net - back
        before, back = before + piece, back + now

    assert back == net


@given(
    st.lists(st.integers(0, 10**7), min_size=1, max_size=12),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_all_returns_of_an_order_give_back_what_each_way_had_paid(parts, points, card):
    total = sum(parts)
    by_points = total * points // 200
    by_card = total * card // 200
    before, ways = 0, []

    for part in parts:
        ways.append(
            given_back(
                part,
                total_minor=total,
                before_minor=before,
                by_points_minor=by_points,
                by_gift_card_minor=by_card,
            )
        )
        before += part

    assert sum(each.by_points_minor for each in ways) == by_points
    assert sum(each.by_gift_card_minor for each in ways) == by_card
    assert sum(each.money_minor for each in ways) == total - by_points - by_card
    assert all(each.by_points_minor >= 0 and each.by_gift_card_minor >= 0 for each in ways)
    assert all(
        min(each.by_points_minor, each.by_gift_card_minor, each.money_minor) >= 0
        for each in ways
    )


def test_an_order_without_money_brings_back_no_money_and_never_less():
    how = {"total_minor": 2, "by_points_minor": 1, "by_gift_card_minor": 1}

    ways = [given_back(1, before_minor=before, **how) for before in (0, 1)]

    assert [each.money_minor for each in ways] == [0, 0]
    assert [each.by_points_minor for each in ways] == [1, 0]
    assert [each.by_gift_card_minor for each in ways] == [0, 1]
