"""Every entry is looked at by the check that follows it, whenever it was written."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.ledger import commands
from huitouke.service.ledger.checking import check
from huitouke.service.ledger.contract import Earn
from huitouke.service.ledger.grants import grant_application_role
from huitouke.service.ledger.seal import seal
from huitouke.service.ledger.units import create_unit
from huitouke.service.ledger.verify import Verdict

pytestmark = pytest.mark.django_db
BOSS = Actor("staff", "operator")
HELD = "UPDATE ledger.account SET held = held + %s WHERE account = %s"


@pytest.fixture
def books(shift_clock):
    """Two accounts with an entry each that the first night's check has seen."""
    grant_application_role(connection)
    unit = create_unit("main.points", kind="points")
    accounts = commands.open_accounts([UUID(int=1), UUID(int=2)], unit=unit)
    for account in accounts:
        earn(account, "order-1")
    shift_clock(timedelta(hours=2))
    check(full=False, actor=SYSTEM)
    seal(slack=None)
    return accounts


def earn(account: int, key: str) -> None:
    commands.earn(
        Earn(
            account=account, key=key, amount=10, actor="key:till", reason={"code": "order"},
            effective_at=clock.now(),
        )
    )  # fmt: skip


def accounts_of(verdict: Verdict) -> set[int | None]:
    return {row.account for row in verdict.broken if row.invariant != "trial_balance"}


def seal_all_evening(shift_clock) -> None:
    for minutes in range(0, 60, 20):
        shift_clock(timedelta(hours=20, minutes=minutes))
        seal()


def test_what_was_written_by_day_and_sealed_is_checked_at_night(books, tamper, shift_clock):
    day, still = books
    shift_clock(timedelta(hours=8))
    earn(day, "order-2")
    seal_all_evening(shift_clock)
    earn(still, "order-3")
    seal()
    tamper(HELD, 5, day)
    shift_clock(timedelta(hours=24))

    verdict = check(full=False, actor=SYSTEM)

    assert accounts_of(verdict) == {day}
    noted = audit.lines(target="ledger")[0]
    assert (noted.action, noted.facts["number"]) == ("ledger.broken", len(verdict.broken))
    assert noted.facts["first"][0] == verdict.broken[0].says


def test_what_is_broken_stays_in_view_until_it_is_mended(books, tamper, shift_clock):
    shift_clock(timedelta(hours=8))
    earn(books[0], "order-2")
    seal_all_evening(shift_clock)
    tamper(HELD, 5, books[0])
    for night in (1, 2, 3):
        shift_clock(timedelta(days=night))
        assert check(full=False, actor=SYSTEM).broken

    tamper(HELD, -5, books[0])

    assert check(full=False, actor=SYSTEM).broken == ()
    shift_clock(timedelta(days=4, hours=2))
    assert check(full=False, actor=SYSTEM).entries == 0


def test_what_is_in_no_block_is_looked_at_however_old_it_says_it_is(books, tamper, shift_clock):
    shift_clock(timedelta(days=3))
    assert check(full=False, actor=SYSTEM).entries == 0
    shift_clock(timedelta(days=1))
    earn(books[1], "put in")
    shift_clock(timedelta(days=5))
    tamper(HELD, 5, books[1])

    assert accounts_of(check(full=False, actor=SYSTEM)) == {books[1]}


def test_a_check_in_full_is_gone_on_from_too(books, shift_clock):
    shift_clock(timedelta(days=1))
    whole = check(full=True, actor=BOSS)

    assert (whole.since, whole.entries) == (None, 2)
    shift_clock(timedelta(days=2))
    following = check(full=False, actor=SYSTEM)
    assert following.since == whole.begun - timedelta(hours=1)
