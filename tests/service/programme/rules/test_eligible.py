"""Which part of a bill earns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.rules.cart import Cart, CartLine
from huitouke.service.programme.rules.definition import Eligible
from huitouke.service.programme.rules.eligible import (
    CartInvalid,
    eligible_minor,
    eligible_parts,
)

AMOUNT = st.integers(0, 10**7)
LINE = st.builds(
    lambda amount, tax, card: CartLine(
        position=1, amount_minor=amount, tax_minor=amount * tax // 100, gift_card=card
    ),
    AMOUNT,
    st.integers(0, 20),
    st.booleans(),
)
SWITCHES = st.builds(
    Eligible,
    tax=st.booleans(),
    shipping=st.booleans(),
    gift_card=st.booleans(),
    paid_by_points=st.booleans(),
    paid_by_gift_card=st.booleans(),
)


@given(
    lines=st.lists(LINE, max_size=6),
    shipping=AMOUNT,
    points=AMOUNT,
    card=AMOUNT,
    switches=SWITCHES,
)
def test_no_part_is_negative_or_more_than_was_paid(lines, shipping, points, card, switches):
    cart = Cart(
        lines=tuple(lines),
        shipping_minor=shipping,
        paid_by_points_minor=points,
        paid_by_gift_card_minor=card,
    )

    parts = eligible_parts(cart, switches=switches)

    bill = [*(line.amount_minor for line in lines), shipping]
    assert all(0 <= part <= most for part, most in zip(parts, bill, strict=True))


@given(lines=st.lists(LINE, min_size=1, max_size=6), shipping=AMOUNT, points=AMOUNT)
def test_with_tax_exactly_what_points_paid_comes_off(lines, shipping, points):
    cart = Cart(lines=tuple(lines), shipping_minor=shipping, paid_by_points_minor=points)
    every = Eligible(shipping=True, gift_card=True)

    bill = sum(line.amount_minor for line in lines) + shipping
    assert eligible_minor(cart, switches=every) == max(0, bill - points)


def test_tax_is_left_out_line_by_line(cart):
    taxed = CartLine(position=1, amount_minor=11_300, tax_minor=1_300)

    without = Eligible(tax=False)

    assert eligible_parts(cart(taxed, 500), switches=without) == [10_000, 500, 0]


def test_without_tax_its_share_of_what_points_paid_is_left_out_too(cart):
    taxed = CartLine(position=1, amount_minor=11_300, tax_minor=1_300)
    half = cart(taxed, paid_by_points_minor=5_650)

    assert eligible_minor(half, switches=Eligible(tax=False)) == 5_000


def test_a_line_below_zero_is_refused(cart):
    with pytest.raises(CartInvalid) as refused:
        eligible_minor(cart(500, -1), switches=Eligible())

    assert refused.value.values == {"position": 2, "amount_minor": -1}


def test_a_delivery_below_zero_is_refused(cart):
    with pytest.raises(CartInvalid):
        eligible_minor(cart(500, shipping_minor=-5), switches=Eligible())
