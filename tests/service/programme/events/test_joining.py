"""Orders with points, codes, friends and stamps, from the fact to the return, in one flow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Outbox
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.contract import Earn
from huitouke.service.ledger.units import unit
from huitouke.service.programme.models.coupons import CodeUse
from huitouke.service.programme.models.referrals import Referral, StampGrant
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards import catalogue, generation
from huitouke.service.programme.rewards.jobs import reward_referrals
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.referrals import referral_code
from huitouke.service.programme.rewards.stamps import stamp_cards
from huitouke.service.programme.rules.definition import Definition

pytestmark = pytest.mark.django_db

FRIEND = "13900139000"
BURN = {"per_points": 100, "minor": 100, "most_percent": 50}
REFERRAL = {"advocate_points": 300, "friend_points": 100, "least_order_minor": 5_000}
CARD = {
    "id": "visits",
    "name": {"en": "Visits", "zh": "到店卡"},
    "stamps": 4,
    "head_start": 2,
    "points": 50,
}


@pytest.fixture
def full_shop(shop, spend_rule):
    """A point a yuan after seven days, part payment, friends, a card of four with two given."""
    rules = {"burn": BURN, "referral": REFERRAL, "stamps": [CARD]}
    shop.publish(spend_rule, **rules)
    shop.definition = Definition.model_validate({"rules": [spend_rule], **rules})
    shop.join()
    return shop


def gift(shop, points, phone="13800138000"):
    """Points that may be spent at once."""
    number = unit("main.points").unit
    (account,) = ledger.open_accounts([shop.customer(phone)], unit=number)
    ledger.earn(
        Earn(
            account=account,
            key=f"gift-{points}",
            amount=points,
            effective_at=shop.now(),
            actor="staff:li",
            reason={"code": "goodwill"},
        )
    )


def held(shop, points):
    made = redeem(
        shop.customer(),
        programme="main",
        key=f"cart-{points}",
        actor=shop.actor,
        at=shop.now(),
        points=points,
        order_minor=10_000,
    )
    return public_id("rdm", made.id)


def tenth_off(shop):
    campaign = catalogue.add_campaign(
        "main", at=shop.now(), actor=shop.actor, names={"en": "Tenth"}, kind="percent",
        value=1_000, per_code_limit=1,
    )  # fmt: skip
    generation.add_shared_code(campaign.id, code="TENTH", at=shop.now(), actor=shop.actor)
    return "TENTH"


def ordered(shop, *, redemption, code):
    """¥100 in two lines, a tenth off, ¥10 paid with points: ¥80 earn."""
    return shop.paid(
        5_000,
        5_000,
        order={
            "discount_minor": 1_000,
            "paid_by_points_minor": 1_000,
            "coupons": [code],
            "redemptions": [redemption],
        },
    )


def codes(result):
    return [each["type"] for each in result.effects]


def card_of(shop, phone="13800138000"):
    [(_, count)] = stamp_cards(
        shop.customer(phone), programme="main", definition=shop.definition, at=shop.now()
    )
    return count.stamps, count.full


def test_an_order_takes_its_points_and_code_and_earns_on_the_rest(full_shop):
    gift(full_shop, 1_000)

    told = full_shop.tell(
        ordered(full_shop, redemption=held(full_shop, 1_000), code=tenth_off(full_shop))
    )

    assert codes(told) == [
        "points.earned",
        "redemption_captured",
        "code_redeemed",
        "stamps.added",
    ]
    assert told.effects[0]["value"] == 80
    assert Redemption.objects.get().state == Redemption.State.CAPTURED
    assert CodeUse.objects.get().state == CodeUse.State.REDEEMED
    found = ledger_queries.balance(full_shop.account())
    assert (found.active, found.held, found.owed) == (0, 0, 0)


def test_a_whole_return_puts_everything_back_without_a_debt_in_between(full_shop):
    gift(full_shop, 1_000)
    order = ordered(full_shop, redemption=held(full_shop, 1_000), code=tenth_off(full_shop))
    full_shop.tell(order)
    stamps = card_of(full_shop)[0]

    told = full_shop.tell(full_shop.refunded(order))

    assert codes(told) == [
        "refund.restored",
        "code_returned",
        "stamps.taken",
        "points.clawed_back",
    ]
    assert full_shop.balance() == (1_000, 0, 0)
    assert Redemption.objects.get().state == Redemption.State.REVERSED
    assert not CodeUse.objects.filter(state=CodeUse.State.REDEEMED).exists()
    assert (stamps, card_of(full_shop)[0]) == (3, 2)
    assert not Outbox.objects.filter(topic="debt.created").exists()
    assert full_shop.faults() == []


def test_returns_in_parts_come_to_the_same_as_one(full_shop):
    gift(full_shop, 1_000)
    order = ordered(full_shop, redemption=held(full_shop, 1_000), code=tenth_off(full_shop))
    full_shop.tell(order)

    first = full_shop.tell(full_shop.refunded(order, {"position": 1}))
    between = ledger_queries.balance(full_shop.account()).active
    second = full_shop.tell(full_shop.refunded(order, {"position": 2}))

    assert codes(first) == ["refund.restored", "points.clawed_back"]
    assert between == 500
    assert "code_returned" in codes(second)
    assert full_shop.balance()[0] == 1_000
    assert full_shop.balance()[2] == 0
    assert full_shop.faults() == []


def test_spent_points_come_back_before_earned_ones_are_taken(full_shop, shift_clock):
    """The order's own points are spent: what it was paid with settles that, no debt is left."""
    gift(full_shop, 1_000)
    order = ordered(full_shop, redemption=held(full_shop, 1_000), code=tenth_off(full_shop))
    full_shop.tell(order)
    shift_clock(timedelta(days=9))
    spare = ledger_queries.balance(full_shop.account()).active
    redeem(
        full_shop.customer(), programme="main", key="all", actor=full_shop.actor,
        at=full_shop.now(), points=spare // 100 * 100 or spare,
    )  # fmt: skip

    told = full_shop.tell(full_shop.refunded(order))

    assert "points.clawed_back" in codes(told)
    (effect,) = (each for each in told.effects if each["type"] == "points.clawed_back")
    assert (effect["owed"], full_shop.balance()[2]) == (0, 0)
    assert full_shop.faults() == []


