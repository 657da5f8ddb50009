"""Whatever is changed behind the ledger's back is found and named: the row and its block."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from huitouke.service.core import clock
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands, units
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.seal import Head, head, seal
from huitouke.service.ledger.verify import Broken, verify

pytestmark = pytest.mark.django_db
CHANGE = "UPDATE ledger.seal SET {} WHERE block = 2"


@pytest.fixture
def sealed(db) -> list[int]:
    """Two accounts with two earns and a burn each, sealed two operations a block."""
    unit = units.create_unit("tamper.points", kind="points")
    accounts = commands.open_accounts([new_id(), new_id()], unit=unit)
    now = clock.now()
    common = {"effective_at": now, "actor": "system:test", "reason": {"code": "test"}}
    for account in accounts:
        for key in ("one", "two"):
            commands.earn(Earn(account=account, key=key, amount=100, **common))
        commands.spend(Spend(account=account, key="gift", amount=130, **common))
    assert seal(leaves=2) == 3
    return accounts


def found(**of: object) -> list[Broken]:
    rows = verify(role=None).broken
    return [row for row in rows if all(getattr(row, k) == v for k, v in of.items())]


def block_of(account: int, key: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT block FROM ledger.leaf WHERE account = %s AND key = %s", [account, key]
        )
        return cursor.fetchone()[0]


def test_an_untouched_ledger_is_clean(sealed):
    verdict = verify(role=None)

    assert verdict.broken == ()
    assert (verdict.entries, verdict.sealed, verdict.unsealed) == (6, 6, 0)
    assert verdict.head == head()
    assert verdict.head.block == 3


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("UPDATE ledger.entry SET amount = amount # 1 WHERE account = %s AND seq = 2", "two"),
        (
            (
                "UPDATE ledger.entry SET effective_at = effective_at + interval '1 microsecond'"
                " WHERE account = %s AND seq = 1"
            ),
            "one",
        ),
        ("UPDATE ledger.entry SET contra = 'adjust' WHERE account = %s AND seq = 3", "gift"),
        ("UPDATE ledger.lot SET earned = earned # 1 WHERE account = %s AND lot = 2", "two"),
        (
            "UPDATE ledger.lot SET expires_at = '2030-01-01' WHERE account = %s AND lot = 1",
            "one",
        ),
        ("UPDATE ledger.op SET actor = 'staff:eve' WHERE account = %s AND key = 'one'", "one"),
        (
            (
                "UPDATE ledger.op SET request_hash = set_bit(request_hash, 7,"
                " 1 - get_bit(request_hash, 7)) WHERE account = %s AND key = 'gift'"
            ),
            "gift",
        ),
        (
            (
                "UPDATE ledger.op SET answer = jsonb_set(answer, '{available}', '7')"
                " WHERE account = %s AND key = 'two'"
            ),
            "two",
        ),
        (
            (
                "UPDATE ledger.alloc SET amount = amount # 1"
                " WHERE account = %s AND seq = 3 AND lot = 2"
            ),
            "gift",
        ),
        ("DELETE FROM ledger.alloc WHERE account = %s AND seq = 3 AND lot = 2", "gift"),
        ("INSERT INTO ledger.alloc VALUES (%s, 1, 1, 1)", "one"),
        (
            "INSERT INTO ledger.reversal VALUES (%s, 'one', 'gift', 1, 0)",
            "gift",
        ),
        (
            (
                "UPDATE ledger.leaf SET digest = set_bit(digest, 3, 1 - get_bit(digest, 3))"
                " WHERE account = %s AND key = 'one'"
            ),
            "one",
        ),
    ],
)
def test_one_changed_bit_names_the_row_and_its_block(sealed, tamper, statement, key):
    account = sealed[1]

    tamper(statement, account)

    named = found(invariant="seal", account=account, key=key)
    assert [row.block for row in named] == [block_of(account, key)]
    assert named[0].what == "content of the sealed operation"
    assert f"block {named[0].block}" in named[0].says


@pytest.mark.parametrize(
    "change",
    [
        "hash = set_bit(hash, 9, 1 - get_bit(hash, 9))",
        "prev_hash = set_bit(prev_hash, 9, 1 - get_bit(prev_hash, 9))",
        "points = points + 1",
        "leaves = leaves + 1",
        "cut_at = cut_at + interval '1 microsecond'",
        "created_at = created_at - interval '1 microsecond'",
    ],
)
def test_a_changed_block_is_named(sealed, tamper, change):
    tamper(CHANGE.format(change))

    assert {row.block for row in found(invariant="seal")} <= {2, 3}
    assert found(invariant="seal", block=2)


def test_a_changed_leaf_breaks_its_block(sealed, tamper):
    account = sealed[0]

    tamper(
        "UPDATE ledger.leaf SET digest = sha256(digest) WHERE account = %s AND key = 'two'",
        account,
    )

    assert found(what="hash of the block", block=block_of(account, "two"))


def test_the_last_entry_taken_out_is_named(sealed, tamper):
    account = sealed[1]
    tamper("DELETE FROM ledger.entry WHERE account = %s AND seq = 3", account)

    assert found(invariant="seal", account=account, key="gift")
    assert found(invariant="op_entry", account=account, key="gift")
    assert found(invariant="sequence", account=account, what="version of the account")


def test_the_last_operation_taken_out_with_all_its_traces_is_named(sealed, tamper):
    account = sealed[1]
    block = block_of(account, "gift")
    tamper("DELETE FROM ledger.alloc WHERE account = %s AND seq = 3", account)
    tamper("DELETE FROM ledger.entry WHERE account = %s AND seq = 3", account)
    tamper("DELETE FROM ledger.op WHERE account = %s AND key = 'gift'", account)
    tamper("UPDATE ledger.lot SET remaining = earned WHERE account = %s", account)
    tamper(
        "UPDATE ledger.account a SET available = 200, version = 2, used = 0, last_at ="
        " (SELECT max(created_at) FROM ledger.entry e WHERE e.account = a.account)"
        " WHERE account = %s",
        account,
    )

    gone = found(what="sealed operation that is not there")
    assert [(row.account, row.key, row.block) for row in gone] == [(account, "gift", block)]
    assert len(verify(role=None).broken) == 1


def test_two_entries_that_change_places_are_both_named(sealed, tamper):
    account = sealed[0]
    tamper("UPDATE ledger.entry SET seq = -seq WHERE account = %s AND seq IN (1, 2)", account)
    tamper("UPDATE ledger.entry SET seq = 3 + seq WHERE account = %s AND seq < 0", account)

    named = {row.key for row in found(invariant="seal", account=account)}
    assert named == {"one", "two"}


def test_an_operation_put_in_behind_the_last_cut_is_named(sealed, tamper):
    account = sealed[0]
    tamper(
        "INSERT INTO ledger.op SELECT account, 'forged', kind, request_hash, 'refused', NULL,"
        " answer, actor, reason, rule_version, created_at - interval '2 hours'"
        " FROM ledger.op WHERE account = %s AND key = 'one'",
        account,
    )

    named = found(what="operation put in without a seal")
    assert [(row.account, row.key) for row in named] == [(account, "forged")]


def test_a_chain_cut_short_misses_the_published_head(sealed, tamper):
    published = head()
    tamper("DELETE FROM ledger.leaf WHERE block = 3")
    tamper("DELETE FROM ledger.seal WHERE block = 3")

    assert verify(role=None).broken == ()
    named = verify(role=None, published=published).broken
    assert [(row.block, row.expected) for row in named] == [(3, published.hash)]
    assert verify(role=None, published=Head(block=2, hash=head().hash)).broken == ()


def test_an_incremental_check_sees_what_was_changed_lately_and_the_links(
    sealed, tamper, shift_clock
):
    old, new = sealed
    shift_clock(timedelta(days=2))
    commands.earn(
        Earn(
            account=new,
            key="later",
            amount=5,
            effective_at=clock.now(),
            actor="system:test",
            reason={"code": "test"},
        )
    )
    seal()
    shift_clock(timedelta(days=4))
    assert verify(role=None, since=clock.now() - timedelta(days=3)).entries == 4

    tamper("UPDATE ledger.op SET actor = 'eve' WHERE account = %s AND key = 'later'", new)
    tamper("UPDATE ledger.op SET actor = 'eve' WHERE account = %s AND key = 'one'", old)
    tamper("UPDATE ledger.seal SET hash = sha256(hash) WHERE block = 1")

    since = clock.now() - timedelta(days=3)
    named = verify(role=None, since=since).broken
    assert {(row.account, row.key) for row in named if row.account} == {(new, "later")}
    assert {row.block for row in named if not row.account} == {2}
