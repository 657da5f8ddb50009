"""Balances now and earlier, history, lots, totals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from huitouke.service.core import clock
from huitouke.service.ledger import calling, commands, queries
from huitouke.service.ledger.contract import Balance, Earn, Expiring, Spend
from huitouke.service.ledger.units import create_unit

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WHO = {"actor": "key:till", "reason": {"code": "order"}, "effective_at": NOON}


@pytest.fixture
def account(db) -> int:
    unit = create_unit("main.points", kind="points")
    return commands.open_accounts([UUID(int=1)], unit=unit)[0]


def test_a_balance_says_what_expires_and_what_becomes_available_when(account):
    now = clock.now()
    for key, amount, starts, ends in (
        ("a", 10, None, now + DAY),
        ("b", 20, None, now + DAY),
        ("c", 30, None, None),
        ("d", 40, now + 2 * DAY, now + 9 * DAY),
        ("e", 50, commands.AWAITED, None),
    ):
        commands.earn(
            Earn(
                account=account, key=key, amount=amount, available_at=starts, expires_at=ends,
                **WHO,
            )
        )  # fmt: skip

    balance = queries.balance(account)

    assert (balance.active, balance.pending) == (60, 90)
    assert balance.expiring == (Expiring(expires_at=now + DAY, points=30),
                                Expiring(expires_at=None, points=30))  # fmt: skip
    assert balance.activating == (Expiring(expires_at=now + 2 * DAY, points=40),
                                  Expiring(expires_at=None, points=50))  # fmt: skip


def test_a_balance_of_an_earlier_moment_is_what_it_was(account, shift_clock):
    remembered: list[Balance] = []
    start = clock.now()
    commands.earn(Earn(account=account, key="a", amount=100, expires_at=start + 3 * DAY, **WHO))
    for day in range(1, 6):
        shift_clock(day * DAY)
        remembered.append(queries.balance(account))
        if day == 1:
            commands.spend(Spend(account=account, key="gift", amount=30, **WHO))
        if day == 2:
            commands.hold(
                Spend(account=account, key="hold", amount=20, **WHO), expires_at=start + 5 * DAY
            )
    shift_clock(30 * DAY)
    commands.settle(account)

    assert [each.active for each in remembered] == [100, 70, 0, 0, 0]
    assert [queries.balance(account, as_of=each.at) for each in remembered] == remembered


def test_before_the_first_entry_there_was_nothing(account):
    before = clock.now()
    commands.earn(Earn(account=account, key="a", amount=100, **WHO))

    balance = queries.balance(account, as_of=before)

    assert balance == Balance(
        active=0, pending=0, held=0, owed=0, at=before, expiring=(), activating=()
    )


def test_the_balance_of_an_unknown_account_is_told(account):
    with pytest.raises(calling.AccountUnknown):
        queries.balance(account + 1000)


def test_history_is_read_backwards_in_pages(account):
    for number in range(5):
        commands.earn(Earn(account=account, key=f"k{number}", amount=1, **WHO))

    first = queries.entries(account, limit=3)
    rest = queries.entries(account, before=first[-1].seq, limit=3)

    assert [line.op_key for line in first + rest] == ["k4", "k3", "k2", "k1", "k0"]
    assert first[0].available_after == 5
    assert first[0].effective_at == NOON


def test_a_posting_can_be_asked_for_by_its_key(account):
    receipt = commands.earn(Earn(account=account, key="a", amount=100, **WHO))

    found = queries.receipt(account, "a")

    assert found is not None
    assert (found.seq, found.available, found.replayed) == (receipt.seq, 100, True)
    assert queries.receipt(account, "b") is None


def test_the_trial_balance_adds_up_to_what_members_have(account):
    unit = create_unit("main.points", kind="points")
    start = clock.now()
    commands.earn(Earn(account=account, key="a", amount=100, **WHO))
    commands.spend(Spend(account=account, key="b", amount=30, **WHO))
    commands.spend(
        Spend(account=account, key="c", amount=5, kind="adjust", contra="adjust", **WHO)
    )

    totals = queries.totals(unit)

    assert totals == {"issue": 100, "redeem": -30, "adjust": -5}
    assert sum(totals.values()) == queries.balance(account).active
    assert queries.totals(unit, until=start) == {}
    assert queries.totals(unit, since=start) == totals
