"""What the clock does: in the order of the moments, whoever looks and whenever."""

from __future__ import annotations

import pytest

from huitouke.service.ledger import calling, commands, queries
from huitouke.service.ledger.contract import Given

pytestmark = pytest.mark.django_db


def test_nothing_due_makes_no_entry(book, after):
    book.earn(10, expires_at=after(days=1))

    assert commands.settle(book.account) == 0
    assert commands.sweep() == 0


def test_a_sweep_settles_what_is_due_and_runs_twice_without_harm(book, friend, after, wait):
    book.earn(10, expires_at=after(days=1))
    friend.earn(10, available_at=after(days=1))
    wait(days=1)

    assert (commands.sweep(), commands.sweep()) == (2, 0)
    assert (book.four, friend.four) == ((0, 0, 0, 0), (10, 0, 0, 0))


def test_a_sweep_keeps_to_its_limit_and_begins_with_the_longest_due(book, friend, after, wait):
    book.earn(10, expires_at=after(days=2))
    friend.earn(10, expires_at=after(days=1))
    wait(days=3)

    assert commands.sweep(limit=1) == 1
    assert (friend.kinds, book.kinds) == (["earn", "expire"], ["earn"])


def test_late_settling_comes_to_the_same_as_settling_in_time(book, friend, after, wait):
    """Two lots, a debt and a hold fall due over days; one account is touched daily."""
    for each in (book, friend):
        each.earn(100, key="order-1", expires_at=after(days=9))
        each.spend(60, key="gift")
        each.hold(40, key="hold", expires_at=after(days=3, hours=1))
        each.claw_back(100, of=["order-1"])
        each.earn(50, key="order-2", available_at=after(days=2), expires_at=after(days=4))
        each.earn(90, key="order-3", available_at=after(days=5), expires_at=after(days=8))
    for day in range(1, 8):
        wait(days=day)
        commands.settle(book.account)

    late = friend.four
    commands.settle(friend.account)

    assert late == friend.four == book.four == (80, 0, 0, 0)
    assert [line.effective_at for line in queries.entries(friend.account)] == [
        line.effective_at for line in queries.entries(book.account)
    ]
    assert friend.kinds == book.kinds


def test_what_settling_wrote_says_when_it_fell_due(book, after, wait):
    book.earn(10, expires_at=after(days=1))
    wait(days=30)
    commands.settle(book.account)

    line = queries.entries(book.account)[0]

    assert line.effective_at == after(days=1)
    assert line.created_at >= after(days=30)
    assert (line.kind, line.op_key, line.amount) == ("expire", "settle:2", -10)
    assert (line.reason, line.actor) == (
        {"code": "points_expired", "points": 10}, "system:huitouke",
    )  # fmt: skip


def test_a_refused_spend_may_have_settled(book, after, wait):
    book.earn(10, expires_at=after(days=1))
    wait(days=1)

    assert book.spend(10).outcome == "insufficient_points"
    assert book.kinds == ["earn", "expire"]


def test_times_of_writing_never_run_back_when_the_clock_does(book, wait):
    book.earn(10)
    wait(days=1)
    book.earn(10)
    wait(days=0)

    book.spend(5)

    times = [line.created_at for line in reversed(queries.entries(book.account))]
    assert times == sorted(times)


def test_inactive_members_lose_what_is_spendable_and_nothing_else(
    book, friend, after, wait, unit
):
    book.earn(10, effective_at=after())
    book.earn(10, effective_at=after(), available_at=after(days=500))
    friend.earn(10, effective_at=after())
    wait(days=370)
    friend.spend(1, effective_at=after(days=370))

    given = Given(versions=(), spans=((after(days=-1), None),))
    lost = commands.expire_inactive(unit, before=after(days=5), given=given)

    assert lost == 1
    assert (book.four, friend.four) == ((0, 10, 0, 0), (9, 0, 0, 0))
    assert queries.entries(book.account)[0].reason["code"] == "points_inactive"


def test_settling_an_unknown_account_is_told(unit):
    with pytest.raises(calling.AccountUnknown):
        commands.settle(10**12)
