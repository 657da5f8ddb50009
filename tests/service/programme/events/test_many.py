"""Many facts, many senders: one after another or all at once comes to the same."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.ledger import queries as ledger
from huitouke.service.orders import queries as orders
from huitouke.service.programme.events.record import NotAllRecorded, record
from huitouke.service.programme.models.members import Membership, Purchase, Use

TILL = Actor("key", "till-7")
CAPPED = {
    "id": "spend",
    "name": {"en": "Points"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
    "caps": [{"points": 500, "per": "day"}],
}
CHECKIN = {
    "id": "checkin",
    "name": {"en": "Check-in"},
    "on": "checkin",
    "gives": {"kind": "fixed", "points": 5},
    "once": "year",
}
TIERS = {
    "tiers": [
        {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000},
    ]
}


def in_threads(count, work):
    """Run the same work in threads that begin together; return what they gave."""
    gate = threading.Barrier(count)
    given, lock = [], threading.Lock()

    def run():
        gate.wait()
        try:
            found = work()
        finally:
            connection.close()
        with lock:
            given.append(found)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return given


def test_one_fact_sent_by_64_at_once_counts_once(own_database, points_shop):
    fact = points_shop.paid(10_000)

    given = in_threads(64, lambda: record([fact], actor=TILL)[0])

    assert sorted(each.status for each in given) == ["done"] + ["replayed"] * 63
    assert len({each.id for each in given}) == 1
    assert points_shop.balance() == (0, 100, 0)
    assert points_shop.faults() == []


def test_a_cap_holds_against_many_at_once(own_database, shop):
    shop.publish(CAPPED)
    shop.join()
    facts = [shop.paid(10_000) for _ in range(12)]

    in_threads(12, lambda: record([facts.pop()], actor=TILL))

    assert shop.balance() == (0, 500, 0)
    assert Use.objects.get().used == 500


def test_batches_with_the_same_members_in_opposite_order_go_through(own_database, shop):
    shop.publish(CAPPED)
    people = [f"1380013{number:04}" for number in range(20)]
    shop.tell(*(shop.fact("customer.signed_up", customer=shop.who(one)) for one in people))
    runs = [[shop.paid(5_000, customer=one) for one in people] for _ in range(4)]
    runs[1].reverse()
    runs[3].reverse()

    given = in_threads(4, lambda: record(runs.pop(), actor=TILL))

    assert {each.status for run in given for each in run} == {"done"}
    assert shop.balance(people[0]) == (0, 200, 0)


@pytest.mark.django_db
def test_all_in_one_request_is_the_same_as_one_by_one(shop):
    shop.publish(CAPPED, CHECKIN, code="main", tiers=TIERS)
    together, apart = _stories(shop, "t"), _stories(shop, "a")

    at_once = record(together, actor=TILL)
    one_by_one = [record([each], actor=TILL)[0] for each in apart]

    assert [_told(each) for each in at_once] == [_told(each) for each in one_by_one]
    assert {each.status for each in at_once} == {"done"}
    states = [_state(shop, prefix) for prefix in "ta"]
    assert states[0] == states[1]
    assert shop.faults() == []


def _stories(shop, prefix):
    """The same things happening to the same three people, under two sets of names."""
    dice = random.Random(7)  # noqa: S311 - a story that is told again
    people = [f"{prefix}-{name}" for name in ("li", "wang", "zhao")]
    facts = [
        shop.fact("customer.signed_up", customer=shop.who(one), occurred_at=_at(0))
        for one in people
    ]
    paid = []
    for step in range(1, 60):
        one = dice.choice(people)
        kind = dice.random()
        if kind < 0.6 or not paid:
            amounts = [dice.randrange(100, 30_000) for _ in range(dice.randrange(1, 4))]
            fact = shop.paid(*amounts, customer=one, occurred_at=_at(step))
            paid.append((fact, set(range(1, len(amounts) + 1))))
        elif kind < 0.8:
            fact = shop.fact("checkin", customer=shop.who(one), occurred_at=_at(step))
        else:
            place = dice.randrange(len(paid))
            order, left = paid[place]
            line = dice.choice(sorted(left))
            left.remove(line)
            if not left:
                paid.pop(place)
            fact = shop.refunded(order, {"position": line}, occurred_at=_at(step))
        facts.append(fact)
    return facts


def _at(step):
    return f"2026-03-{1 + step // 8:02}T{8 + step % 8:02}:00:00+08:00"


def _told(result):
    effects = [
        {
            name: each.get(name)
            for name in ("type", "rule", "value", "desired", "taken", "owed", "to_tier")
        }
        for each in result.effects
    ]
    return result.type, result.status, effects, result.balance


def _state(shop, prefix):
    members = Membership.objects.filter(customer__identities__value__startswith=f"{prefix}-")
    return [
        (each.tier, each.standing, each.order_count, _balance(each))
        for each in members.order_by("customer__identities__value")
    ]


def _balance(member):
    found = ledger.balance(ledger.account_of(member.customer_id, unit=1))
    return found.active, found.pending, found.owed


@pytest.mark.django_db
def test_one_bad_fact_leaves_the_others_alone(points_shop):
    good = [points_shop.paid(1_000) for _ in range(5)]
    unknown = points_shop.paid(1_000, customer="cus_00000000000000000000000001")
    misspelt = points_shop.paid(1_000, customer="123")

    told = points_shop.tell(*good[:2], unknown, *good[2:], misspelt)

    assert [each.status for each in told] == ["done"] * 2 + ["invalid"] + ["done"] * 3 + [
        "invalid"
    ]
    assert told[2].code == "customers.customer_unknown"
    assert told[6].code == "customers.identity_invalid"
    assert points_shop.balance() == (0, 50, 0)


@pytest.mark.django_db
def test_an_order_told_differently_spoils_only_itself(points_shop):
    points_shop.tell(points_shop.paid(1_000, number="A1"))

    told = points_shop.tell(
        points_shop.paid(1_000), points_shop.paid(9_900, number="A1"), points_shop.paid(1_000)
    )

    assert [each.status for each in told] == ["done", "invalid", "done"]
    assert told[1].code == "orders.order_differs"
    assert points_shop.balance() == (0, 30, 0)


@pytest.mark.django_db
def test_all_or_none_is_none_when_one_cannot_be(points_shop):
    facts = [points_shop.paid(1_000), points_shop.paid(1_000, customer="123")]

    with pytest.raises(NotAllRecorded) as caught:
        record(facts, actor=TILL, atomic=True)

    assert caught.value.values["place"] == 1
    assert points_shop.balance() == (0, 0, 0)
    assert Purchase.objects.count() == 0


@pytest.mark.django_db
def test_the_same_fact_twice_in_a_request_is_one(points_shop):
    fact = points_shop.paid(1_000)

    first, again = points_shop.tell(fact, fact)

    assert (first.status, again.status) == ("done", "replayed")
    assert first.id == again.id
    assert points_shop.balance() == (0, 10, 0)


@pytest.mark.django_db
def test_a_late_receipt_counts_on_its_own_day(points_shop):
    told = points_shop.tell(points_shop.paid(1_000, occurred_at="2026-02-01T12:00:00+08:00"))

    line = ledger.entries(points_shop.account())[0]
    assert line.effective_at.isoformat() == "2026-02-01T04:00:00+00:00"
    assert told.effects[0]["available_at"] == "2026-02-08T04:00:00+00:00"
    assert points_shop.balance() == (10, 0, 0)


@pytest.mark.django_db
def test_what_is_still_to_come_is_not_taken(points_shop):
    ahead = (clock.now() + timedelta(days=2)).isoformat()

    told = points_shop.tell(points_shop.paid(1_000, occurred_at=ahead))

    assert (told.status, told.code) == ("invalid", "programme.fact_ahead")


@pytest.mark.django_db
def test_an_order_before_the_programme_began_is_kept_and_earns_nothing(points_shop):
    order = points_shop.paid(1_000, occurred_at="2025-12-01T12:00:00+08:00")

    told = points_shop.tell(order)

    assert (told.status, told.effects) == ("done", ())
    assert orders.find("shop", order.order.number) is not None


@pytest.mark.django_db
def test_without_published_rules_nothing_is_lost(shop):
    told = shop.tell(shop.paid(1_000))

    assert (told.status, told.code) == ("invalid", "programme.nothing_published")
    assert orders.find("shop", "A1") is None
