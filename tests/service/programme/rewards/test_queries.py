"""What is offered and what became of it can be read."""

from __future__ import annotations

import pytest

from huitouke.service.programme.rewards import queries
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.pacts import PactUnknown, offer_pact
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.refusals import RedemptionUnknown

pytestmark = pytest.mark.django_db


def test_rewards_are_listed_the_cheapest_first(shop):
    dear, cheap = shop.reward(900, enabled=False), shop.reward(100)

    assert [each.id for each in queries.rewards("main")] == [cheap.id, dear.id]
    assert queries.rewards("other") == []


def test_a_redemption_is_read_as_it_is_by_now(shop):
    made = redeem(
        shop.member(2000),
        programme="main",
        key="a",
        actor=shop.till,
        at=shop.now,
        reward=shop.reward(500).id,
    )
    capture(made.id, at=shop.now, actor=shop.till)

    assert queries.redemption(made.id).state == "captured"


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
