"""Gifts between members, merged accounts, and merges undone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from huitouke.service.core.bounds import LARGEST
from huitouke.service.ledger import calling, commands, queries
from huitouke.service.ledger.contract import Receipt
from huitouke.service.ledger.units import UnitSettings, change_unit, create_unit

pytestmark = pytest.mark.django_db


def merge(book, *, into, key="merge") -> Receipt:
    return commands.merge_accounts(
        book.account,
        into=into.account,
        key=key,
        actor="staff:ann",
        effective_at=queries.balance(book.account).at.replace(
            microsecond=0, second=0, minute=0
        ),
    )


def unmerge(book, *, merge_key="merge", key="unmerge") -> Receipt:
    return commands.unmerge_accounts(
        book.account,
        merge_key=merge_key,
        key=key,
        actor="staff:ann",
        effective_at=queries.balance(book.account).at.replace(
            microsecond=0, second=0, minute=0
        ),
    )


def expiries(book) -> list[tuple]:
    return [(lot.expires_at, lot.remaining) for lot in queries.lots(book.account)]


def test_gifts_keep_the_expiry_of_every_point(book, friend, after):
    book.earn(10, expires_at=after(days=1))
    book.earn(10, expires_at=after(days=2))

    receipt = book.transfer(15, to=friend.account)

    assert (receipt.outcome, receipt.available) == ("done", 5)
    assert expiries(friend) == [(after(days=1), 10), (after(days=2), 5)]
    assert expiries(book) == [(after(days=2), 5)]


def test_a_gift_that_waits_is_pending_until_then(book, friend, after, shift_clock):
    book.earn(10, expires_at=after(days=3))

    receipt = book.transfer(10, to=friend.account, available_at=after(days=2))
    waiting = friend.four
    shift_clock(timedelta(days=2, hours=1))
    commands.settle(friend.account)

    assert receipt.outcome == "done"
    assert datetime.fromisoformat(receipt.detail["available_at"]) == after(days=2)
    assert (waiting, friend.four) == ((0, 10, 0, 0), (10, 0, 0, 0))
    assert expiries(friend) == [(after(days=3), 10)]


def test_a_gift_that_waits_settles_debts_when_it_is_there(book, friend, after, shift_clock):
    friend.earn(10, key="order-1")
    friend.spend(10)
    friend.claw_back(10, of=["order-1"])
    book.earn(30)

    book.transfer(25, to=friend.account, available_at=after(days=2))
    waiting = friend.four
    shift_clock(timedelta(days=2, hours=1))
    commands.settle(friend.account)

    assert (waiting, friend.four) == ((0, 25, 0, 10), (15, 0, 0, 0))


def test_points_that_would_expire_while_they_wait_are_not_given(book, friend, after):
    book.earn(5, expires_at=after(days=2))
    book.earn(10)

    refused = book.transfer(7, to=friend.account, available_at=after(days=2))
    in_time = book.transfer(7, to=friend.account, key="sooner", available_at=after(days=1))

    assert (refused.outcome, in_time.outcome) == ("expires_first", "done")
    assert (book.four, friend.four) == ((8, 0, 0, 0), (0, 7, 0, 0))


def test_what_was_given_away_is_counted_from_a_moment_on(book, friend, shift_clock):
    book.earn(100)
    book.transfer(5, to=friend.account)
    friend.transfer(2, to=book.account, key="back")
    shift_clock(timedelta(hours=2))
    since = queries.balance(book.account).at
    book.transfer(7, to=friend.account, key="second")
    book.spend(20)

    assert queries.given_away(book.account, since=since) == 7
    assert queries.given_away(book.account, since=since - timedelta(days=1)) == 12
    assert queries.given_away(friend.account, since=since - timedelta(days=1)) == 2


def test_a_gift_is_given_once(book, friend):
    book.earn(10)

    book.transfer(4, to=friend.account)

    assert book.transfer(4, to=friend.account).replayed
    assert (book.four[0], friend.four[0]) == (6, 4)


def test_a_gift_to_someone_else_under_the_key_is_refused(book, friend, unit):
    book.earn(10)
    book.transfer(4, to=friend.account)

    with pytest.raises(calling.KeyTaken):
        book.transfer(5, to=friend.account)


def test_gifts_settle_what_the_receiver_owes(book, friend):
    friend.earn(10, key="order-1")
    friend.spend(10)
    friend.claw_back(10, of=["order-1"])
    book.earn(30)

    book.transfer(25, to=friend.account)

    assert friend.four == (15, 0, 0, 0)


def test_points_given_away_were_used(book, friend):
    book.earn(100, key="order-1")
    book.transfer(100, to=friend.account)

    receipt = book.claw_back(100, of=["order-1"])

    assert (receipt.debt, receipt.detail["written_off"]) == (100, 0)


def test_gifts_need_leave_points_and_someone_else(book, friend):
    book.earn(10)
    change_unit("main.points", settings=UnitSettings(transfers=False))

    off = book.transfer(5, to=friend.account, key="off")
    change_unit("main.points", settings=UnitSettings(transfers=True))

    assert off.outcome == "not_allowed"
    assert book.transfer(5, to=friend.account, key="off").outcome == "not_allowed"
    assert book.transfer(11, to=friend.account).outcome == "insufficient_points"
    assert book.transfer(1, to=book.account, key="self").outcome == "not_allowed"


def test_gifts_stay_within_their_unit(book, unit):
    from uuid import UUID

    growth = create_unit("main.growth", kind="growth", settings=UnitSettings(transfers=True))
    other = commands.open_accounts([UUID(int=9)], unit=growth)[0]
    book.earn(10)

    assert book.transfer(5, to=other).outcome == "not_allowed"


def test_a_gift_to_nobody_may_be_sent_again(book, friend):
    book.earn(10)

    with pytest.raises(calling.AccountUnknown):
        book.transfer(4, to=friend.account + 1000)

    assert book.transfer(4, to=friend.account).outcome == "done"


def test_a_gift_never_fills_an_account_over_the_brim(book, friend):
    book.earn(10)
    friend.earn(LARGEST)

    assert book.transfer(4, to=friend.account).outcome == "too_much"


def test_a_merge_moves_lots_as_they_are(book, friend, after):
    book.earn(10, expires_at=after(days=1))
    book.earn(10, available_at=after(days=7), expires_at=after(days=90))
    friend.earn(5)

    receipt = merge(book, into=friend)

    assert (receipt.outcome, receipt.available, receipt.pending) == ("done", 0, 0)
    assert book.four == (0, 0, 0, 0)
    assert friend.four == (15, 10, 0, 0)
    assert expiries(friend)[0] == (after(days=1), 10)
    assert merge(book, into=friend).replayed


def test_debts_move_with_a_merge_and_are_settled(book, friend):
    book.earn(30, key="order-1")
    book.spend(30)
    book.claw_back(30, of=["order-1"])
    friend.earn(20)

    merge(book, into=friend)

    assert friend.four == (0, 0, 0, 10)
    assert friend.earn(15).available == 5


def test_a_debt_keeps_its_age_in_a_merge(book, friend, after, wait, unit):
    book.earn(30, key="order-1")
    book.spend(30)
    book.claw_back(30, of=["order-1"])
    wait(days=300)
    merge(book, into=friend)

    assert commands.write_off(unit, before=after(days=1)) == 1
    assert friend.four == (0, 0, 0, 0)


def test_refunds_of_the_merged_members_orders_are_asked_of_the_one_who_stays(
    book, friend, after, wait
):
    book.earn(100, key="order-1", expires_at=after(days=5))
    book.spend(30)
    book.earn(40, key="order-2", expires_at=after(days=1))
    wait(days=2)
    merge(book, into=friend)

    first = friend.claw_back(100, of=["order-1"], key="refund-1")
    second = friend.claw_back(40, of=["order-2"], key="refund-2")

    assert (first.detail["taken"], first.detail["owed"]) == (70, 30)
    assert second.detail["expired"] == 40
    assert friend.claw_back(1, of=["order-1"], key="again").outcome == "reversed_already"


def test_redemptions_of_the_merged_member_come_back_to_the_one_who_stays(book, friend, after):
    book.earn(10, expires_at=after(days=1))
    book.earn(10, expires_at=after(days=2))
    book.spend(15, key="gift")
    merge(book, into=friend)

    receipt = friend.restore("gift")

    assert receipt.detail["restored"] == 15
    assert friend.four == (20, 0, 0, 0)
    assert sorted(expiries(friend)) == [
        (after(days=1), 10), (after(days=2), 5), (after(days=2), 5),
    ]  # fmt: skip
    assert friend.restore("gift", key="again").outcome == "reversed_already"


def test_an_open_hold_must_end_before_a_merge(book, friend, after, wait):
    book.earn(10)
    book.hold(5, key="hold", expires_at=after(minutes=30))

    refused = merge(book, into=friend)
    wait(minutes=31)

    assert refused.outcome == "open_holds"
    assert merge(book, into=friend, key="later").outcome == "done"


def test_nobody_is_merged_twice_or_with_themselves(book, friend):
    merge(book, into=friend)

    assert merge(book, into=friend, key="again").outcome == "account_closed"
    assert merge(friend, into=friend, key="self").outcome == "not_allowed"


def test_an_empty_account_merges_without_an_entry(book, friend):
    assert merge(book, into=friend).seq is None
    assert queries.entries(friend.account) == []


def test_a_merge_undone_gives_back_what_is_left(book, friend, after):
    book.earn(10, key="order-1", expires_at=after(days=1))
    book.earn(20, available_at=after(days=7))
    friend.earn(5)
    merge(book, into=friend)
    friend.spend(4)

    receipt = unmerge(book)

    assert (receipt.available, receipt.pending) == (6, 20)
    assert book.four == (6, 20, 0, 0)
    assert friend.four == (5, 0, 0, 0)
    assert unmerge(book).replayed
    assert unmerge(book, key="twice").outcome == "not_merged"
    assert book.claw_back(6, of=["order-1"]).detail["taken"] == 6


def test_a_merge_can_be_undone_and_done_again(book, friend):
    book.earn(10)
    merge(book, into=friend)
    unmerge(book)

    merge(book, into=friend, key="again")

    assert friend.four == (10, 0, 0, 0)


def test_debts_go_back_when_a_merge_is_undone(book, friend):
    book.earn(30, key="order-1")
    book.spend(30)
    book.claw_back(30, of=["order-1"])
    merge(book, into=friend)

    unmerge(book)

    assert (book.four, friend.four) == ((0, 0, 0, 30), (0, 0, 0, 0))


def test_what_was_taken_back_after_a_merge_stays_taken_when_it_is_undone(book, friend):
    book.earn(100, key="order-1")
    merge(book, into=friend)
    friend.claw_back(60, of=["order-1"])
    unmerge(book)

    refused = book.claw_back(50, of=["order-1"], key="too much")

    assert (refused.outcome, refused.detail["left"]) == ("reversed_already", 40)


def test_there_is_no_undoing_of_what_was_never_merged(book):
    with pytest.raises(calling.PostingUnknown):
        unmerge(book)


def test_points_may_live_longer_but_never_shorter(book, after, wait):
    book.earn(10, key="order-1", expires_at=after(days=5))

    longer = book.extend("order-1", expires_at=after(days=9))
    shorter = book.extend("order-1", expires_at=after(days=2), key="shorter")
    wait(days=6)

    assert (longer.outcome, longer.detail) == ("done", {"points": 10})
    assert book.extend("order-1", expires_at=after(days=9)).replayed
    assert shorter.outcome == "nothing_to_extend"
    assert book.four == (10, 0, 0, 0)
    assert book.claw_back(10, of=["order-1"]).detail["taken"] == 10


def test_only_what_is_left_lives_longer(book, after, wait):
    book.earn(10, key="order-1", expires_at=after(days=5))
    book.spend(4, key="gift")
    book.extend("order-1", expires_at=None)
    wait(days=6)

    assert book.four == (6, 0, 0, 0)
    assert book.restore("gift").detail["expired"] == 4


def test_pending_points_may_live_longer(book, after, wait):
    book.earn(10, key="order-1", available_at=after(days=2), expires_at=after(days=5))
    book.extend("order-1", expires_at=after(days=9))
    wait(days=6)

    assert book.four == (10, 0, 0, 0)


def test_points_that_live_longer_go_back_when_a_merge_is_undone(book, friend, after):
    book.earn(10, key="order-1", expires_at=after(days=5))
    merge(book, into=friend)
    friend.extend("order-1", expires_at=after(days=9))

    unmerge(book)

    assert expiries(book) == [(after(days=9), 10)]
