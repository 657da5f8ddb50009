"""Splits add up, whatever the weights."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.orders.amounts import returned_amount, split


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
