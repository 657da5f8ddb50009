"""Two members pay for one reward together, or nobody does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.rewards import jobs
from huitouke.service.programme.rewards.completion import capture, mark_used
from huitouke.service.programme.rewards.pact_reversal import reverse_pact
from huitouke.service.programme.rewards.pacts import (
    PactNotOpen,
    PactOfOne,
    PactUnknown,
    capture_pact,
    join_pact,
    offer_pact,
    release_pact,
)
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.refusals import (
    HoldExpired,
    InsufficientPoints,
    PartOfPact,
    RewardOutOfStock,
    RewardUsed,
)
from huitouke.service.programme.rewards.reversals import reverse

pytestmark = pytest.mark.django_db


def begin(shop, who, reward, points=600, key="k"):
    return offer_pact(
        who,
        programme="main",
        reward=reward.id,
        points=points,
        key=key,
        at=shop.now,
        actor=shop.till,
    )


def join(shop, pact, who, key="j"):
    return join_pact(pact.id, customer=who, key=key, at=shop.now, actor=shop.till)


def shared(shop, **more):
    return shop.reward(1000, cooperative=True, stock_left=1, **more)


def test_two_members_pay_their_parts_together(shop):
    first, second, reward = shop.member(700), shop.member(500), shared(shop)
    pact = begin(shop, first, reward)
    assert join(shop, pact, second).state == "ready"

    done = capture_pact(pact.id, at=shop.now, actor=shop.till)
    again = capture_pact(pact.id, at=shop.now, actor=shop.till)

    assert done.state == again.state == "captured"
    assert (shop.balance(first).active, shop.balance(second).active) == (100, 100)
    assert Reward.objects.get(id=reward.id).stock_left == 0
    assert len(shop.told("reward.redeemed")) == 2


def test_the_code_of_a_shared_reward_is_the_first_members(shop):
    first, second = shop.member(700), shop.member(500)
    reward = shared(shop, kind="voucher", campaign=shop.campaign())
    pact = begin(shop, first, reward)
    join(shop, pact, second)

    capture_pact(pact.id, at=shop.now, actor=shop.till)

    codes = dict(Redemption.objects.values_list("customer_id", "code"))
    assert codes[first]
    assert not codes[second]


def test_without_a_partner_in_time_all_comes_back(shop, shift_clock):
    first, reward = shop.member(700), shared(shop)
    pact = begin(shop, first, reward)
    shift_clock(timedelta(hours=25))

    with pytest.raises(HoldExpired):
        join(shop, pact, shop.member(900))
    jobs.expire_holds(at=shop.now)
    jobs.expire_holds(at=shop.now)

    assert Pact.objects.get().state == "released"
    assert shop.balance(first).active == 700
    assert Reward.objects.get(id=reward.id).stock_left == 1


def test_both_get_their_points_back_when_it_is_called_off(shop):
    first, second, reward = shop.member(700), shop.member(500), shared(shop)
    pact = begin(shop, first, reward)
    join(shop, pact, second)

    release_pact(pact.id, at=shop.now, actor=shop.till)
    release_pact(pact.id, at=shop.now, actor=shop.till)

    assert (shop.balance(first).active, shop.balance(second).active) == (700, 500)
    assert Reward.objects.get(id=reward.id).stock_left == 1
    with pytest.raises(PactNotOpen):
        capture_pact(pact.id, at=shop.now, actor=shop.till)


def test_neither_part_goes_alone(shop):
    first, reward = shop.member(2000), shared(shop)
    begin(shop, first, reward)

    with pytest.raises(PartOfPact):
        capture(Redemption.objects.get().id, at=shop.now, actor=shop.till)
    with pytest.raises(PartOfPact):
        redeem(
            first,
            programme="main",
            key="alone",
            actor=shop.till,
            at=shop.now,
            reward=reward.id,
        )


def test_it_takes_two_with_points_of_their_own(shop):
    first, poor, reward = shop.member(2000), shop.member(399), shared(shop)
    for points in (0, 1000):
        with pytest.raises(PactOfOne):
            begin(shop, first, reward, points, key=f"of {points}")
    pact = begin(shop, first, reward)

    with pytest.raises(PactOfOne):
        join(shop, pact, first)
    with pytest.raises(InsufficientPoints):
        join(shop, pact, poor, key="poor")
    with pytest.raises(PactNotOpen):
        capture_pact(pact.id, at=shop.now, actor=shop.till)
    with pytest.raises(RewardOutOfStock):
        begin(shop, shop.member(900), reward, key="another")


def test_a_third_member_comes_too_late(shop):
    pact = begin(shop, shop.member(700), shared(shop))
    second = shop.member(500)
    join(shop, pact, second)

    with pytest.raises(PactNotOpen):
        join(shop, pact, shop.member(500), key="third")
    assert join(shop, pact, second).state == "ready"


def test_a_shared_reward_comes_back_to_both_or_to_nobody(shop):
    first, second, reward = shop.member(700), shop.member(500), shared(shop)
    pact = begin(shop, first, reward)
    join(shop, pact, second)
    capture_pact(pact.id, at=shop.now, actor=shop.till)
    part = Redemption.objects.filter(customer=second).get()

    with pytest.raises(PartOfPact):
        reverse(part.id, key="alone", at=shop.now, actor=shop.boss)
    back = reverse_pact(pact.id, key="both", at=shop.now, actor=shop.boss)
    again = reverse_pact(pact.id, key="both", at=shop.now, actor=shop.boss)

    assert back.state == again.state == "reversed"
    assert (shop.balance(first).active, shop.balance(second).active) == (700, 500)
    assert Reward.objects.get(id=reward.id).stock_left == 1


def test_a_used_shared_reward_does_not_come_back(shop):
    first, second, reward = shop.member(700), shop.member(500), shared(shop)
    pact = begin(shop, first, reward)
    join(shop, pact, second)
    capture_pact(pact.id, at=shop.now, actor=shop.till)
    mark_used(Redemption.objects.get(customer=second).id, at=shop.now, actor=shop.boss)

    with pytest.raises(RewardUsed):
        reverse_pact(pact.id, key="both", at=shop.now, actor=shop.boss)

    assert (shop.balance(first).active, shop.balance(second).active) == (100, 100)


def test_an_unknown_pact_is_not_found(shop):
    with pytest.raises(PactUnknown):
        capture_pact(shop.member(), at=shop.now, actor=shop.till)


def test_one_key_of_a_caller_may_begin_one_pact_and_join_others(shop):
    first, second, third = (shop.member(900) for _ in range(3))
    reward = shop.reward(1000, cooperative=True)
    one = begin(shop, first, reward, points=900, key="same")
    other = begin(shop, second, reward, points=800, key="another")

    joined = [join(shop, each, third, key="same").state for each in (one, other)]

    assert joined == ["ready", "ready"]
    assert shop.balance(third).held == 300
