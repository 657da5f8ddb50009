"""Who is no member earns nothing and reads why, unless an order makes them one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.customers import queries as customers
from huitouke.service.programme import queries
from huitouke.service.programme.events.carts import cart_of
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.rules.reasons import say
from huitouke.service.programme.versions import commands as versions

pytestmark = pytest.mark.django_db

WELCOME = {
    "id": "welcome",
    "name": {"en": "Welcome present"},
    "on": "customer.signed_up",
    "gives": {"kind": "fixed", "points": 100},
    "once": "ever",
}
TIERS = {
    "metric": "spend",
    "tiers": [
        {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000, "keep": 30_000},
    ],
}


@pytest.fixture
def open_shop(shop, spend_rule):
    """The first order makes a member."""
    shop.publish(spend_rule, WELCOME, enrol_on_order=True, tiers=TIERS)
    return shop


def kinds(result):
    return [each["type"] for each in result.effects]


def test_the_first_order_enrols_and_earns_with_the_welcome_present(open_shop):
    first = open_shop.tell(open_shop.paid(10_000))
    second = open_shop.tell(open_shop.paid(10_000))

    assert kinds(first)[:3] == ["member.enrolled", "points.earned", "points.earned"]
    assert [each.get("rule") for each in first.effects[1:3]] == ["welcome", "spend"]
    assert kinds(second) == ["points.earned"]
    assert open_shop.balance() == (100, 200, 0)
    customer = customers.get(open_shop.customer())
    assert customer.stage == "member"
    member = Membership.objects.get(customer=customer.pk)
    assert (member.tier, member.order_count) == ("silver", 2)


def test_two_first_orders_told_together_enrol_once(open_shop):
    first, second = open_shop.tell(open_shop.paid(10_000), open_shop.paid(10_000))

    assert [kinds(each).count("member.enrolled") for each in (first, second)] == [1, 0]
    assert open_shop.balance() == (100, 200, 0)


def test_the_present_stays_when_the_order_that_enrolled_comes_back(open_shop):
    order = open_shop.paid(10_000)
    open_shop.tell(order)

    open_shop.tell(open_shop.refunded(order))

    assert open_shop.balance() == (100, 0, 0)
    assert open_shop.faults() == []


def test_signing_up_after_the_first_order_gives_no_second_present(open_shop):
    open_shop.tell(open_shop.paid(10_000))

    told = open_shop.join()

    assert (told.status, told.effects) == ("done", ())
    assert open_shop.balance() == (100, 100, 0)


def test_an_order_of_nobody_enrols_nobody(open_shop):
    told = open_shop.tell(open_shop.paid(10_000, customer=None))

    assert [each["condition"] for each in told.reasons] == ["no_customer"]
    assert not Membership.objects.exists()


def test_a_quote_shows_what_joining_by_this_order_would_give(open_shop):
    open_shop.tell(open_shop.fact("checkin", customer=open_shop.who("13800138000")))
    order = open_shop.paid(10_000).order

    found = queries.quote(cart_of(order), now=open_shop.now(), customer=open_shop.customer())

    assert found.points == {"points": 200}
    assert found.reasons == ()
    assert not Membership.objects.filter(joined_at__isnull=False).exists()


def test_by_default_orders_of_who_is_no_member_earn_nothing(shop, spend_rule):
    shop.publish(spend_rule)

    told = shop.tell(shop.paid(10_000))

    (reason,) = told.reasons
    assert (reason["condition"], reason["rule"]) == ("not_enrolled", None)
    assert say(reason["reason"], "en").startswith("The customer is not a member yet")
    assert say(reason["reason"], "zh").startswith("这位顾客还不是会员")
    assert shop.balance() == (0, 0, 0)


def test_a_fact_from_before_the_first_version_says_so(points_shop):
    told = points_shop.tell(points_shop.paid(10_000, occurred_at="2025-12-31T12:00:00+08:00"))

    (reason,) = told.reasons
    assert (told.status, told.effects, reason["condition"]) == ("done", (), "no_rules")
    assert say(reason["reason"], "en") == (
        "Nothing is earned: no rules were in force on 31 December 2025."
    )
    assert "2025年12月31日" in say(reason["reason"], "zh")


def test_a_fact_while_nothing_is_in_force_says_so(shop, spend_rule):
    shop.publish(spend_rule)
    shop.join()
    version = queries_version(shop)
    versions.retire(version, at=shop.now(), actor=shop.actor)

    told = shop.tell(
        shop.fact(
            "checkin",
            customer=shop.who("13800138000"),
            occurred_at=(shop.now() + timedelta(seconds=5)).isoformat(),
        )
    )

    assert [each["condition"] for each in told.reasons] == ["no_rules"]


def queries_version(shop):
    from huitouke.service.programme.models.versions import Version

    return Version.objects.get(programme=shop.programme).pk
