"""Many at once: nothing is lost, doubled or invented, and nobody gets a technical error."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from huitouke.service.ledger import calling, commands, queries


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Run each act in a thread with a connection of its own, all released together."""
    gate = threading.Barrier(len(acts))

    def run(act):
        try:
            connection.ensure_connection()
            gate.wait()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def outcomes(receipts) -> Counter:
    return Counter(each.outcome for each in receipts)


def test_one_balance_is_redeemed_as_often_as_it_lasts(own_database, book):
    book.earn(100)
    book.earn(50)

    said = at_once([lambda: book.spend(10) for _ in range(64)])

    assert outcomes(said) == {"done": 15, "insufficient_points": 49}
    assert book.four == (0, 0, 0, 0)


def test_one_key_sent_by_many_has_one_effect_and_one_answer(own_database, book):
    book.earn(100)

    said = at_once([lambda: book.spend(10, key="gift") for _ in range(64)])

    assert Counter(each.replayed for each in said) == {False: 1, True: 63}
    assert {(each.seq, each.available, each.created_at) for each in said} == {
        (2, 90, said[0].created_at)
    }


def test_one_key_sent_by_many_inside_their_own_transactions(own_database, book):
    def earn():
        with transaction.atomic():
            return book.earn(10, key="order-1")

    said = at_once([earn for _ in range(16)])

    assert Counter(each.replayed for each in said) == {False: 1, True: 15}
    assert book.four == (10, 0, 0, 0)


def test_one_key_for_two_things_is_one_of_them(own_database, book):
    def earn(amount):
        try:
            return book.earn(amount, key="order-1").available
        except calling.KeyTaken:
            return None

    said = at_once([lambda: earn(10), lambda: earn(20)] * 8)

    assert set(said) in ({10, None}, {20, None})
    assert book.four[0] in {10, 20}


def test_gifts_in_opposite_directions_wait_for_each_other(own_database, book, friend):
    book.earn(1000)
    friend.earn(1000)

    said = at_once(
        [
            (lambda n=n: book.transfer(n, to=friend.account, key=f"there-{n}"))
            if n % 2
            else (lambda n=n: friend.transfer(n, to=book.account, key=f"back-{n}"))
            for n in range(1, 33)
        ]
    )

    assert outcomes(said) == {"done": 32}
    assert book.four[0] + friend.four[0] == 2000


def test_batches_in_opposite_orders_do_not_lock_each_other_out(own_database, book, friend):
    def batch(accounts):
        return lambda: commands.earn_batch([each.earning(1) for each in accounts * 20])

    said = at_once([batch([book, friend]), batch([friend, book])] * 6)

    assert sum(len(receipts) for receipts in said) == 480
    assert (book.four[0], friend.four[0]) == (240, 240)


def test_spends_in_batches_and_alone_share_a_balance(own_database, book):
    book.earn(100)

    said = at_once(
        [lambda: commands.spend_batch([book.spending(7) for _ in range(5)])] * 4
        + [lambda: [book.spend(7)] for _ in range(8)]
    )

    assert outcomes(each for receipts in said for each in receipts) == {
        "done": 14, "insufficient_points": 14,
    }  # fmt: skip
    assert book.four == (2, 0, 0, 0)


def test_a_hold_ends_once_whoever_is_first(own_database, book, after):
    book.earn(10)
    book.hold(10, key="hold", expires_at=after(minutes=30))

    said = at_once(
        [lambda n=n: book.capture("hold", key=f"capture-{n}") for n in range(8)]
        + [lambda n=n: book.release("hold", key=f"release-{n}") for n in range(8)]
    )

    assert outcomes(said) == {"done": 1, "hold_ended": 15}
    assert book.four in {(0, 0, 0, 0), (10, 0, 0, 0)}


def test_a_redemption_undone_by_many_comes_back_once(own_database, book):
    book.earn(100)
    book.spend(60, key="gift")

    said = at_once([lambda n=n: book.restore("gift", key=f"undo-{n}") for n in range(16)])

    assert outcomes(said) == {"done": 1, "reversed_already": 15}
    assert book.four == (100, 0, 0, 0)


def test_points_are_spent_or_expired_never_both(own_database, book, after):
    for _ in range(20):
        book.earn(1, expires_at=after(seconds=1))

    def shifted(act):
        def run():
            with connection.cursor() as cursor:
                cursor.execute("SET huitouke.clock_shift = '1 second'")
            return act()

        return run

    at_once(
        [shifted(commands.sweep) for _ in range(4)]
        + [lambda: book.spend(1) for _ in range(16)]
        + [shifted(lambda: book.spend(1)) for _ in range(4)]
    )
    shifted(lambda: commands.settle(book.account))()

    moved = Counter(line.kind for line in queries.entries(book.account, limit=100))
    expired = -sum(
        line.amount
        for line in queries.entries(book.account, limit=100)
        if line.kind == "expire"
    )
    assert moved["burn"] + expired == 20


def test_refunds_and_redemptions_at_once_balance(own_database, book):
    book.earn(500, key="order-1")

    at_once(
        [lambda n=n: book.claw_back(10, of=["order-1"], key=f"refund-{n}") for n in range(10)]
        + [lambda: book.spend(50) for _ in range(10)]
        + [lambda: book.earn(10) for _ in range(10)]
    )

    active, _, _, owed = book.four
    burnt = sum(line.kind == "burn" for line in queries.entries(book.account, limit=100))
    assert active - owed == 500 - 100 + 100 - 50 * burnt


def test_accounts_are_opened_once_by_many(own_database, unit):
    from uuid import UUID

    customers = [UUID(int=n) for n in range(20)]

    said = at_once(
        [
            lambda: commands.open_accounts(customers, unit=unit),
            lambda: commands.open_accounts(customers[::-1], unit=unit)[::-1],
        ]
        * 4
    )

    assert len({tuple(each) for each in said}) == 1


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_stricter_isolation_is_retried_to_one_effect(own_database, book, level):
    book.earn(100)

    def spend(number):
        with connection.cursor() as cursor:
            cursor.execute(f"SET default_transaction_isolation = '{level.lower()}'")
        for _ in range(20):
            try:
                return book.spend(10, key=f"gift-{number}")
            except Exception as error:
                if getattr(error.__cause__, "sqlstate", "") != "40001":
                    raise
        raise AssertionError("never got through")

    said = at_once([lambda n=n: spend(n) for n in range(12)])

    assert outcomes(said) == {"done": 10, "insufficient_points": 2}
