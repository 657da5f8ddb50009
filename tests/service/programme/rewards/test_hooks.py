"""An order completes what it used; a return gives it back, in parts as in one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huitouke.service.programme.models.coupons import Code, CodeUse
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.code_holds import hold_codes, redeem_codes
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.generation import add_shared_code, generate_codes
from huitouke.service.programme.rewards.hooks import Paid, Returned, after_paid, after_refund
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rules.cart import Cart, CartLine

pytestmark = pytest.mark.django_db

CART = Cart(lines=(CartLine(position=1, amount_minor=10_000, category="tea"),))
EMPTY = Cart(lines=())


def paid(shop, who, *, codes=(), redemptions=()):
    order = shop.order(who)
    return Paid(
        order=order,
        customer=who,
        source_key=f"till/{order}",
        occurred_at=shop.now,
        returnable_until=shop.now + timedelta(days=7),
        cart=replace(CART, coupons=codes),
        redemptions=redemptions,
    )


def told_of(shop, *orders):
    return after_paid(
        orders,
        programme="main",
        definition=shop.definition,
        version=1,
        at=shop.now,
        actor=shop.till,
    )


def give_back(shop, order, returned, *, key="r", **more):
    back = Returned(
        order=order.order,
        customer=order.customer,
        source_key=f"till/{key}",
        occurred_at=shop.now,
        kept=EMPTY if returned == 10_000 else CART,
        paid_minor=10_000,
        returned_minor=returned,
        whole=returned == 10_000,
        **more,
    )
    return after_refund(
        [back],
        programme="main",
        definition=shop.definition,
        version=1,
        at=shop.now,
        actor=shop.till,
    )


def held(shop, who, **given):
    return redeem(
        who, programme="main", key=f"k{shop.now}", actor=shop.till, at=shop.now, **given
    )


def test_an_order_captures_the_redemptions_it_names(shop):
    who = shop.member(1000)
    made = held(shop, who, points=400)
    order = paid(shop, who, redemptions=(made.id,))

    told = told_of(shop, order)

    assert told[0].reason["code"] == "redemption_captured"
    assert Redemption.objects.get().order_id == order.order
    assert shop.balance(who).active == 600


def test_a_redemption_captured_before_is_linked_to_its_order(shop):
    who = shop.member(1000)
    made = held(shop, who, points=400)
    capture(made.id, at=shop.now, actor=shop.till)
    order = paid(shop, who, redemptions=(made.id,))

    assert told_of(shop, order)[0].done
    assert Redemption.objects.get().order_id == order.order


def test_a_late_or_foreign_redemption_is_told_and_the_order_stands(shop, shift_clock):
    who, other = shop.member(1000), shop.member(1000)
    late, foreign = held(shop, who, points=400), held(shop, other, points=400)
    shift_clock(timedelta(minutes=31))

    told = told_of(shop, paid(shop, who, redemptions=(late.id, foreign.id, who)))

    assert [(each.done, each.reason["code"]) for each in told] == [
        (False, "hold_expired"),
        (False, "redemption_unknown"),
        (False, "redemption_unknown"),
    ]


def test_returns_in_parts_restore_as_much_as_one(shop):
    who = shop.member(1000)
    order = paid(shop, who, redemptions=(held(shop, who, points=999).id,))
    told_of(shop, order)

    balances = []
    for place, returned in enumerate([3333, 6666, 10_000]):
        give_back(shop, order, returned, key=f"r{place}")
        balances.append(shop.balance(who).active)

    assert balances == [1 + 332, 1 + 665, 1000]


def test_a_reward_comes_back_with_the_last_line_only(shop):
    who, cup = shop.member(500), shop.reward(500)
    order = paid(shop, who, redemptions=(held(shop, who, reward=cup.id).id,))
    told_of(shop, order)

    half = give_back(shop, order, 5000, key="half")
    balance = shop.balance(who).active
    whole = give_back(shop, order, 10_000, key="whole")

    assert (half, balance) == ([], 0)
    assert whole[0].reason["points"] == 500
    assert shop.balance(who).active == 500


def test_points_may_be_kept_on_purpose(shop):
    who = shop.member(1000)
    order = paid(shop, who, redemptions=(held(shop, who, points=400).id,))
    told_of(shop, order)

    assert give_back(shop, order, 10_000, restore_points=False) == []
    assert shop.balance(who).active == 600


def test_held_codes_are_redeemed_by_the_order(shop):
    who = shop.member()
    generate_codes(shop.campaign(), count=1, key="k", at=shop.now, actor=shop.boss)
    code = Code.objects.get().code
    hold_codes(
        [code],
        programme="main",
        reference="cart",
        cart=CART,
        at=shop.now,
        actor=shop.till,
        customer=who,
    )

    told = told_of(shop, paid(shop, who, codes=(code.lower(),)))

    assert told[0].done
    use = CodeUse.objects.get()
    assert (use.state, use.reference) == ("redeemed", "cart")
    assert Code.objects.get().taken == 1


def test_a_guests_cart_becomes_the_order_of_whom_it_was(shop):
    who = shop.member()
    generate_codes(shop.campaign(), count=1, key="k", at=shop.now, actor=shop.boss)
    code = Code.objects.get().code
    hold_codes(
        [code], programme="main", reference="guest", cart=CART, at=shop.now, actor=shop.till
    )

    told = told_of(shop, paid(shop, who, codes=(code, code)))

    assert [each.done for each in told] == [True]
    assert CodeUse.objects.get().customer_id == who


def test_codes_redeemed_before_the_order_is_told_are_linked_to_it(shop):
    who = shop.member()
    generate_codes(shop.campaign(), count=1, key="k", at=shop.now, actor=shop.boss)
    code = Code.objects.get().code
    hold_codes(
        [code],
        programme="main",
        reference="cart",
        cart=CART,
        at=shop.now,
        actor=shop.till,
        customer=who,
    )
    redeem_codes("cart", programme="main", at=shop.now)
    order = paid(shop, who, codes=(code,))

    told = told_of(shop, order)

    assert told[0].done
    assert CodeUse.objects.get().order_id == order.order
    assert len(shop.told("code.redeemed")) == 1


def test_codes_nobody_held_are_taken_while_they_can(shop):
    who = shop.member()
    generate_codes(shop.campaign(), count=1, key="k", at=shop.now, actor=shop.boss)
    code = Code.objects.get().code

    first = told_of(shop, paid(shop, who, codes=(code,)))
    second = told_of(shop, paid(shop, who, codes=(code, "NOBODY")))

    assert first[0].done
    assert [each.reason["why"] for each in second] == ["code_used_up", "code_not_valid"]


def test_a_whole_return_frees_the_code_and_a_part_does_not(shop):
    who = shop.member()
    generate_codes(shop.campaign(), count=1, key="k", at=shop.now, actor=shop.boss)
    order = paid(shop, who, codes=(Code.objects.get().code,))
    told_of(shop, order)

    give_back(shop, order, 5000, key="part")
    taken = Code.objects.get().taken
    told = give_back(shop, order, 10_000, key="whole")

    assert taken == 1
    assert told[0].reason["code"] == "code_returned"
    assert Code.objects.get().taken == 0


def test_a_campaign_may_keep_its_codes_used(shop):
    who = shop.member()
    generate_codes(
        shop.campaign(returns="never"), count=1, key="k", at=shop.now, actor=shop.boss
    )
    order = paid(shop, who, codes=(Code.objects.get().code,))
    told_of(shop, order)

    assert give_back(shop, order, 10_000) == []
    assert Code.objects.get().taken == 1


def test_a_shared_word_serves_a_whole_chunk(shop):
    campaign = shop.campaign(per_code_limit=None, total_limit=2)
    add_shared_code(campaign, code="SPRING", at=shop.now, actor=shop.boss)
    people = [shop.member() for _ in range(3)]

    told = told_of(shop, *(paid(shop, who, codes=("spring",)) for who in people))

    assert [each.done for each in told] == [True, True, False]


def test_a_chunk_without_anything_to_do_costs_one_question(shop):
    orders = [paid(shop, shop.member()) for _ in range(20)]

    at = shop.now
    with CaptureQueriesContext(connection) as asked:
        told = after_paid(
            orders,
            programme="main",
            definition=shop.definition,
            version=1,
            at=at,
            actor=shop.till,
        )

    assert told == []
    assert len(asked) == 1
