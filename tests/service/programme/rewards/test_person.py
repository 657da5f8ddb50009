"""Two records of one person become one and part again; an erased person is forgotten."""

from __future__ import annotations

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.programme.models.coupons import Code
from huitouke.service.programme.models.referrals import (
    Referral,
    ReferralCode,
    Stamp,
    StampState,
    Trace,
)
from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.pacts import join_pact, offer_pact
from huitouke.service.programme.rewards.person import PART
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.referral_checks import keep_traces
from huitouke.service.programme.rewards.referrals import refer, referral_code
from huitouke.service.programme.rewards.stamps import Bought, stamp_cards, stamp_orders
from huitouke.service.programme.rules.cart import Cart, CartLine

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", "li-na")


def held(shop, who, key, **given):
    return redeem(who, programme="main", key=key, actor=shop.till, at=shop.now, **given)


def merged(shop, loser, winner):
    return PART.merge(loser, into=winner, at=shop.now, actor=BOSS)


def parted(shop, loser, winner, moved):
    PART.unmerge(loser, winner=winner, moved=moved, at=shop.now, actor=BOSS)


def stamp(shop, who, pieces):
    cart = Cart(
        lines=(
            CartLine(
                position=1, amount_minor=900, quantity_e3=pieces * 1000, category="coffee"
            ),
        )
    )
    order = shop.order(who)
    given = Bought(
        order=order, customer=who, source_key=f"till/{order}", occurred_at=shop.now, cart=cart
    )
    stamp_orders(
        [given],
        programme="main",
        definition=shop.definition,
        version=1,
        at=shop.now,
        actor=shop.till,
    )


def bring(shop, advocate, friend):
    return refer(
        referral_code(advocate, programme="main", at=shop.now),
        friend=friend,
        programme="main",
        definition=shop.definition,
        version=1,
        at=shop.now,
    )


def test_a_merge_moves_what_a_person_has_and_parting_moves_it_back(shop):
    loser, winner = shop.member(2000), shop.member()
    voucher = shop.reward(500, kind="voucher", campaign=shop.campaign())
    made = capture(held(shop, loser, "a", reward=voucher.id).id, at=shop.now, actor=shop.till)
    referral_code(loser, programme="main", at=shop.now)
    keep_traces(loser, evidence={"device": "phone-1"}, at=shop.now)

    moved = merged(shop, loser, winner)
    owners = {
        Redemption.objects.get(id=made.id).customer_id,
        Code.objects.get(code=made.code).customer_id,
        ReferralCode.objects.get().customer_id,
    }
    parted(shop, loser, winner, moved)

    assert owners == {winner}
    assert Redemption.objects.get(id=made.id).customer_id == loser
    assert Code.objects.get(code=made.code).customer_id == loser
    assert set(Trace.objects.values_list("customer_id", flat=True)) == {loser}


def test_what_is_set_aside_is_released_before_accounts_move(shop):
    loser, winner, third = shop.member(2000), shop.member(), shop.member(2000)
    cup = shop.reward(500, stock_left=1)
    together = shop.reward(1000, cooperative=True)
    held(shop, loser, "a", reward=cup.id)
    pact = offer_pact(
        third,
        programme="main",
        reward=together.id,
        points=600,
        key="p",
        at=shop.now,
        actor=shop.till,
    )
    join_pact(pact.id, customer=loser, key="j", at=shop.now, actor=shop.till)

    merged(shop, loser, winner)

    assert set(Redemption.objects.values_list("state", flat=True)) == {"released"}
    assert Pact.objects.get().state == "released"
    assert shop.balance(loser).active == shop.balance(third).active == 2000
    assert Reward.objects.get(id=cup.id).stock_left == 1


def test_stamps_of_both_cards_add_up_and_part_again(shop):
    loser, winner = shop.member(), shop.member()
    stamp(shop, loser, 8)
    stamp(shop, winner, 6)

    def card(who):
        [(_, count)] = stamp_cards(
            who, programme="main", definition=shop.definition, at=shop.now
        )
        return count.stamps, count.full

    moved = merged(shop, loser, winner)
    together = card(winner)
    parted(shop, loser, winner, moved)

    assert together == (4, 2)
    assert (card(loser), card(winner)) == ((3, 1), (1, 1))
    assert Stamp.objects.filter(customer=loser).count() == 1


def test_a_card_comes_along_to_who_had_none(shop):
    loser, winner = shop.member(), shop.member()
    stamp(shop, loser, 4)

    merged(shop, loser, winner)
    stamp(shop, winner, 1)

    assert StampState.objects.get(customer=winner).full == 1
    assert shop.balance(winner).active == 50


def test_an_advocate_and_friend_who_are_one_go_to_review(shop):
    advocate, friend = shop.member(), shop.member()
    bring(shop, advocate, friend)

    moved = merged(shop, friend, advocate)
    found = Referral.objects.get()
    parted(shop, friend, advocate, moved)

    assert (found.state, found.flags) == ("review", ["same_person"])
    assert Referral.objects.get().state == "pending"
    assert Referral.objects.get().friend_id == friend


def test_a_friend_brought_twice_counts_once(shop):
    one, other = shop.member(), shop.member()
    bring(shop, shop.member(), one)
    bring(shop, shop.member(), other)

    moved = merged(shop, one, other)
    states = sorted(Referral.objects.values_list("state", flat=True))
    parted(shop, one, other, moved)

    assert states == ["pending", "refused"]
    assert set(Referral.objects.values_list("state", "friend_id")) == {
        ("pending", one),
        ("pending", other),
    }


def test_an_erased_person_keeps_amounts_and_loses_traces(shop):
    who = shop.member(2000)
    made = held(shop, who, "a", points=400)
    referral_code(who, programme="main", at=shop.now)
    keep_traces(who, evidence={"device": "phone-1"}, at=shop.now)

    PART.erase(who, at=shop.now, actor=BOSS)

    assert Redemption.objects.get(id=made.id).ended_because == "erased"
    assert Trace.objects.count() == ReferralCode.objects.count() == 0


def test_an_export_shows_all_of_it(shop):
    who = shop.member(2000)
    voucher = shop.reward(500, kind="voucher", campaign=shop.campaign())
    capture(held(shop, who, "a", reward=voucher.id).id, at=shop.now, actor=shop.till)
    stamp(shop, who, 6)
    bring(shop, who, shop.member())

    found = PART.export(who)

    assert found["redemptions"][0]["reward"] == {"en": "Cup", "zh": "杯子"}
    assert found["stamp_cards"] == [{"card": "coffee", "stamps": 1, "full": 1}]
    assert [each["as"] for each in found["referrals"]] == ["advocate"]
    assert len(found["codes"]) == len(found["presents"]) == 1
