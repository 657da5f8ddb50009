"""What a member sees of the rewards: the same answer that redeeming would give."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.errors import Refused
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.catalogue import (
    add_campaign,
    add_reward,
    add_stock,
    change_reward,
)
from huitouke.service.programme.rewards.code_refusals import CampaignInvalid, RevisionDiffers
from huitouke.service.programme.rewards.offers import rewards_for
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.versions.queries import ProgrammeUnknown

pytestmark = pytest.mark.django_db


def seen(shop, who):
    return {each.reward.id: each for each in rewards_for(who, programme="main", at=shop.now)}


def test_within_reach_and_how_much_is_missing(shop):
    cheap, dear = shop.reward(100), shop.reward(900)

    found = seen(shop, shop.member(250))

    assert found[cheap.id].reachable
    assert not found[dear.id].reachable
    assert found[dear.id].points_missing == 650
    assert [each.code for each in found[dear.id].why_not] == ["programme.insufficient_points"]


def test_the_cheapest_stands_first_and_what_is_over_is_not_shown(shop):
    dear, cheap = shop.reward(900), shop.reward(100)
    shop.reward(5, enabled=False)
    shop.reward(6, valid_to=shop.now)
    shop.reward(7, valid_from=shop.now + timedelta(days=1))

    listed = rewards_for(shop.member(), programme="main", at=shop.now)

    assert [each.reward.id for each in listed] == [cheap.id, dear.id]


def test_a_customer_who_is_no_member_sees_why(shop):
    cup = shop.reward(100)

    found = seen(shop, shop.customer())[cup.id]

    assert [each.code for each in found.why_not] == [
        "programme.not_enrolled",
        "programme.insufficient_points",
    ]


def test_what_is_shown_is_what_redeeming_says(shop):
    who = shop.member(400, tier="silver")
    rewards = [
        shop.reward(100),
        shop.reward(900),
        shop.reward(100, stock_left=0),
        shop.reward(100, tiers=["gold"]),
        shop.reward(100, per_member_limit=1),
    ]
    redeem(
        who,
        programme="main",
        key="first",
        actor=shop.till,
        at=shop.now,
        reward=rewards[4].id,
    )

    found = seen(shop, who)

    for place, reward in enumerate(rewards):
        said = next((each.code for each in found[reward.id].why_not), None)
        try:
            redeem(
                who,
                programme="main",
                key=f"try {place}",
                actor=shop.till,
                at=shop.now,
                reward=reward.id,
            )
            done = None
        except Refused as refused:
            done = refused.code
        assert said == done
    assert found[rewards[4].id].left_for_member == 0


def test_a_reward_that_cannot_be_is_refused(shop):
    now = shop.now
    wrong = [
        {"kind": "voucher"},
        {"kind": "nothing"},
        {"cost_points": 0},
        {"stock_left": -1},
        {"limit_days": 3},
        {"valid_from": now, "valid_to": now},
        {"names": {}},
        {"colour": "red"},
        {"cooperative": True, "cost_points": 1},
        {"unit": "point"},
    ]

    for fields in wrong:
        with pytest.raises(CampaignInvalid):
            shop.reward(**{"cost": fields.pop("cost_points", 10), **fields})
    assert Reward.objects.count() == 0


def test_a_reward_never_costs_what_is_never_spent(growing_shop):
    shop, cup = growing_shop, growing_shop.reward(100)

    with pytest.raises(CampaignInvalid) as made:
        shop.reward(100, unit="growth")
    with pytest.raises(CampaignInvalid) as changed:
        change_reward(
            cup.id, programme="main", revision=1, at=shop.now, actor=shop.boss, unit="growth"
        )

    for refused in (made, changed):
        assert refused.value.values == {"field": "unit", "given": "growth"}


@pytest.mark.parametrize("unit", ["point", "growth"])
def test_a_reward_in_a_unit_that_does_not_fit_is_left_out_and_can_be_paused(growing_shop, unit):
    shop = growing_shop
    who, cup, gone = shop.member(200), shop.reward(100), shop.reward(100)
    Reward.objects.filter(id=gone.id).update(unit=unit)

    listed = rewards_for(who, programme="main", at=shop.now)
    paused = change_reward(
        gone.id, programme="main", revision=1, at=shop.now, actor=shop.boss, enabled=False
    )

    assert [(each.reward.id, each.reachable) for each in listed] == [(cup.id, True)]
    assert not paused.enabled


def test_a_reward_is_changed_from_the_revision_that_was_read(shop):
    cup = shop.reward(100)

    changed = change_reward(
        cup.id, programme="main", revision=1, at=shop.now, actor=shop.boss, cost_points=120
    )
    with pytest.raises(RevisionDiffers):
        change_reward(
            cup.id, programme="main", revision=1, at=shop.now, actor=shop.boss, cost_points=1
        )

    assert (changed.cost_points, changed.revision) == (120, 2)


def test_stock_is_added_to_and_never_below_nothing(shop):
    cup = shop.reward(100, stock_left=3)

    assert add_stock(cup.id, programme="main", count=7, actor=shop.boss).stock_left == 10
    with pytest.raises(CampaignInvalid):
        add_stock(cup.id, programme="main", count=-11, actor=shop.boss)


def test_nothing_is_offered_in_a_programme_that_is_not_there(shop):
    more = {"names": {"en": "Cup"}, "at": shop.now, "actor": shop.till}

    with pytest.raises(ProgrammeUnknown):
        add_reward("nowhere", code="cup", kind="product", cost_points=5, **more)
    with pytest.raises(ProgrammeUnknown):
        add_campaign("nowhere", kind="percent", value=5, **more)
