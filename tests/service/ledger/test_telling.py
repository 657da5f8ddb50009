"""Lists over all accounts: what nobody was told of yet, and what will go when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction

from huitouke.service.core import clock
from huitouke.service.ledger import commands
from huitouke.service.ledger.contract import Earn, Given, Spend
from huitouke.service.ledger.telling import expiring, idle, take_untold
from huitouke.service.ledger.units import create_unit

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GIVEN = Given(versions=(), spans=((datetime(2020, 1, 1, tzinfo=UTC), None),))
WHO = {"actor": "key:till", "reason": {"code": "order"}, "effective_at": NOON}
PEOPLE = [UUID(int=number) for number in range(1, 6)]


class Undone(Exception):
    """What makes a transaction fail."""


@pytest.fixture
def unit():
    return create_unit("main.points", kind="points")


@pytest.fixture
def accounts(unit):
    return commands.open_accounts(PEOPLE, unit=unit)


def earn(account, amount, *, key="earn", **more):
    commands.earn(Earn(account=account, key=key, amount=amount, **WHO | more))


@transaction.atomic
def take_in_vain():
    assert len(take_untold()) == 1
    raise Undone


def kinds(settled):
    return [(each.customer, each.kind, each.own) for each in settled]


def test_what_a_touch_and_a_sweep_settled_is_taken_once(accounts, shift_clock):
    day = clock.now() + timedelta(days=1)
    earn(accounts[0], 10, available_at=day)
    earn(accounts[1], 20, expires_at=day)
    shift_clock(timedelta(days=2))

    commands.settle(accounts[1])
    commands.sweep()

    assert kinds(take_untold()) == [(PEOPLE[0], "activate", True), (PEOPLE[1], "expire", True)]
    assert take_untold() == []


def test_what_was_taken_in_vain_stands_on_the_list_again(accounts, shift_clock):
    earn(accounts[0], 10, available_at=clock.now() + timedelta(days=1))
    shift_clock(timedelta(days=2))
    commands.sweep()

    with pytest.raises(Undone):
        take_in_vain()

    assert len(take_untold()) == 1


def test_an_earn_that_settles_a_debt_is_on_the_list_for_its_debt_alone(accounts):
    earn(accounts[0], 10, key="order")
    commands.spend(Spend(account=accounts[0], key="spend", amount=10, **WHO))
    commands.claw_back(
        accounts[0], key="back", amount=10, earn_keys=["order"], policy="debt", **WHO
    )

    commands.earn_batch([Earn(account=accounts[0], key="next", amount=25, **WHO)])

    (one,) = take_untold()
    assert (one.own, one.kind, one.debt, one.debt_after, one.unit) == (
        False,
        "earn",
        -10,
        0,
        "main.points",
    )


def test_the_list_is_taken_page_by_page(accounts, shift_clock):
    for account in accounts:
        earn(account, 10, available_at=clock.now() + timedelta(days=1))
    shift_clock(timedelta(days=2))
    commands.sweep()

    pages = [len(take_untold(limit=2)) for _ in range(4)]

    assert pages == [2, 2, 1, 0]


def test_lots_that_expire_within_a_span_are_read_page_by_page(unit, accounts):
    begun = clock.now()
    since, until = begun + timedelta(days=3), begun + timedelta(days=4)
    for account in accounts:
        for number, expires in enumerate((since - timedelta(hours=1), since, until)):
            earn(account, 10 + number, key=f"earn-{number}", expires_at=expires)
        earn(account, 50, key="later", expires_at=since + timedelta(hours=3))
        earn(account, 99, key="pending", available_at=since, expires_at=until)

    found, last = [], None
    while page := expiring(unit, since=since, until=until, after=last, limit=3):
        found += page
        last = page[-1]

    assert [(each.account, each.points) for each in found] == [
        (account, points) for account in sorted(accounts) for points in (11, 50)
    ]
    assert {each.customer for each in found} == set(PEOPLE)


def test_a_closed_account_has_nobody_to_warn(unit, accounts):
    begun = clock.now()
    earn(accounts[0], 10, expires_at=begun + timedelta(days=1))
    commands.close_account(accounts[0], key="bye", forfeit=False, **WHO)

    span = {"since": begun, "until": begun + timedelta(days=9)}

    assert expiring(unit, **span) == []
    assert idle(unit, since=NOON, until=NOON + timedelta(days=1), given=GIVEN) == []


def test_accounts_are_idle_since_their_last_earn_or_burn(unit, accounts):
    for days, account in enumerate(accounts):
        earn(account, 10, effective_at=NOON + timedelta(days=days))

    span = {"since": NOON + timedelta(days=1), "until": NOON + timedelta(days=4)}
    found = idle(unit, **span, given=GIVEN, limit=2)
    rest = idle(unit, **span, given=GIVEN, after=found[-1].account)

    assert [each.customer for each in [*found, *rest]] == PEOPLE[1:4]
