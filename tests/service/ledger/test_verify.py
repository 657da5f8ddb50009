"""Every invariant's query names what breaks it, in words; and nothing on a clean ledger."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

import huitouke.service.ledger as ledger_package
from huitouke.language import words
from huitouke.service.core import clock
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands, units
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.grants import grant_application_role
from huitouke.service.ledger.phrases import PHRASES
from huitouke.service.ledger.seal import seal
from huitouke.service.ledger.verify import verify

SQL = Path(ledger_package.__file__).parent / "sql"


@pytest.fixture
def account(db, shift_clock) -> int:
    """A life of nine entries: pending and active earns, a burn, an expiry, two holds.

    1 earn 100, 2 pending 40, 3 earn 60 (expires), 4 burn 80 (60 of lot 3, 20 of lot 1),
    5 earn 30 (expires), 6 activate lot 2, 7 expire lot 5, 8 hold 50, 9 capture 30, 10 hold 5.
    """
    unit = units.create_unit("verify.points", kind="points")
    number = commands.open_accounts([new_id()], unit=unit)[0]
    now = clock.now()
    day = timedelta(days=1)
    common = {
        "account": number,
        "effective_at": now,
        "actor": "system:test",
        "reason": {"code": "test"},
    }
    commands.earn(Earn(key="1", amount=100, **common))
    commands.earn(Earn(key="2", amount=40, available_at=now + day, **common))
    commands.earn(Earn(key="3", amount=60, expires_at=now + 9 * day, **common))
    commands.spend(Spend(key="4", amount=80, **common))
    commands.earn(Earn(key="5", amount=30, expires_at=now + 2 * day, **common))
    shift_clock(3 * day)
    commands.settle(number)
    commands.hold(Spend(key="8", amount=50, **common), expires_at=now + 9 * day)
    common.pop("account")
    commands.capture(number, key="9", hold_key="8", amount=30, **common)
    commands.hold(Spend(account=number, key="10", amount=5, **common), expires_at=now + 9 * day)
    seal()
    return number


def test_a_clean_ledger_has_no_broken_row(account):
    grant_application_role(connection)
    for verdict in (verify(), verify(since=clock.now())):
        assert verdict.broken == ()
    assert verify().entries == 10
    assert verify(since=clock.now()).entries == 0


@pytest.mark.parametrize(
    ("invariant", "statement"),
    [
        ("sums", "UPDATE ledger.account SET available = available + 1 WHERE account = %s"),
        ("sums", "UPDATE ledger.account SET pending = 1 WHERE account = %s"),
        ("sums", "UPDATE ledger.account SET held = held - 1 WHERE account = %s"),
        ("lots", "UPDATE ledger.lot SET active = false WHERE account = %s AND lot = 1"),
        ("running", "UPDATE ledger.entry SET held_after = 7 WHERE account = %s AND seq = 4"),
        ("running", "UPDATE ledger.entry SET amount = -79 WHERE account = %s AND seq = 4"),
        ("lot_rest", "UPDATE ledger.lot SET remaining = 81 WHERE account = %s AND lot = 1"),
        ("lot_rest", "UPDATE ledger.lot SET expired = 0 WHERE account = %s AND lot = 5"),
        ("lot_rest", "DELETE FROM ledger.lot WHERE account = %s AND lot = 3"),
        ("allocations", "DELETE FROM ledger.alloc WHERE account = %s AND seq = 4 AND lot = 3"),
        ("allocations", "INSERT INTO ledger.alloc VALUES (%s, 77, 1, 1)"),
        ("op_entry", "DELETE FROM ledger.op WHERE account = %s AND key = '4'"),
        ("op_entry", "UPDATE ledger.op SET seq = NULL WHERE account = %s AND key = '4'"),
        ("op_entry", "UPDATE ledger.op SET outcome = 'gone' WHERE account = %s AND seq = 4"),
        ("op_entry", "UPDATE ledger.entry SET op_key = '5' WHERE account = %s AND seq = 4"),
        ("sequence", "DELETE FROM ledger.entry WHERE account = %s AND seq = 4"),
        ("sequence", "UPDATE ledger.account SET version = 11 WHERE account = %s"),
        ("trial_balance", "UPDATE ledger.entry SET held = 49 WHERE account = %s AND seq = 8"),
        (
            "transfers",
            "UPDATE ledger.entry SET contra = 'transfer:90000' WHERE account = %s AND seq = 4",
        ),
        (
            "burn_order",
            "UPDATE ledger.alloc SET lot = 2 WHERE account = %s AND seq = 4 AND lot = 3",
        ),
        (
            "burn_order",
            "UPDATE ledger.lot SET expires_at = '2020-01-01' WHERE account = %s AND lot = 1",
        ),
        (
            "after_expiry",
            "UPDATE ledger.lot SET expires_at = '2020-01-01' WHERE account = %s AND lot = 3",
        ),
        (
            "after_expiry",
            "UPDATE ledger.lot SET available_at = '2100-01-01' WHERE account = %s AND lot = 3",
        ),
        ("holds", "UPDATE ledger.hold SET captured = 31 WHERE account = %s AND hold = 8"),
        ("holds", "UPDATE ledger.hold SET state = 'open' WHERE account = %s AND hold = 8"),
        ("holds", "DELETE FROM ledger.hold WHERE account = %s AND hold = 10"),
        ("holds", "UPDATE ledger.hold SET ended_seq = 9 WHERE account = %s AND hold = 10"),
        ("debts", "INSERT INTO ledger.debt VALUES (%s, 4, 5, 5, '2026-01-01')"),
        ("reversals", "INSERT INTO ledger.reversal VALUES (%s, '4', '9', 81, 0)"),
        ("reversals", "INSERT INTO ledger.reversal VALUES (%s, '4', 'no', 1, 0)"),
        (
            "clock",
            "UPDATE ledger.entry SET created_at = '2020-01-01' WHERE account = %s AND seq = 4",
        ),
        ("replay", "UPDATE ledger.account SET last_at = '2020-01-01' WHERE account = %s"),
        ("replay", "UPDATE ledger.account SET next_due_at = NULL WHERE account = %s"),
        ("replay", "DELETE FROM ledger.account WHERE account = %s"),
        (
            "as_of",
            "UPDATE ledger.entry SET amount = amount + 1000 WHERE account = %s AND seq = 1",
        ),
    ],
)
def test_what_is_broken_is_named_by_its_invariant(account, tamper, invariant, statement):
    began = clock.now() - timedelta(hours=1)
    tamper(statement, account)

    for verdict in (verify(role=None), verify(since=began, role=None)):
        named = [row for row in verdict.broken if row.invariant == invariant]
        assert named
        assert account in {row.account for row in named}


def test_a_missing_role_is_named(account, tamper):
    named = verify(role="nobody_of_this_name").broken

    assert [row.says for row in named] == [
        "nobody_of_this_name: application role is none, expected nobody_of_this_name"
    ]


def test_a_broken_row_says_where_and_what_in_both_languages(account, tamper):
    tamper("UPDATE ledger.account SET held = held + 2 WHERE account = %s", account)

    row = next(row for row in verify(role=None).broken if row.invariant == "sums")
    assert row.says == f"account {account}: held of the account is 7, expected 5"
    assert row.text("zh") == f"账户 {account}：账户冻结余额为 7，应为 5"


def test_every_phrase_of_the_queries_has_its_words():
    text = "".join(path.read_text(encoding="utf-8") for path in SQL.glob("0003_*.sql"))
    code = re.sub(r"--.*", "", text)
    said = set(re.findall(r"'([a-z]+(?: [a-z]+)+)'", code))

    assert said <= set(PHRASES)
    assert set(PHRASES) - said == {"published hash of the block"}
    for phrase in PHRASES:
        assert words("zh").say(phrase) != phrase
