"""What was completed comes back wholly or in parts, with what belongs to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huitouke.service.core import clock
from huitouke.service.core.models import Audit
from huitouke.service.ledger.queries import lots
from huitouke.service.programme.models.coupons import Code
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.code_holds import hold_codes
from huitouke.service.programme.rewards.completion import capture, mark_used
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.refusals import (
    NotCaptured,
    ReversalTooLarge,
    RewardUsed,
)
from huitouke.service.programme.rewards.reversals import reverse
from huitouke.service.programme.rules.cart import Cart, CartLine

pytestmark = pytest.mark.django_db

CART = Cart(lines=(CartLine(position=1, amount_minor=10_000),))


def bought(shop, who, **given):
    made = redeem(who, programme="main", key="k", actor=shop.till, at=shop.now, **given)
    return capture(made.id, at=shop.now, actor=shop.till)


def undo(shop, made, key="undo", **more):
    return reverse(made.id, key=key, at=shop.now, actor=shop.boss, **more)


def test_a_reversal_returns_points_stock_and_limit(shop):
    who, cup = shop.member(500), shop.reward(500, stock_left=1, per_member_limit=1)
    made = bought(shop, who, reward=cup.id)

    back = undo(shop, made)

    assert back.state == "reversed"
    assert shop.balance(who).active == 500
    assert Reward.objects.get(id=cup.id).stock_left == 1
    assert redeem(
        who, programme="main", key="again", actor=shop.till, at=shop.now, reward=cup.id
    )


def test_the_same_reversal_twice_is_one(shop):
    who = shop.member(500)
    made = bought(shop, who, points=400)

    undo(shop, made, points=100)
    again = undo(shop, made, points=100)

    assert (again.state, again.reversed_points) == ("part_reversed", 100)
    assert shop.balance(who).active == 200


def test_parts_add_up_to_the_whole_and_no_further(shop):
    who = shop.member(500)
    made = bought(shop, who, points=500)

    undo(shop, made, "one", points=200)
    whole = undo(shop, made, "two")
    with pytest.raises(NotCaptured):
        undo(shop, made, "three", points=1)

    assert whole.state == "reversed"
    assert shop.balance(who).active == 500


def test_more_than_is_left_does_not_come_back(shop):
    made = bought(shop, shop.member(500), points=300)

    with pytest.raises(ReversalTooLarge) as refused:
        undo(shop, made, points=301)

    assert refused.value.values == {"points": 301, "left": 300}


def test_a_held_redemption_is_not_reversed(shop):
    made = redeem(
        shop.member(500), programme="main", key="k", actor=shop.till, at=shop.now, points=300
    )

    with pytest.raises(NotCaptured):
        undo(shop, made)


def test_a_used_reward_keeps_its_points(shop):
    who, cup = shop.member(500), shop.reward(500)
    made = bought(shop, who, reward=cup.id)
    mark_used(made.id, at=shop.now, actor=shop.boss)

    with pytest.raises(RewardUsed):
        undo(shop, made)

    assert shop.balance(who).active == 0


def test_a_used_reward_may_be_charged_instead(shop):
    who = shop.member(500)
    cup = shop.reward(500, stock_left=5, when_used="charge", charge_minor=2900)
    made = bought(shop, who, reward=cup.id)
    mark_used(made.id, at=shop.now, actor=shop.boss)

    back = undo(shop, made)

    assert (back.state, back.charged_minor) == ("reversed", 2900)
    assert shop.balance(who).active == 500
    assert Reward.objects.get(id=cup.id).stock_left == 4, "what was used is not in stock"


def test_an_unused_code_is_withdrawn_with_its_points(shop):
    voucher = shop.reward(500, kind="voucher", campaign=shop.campaign())
    made = bought(shop, shop.member(500), reward=voucher.id)

    undo(shop, made)

    assert Code.objects.get(code=made.code).void


def test_a_code_in_somebodys_cart_counts_as_used(shop):
    who = shop.member(500)
    voucher = shop.reward(500, kind="voucher", campaign=shop.campaign())
    made = bought(shop, who, reward=voucher.id)
    hold_codes(
        [made.code],
        programme="main",
        reference="cart",
        cart=CART,
        at=shop.now,
        actor=shop.till,
        customer=who,
    )

    with pytest.raises(RewardUsed):
        undo(shop, made)

    assert not Code.objects.get(code=made.code).void


@pytest.mark.parametrize(("because", "active"), [("goods_returned", 500), ("changed_mind", 0)])
def test_expired_points_live_on_only_when_goods_come_back(shop, shift_clock, because, active):
    who = shop.member(500, expires_at=shop.now + timedelta(days=1))
    made = bought(shop, who, points=500)
    shift_clock(timedelta(days=2))

    undo(shop, made, because=because)

    assert shop.balance(who).active == active


def test_grace_ends_with_a_local_day_also_when_the_clocks_change(shop_in, shift_clock):
    """The clocks of Berlin go forward on 31 March 2030, within the days of grace."""
    berlin = ZoneInfo("Europe/Berlin")
    shift = datetime(2030, 3, 28, 12, tzinfo=berlin) - clock.now()
    shift_clock(shift)
    shop = shop_in(berlin.key)
    who = shop.member(500, expires_at=shop.now + timedelta(days=1))
    made = bought(shop, who, points=500)
    shift_clock(shift + timedelta(days=2))

    undo(shop, made)

    last = [lot.expires_at for lot in lots(shop.account(who))]
    assert last == [datetime(2030, 4, 13, 22, tzinfo=UTC)]


def test_a_reversal_is_in_the_audit_log(shop):
    made = bought(shop, shop.member(500), points=300)

    undo(shop, made, points=100, note="wrong member at the till")

    line = Audit.objects.get(action="redemption.reversed")
    assert (line.actor, line.reason) == ("staff:li-na", "wrong member at the till")
