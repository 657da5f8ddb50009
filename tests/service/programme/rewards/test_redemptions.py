"""Points, stock and limits are set aside together, completed once, or come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.idempotency import BodyDiffers
from huitouke.service.programme.models.rewards import Redemption, Reward
from huitouke.service.programme.rewards import jobs
from huitouke.service.programme.rewards.completion import capture, mark_used, release, renew
from huitouke.service.programme.rewards.pacts import offer_pact
from huitouke.service.programme.rewards.redemptions import RedeemWhat, redeem
from huitouke.service.programme.rewards.refusals import (
    AlreadyEnded,
    HoldExpired,
    InsufficientPoints,
    MemberLimitReached,
    NotCaptured,
    NotEnrolled,
    PartOfPact,
    PointsNotTaken,
    RewardNotValidNow,
    RewardOutOfStock,
    RewardUnknown,
    TierTooLow,
)

pytestmark = pytest.mark.django_db


def ask(shop, who, reward=None, *, key="k", **more):
    given = {"reward": reward.id} if reward else {}
    return redeem(who, programme="main", key=key, actor=shop.till, at=shop.now, **given, **more)


def test_redeeming_sets_points_and_stock_aside(shop):
    who, cup = shop.member(700), shop.reward(500, stock_left=3)

    made = ask(shop, who, cup)

    assert made.state == "held"
    assert (shop.balance(who).active, shop.balance(who).held) == (200, 500)
    assert Reward.objects.get(id=cup.id).stock_left == 2
    assert shop.told("reward.held")[0]["points"] == 500


def test_the_same_key_redeems_once(shop):
    who, cup = shop.member(2000), shop.reward(500)

    first, second = ask(shop, who, cup), ask(shop, who, cup)

    assert first.id == second.id
    assert shop.balance(who).held == 500


def test_a_key_is_for_one_request(shop):
    who, cup, pen = shop.member(2000), shop.reward(500), shop.reward(100)
    ask(shop, who, cup)

    with pytest.raises(BodyDiffers):
        ask(shop, who, pen)


def test_a_refusal_stays_one_under_its_key(shop):
    who, cup = shop.member(499), shop.reward(500)
    with pytest.raises(InsufficientPoints) as first:
        ask(shop, who, cup)
    shop.earn(who, 1000)

    with pytest.raises(InsufficientPoints) as second:
        ask(shop, who, cup)

    assert second.value.values == first.value.values == {"required": 500, "available": 499}
    assert ask(shop, who, cup, key="another").state == "held"


def test_each_obstacle_has_its_own_refusal(shop):
    now = shop.now
    stranger, poor, rich = shop.customer(), shop.member(10), shop.member(9000)
    cases = [
        (stranger, shop.reward(500), NotEnrolled),
        (poor, shop.reward(500), InsufficientPoints),
        (rich, shop.reward(500, stock_left=0), RewardOutOfStock),
        (rich, shop.reward(500, valid_to=now), RewardNotValidNow),
        (rich, shop.reward(500, valid_from=now + timedelta(days=1)), RewardNotValidNow),
        (rich, shop.reward(500, enabled=False), RewardNotValidNow),
        (rich, shop.reward(500, tiers=["gold"]), TierTooLow),
    ]

    for place, (who, reward, refusal) in enumerate(cases):
        with pytest.raises(refusal):
            ask(shop, who, reward, key=f"case-{place}")
    assert Redemption.objects.count() == 0
    assert shop.balance(rich).held == 0


def test_a_tier_that_is_allowed_may_redeem(shop):
    who = shop.member(600, tier="gold")

    assert ask(shop, who, shop.reward(500, tiers=["gold", "diamond"])).state == "held"


def test_a_member_has_no_more_than_the_limit(shop):
    who, cup = shop.member(5000), shop.reward(500, per_member_limit=2)
    first = ask(shop, who, cup, key="a")
    ask(shop, who, cup, key="b")
    with pytest.raises(MemberLimitReached) as refused:
        ask(shop, who, cup, key="c")

    release(first.id, at=shop.now, actor=shop.till)

    assert refused.value.values == {"limit": 2, "had": 2}
    assert ask(shop, who, cup, key="d").state == "held"


def test_a_limit_of_days_forgets_what_is_older(shop, shift_clock):
    who, cup = shop.member(5000), shop.reward(500, per_member_limit=1, limit_days=7)
    capture(ask(shop, who, cup, key="a").id, at=shop.now, actor=shop.till)
    with pytest.raises(MemberLimitReached):
        ask(shop, who, cup, key="b")

    shift_clock(timedelta(days=8))

    assert ask(shop, who, cup, key="c").state == "held"


def test_the_last_one_in_stock_goes_once(shop):
    first, second, cup = shop.member(600), shop.member(600), shop.reward(500, stock_left=1)
    ask(shop, first, cup, key="a")

    with pytest.raises(RewardOutOfStock):
        ask(shop, second, cup, key="b")

    assert shop.balance(second).active == 600


def test_capturing_spends_and_again_changes_nothing(shop):
    who, cup = shop.member(700), shop.reward(500)
    made = ask(shop, who, cup)

    capture(made.id, at=shop.now, actor=shop.till)
    again = capture(made.id, at=shop.now, actor=shop.till)

    assert again.state == "captured"
    assert (shop.balance(who).active, shop.balance(who).held) == (200, 0)
    assert len(shop.told("reward.redeemed")) == 1


def test_releasing_gives_all_back_and_again_changes_nothing(shop):
    who, cup = shop.member(700), shop.reward(500, stock_left=1)
    made = ask(shop, who, cup)

    release(made.id, at=shop.now, actor=shop.till)
    again = release(made.id, at=shop.now, actor=shop.till)

    assert again.state == "released"
    assert (shop.balance(who).active, shop.balance(who).held) == (700, 0)
    assert Reward.objects.get(id=cup.id).stock_left == 1


def test_what_is_completed_is_not_released_nor_the_other_way_round(shop):
    who, cup = shop.member(2000), shop.reward(500)
    spent, let_go = ask(shop, who, cup, key="a"), ask(shop, who, cup, key="b")
    capture(spent.id, at=shop.now, actor=shop.till)
    release(let_go.id, at=shop.now, actor=shop.till)

    with pytest.raises(NotCaptured):
        release(spent.id, at=shop.now, actor=shop.till)
    with pytest.raises(AlreadyEnded):
        capture(let_go.id, at=shop.now, actor=shop.till)


def test_a_hold_past_its_time_cannot_be_captured(shop, shift_clock):
    who, cup = shop.member(700), shop.reward(500, stock_left=1)
    made = ask(shop, who, cup)
    shift_clock(timedelta(minutes=31))

    with pytest.raises(HoldExpired):
        capture(made.id, at=shop.now, actor=shop.till)
    released = jobs.expire_holds(at=shop.now)
    with pytest.raises(HoldExpired):
        capture(made.id, at=shop.now, actor=shop.till)

    assert released == 1
    assert jobs.expire_holds(at=shop.now) == 0
    assert shop.balance(who).active == 700
    assert Reward.objects.get(id=cup.id).stock_left == 1
    assert Redemption.objects.get(id=made.id).ended_because == "expired"


def test_the_job_leaves_what_is_in_time(shop, shift_clock):
    who, cup = shop.member(700), shop.reward(500)
    made = ask(shop, who, cup)
    shift_clock(timedelta(minutes=29))

    assert jobs.expire_holds(at=shop.now) == 0
    assert capture(made.id, at=shop.now, actor=shop.till).state == "captured"


def test_a_renewed_hold_lives_longer(shop, shift_clock):
    who, cup = shop.member(700), shop.reward(500)
    made = ask(shop, who, cup)
    shift_clock(timedelta(minutes=20))

    renew(made.id, at=shop.now, actor=shop.till)
    shift_clock(timedelta(minutes=45))

    assert capture(made.id, at=shop.now, actor=shop.till).state == "captured"
    assert shop.balance(who).active == 200


def test_points_that_went_out_of_date_stay_set_aside_when_the_hold_is_renewed(
    shop, shift_clock
):
    who, cup = shop.member(500, expires_at=shop.now + timedelta(minutes=10)), shop.reward(500)
    shop.earn(who, 600)
    made = ask(shop, who, cup)
    shift_clock(timedelta(minutes=20))

    renew(made.id, at=shop.now, actor=shop.till)
    shift_clock(timedelta(minutes=45))

    assert capture(made.id, at=shop.now, actor=shop.till).captured_points == 500
    assert shop.balance(who).active == 600


def test_a_part_of_a_shared_reward_is_not_renewed_alone(shop):
    who, kit = shop.member(700), shop.reward(600, cooperative=True)
    pact = offer_pact(
        who, reward=kit.id, points=300, programme="main", key="p", at=shop.now, actor=shop.till
    )

    with pytest.raises(PartOfPact):
        renew(Redemption.objects.get(pact=pact.id).id, at=shop.now, actor=shop.till)


def test_a_hold_that_is_over_is_not_renewed(shop, shift_clock):
    made = ask(shop, shop.member(700), shop.reward(500))
    shift_clock(timedelta(minutes=31))

    with pytest.raises(HoldExpired):
        renew(made.id, at=shop.now, actor=shop.till)


def test_points_that_expire_while_held_are_honoured(shop, shift_clock):
    soon = shop.now + timedelta(minutes=10)
    who, cup = shop.member(500, expires_at=soon), shop.reward(500)
    made = ask(shop, who, cup)
    shift_clock(timedelta(minutes=15))

    assert capture(made.id, at=shop.now, actor=shop.till).captured_points == 500


def test_points_pay_a_part_and_only_those_that_pay_are_taken(shop):
    who = shop.member(5000)

    made = ask(shop, who, points=4000, order_minor=6001)

    assert (made.points, made.worth_minor) == (3000, 3000)
    assert shop.balance(who).held == 3000


def test_fewer_points_may_be_captured_than_were_set_aside(shop):
    who = shop.member(5000)
    made = ask(shop, who, points=3000)

    done = capture(made.id, at=shop.now, actor=shop.till, points=1000)

    assert (done.captured_points, done.worth_minor) == (1000, 1000)
    assert shop.balance(who).active == 4000


def test_part_payment_follows_the_rules_of_the_programme(shop):
    who = shop.member(150)

    with pytest.raises(PointsNotTaken):
        ask(shop, who, points=99, key="too few")
    with pytest.raises(InsufficientPoints):
        ask(shop, who, points=200, key="too many")
    with pytest.raises(RedeemWhat):
        ask(shop, who, key="neither")
    with pytest.raises(RedeemWhat):
        ask(shop, who, shop.reward(5), points=5, key="both")


def test_a_reward_of_nobody_is_not_found(shop):
    with pytest.raises(RewardUnknown):
        redeem(
            shop.member(5),
            programme="main",
            key="k",
            actor=shop.till,
            at=shop.now,
            reward=shop.member(),
        )


def test_handing_over_is_recorded_once(shop):
    made = ask(shop, shop.member(700), shop.reward(500))
    with pytest.raises(NotCaptured):
        mark_used(made.id, at=shop.now, actor=shop.boss)
    capture(made.id, at=shop.now, actor=shop.till)

    first = mark_used(made.id, at=shop.now, actor=shop.boss)
    second = mark_used(made.id, at=shop.now, actor=shop.boss)

    assert first.used_at == second.used_at
    assert len(shop.told("reward.used")) == 1
