"""The chain covers every operation once, whenever it commits and whoever looks."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from huitouke.service.core import clock
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands, units
from huitouke.service.ledger.contract import Earn, Spend
from huitouke.service.ledger.seal import head, seal
from huitouke.service.ledger.verify import verify


def member() -> int:
    unit = units.create_unit(f"t{new_id().hex}.points", kind="points")
    return commands.open_accounts([new_id()], unit=unit)[0]


def earn(account: int, key: str) -> None:
    commands.earn(
        Earn(
            account=account,
            key=key,
            amount=10,
            effective_at=clock.now(),
            actor="system:test",
            reason={"code": "test", "name": "会员"},
        )
    )


def scalar(query: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_every_operation_is_sealed_once():
    account = member()
    for number in range(5):
        earn(account, f"k{number}")

    assert seal(leaves=2) == 3
    assert seal(leaves=2) == 0
    assert scalar("SELECT sum(leaves) FROM ledger.seal") == 5
    assert scalar("SELECT sum(points) FROM ledger.seal") == 50


@pytest.mark.django_db
def test_what_one_batch_wrote_at_one_moment_is_one_stretch():
    account = member()
    earn(account, "before")
    now = clock.now()
    commands.earn_batch(
        [
            Earn(
                account=account, key=f"b{n}", amount=1, effective_at=now,
                actor="system:test", reason={"code": "test"},
            )
            for n in range(7)
        ]
    )  # fmt: skip
    earn(account, "after")

    assert seal(leaves=3) == 2
    assert scalar("SELECT array_agg(leaves ORDER BY block) FROM ledger.seal") == [8, 1]
    assert scalar("SELECT count(*) FROM ledger.broken_block()") == 0


@pytest.mark.django_db
def test_a_backlog_is_looked_at_once(django_assert_num_queries):
    account = member()
    for number in range(9):
        earn(account, f"k{number}")

    # One look, then a block in a savepoint of its own each.
    with django_assert_num_queries(1 + 3 * 3):
        assert seal(leaves=3) == 3
    with django_assert_num_queries(1):
        assert seal(leaves=3) == 0


@pytest.mark.django_db
def test_refusals_are_sealed_as_well():
    account = member()
    commands.spend(
        Spend(
            account=account,
            key="too much",
            amount=10,
            effective_at=clock.now(),
            actor="system:test",
            reason={"code": "test"},
        )
    )

    assert seal() == 1
    assert scalar("SELECT points FROM ledger.seal") == 0


@pytest.mark.django_db
def test_an_empty_ledger_has_no_block():
    assert seal() == 0
    assert head() is None
    assert verify(role=None).broken == ()


@pytest.mark.django_db
def test_what_commits_late_within_the_slack_is_sealed_by_the_next_run(shift_clock):
    account = member()
    shift_clock(timedelta(hours=1))
    earn(account, "first")
    assert seal() == 1
    # Written half an hour before the cut, as by a transaction that took so long.
    shift_clock(timedelta(minutes=30))
    other = member()
    earn(other, "late")
    shift_clock(timedelta(hours=1, minutes=1))

    assert seal() == 1
    assert scalar("SELECT block FROM ledger.leaf WHERE key = 'late'") == 2
    assert scalar("SELECT count(*) FROM core_audit WHERE action = 'ledger.sealed_late'") == 0


@pytest.mark.django_db
def test_what_commits_behind_the_slack_is_named_then_sealed_by_the_full_run(shift_clock):
    account = member()
    shift_clock(timedelta(hours=5))
    earn(account, "first")
    assert seal() == 1
    shift_clock(timedelta())
    other = member()
    earn(other, "straggler")
    shift_clock(timedelta(hours=6))

    assert seal() == 0
    named = verify(role=None).broken
    assert [row.key for row in named] == ["straggler"]
    assert seal(slack=None) == 1
    assert verify(role=None).broken == ()
    assert scalar("SELECT facts ->> 'operations' FROM core_audit") == "1"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "setting",
    [
        "timezone = 'Asia/Shanghai'",
        "timezone = 'America/St_Johns'",
        "datestyle = 'German, DMY'",
        "client_encoding = 'GBK'",
        "bytea_output = 'escape'",
        "intervalstyle = 'iso_8601'",
        "extra_float_digits = 0",
    ],
)
def test_the_digest_is_the_same_in_every_session(setting):
    account = member()
    earn(account, "订单一")
    seal()

    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {setting}")
        cursor.execute("SELECT count(*) FROM ledger.broken_leaf()")
        changed = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM ledger.broken_block()")
        assert (changed, cursor.fetchone()) == ((0,), (0,))


def test_two_sealers_at_once_make_one_chain(own_database):
    account = member()
    for number in range(40):
        earn(account, f"k{number}")
    ready = threading.Barrier(2)
    written: list[int] = []

    def work():
        try:
            ready.wait()
            written.append(seal(leaves=4))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sum(written) == 10
    assert verify(role=None).broken == ()


def test_a_posting_that_is_open_while_sealing_is_sealed_after_it(own_database):
    account = member()
    begun, sealed = threading.Event(), threading.Event()

    def post():
        try:
            with transaction.atomic():
                earn(account, "slow")
                begun.set()
                sealed.wait(30)
        finally:
            connections.close_all()

    other = member()
    earn(other, "quick")
    slow = threading.Thread(target=post)
    slow.start()
    begun.wait(30)
    assert seal() == 1
    sealed.set()
    slow.join()

    assert seal() == 1
    verdict = verify(role=None)
    assert (verdict.broken, verdict.sealed, verdict.unsealed) == ((), 2, 0)
