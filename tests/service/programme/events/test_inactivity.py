"""Points that go when a member stays away: those given so, and after a warning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.core.models import Outbox
from huitouke.service.programme.events.adjusting import adjust
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.events.expiring import idleness
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.rules.checks import problems
from huitouke.service.programme.rules.definition import Definition

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", "li-na")
ROLLING = {"kind": "rolling", "months": 24, "round": "none"}


def idle(months):
    return {"kind": "inactivity", "months": months}


@pytest.fixture
def shop_with(shop, spend_rule, shift_clock):
    """A shop whose points are available at once and go as the policy says."""

    def make(expiry):
        shop.rule = {**spend_rule, "pending": 0}
        shop.publish(shop.rule, expiry=expiry)
        shop.join()
        return shop

    return make


@pytest.fixture
def days_later(shop, shift_clock):
    """Let days go by, each changed in its turn, without a visit."""
    seen = []

    def wait(days):
        for _ in range(days):
            seen.append(1)
            shift_clock(timedelta(days=len(seen)))
            tick(at=shop.now())

    return wait


def publish(shop, expiry):
    shop.publish(shop.rule, programme=shop.programme, at=shop.now(), expiry=expiry)


def warned():
    found = Outbox.objects.filter(topic="points.expiring").order_by("position")
    return [(each.body["points"], each.body["threshold"]) for each in found]


def test_points_with_a_date_keep_it_when_the_policy_becomes_inactivity(shop_with, days_later):
    shop = shop_with(ROLLING)
    shop.tell(shop.paid(10_000))
    days_later(1)
    publish(shop, idle(1))

    days_later(40)

    assert shop.balance() == (100, 0, 0)
    assert warned() == []
    assert shop.faults() == []


def test_points_given_by_inactivity_go_and_are_warned_of(shop_with, days_later):
    shop = shop_with(idle(1))
    shop.tell(shop.paid(10_000))

    days_later(33)

    assert shop.balance() == (0, 0, 0)
    assert warned()[-2:] == [(100, 7), (100, 1)]
    assert shop.faults() == []


def test_only_what_was_given_so_goes(shop_with, days_later):
    shop = shop_with(ROLLING)
    shop.tell(shop.paid(10_000))
    publish(shop, idle(1))
    shop.tell(shop.paid(5_000))

    days_later(33)

    assert shop.balance() == (100, 0, 0)
    assert warned()[-1] == (50, 1)


def test_a_longer_wait_is_for_all_points_a_shorter_one_for_new_ones(shop_with, days_later):
    shop = shop_with(idle(2))
    shop.tell(shop.paid(10_000))
    publish(shop, idle(1))
    shop.tell(shop.paid(5_000))
    days_later(33)
    assert shop.balance() == (100, 0, 0)

    publish(shop, idle(3))
    days_later(45)

    assert shop.balance() == (100, 0, 0)
    days_later(20)
    assert shop.balance() == (0, 0, 0)


def test_what_went_by_inactivity_still_does_when_new_points_have_a_date(shop_with, days_later):
    shop = shop_with(idle(1))
    shop.tell(shop.paid(10_000))
    publish(shop, ROLLING)

    days_later(33)

    assert shop.balance() == (0, 0, 0)


def test_points_that_shall_never_go_do_not(shop_with, days_later):
    shop = shop_with(idle(1))
    shop.tell(shop.paid(10_000))
    publish(shop, {"kind": "never"})

    days_later(40)

    assert shop.balance() == (100, 0, 0)
    assert idleness(Rulebook.open("main", at=shop.now()), unit="points") == []


def test_a_present_to_somebody_long_away_is_held_for_as_long_itself(shop_with, days_later):
    shop = shop_with(idle(1))
    shop.tell(shop.paid(10_000))
    days_later(33)
    adjust(
        shop.customer(), points=70, reason_code="goodwill", key="k", at=shop.now(), actor=BOSS
    )

    days_later(20)
    assert shop.balance() == (70, 0, 0)
    days_later(15)

    assert shop.balance() == (0, 0, 0)
    assert warned()[-1] == (70, 1)


def test_a_referral_has_no_inactivity_of_its_own(shop, spend_rule):
    definition = {
        "rules": [spend_rule],
        "referral": {"advocate_points": 3, "friend_points": 1, "expiry": idle(6)},
    }

    found = problems(Definition.model_validate(definition))

    assert [each.pointer for each in found] == ["/referral/expiry"]