def test_a_friend_is_rewarded_after_the_window_and_a_return_takes_it_back(
    full_shop, shift_clock
):
    code = referral_code(full_shop.customer(), programme="main", at=full_shop.now())
    full_shop.join(FRIEND)
    order = full_shop.paid(8_000, customer=FRIEND, order={"referral_code": code})

    told = full_shop.tell(order)
    early = reward_referrals(at=full_shop.now())
    shift_clock(timedelta(days=9))
    late = reward_referrals(at=full_shop.now())

    assert codes(told)[-3:-1] == ["referral_recorded", "referral_qualified"]
    assert (early, late) == (0, 1)
    assert full_shop.balance() == (300, 0, 0)
    assert full_shop.balance(FRIEND) == (180, 0, 0)

    undone = full_shop.tell(full_shop.refunded(order))
    reward_referrals(at=full_shop.now())

    assert "referral_undone" in codes(undone)
    assert Referral.objects.get().state == Referral.State.REVERSED
    assert full_shop.balance() == (0, 0, 0)
    assert full_shop.balance(FRIEND) == (0, 0, 0)
    assert full_shop.faults() == []


def test_a_friend_who_sends_back_within_the_window_is_not_rewarded(full_shop, shift_clock):
    code = referral_code(full_shop.customer(), programme="main", at=full_shop.now())
    full_shop.join(FRIEND)
    order = full_shop.paid(8_000, customer=FRIEND, order={"referral_code": code})
    full_shop.tell(order)
    full_shop.tell(full_shop.refunded(order))

    shift_clock(timedelta(days=9))
    paid = reward_referrals(at=full_shop.now())

    assert (paid, full_shop.account()) == (0, None)


def test_a_card_that_begins_with_stamps_is_full_sooner(full_shop):
    before = card_of(full_shop)
    first, second = full_shop.tell(full_shop.paid(1_000), full_shop.paid(1_000))

    shown = [each.effects[-1]["reason"] for each in (first, second)]
    assert before == (2, 0)
    assert [(each["have"], each["of"], each["presents"]) for each in shown] == [
        (3, 4, 0),
        (2, 4, 1),
    ]
    assert full_shop.balance() == (50, 20, 0)


def test_the_return_of_what_filled_a_card_takes_its_present_back(full_shop):
    orders = [full_shop.paid(1_000) for _ in range(2)]
    full_shop.tell(*orders)

    full_shop.tell(full_shop.refunded(orders[0]))

    assert card_of(full_shop) == (3, 0)
    assert StampGrant.objects.get().state == StampGrant.State.TAKEN_BACK
    assert full_shop.balance() == (0, 10, 0)
    assert full_shop.faults() == []


@pytest.mark.parametrize(
    ("kind", "given"), [("checkin", {}), ("review.approved", {"sku": "s"}), ("x.class", {})]
)
def test_other_facts_fill_cards_of_their_own(shop, kind, given):
    card = {"id": "own", "name": {"en": "Own"}, "on": kind, "stamps": 2, "points": 30}
    shop.publish(stamps=[card, CARD])
    shop.join()
    fact = shop.fact(kind, customer=shop.who("13800138000"), **given)

    first, again, second = shop.tell(
        fact, fact, shop.fact(kind, customer=shop.who("13800138000"), **given)
    )

    assert codes(first) == codes(second) == ["stamps.added"]
    assert again.status == "replayed"
    assert second.effects[0]["reason"]["presents"] == 1
    assert shop.balance() == (30, 0, 0)
    assert shop.faults() == []


def test_a_card_per_day_counts_one_check_in_a_day(shop):
    card = {
        "id": "day", "name": {"en": "Days"}, "on": "checkin", "per": "day", "stamps": 5,
        "points": 30,
    }  # fmt: skip
    shop.publish(stamps=[card])
    shop.definition = Definition.model_validate({"stamps": [card]})
    shop.join()
    visits = [
        "2026-03-01T09:00:00+08:00",
        "2026-03-01T21:00:00+08:00",
        "2026-03-02T09:00+08:00",
    ]

    shop.tell(
        *(
            shop.fact("checkin", customer=shop.who("13800138000"), occurred_at=moment)
            for moment in visits
        )
    )

    assert card_of(shop) == (2, 0)


def test_an_order_with_a_bad_code_and_a_strange_redemption_stands_and_says_so(full_shop):
    told = full_shop.tell(
        full_shop.paid(5_000, order={"coupons": ["NONE"], "redemptions": ["rdm_nonsense"]})
    )

    assert told.status == "done"
    assert {each["condition"] for each in told.reasons} >= {
        "core.id_unknown",
        "code_not_redeemed",
    }
