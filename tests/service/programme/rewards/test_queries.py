"""What is offered and what became of it can be read."""

from __future__ import annotations

import pytest

from huitouke.service.programme.rewards import queries
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.pacts import PactUnknown, offer_pact
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.refusals import RedemptionUnknown

pytestmark = pytest.mark.django_db


def test_rewards_and_campaigns_are_listed(shop):
    dear, cheap = shop.reward(900, enabled=False), shop.reward(100)
    first, second = shop.campaign(), shop.campaign()

    assert [each.id for each in queries.rewards("main")] == [cheap.id, dear.id]
    assert [each.id for each in queries.campaigns("main")] == [second, first]
    assert queries.rewards("other") == queries.campaigns("other") == []


def test_a_members_redemptions_and_codes_are_listed_newest_first(shop):
    who = shop.member(2000)
    voucher = shop.reward(500, kind="voucher", campaign=shop.campaign())
    made = [
        redeem(
            who, programme="main", key=key, actor=shop.till, at=shop.now, reward=voucher.id
        ).id
        for key in ("a", "b")
    ]
    done = capture(made[0], at=shop.now, actor=shop.till)

    assert [each.id for each in queries.redemptions_of(who)] == made[::-1]
    assert [each.code for each in queries.codes_of(who, programme="main")] == [done.code]
    assert queries.redemption(made[0]).state == "captured"


def test_what_is_not_there_is_not_found(shop):
    who, reward = shop.member(700), shop.reward(1000, cooperative=True)
    pact = offer_pact(
        who,
        programme="main",
        reward=reward.id,
        points=600,
        key="k",
        at=shop.now,
        actor=shop.till,
    )

    assert queries.pact(pact.id).missing_points == 400
    with pytest.raises(PactUnknown):
        queries.pact(who)
    with pytest.raises(RedemptionUnknown):
        queries.redemption(who)
