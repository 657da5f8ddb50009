"""Stamp cards: orders fill them, returns empty them, a full one gives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from huitouke.service.customers import commands as customers
from huitouke.service.orders import queries as order_queries
from huitouke.service.programme.events.carts import kept_cart
from huitouke.service.programme.models.coupons import Code
from huitouke.service.programme.models.referrals import StampGrant, StampState
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.catalogue import add_stock
from huitouke.service.programme.rewards.code_holds import hold_codes
from huitouke.service.programme.rewards.stamp_counting import CardCount, fill, worth_of
from huitouke.service.programme.rewards.stamp_waiting import hand_out_presents
from huitouke.service.programme.rewards.stamps import (
    Bought,
    stamp_cards,
    stamp_orders,
    unstamp_order,
)
from huitouke.service.programme.rules.cart import Cart, CartLine
from huitouke.service.programme.rules.definition import Definition, Eligible
from huitouke.service.programme.rules.extras import StampCard
from huitouke.service.programme.rules.shapes import Name, Scope, Selection

pytestmark = pytest.mark.django_db

NOTHING = Cart(lines=())


def cart(*pieces, category="coffee", amount=1000):
    lines = tuple(
        CartLine(
            position=place, amount_minor=amount, quantity_e3=count * 1000, category=category
        )
        for place, count in enumerate(pieces, start=1)
    )
    return Cart(lines=lines)


def with_card(shop, **changes):
    card = {
        "id": "coffee",
        "name": {"en": "Coffee card"},
        "per": "item",
        "stamps": 5,
        "points": 50,
        **changes,
    }
    if card.get("reward"):
        card.pop("points")
    shop.definition = Definition.model_validate({"stamps": [card]})
    return shop


def stamp(shop, who, bought, *, at=None):
    order = shop.order(who, category="coffee")
    at = at or shop.now
    given = Bought(
        order=order, customer=who, source_key=f"till/{order}", occurred_at=at, cart=bought
    )
    stamp_orders(
        [given],
        programme="main",
        definition=shop.definition,
        version=1,
        at=at,
        actor=shop.till,
    )
    return order


def unstamp(shop, who, order, kept=NOTHING, key="refund"):
    given = Bought(
        order=order,
        customer=who,
        source_key=f"till/{key}-{order}",
        occurred_at=shop.now,
        cart=kept,
    )
    return unstamp_order(
        given,
        programme="main",
        definition=shop.definition,
        version=1,
        at=shop.now,
        actor=shop.till,
    )


def card_of(shop, who):
    [(_, count)] = stamp_cards(who, programme="main", definition=shop.definition, at=shop.now)
    return count.stamps, count.full


def test_stamps_add_up_and_a_full_card_gives_points(shop):
    who = shop.member()

    stamp(shop, who, cart(3))
    before = shop.balance(who).active
    stamp(shop, who, cart(4))

    assert before == 0
    assert card_of(shop, who) == (2, 1)
    assert shop.balance(who).active == 50
    assert shop.told("reward.stamps_full")[0]["number"] == 1


def test_one_large_order_may_fill_several_cards(shop):
    who = shop.member()

    stamp(shop, who, cart(6, 5))

    assert card_of(shop, who) == (1, 2)
    assert shop.balance(who).active == 100


def test_goods_out_of_scope_give_none(shop):
    who = shop.member()

    stamp(shop, who, cart(5, category="tea"))

    assert StampState.objects.count() == 0


def test_a_return_takes_stamps_and_present_back(shop):
    who = shop.member()
    stamp(shop, who, cart(3))
    order = stamp(shop, who, cart(3))

    unstamp(shop, who, order)

    assert card_of(shop, who) == (3, 0)
    assert shop.balance(who).active == 0
    assert StampGrant.objects.get().state == "taken_back"


def test_what_is_kept_keeps_its_stamps(shop):
    who = shop.member()
    order = stamp(shop, who, cart(2, 2))

    unstamp(shop, who, order, cart(2), key="one")
    unstamp(shop, who, order, NOTHING, key="two")

    assert card_of(shop, who) == (0, 0)


def test_the_next_full_card_gives_again_after_a_return(shop):
    who = shop.member()
    unstamp(shop, who, stamp(shop, who, cart(5)))

    stamp(shop, who, cart(5))

    assert card_of(shop, who) == (0, 1)
    assert shop.balance(who).active == 50


def test_a_used_code_stays_and_the_card_owes(shop):
    who, campaign = shop.member(), shop.campaign()
    shop.reward(500, code="free-cup", kind="voucher", campaign=campaign)
    with_card(shop, reward="free-cup")
    order = stamp(shop, who, cart(5))
    code = Code.objects.get(customer=who).code
    hold_codes(
        [code],
        programme="main",
        reference="c",
        cart=cart(1),
        at=shop.now,
        actor=shop.till,
        customer=who,
    )

    unstamp(shop, who, order)
    stamp(shop, who, cart(5))

    assert card_of(shop, who) == (0, 1)
    assert StampGrant.objects.count() == 1


def test_an_unused_code_is_withdrawn(shop):
    who = shop.member()
    shop.reward(500, code="free-cup", kind="voucher", campaign=shop.campaign())
    with_card(shop, reward="free-cup")
    order = stamp(shop, who, cart(5))

    unstamp(shop, who, order)

    assert Code.objects.get(customer=who).void
    assert card_of(shop, who) == (0, 0)


def test_without_stock_the_present_waits(shop):
    who = shop.member()
    shop.reward(500, code="cup", stock_left=0)
    with_card(shop, reward="cup")

    stamp(shop, who, cart(5))

    assert StampGrant.objects.get().state == "waiting"


def test_a_day_gives_no_more_than_its_limit_and_another_order_fills_in(shop):
    with_card(shop, per="day")
    who = shop.member()
    first = stamp(shop, who, cart(1))
    stamp(shop, who, cart(1))
    limited = card_of(shop, who)

    unstamp(shop, who, first)

    assert limited == (1, 0)
    assert card_of(shop, who) == (1, 0), "the day still has an order"


def test_a_card_lapses_and_a_return_of_its_stamps_takes_nothing(shop, shift_clock):
    with_card(shop, valid_months=1)
    who = shop.member()
    old = stamp(shop, who, cart(4))
    shift_clock(timedelta(days=40))
    lapsed = card_of(shop, who)

    stamp(shop, who, cart(2))
    unstamp(shop, who, old)

    assert lapsed == (0, 0)
    assert card_of(shop, who) == (2, 0)


def test_a_card_that_is_not_given_again_stops(shop):
    with_card(shop, again=False)
    who = shop.member()

    stamp(shop, who, cart(5))
    stamp(shop, who, cart(5))

    assert card_of(shop, who)[1] == 1
    assert shop.balance(who).active == 50


def test_orders_of_one_chunk_count_one_after_the_other(shop):
    who = shop.member()
    orders = [shop.order(who, category="coffee", pieces=3) for _ in range(2)]
    kept = order_queries.kept(orders)
    given = [
        Bought(
            order=each,
            customer=who,
            source_key=f"till/{each}",
            occurred_at=shop.now,
            cart=kept_cart(kept[each]),
        )
        for each in orders
    ]

    moved = stamp_orders(
        given,
        programme="main",
        definition=shop.definition,
        version=1,
        at=shop.now,
        actor=shop.till,
    )

    assert [each.count for each in moved] == [
        CardCount(stamps=3, full=0),
        CardCount(stamps=1, full=1),
    ]


def test_an_order_below_the_least_amount_gives_none():
    card = StampCard(
        id="c",
        name=Name(en="C"),
        stamps=5,
        points=1,
        least_minor=2000,
        scope=Scope(include=Selection(categories=("coffee",))),
    )

    assert worth_of(cart(1, amount=1999), card=card, eligible=Eligible()) == 0
    assert worth_of(cart(1, amount=2000), card=card, eligible=Eligible()) == 1


def test_a_card_that_owes_fills_up_from_below():
    card = StampCard(id="c", name=Name(en="C"), stamps=5, points=1)

    assert fill(CardCount(stamps=-3, full=1), card=card, stamps=7) == CardCount(
        stamps=4, full=1
    )
    assert fill(CardCount(stamps=-3, full=1), card=card, stamps=8) == CardCount(
        stamps=0, full=2
    )


def test_a_present_that_waited_is_handed_out_when_stock_returns(shop):
    first, second = shop.member(), shop.member()
    cup = shop.reward(500, code="cup", stock_left=0)
    with_card(shop, reward="cup")
    stamp(shop, first, cart(5))
    stamp(shop, second, cart(5))
    empty = hand_out_presents(at=shop.now)

    add_stock(cup.id, programme="main", count=1, actor=shop.boss)
    given = [hand_out_presents(at=shop.now) for _ in range(2)]

    assert (empty, given) == (0, [1, 0])
    states = {each.customer_id: each.state for each in StampGrant.objects.all()}
    assert states == {first: "given", second: "waiting"}
    assert Reward.objects.get(id=cup.id).stock_left == 0
    (told,) = shop.told("reward.stamps_handed_out")
    assert (told["card"], told["state"]) == ("coffee", "given")


def test_a_present_that_waits_is_taken_back_and_not_handed_out(shop):
    who = shop.member()
    cup = shop.reward(500, code="cup", stock_left=0)
    with_card(shop, reward="cup")
    order = stamp(shop, who, cart(5))

    unstamp(shop, who, order)
    add_stock(cup.id, programme="main", count=1, actor=shop.boss)

    assert hand_out_presents(at=shop.now) == 0
    assert Reward.objects.get(id=cup.id).stock_left == 1
    assert card_of(shop, who) == (0, 0)


def test_what_waits_for_who_was_forgotten_is_handed_out_to_nobody(shop):
    who = shop.member()
    cup = shop.reward(500, code="cup", stock_left=0)
    with_card(shop, reward="cup")
    stamp(shop, who, cart(5))
    customers.erase(who, at=shop.now, actor=shop.boss)

    add_stock(cup.id, programme="main", count=1, actor=shop.boss)

    assert hand_out_presents(at=shop.now) == 0


def test_every_new_card_begins_with_its_head_start(shop):
    with_card(shop, stamps=12, head_start=2)
    who = shop.member()
    empty = card_of(shop, who)

    stamp(shop, who, cart(9))
    nearly = card_of(shop, who)
    stamp(shop, who, cart(2))

    assert (empty, nearly, card_of(shop, who)) == ((2, 0), (11, 0), (3, 1))


def test_a_return_gives_the_head_start_no_second_time(shop):
    with_card(shop, stamps=12, head_start=2)
    who = shop.member()
    order = stamp(shop, who, cart(10))
    full = card_of(shop, who)

    unstamp(shop, who, order)

    assert (full, card_of(shop, who)) == ((2, 1), (2, 0))
    assert shop.balance(who).active == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"head_start": 5},
        {"on": "checkin", "per": "item"},
        {"on": "checkin", "least_minor": 100},
    ],
)
def test_a_card_that_cannot_be_is_refused(shop, wrong):
    with pytest.raises(ValidationError):
        with_card(shop, **wrong)
