"""Who is forgotten can spend nothing more; amounts stay, and nothing goes without a warning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core.models import Outbox
from huitouke.service.customers import commands as customers
from huitouke.service.customers.following import CustomerErased
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.contract import Spend
from huitouke.service.orders import queries as orders
from huitouke.service.programme import commands, queries
from huitouke.service.programme.events.closing import NotWarned
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.rules.reasons import say

pytestmark = pytest.mark.django_db

EARLY = "2026-03-01T12:00:00+08:00"


@pytest.fixture
def leaver(points_shop):
    """A member with 100 spendable points and 50 to come, who wants to be forgotten."""
    points_shop.order = points_shop.paid(10_000, occurred_at=EARLY)
    points_shop.tell(points_shop.order, points_shop.paid(5_000))
    points_shop.person = points_shop.customer()
    points_shop.their = points_shop.account()
    return points_shop


def has(shop):
    found = ledger_queries.balance(shop.their)
    return (found.active, found.pending, found.owed)


def erased(shop):
    now = shop.now()
    return commands.erase(shop.person, at=now, actor=shop.actor, warned_at=now)


def spent(shop, points):
    posting = Spend(
        account=shop.their,
        key=f"spend-{points}",
        amount=points,
        effective_at=shop.now(),
        actor="key:till-7",
        reason={"code": "redeemed.order"},
    )
    return ledger.spend(posting).outcome


def test_the_warning_says_what_would_be_lost(leaver):
    (left,) = queries.left_behind(leaver.person)

    assert (left.unit, left.active, left.pending, left.owed) == ("main.points", 100, 50, 0)


def test_without_a_warning_points_stay_in_the_books_and_nobody_spends_them(leaver):
    customers.erase(leaver.person, at=leaver.now(), actor=leaver.actor)

    assert has(leaver) == (100, 50, 0)
    assert spent(leaver, 1) == "account_closed"
    assert ledger_queries.entries(leaver.their)[0].kind == "earn"
    assert leaver.faults() == []


def test_what_stays_expires_on_its_own_day(leaver, shift_clock):
    customers.erase(leaver.person, at=leaver.now(), actor=leaver.actor)

    shift_clock(timedelta(days=500))
    tick(at=leaver.now())

    assert has(leaver) == (0, 0, 0)
    assert leaver.faults() == []


def test_after_a_warning_what_is_left_is_given_up_visibly(leaver):
    erased(leaver)

    assert has(leaver) == (0, 0, 0)
    last = ledger_queries.entries(leaver.their)[0]
    assert (last.kind, last.amount, last.pending) == ("forfeit", -100, -50)
    assert say(last.reason, "en") == "150 points given up when the account was closed."
    assert say(last.reason, "zh") == "账户关闭时放弃150积分。"
    (told,) = Outbox.objects.filter(topic="points.forfeited")
    assert told.body == {"unit": "main.points", "points": 150}
    assert leaver.faults() == []


def test_a_warning_that_is_still_to_come_is_none(leaver):
    with pytest.raises(NotWarned):
        commands.erase(
            leaver.person,
            at=leaver.now(),
            actor=leaver.actor,
            warned_at=leaver.now() + timedelta(hours=1),
        )

    assert has(leaver) == (100, 50, 0)


def test_erasing_twice_is_erasing_once(leaver):
    for _ in range(2):
        erased(leaver)

    assert [line.kind for line in ledger_queries.entries(leaver.their)].count("forfeit") == 1
    with pytest.raises(CustomerErased):
        queries.left_behind(leaver.person)


def test_goods_may_come_back_from_who_was_forgotten(leaver):
    spent(leaver, 60)
    customers.erase(leaver.person, at=leaver.now(), actor=leaver.actor)

    told = leaver.tell(leaver.refunded(leaver.order))

    assert told.status == "done"
    assert [each["condition"] for each in told.reasons] == ["closed"]
    assert orders.find("shop", leaver.order.order.number).status == "refunded"
    assert has(leaver) == (40, 50, 0)
    assert leaver.faults() == []


def test_the_tier_of_who_was_forgotten_is_not_reviewed(shop, spend_rule):
    tiers = {"metric": "spend", "tiers": [{"code": "gold", "name": {"en": "Gold"}, "reach": 1}]}
    shop.publish(spend_rule, tiers=tiers)
    shop.join()
    shop.tell(shop.paid(10_000))
    person = shop.customer()
    member = Membership.objects.get(customer=person)

    customers.erase(person, at=shop.now(), actor=shop.actor)

    before, member = member.due_on, Membership.objects.get(pk=member.pk)
    assert (before is not None, member.due_on) == (True, None)
