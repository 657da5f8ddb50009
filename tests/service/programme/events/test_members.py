"""Members join, rise, fall on their day, are given points by hand, and become one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Outbox
from huitouke.service.customers import commands as customer_commands
from huitouke.service.customers import queries as customer_queries
from huitouke.service.programme import commands, queries
from huitouke.service.programme.events.adjusting import OwnAdjustment
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.models.members import Adjustment, Membership, Qualifying

pytestmark = pytest.mark.django_db

CLERK, CHIEF = Actor("staff", "clerk"), Actor("staff", "chief")
OTHER = "13900139000"
WELCOME = {
    "id": "welcome",
    "name": {"en": "Welcome present"},
    "on": "customer.signed_up",
    "gives": {"kind": "fixed", "points": 100},
    "once": "ever",
}
BIRTHDAY = {
    "id": "birthday",
    "name": {"en": "Birthday present"},
    "on": "birthday",
    "gives": {"kind": "fixed", "points": 50},
    "once": "year",
}
CHECKIN = {
    "id": "checkin",
    "name": {"en": "Check-in"},
    "on": "checkin",
    "gives": {"kind": "fixed", "points": 5},
    "caps": [{"points": 12, "per": "day"}],
}
TIERS = {
    "metric": "spend",
    "tiers": [
        {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000, "keep": 30_000},
    ],
}


@pytest.fixture
def tier_shop(shop, spend_rule):
    shop.publish(spend_rule, WELCOME, BIRTHDAY, CHECKIN, tiers=TIERS)
    shop.join()
    return shop


def topics(prefix=""):
    return [each.topic for each in Outbox.objects.order_by("position") if prefix in each.topic]


def test_joining_gives_the_welcome_present_once(shop, spend_rule):
    shop.publish(spend_rule, WELCOME)

    first, again = shop.join(), shop.join()

    assert [each["type"] for each in first.effects] == ["member.enrolled", "points.earned"]
    assert again.effects == ()
    assert [each["condition"] for each in again.reasons] == ["once"]
    assert shop.balance() == (100, 0, 0)


def test_enrolling_twice_is_one_enrolment(shop, spend_rule):
    shop.publish(spend_rule, WELCOME)
    shop.tell(shop.paid(1_000))
    customer = shop.customer()

    first = commands.enrol(customer, at=shop.now(), actor=CLERK)
    again = commands.enrol(customer, at=shop.now(), actor=CLERK)

    assert (first.status, again.status) == ("done", "replayed")
    assert customer_queries.get(customer).stage == "member"
    assert shop.balance() == (100, 0, 0)


def test_caps_hold_across_facts(tier_shop):
    given = [
        tier_shop.tell(tier_shop.fact("checkin", customer=tier_shop.who("13800138000")))
        for _ in range(4)
    ]

    assert [one.effects[0]["value"] for one in given] == [5, 5, 2, 0]
    assert given[3].effects[0]["capped_by"] == "checkin.day"
    assert tier_shop.balance() == (112, 0, 0)


def test_a_member_rises_at_once_and_is_told(tier_shop):
    told = tier_shop.tell(tier_shop.paid(60_000))

    (lift,) = [each for each in told.effects if each["type"] == "tier.upgraded"]
    assert (lift["from_tier"], lift["to_tier"]) == ("silver", "gold")
    assert "tier.upgraded" in topics("tier")
    view = queries.tier(tier_shop.customer(), now=tier_shop.now())
    assert (view.tier, view.progress.metric) == ("gold", 60_000)


def test_a_refund_in_its_window_takes_the_tier_back(tier_shop):
    order = tier_shop.paid(60_000)
    tier_shop.tell(order)

    told = tier_shop.tell(tier_shop.refunded(order))

    assert [each["kind"] for each in told.effects if "tier" in each["type"]] == ["reverted"]
    assert queries.tier(tier_shop.customer(), now=tier_shop.now()).tier == "silver"


def test_a_tier_whose_benefit_was_used_stays_until_its_review(tier_shop):
    order = tier_shop.paid(60_000)
    tier_shop.tell(order, tier_shop.paid(100))

    tier_shop.tell(tier_shop.refunded(order))

    assert queries.tier(tier_shop.customer(), now=tier_shop.now()).tier == "gold"


def test_members_fall_one_tier_after_their_review_and_grace(tier_shop, shift_clock):
    tier_shop.tell(tier_shop.paid(60_000))
    tick(at=tier_shop.now())

    shift_clock(timedelta(days=400))
    tick(at=tier_shop.now())
    shift_clock(timedelta(days=450))
    tick(at=tier_shop.now())
    tick(at=tier_shop.now())

    assert Membership.objects.get().tier == "silver"
    assert topics("tier.").count("tier.downgraded") == 1


def test_who_will_not_keep_a_tier_is_told_ahead_once_each(tier_shop, shift_clock):
    tier_shop.tell(tier_shop.paid(60_000))
    tick(at=tier_shop.now())

    for days in range(330, 376, 5):
        shift_clock(timedelta(days=days))
        tick(at=tier_shop.now())

    told = Outbox.objects.filter(topic="tier.will_downgrade").order_by("position")
    assert [each.body["days"] for each in told if "days" in each.body] == [30, 7, 1]


def test_birthdays_are_greeted_on_the_day_and_once(tier_shop):
    today = tier_shop.now().astimezone(tier_shop.zone).date()
    customer_commands.change(
        tier_shop.customer(),
        at=tier_shop.now(),
        actor=CLERK,
        birthday_on=date(1990, today.month, min(today.day, 28)),
    )

    tick(at=tier_shop.now())
    tick(at=tier_shop.now())

    expected = 150 if today.day <= 28 else 100
    assert tier_shop.balance() == (expected, 0, 0)


def test_a_card_that_birthdays_stamp_is_stamped(shop):
    card = {
        "id": "years", "name": {"en": "Years"}, "on": "birthday", "stamps": 2, "points": 50,
        "unit": "points", "head_start": 1,
    }  # fmt: skip
    shop.publish(stamps=[card])
    shop.join()
    born_on = (
        shop.now().astimezone(shop.zone).date().replace(year=1988)
    )  # A leap year, as every day may be.
    customer_commands.change(shop.customer(), at=shop.now(), actor=CLERK, birthday_on=born_on)

    tick(at=shop.now())
    tick(at=shop.now())

    assert shop.balance()[0] == 50


def test_points_given_by_hand_count_once_per_key(tier_shop):
    asked = {
        "points": 30,
        "reason_code": "goodwill",
        "key": "k1",
        "at": tier_shop.now(),
        "actor": CLERK,
    }

    first = commands.adjust(tier_shop.customer(), **asked)
    again = commands.adjust(tier_shop.customer(), **asked)

    assert (first.state, again.id) == ("done", first.id)
    assert tier_shop.balance() == (130, 0, 0)


def test_more_points_than_the_limit_wait_for_a_second_person(tier_shop):
    asked = commands.adjust(
        tier_shop.customer(),
        points=20_000,
        reason_code="complaint",
        key="k1",
        at=tier_shop.now(),
        actor=CLERK,
    )
    assert (asked.state, tier_shop.balance()) == ("waiting", (100, 0, 0))

    with pytest.raises(OwnAdjustment):
        commands.approve(asked.id, at=tier_shop.now(), actor=CLERK)
    done = commands.approve(asked.id, at=tier_shop.now(), actor=CHIEF)

    assert done.state == "done"
    assert tier_shop.balance() == (20_100, 0, 0)


def test_more_than_is_there_cannot_be_taken_by_hand(tier_shop):
    asked = commands.adjust(
        tier_shop.customer(),
        points=-500,
        reason_code="mistake",
        key="k1",
        at=tier_shop.now(),
        actor=CLERK,
    )

    assert (asked.state, asked.outcome) == ("refused", "insufficient_points")
    assert tier_shop.balance() == (100, 0, 0)
    assert Adjustment.objects.count() == 1


def test_a_granted_tier_holds_to_its_day(tier_shop, shift_clock):
    through = tier_shop.now().astimezone(tier_shop.zone).date() + timedelta(days=10)

    commands.grant_tier(
        tier_shop.customer(),
        tier="gold",
        through=through,
        reason="an apology",
        at=tier_shop.now(),
        actor=CHIEF,
    )

    assert queries.tier(tier_shop.customer(), now=tier_shop.now()).tier == "gold"
    shift_clock(timedelta(days=12))
    assert queries.tier(tier_shop.customer(), now=tier_shop.now()).tier == "silver"


def test_a_quote_says_what_an_order_would_earn_and_writes_nothing(tier_shop):
    order = tier_shop.paid(60_000).order
    before = tier_shop.balance()

    found = queries.quote(order, now=tier_shop.now(), customer=tier_shop.customer())

    assert found.points == {"points": 600}
    assert [each["type"] for each in found.effects] == ["points.earned", "tier.upgraded"]
    assert tier_shop.balance() == before
    assert queries.tier(tier_shop.customer(), now=tier_shop.now()).tier == "silver"


def test_two_members_become_one_with_nothing_doubled(tier_shop):
    tier_shop.join(OTHER)
    tier_shop.tell(tier_shop.paid(60_000), tier_shop.paid(10_000, customer=OTHER))
    mine, other = tier_shop.customer(), tier_shop.customer(OTHER)

    merge = customer_commands.merge(mine, into=other, at=tier_shop.now(), actor=CLERK)

    assert tier_shop.balance(OTHER) == (100, 700, 0)
    view = queries.tier(other, now=tier_shop.now())
    assert (view.tier, view.progress.metric) == ("gold", 70_000)
    assert tier_shop.faults() == []

    customer_commands.unmerge(merge.id, at=tier_shop.now(), actor=CLERK)

    assert tier_shop.balance() == (100, 600, 0)
    assert tier_shop.balance(OTHER) == (100, 100, 0)
    assert queries.tier(other, now=tier_shop.now()).tier == "silver"
    assert queries.tier(mine, now=tier_shop.now()).tier == "gold"


def test_a_refund_after_a_merge_takes_the_points_that_moved(tier_shop):
    tier_shop.join(OTHER)
    order = tier_shop.paid(60_000)
    tier_shop.tell(order)
    other = tier_shop.customer(OTHER)
    customer_commands.merge(tier_shop.customer(), into=other, at=tier_shop.now(), actor=CLERK)

    told = tier_shop.tell(tier_shop.refunded(order))

    assert told.customer == public_id("cus", other)
    assert tier_shop.balance(OTHER) == (100, 0, 0)
    totals = [
        each.spend_minor for each in Qualifying.objects.filter(membership__customer=other)
    ]
    assert sum(totals) == 0


def test_an_export_holds_points_and_tier_and_an_erasure_leaves_amounts(tier_shop):
    said = {"answer": "tea", "device": "secret"}
    member = tier_shop.who("13800138000")
    tier_shop.tell(tier_shop.fact("x.quiz", customer=member, attributes=said))
    customer = tier_shop.customer()

    kept = customer_queries.export(customer)["programme"]

    assert kept["memberships"][0]["tier"] == "silver"
    assert [each["active"] for each in kept["accounts"]] == [100]
    assert any(each["body"] == {"attributes": {"answer": "tea"}} for each in kept["facts"])
    account = tier_shop.account()
    customer_commands.erase(customer, at=tier_shop.now(), actor=CLERK)
    assert tier_shop.active(account) == 100


def test_history_says_each_entry_in_one_sentence(tier_shop):
    tier_shop.tell(tier_shop.paid(12_000))

    lines = queries.history(tier_shop.customer(), now=tier_shop.now(), language="zh")

    assert len(lines) == 2
    assert all(each.says.endswith("。") for each in lines)
