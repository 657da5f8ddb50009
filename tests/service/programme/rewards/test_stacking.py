"""Several codes in one cart: the best for the customer, never below zero, nothing lost."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from huitouke.service.programme.rewards.stacking import (
    CODES_MOST,
    Offer,
    apply,
    in_scope_minor,
)
from huitouke.service.programme.rules.cart import Cart, CartLine
from huitouke.service.programme.rules.shapes import Scope, Selection

CATEGORIES = ("tea", "coffee", "cups")


@st.composite
def carts(draw):
    lines = draw(
        st.lists(
            st.builds(
                CartLine,
                position=st.just(0),
                amount_minor=st.integers(0, 50_000),
                quantity_e3=st.integers(1, 9000),
                sku=st.sampled_from(["A", "B", "C"]),
                category=st.sampled_from(CATEGORIES),
                gift_card=st.booleans(),
            ),
            min_size=1,
            max_size=6,
        )
    )
    placed = tuple(
        CartLine(
            position=place,
            amount_minor=line.amount_minor,
            quantity_e3=line.quantity_e3,
            sku=line.sku,
            category=line.category,
            gift_card=line.gift_card,
        )
        for place, line in enumerate(lines, start=1)
    )
    return Cart(lines=placed, shipping_minor=draw(st.integers(0, 3000)))


@st.composite
def offer_lists(draw):
    count = draw(st.integers(0, 5))
    return [
        Offer(
            code=f"CODE{place}",
            kind=(
                kind := draw(st.sampled_from(["percent", "amount", "product", "free_delivery"]))
            ),
            value={
                "percent": draw(st.integers(1, 10_000)),
                "amount": draw(st.integers(1, 60_000)),
                "product": draw(st.integers(1, 4)),
                "free_delivery": 0,
            }[kind],
            most_minor=draw(st.none() | st.integers(1, 5000)),
            sku="A" if kind == "product" else "",
            min_spend_minor=draw(st.sampled_from([0, 0, 5000])),
            scope=draw(
                st.none()
                | st.builds(
                    Scope,
                    include=st.builds(
                        Selection, categories=st.lists(st.sampled_from(CATEGORIES)).map(tuple)
                    ),
                )
            ),
            stacking_class=draw(st.sampled_from(["", "", "goods"])),
            exclusive=draw(st.integers(0, 4)) == 0,
            priority=draw(st.integers(1, 3)),
        )
        for place in range(count)
    ]


@given(carts(), offer_lists())
@settings(max_examples=300)
def test_no_line_falls_below_zero_and_all_parts_add_up(cart, offers):
    found = apply(cart, offers=offers)

    paid = {line.position: line.amount_minor for line in cart.lines}
    for each in found.applied:
        assert each.amount_minor == each.shipping_minor + sum(off for _, off in each.lines) > 0
        assert all(off > 0 for _, off in each.lines)
    assert all(off <= paid[position] for position, off in found.lines.items())
    assert sum(each.shipping_minor for each in found.applied) <= cart.shipping_minor
    assert found.total_minor <= sum(paid.values()) + cart.shipping_minor


@given(carts(), offer_lists())
@settings(max_examples=200)
def test_every_code_is_applied_or_left_out_with_a_reason(cart, offers):
    found = apply(cart, offers=offers)

    applied = [each.code for each in found.applied]
    left = [each.code for each in found.left_out]
    assert sorted(applied + left) == sorted(offer.code for offer in offers)


@given(carts(), offer_lists())
@settings(max_examples=200)
def test_exclusive_codes_stand_alone_and_classes_give_one(cart, offers):
    used = {each.code for each in apply(cart, offers=offers).applied}

    chosen = [offer for offer in offers if offer.code in used]
    assert len(chosen) == 1 or not any(offer.exclusive for offer in chosen)
    classes = [offer.stacking_class for offer in chosen if offer.stacking_class]
    assert len(classes) == len(set(classes))


@given(carts(), offer_lists())
@settings(max_examples=200)
def test_no_single_code_saves_more_than_what_is_taken(cart, offers):
    best = apply(cart, offers=offers).total_minor

    assert all(apply(cart, offers=[offer]).total_minor <= best for offer in offers)


@given(carts(), offer_lists())
@settings(max_examples=60)
def test_the_order_in_which_codes_are_typed_does_not_matter(cart, offers):
    first = apply(cart, offers=offers[:4])

    for typed in permutations(offers[:4]):
        assert apply(cart, offers=typed).applied == first.applied


@given(carts(), offer_lists())
@settings(max_examples=100)
def test_gift_cards_are_never_discounted(cart, offers):
    found = apply(cart, offers=offers).lines

    assert not [line for line in cart.lines if line.gift_card and found.get(line.position)]


def goods(*amounts, shipping=0):
    lines = tuple(
        CartLine(position=place, amount_minor=amount, sku=f"S{place}")
        for place, amount in enumerate(amounts, start=1)
    )
    return Cart(lines=lines, shipping_minor=shipping)


def test_a_discount_is_split_by_largest_remainder():
    off = apply(goods(100, 100, 100), offers=[Offer(code="TEN", kind="amount", value=100)])

    assert off.lines == {1: 34, 2: 33, 3: 33}


def test_percentages_come_before_amounts():
    tenth = Offer(code="TENTH", kind="percent", value=1000)
    ten = Offer(code="TEN", kind="amount", value=1000)

    found = apply(goods(10_000), offers=[ten, tenth])

    assert [(each.code, each.amount_minor) for each in found.applied] == [
        ("TENTH", 1000),
        ("TEN", 1000),
    ]


def test_priority_decides_before_the_kind():
    tenth = Offer(code="TENTH", kind="percent", value=1000, priority=20)
    ten = Offer(code="TEN", kind="amount", value=1000, priority=10)

    found = apply(goods(10_000), offers=[tenth, ten])

    assert [each.amount_minor for each in found.applied] == [1000, 900]


def test_an_exclusive_code_wins_only_where_it_saves_more():
    half = Offer(code="HALF", kind="percent", value=5000, exclusive=True)
    ten = Offer(code="TEN", kind="amount", value=1000)
    more = Offer(code="MORE", kind="amount", value=2000)

    small = apply(goods(4000), offers=[half, ten, more])
    large = apply(goods(8000), offers=[half, ten, more])

    assert [each.code for each in small.applied] == ["MORE", "TEN"] or [
        each.code for each in small.applied
    ] == ["TEN", "MORE"]
    assert [each.code for each in large.applied] == ["HALF"]


def test_free_pieces_cost_what_they_cost_after_the_line_discount():
    cart = Cart(lines=(CartLine(position=1, amount_minor=9000, quantity_e3=3000, sku="CUP"),))
    cup = Offer(code="CUP", kind="product", value=1, sku="CUP")

    assert apply(cart, offers=[cup]).total_minor == 3000


def test_a_percentage_has_its_most():
    offer = Offer(code="HALF", kind="percent", value=5000, most_minor=700)

    assert apply(goods(9000), offers=[offer]).total_minor == 700


def test_the_least_spend_looks_at_lines_in_scope_only():
    offer = Offer(
        code="TEA",
        kind="amount",
        value=10,
        min_spend_minor=500,
        scope=Scope(include=Selection(skus=("S1",))),
    )

    assert in_scope_minor(offer, cart=goods(499, 9000)) == 499
    assert apply(goods(499, 9000), offers=[offer]).left_out[0].reason == "minimum_not_reached"
    assert apply(goods(500, 9000), offers=[offer]).total_minor == 10


def test_a_code_that_finds_nothing_left_is_not_used_up():
    all_off = Offer(code="ALL", kind="percent", value=10_000)
    ten = Offer(code="TEN", kind="amount", value=1000)

    found = apply(goods(5000), offers=[all_off, ten])

    assert [each.code for each in found.applied] == ["ALL"]
    assert [each.reason for each in found.left_out] == ["not_combinable"]


def test_too_many_codes_are_left_out_from_the_end():
    offers = [
        Offer(code=f"C{place}", kind="amount", value=1) for place in range(CODES_MOST + 1)
    ]

    found = apply(goods(5000), offers=offers)

    assert [each.code for each in found.left_out] == [f"C{CODES_MOST}"]
