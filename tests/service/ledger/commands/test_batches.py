"""Many postings at once come to the same as one by one."""

from __future__ import annotations

import random
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection

from huitouke.service.core.bounds import LARGEST
from huitouke.service.ledger import calling, commands, queries

pytestmark = pytest.mark.django_db

TABLES = {
    "account": "account, available, pending, held, debt, used, version, active_at, status",
    "entry": "account, seq, op_key, kind, contra, amount, pending, held, debt,"
    " available_after, pending_after, held_after, debt_after, effective_at",
    "lot": "account, lot, earned, remaining, expired, active,"
    " nullif(expires_at, 'infinity'), origin, source_key",
    "alloc": "account, seq, lot, amount",
    "op": "account, key, kind, request_hash, outcome, seq, answer, actor, reason, rule_version",
    "debt": "account, seq, amount, remaining",
}


def everything(accounts: list[int]) -> dict[str, list[tuple]]:
    """All rows of these accounts but the times of writing, with accounts counted from 0."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(
                f"SELECT {columns} FROM ledger.{table}"  # noqa: S608 - constants
                " WHERE account = ANY (%s) ORDER BY 1, 2, 3",
                [accounts],
            )
            found[table] = [(accounts.index(row[0]), *row[1:]) for row in cursor.fetchall()]
    for position, row in enumerate(found["op"]):
        found["op"][position] = row[:3] + row[4:]
    return found


def random_postings(chance, make, *, made):
    """Keys repeat now and then, also on a later day; a repeat has the same body."""
    for _ in range(60):
        who, name = chance.randrange(4), f"key-{chance.randrange(200)}"
        if (who, name) not in made:
            made[who, name] = make(name)
        yield who, made[who, name]


def test_a_batch_leaves_what_single_postings_leave(unit, book, after, wait):
    chance = random.Random(5)  # noqa: S311 - a seed, not a secret
    one = commands.open_accounts([UUID(int=n) for n in range(10, 14)], unit=unit)
    many = commands.open_accounts([UUID(int=n) for n in range(20, 24)], unit=unit)
    moment = after()

    def earning(name):
        return book.earning(
            chance.choice([1, 7, 30, LARGEST]),
            key="e" + name,
            available_at=chance.choice([None, None, after(days=chance.randrange(4))]),
            expires_at=chance.choice([None, after(days=5 + chance.randrange(5))]),
            contra=chance.choice(["issue", "adjust"]),
            effective_at=moment,
        )

    def spending(name):
        return book.spending(
            chance.choice([1, 5, 40]),
            key="s" + name,
            contra=chance.choice(["redeem", "adjust"]),
            effective_at=moment,
        )

    earned, spent = {}, {}
    for day in range(9):
        wait(days=day)
        for make, made, single, batch in (
            (earning, earned, commands.earn, commands.earn_batch),
            (spending, spent, commands.spend, commands.spend_batch),
        ):
            postings = list(random_postings(chance, make, made=made))
            alone = [single(replace(given, account=one[who])) for who, given in postings]
            together = batch([replace(given, account=many[who]) for who, given in postings])
            assert [replace(said, account=0, created_at=moment) for said in alone] == [
                replace(said, account=0, created_at=moment) for said in together
            ]

    assert everything(one) == everything(many)


def test_a_posting_made_alone_is_known_to_the_batch_and_the_other_way_round(book):
    alone = commands.earn(book.earning(10, key="a"))

    first, second = commands.earn_batch([book.earning(10, key="a"), book.earning(5, key="b")])

    assert (first.seq, first.replayed, second.available) == (alone.seq, True, 15)
    assert commands.earn(book.earning(5, key="b")).replayed


def test_a_batch_answers_in_its_own_order(book, friend):
    said = commands.earn_batch(
        [friend.earning(1), book.earning(2), friend.earning(3), book.earning(4)]
    )

    assert [each.available for each in said] == [1, 2, 4, 6]
    assert [each.account for each in said] == [
        friend.account, book.account, friend.account, book.account,
    ]  # fmt: skip


def test_who_cannot_pay_all_is_refused_posting_by_posting(book, friend):
    commands.earn_batch([book.earning(10), friend.earning(10)])

    said = commands.spend_batch(
        [book.spending(8), friend.spending(10), book.spending(8), book.spending(2)]
    )

    assert [each.outcome for each in said] == [
        "done", "done", "insufficient_points", "done",
    ]  # fmt: skip


def test_a_key_taken_for_something_else_stops_the_whole_batch(book):
    book.earn(10, key="a")

    with pytest.raises(calling.KeyTaken):
        commands.earn_batch([book.earning(5, key="b"), book.earning(11, key="a")])

    assert queries.receipt(book.account, "b") is None


def test_an_unknown_account_stops_the_whole_batch(book):
    with pytest.raises(calling.AccountUnknown):
        commands.earn_batch(
            [book.earning(5, key="b"), replace(book.earning(5), account=10**12)]
        )

    assert queries.receipt(book.account, "b") is None


def test_a_batch_knows_points_that_wait_for_something(book, after):
    commands.earn_batch(
        [
            book.earning(5, key="a", available_at=commands.AWAITED),
            book.earning(6, available_at=after(days=1)),
            book.earning(7),
        ]
    )

    assert book.four == (7, 11, 0, 0)
    assert book.activate("a").available == 12
    assert commands.earn(book.earning(5, key="a", available_at=commands.AWAITED)).replayed


def test_an_empty_batch_is_nothing_to_do(unit):
    assert commands.earn_batch([]) == []
    assert commands.spend_batch([]) == []


def test_one_key_twice_in_a_batch_is_posted_once(book):
    first, second = commands.earn_batch([book.earning(5, key="a"), book.earning(5, key="a")])

    assert (first.replayed, second.replayed, second.seq) == (False, True, first.seq)


def test_a_batch_spends_from_accounts_with_very_many_lots(book):
    commands.earn_batch([book.earning(1) for _ in range(200)])

    said = commands.spend_batch([book.spending(90), book.spending(90)])

    assert [each.outcome for each in said] == ["done", "done"]
    assert book.four == (20, 0, 0, 0)


def test_credits_in_a_batch_settle_what_is_owed(book):
    book.earn(100, key="order-1")
    book.spend(100)
    book.claw_back(70, of=["order-1"])

    said = commands.earn_batch([book.earning(50), book.earning(50)])

    assert [(each.available, each.debt) for each in said] == [(0, 20), (30, 0)]
