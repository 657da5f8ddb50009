"""Currency and time zone are chosen before anything is counted, and stay from then on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.customers import commands as customers
from huitouke.service.orders.queries import find
from huitouke.service.programme.events.facts import FACT, fact_hash
from huitouke.service.programme.events.membership import enrol
from huitouke.service.programme.events.order_facts import FactLine, FactOrder
from huitouke.service.programme.events.quotes import quote
from huitouke.service.programme.events.record import record
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.rewards.catalogue import add_campaign
from huitouke.service.programme.versions.commands import draft, publish
from huitouke.service.programme.versions.moving import (
    AlreadyCounted,
    movable,
    move,
)
from huitouke.service.programme.versions.queries import ProgrammeUnknown, current, programme
from huitouke.service.programme.versions.starter import begin

pytestmark = pytest.mark.django_db
OWNER = Actor("staff", "li-na")
HERE = {"zone": "Asia/Hong_Kong", "currency": "HKD"}


def moved(**own):
    return move("main", **{**HERE, **own}, at=clock.now(), actor=OWNER)


def fact_of(number="A1", **order):
    return {
        "type": "order.paid",
        "source": "shop",
        "source_id": number,
        "occurred_at": clock.now(),
        "customer": {"identity": {"kind": "phone", "value": "13812345678"}},
        "order": {"number": number, "lines": [{"sku": "t", "amount_minor": 12_800}], **order},
    }


def paid(number="A1", **order):
    return record([FACT.validate_python(fact_of(number, **order))], actor=SYSTEM)[0]


def member():
    made = customers.create(
        [("phone", "13812345678")], name="Lin", at=clock.now(), actor=SYSTEM
    )
    return enrol(made.pk, at=clock.now(), actor=SYSTEM)


def test_a_new_installation_counts_as_its_operator_says():
    begin(at=clock.now(), actor=SYSTEM, **HERE)

    _, definition = current("main", at=clock.now())

    assert (definition.zone, definition.currency) == ("Asia/Hong_Kong", "HKD")
    assert Programme.objects.get().currency == "HKD"


def test_what_is_earned_afterwards_is_earned_in_the_new_currency_also_of_days_long_past():
    begin(at=clock.now(), actor=SYSTEM)

    moved()
    past, old = current("main", at=datetime(2001, 1, 1, tzinfo=UTC))
    member()
    told = paid(currency="HKD")

    effects = [each for each in told.effects if each["type"] == "points.earned"]
    earned = {each["rule"]: each["value"] for each in effects}
    assert (past.number, old.currency, old.zone) == (1, "HKD", "Asia/Hong_Kong")
    assert told.status == "done"
    assert earned["spend"] >= 128
    line = audit.lines(target="main")[0]
    assert (line.action, line.facts["before"]) == (
        "programme.moved",
        ["Asia/Shanghai", "CNY"],
    )


def test_drafts_move_along_and_rules_of_ones_own_stay_in_force():
    begin(at=clock.now(), actor=SYSTEM)
    own = programme("main")
    rules = Version.objects.get().definition
    mine = draft(own, definition={**rules, "return_days": 3}, at=clock.now(), actor=OWNER)
    publish(mine.pk, at=clock.now(), actor=OWNER)
    waits = draft(own, definition={**rules, "return_days": 9}, at=clock.now(), actor=OWNER)

    moved()

    own = programme("main")
    waits.refresh_from_db()
    _, now = current("main", at=clock.now())
    _, past = current("main", at=datetime(2001, 1, 1, tzinfo=UTC))
    first = Version.objects.get(number=1).said
    again = draft(own, definition=first, at=clock.now(), actor=OWNER)
    assert again.definition["currency"] == "HKD"
    assert (past.currency, past.zone) == ("HKD", "Asia/Hong_Kong")
    assert (waits.definition["currency"], waits.definition["return_days"]) == ("HKD", 9)
    assert (now.currency, now.zone, now.return_days) == ("HKD", "Asia/Hong_Kong", 3)


def test_it_may_be_chosen_again():
    begin(at=clock.now(), actor=SYSTEM)

    moved()
    moved()
    moved(currency="TWD", zone="Asia/Taipei")

    _, now = current("main", at=clock.now())
    assert (now.currency, now.zone) == ("TWD", "Asia/Taipei")
    assert Version.objects.count() == 1
    assert [line.action for line in audit.lines(target="main")].count("programme.moved") == 2


@pytest.mark.parametrize("happens", [paid, member])
def test_once_something_is_counted_it_stays(happens):
    begin(at=clock.now(), actor=SYSTEM)
    assert movable()
    happens()

    with pytest.raises(AlreadyCounted, match="CNY"):
        moved()

    assert not movable()
    assert Programme.objects.get().currency == "CNY"
    assert Version.objects.count() == 1


def test_a_programme_that_is_not_there_is_told():
    with pytest.raises(ProgrammeUnknown):
        moved()


def test_an_order_that_names_no_currency_is_in_the_programmes():
    begin(at=clock.now(), actor=SYSTEM, **HERE)
    member()

    told = paid()
    kept = find("shop", "A1")
    order = FactOrder(number="q", lines=(FactLine(sku="t", amount_minor=12_800),))
    quoted = quote(order, now=clock.now(), customer=kept.customer_id)
    foreign = paid("A2", currency="CNY")

    assert "spend" in [each.get("rule") for each in told.effects]
    # Twice as many on the 8th of a month.
    assert quoted.points["points"] >= 128
    assert kept.currency == "HKD"
    assert "spend" not in [each.get("rule") for each in foreign.effects]


def test_a_campaign_is_worth_something_in_the_programmes_currency():
    begin(at=clock.now(), actor=SYSTEM, **HERE)
    given = {"names": {"en": "Ten off"}, "kind": "amount", "value": 1_000}

    made = add_campaign("main", at=clock.now(), actor=OWNER, currency="", **given)

    assert made.currency == "HKD"
    assert not movable()


def test_yuan_are_the_same_fact_whether_they_are_named_or_not():
    at = clock.now()
    bare, named, other = (
        fact_hash(FACT.validate_python({**fact_of(currency=currency), "occurred_at": at}))
        for currency in ("", "CNY", "HKD")
    )

    assert bare == named
    assert bare != other
