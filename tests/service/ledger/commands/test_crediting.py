"""Points come in: done, refused, repeated with the same key."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from huitouke.service.core.bounds import LARGEST
from huitouke.service.ledger import calling, commands, queries
from huitouke.service.ledger.contract import Given

pytestmark = pytest.mark.django_db


def test_points_can_be_spent_at_once(book):
    receipt = book.earn(120)

    assert (receipt.outcome, receipt.seq, receipt.available) == ("done", 1, 120)
    assert book.four == (120, 0, 0, 0)


def test_a_repeat_gets_the_first_answer_and_changes_nothing(book):
    first = book.earn(120, key="order-1")
    book.earn(5)

    again = book.earn(120, key="order-1")

    assert again.replayed
    assert (again.seq, again.available, again.created_at) == (1, 120, first.created_at)
    assert book.four == (125, 0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 121},
        {"kind": "adjust"},
        {"contra": "adjust"},
        {"rule_version": 2},
        {"reason": {"code": "gift"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_is_for_one_posting_only(book, change):
    book.earn(120, key="order-1")

    with pytest.raises(calling.KeyTaken):
        book.earn(**{"amount": 120, "key": "order-1"} | change)

    assert book.four == (120, 0, 0, 0)


def test_the_same_key_on_another_account_is_another_posting(book, friend):
    book.earn(120, key="order-1")

    assert friend.earn(50, key="order-1").available == 50


def test_the_words_of_the_reason_and_the_actor_may_differ_in_a_repeat(book):
    book.earn(120, key="order-1", actor="key:till-1", reason={"code": "order", "shop": "A"})

    again = book.earn(120, key="order-1", actor="key:till-2", reason={"code": "order"})

    assert again.replayed


def test_points_wait_until_they_are_available(book, after, wait):
    book.earn(120, available_at=after(days=7), expires_at=after(days=30))

    before = book.four
    wait(days=7, seconds=1)

    assert before == (0, 120, 0, 0)
    assert book.four == (120, 0, 0, 0)


def test_an_account_never_holds_more_than_a_client_can_count(book):
    book.earn(LARGEST)

    refused = book.earn(1, key="one-more")

    assert (refused.outcome, refused.seq) == ("too_much", None)
    assert book.earn(1, key="one-more").replayed


@pytest.mark.parametrize("amount", [2**53, 2**63, 10**400])
def test_amounts_beyond_any_number_are_refused_and_kept(book, amount):
    assert book.earn(amount, key="huge").outcome == "too_much"
    assert book.earn(amount, key="huge").replayed


@pytest.mark.parametrize("amount", [0, -1, True, 1.5, "10", None, float("nan")])
def test_only_whole_numbers_above_zero_are_points(book, amount):
    with pytest.raises(calling.AmountInvalid):
        book.earn(amount)


@pytest.mark.parametrize("key", [" " * 251, "a\x00b", "line\n", "settle:1", "part:1", "\ud800"])
def test_keys_that_cannot_be_kept_are_refused(book, key):
    with pytest.raises(calling.KeyInvalid):
        book.earn(1, key=key)


def test_points_cannot_expire_before_they_are_available(book, after):
    with pytest.raises(calling.MomentInvalid):
        book.earn(1, available_at=after(days=2), expires_at=after(days=2))


def test_an_unknown_account_is_told(book, now):
    book.account += 1000

    with pytest.raises(calling.AccountUnknown):
        book.earn(1)


def test_what_is_owed_is_settled_before_points_become_spendable(book):
    book.earn(100, key="order-1")
    book.spend(100)
    book.claw_back(70, of=["order-1"])

    receipt = book.earn(100)

    assert (receipt.available, receipt.debt) == (30, 0)
    assert [lot.remaining for lot in queries.lots(book.account)] == [30]


def test_points_that_come_in_expired_go_with_an_entry_of_their_own(book, after):
    book.earn(10, available_at=after(days=-9), expires_at=after(days=-1))

    assert book.four == (0, 0, 0, 0)
    assert commands.settle(book.account) == 1
    assert book.kinds == ["earn", "expire"]


def test_accounts_are_opened_once(unit):
    first, second = UUID(int=5), UUID(int=4)

    opened = commands.open_accounts([first, second, first], unit=unit)

    assert opened[0] == opened[2] != opened[1]
    assert commands.open_accounts([second], unit=unit) == [opened[1]]
    assert [queries.account_of(each, unit=unit) for each in (first, second)] == opened[:2]
    assert queries.account_of(UUID(int=6), unit=unit) is None


def test_text_that_a_database_cannot_keep_does_no_harm(book):
    book.earn(1, reason={"code": "order", "note": "zero \x00 inside"})

    assert queries.entries(book.account)[0].reason["note"] == "zero \ufffd inside"


def test_awaited_points_become_spendable_when_it_happens(book, after, wait):
    book.earn(80, key="order-1", available_at=commands.AWAITED)
    wait(days=400)

    receipt = book.activate("order-1", expires_at=after(days=500))

    assert (receipt.available, receipt.pending) == (80, 0)
    assert queries.lots(book.account)[0].expires_at == after(days=500)
    assert book.activate("order-1", expires_at=after(days=500)).replayed
    assert book.activate("order-1", key="twice").outcome == "nothing_pending"


def test_awaited_points_can_still_be_taken_back_by_the_key_that_earned_them(book):
    book.earn(80, key="order-1", available_at=commands.AWAITED)
    book.activate("order-1")

    receipt = book.claw_back(80, of=["order-1"])

    assert (receipt.available, receipt.detail["taken"]) == (0, 80)


def test_nothing_unknown_can_be_activated(book):
    with pytest.raises(calling.PostingUnknown):
        book.activate("order-9")


def test_only_earns_and_burns_count_as_activity(book, after, wait, unit):
    book.earn(10, contra="adjust", effective_at=after(days=0))
    book.earn(10, effective_at=after(days=-400))

    given = Given(versions=(), spans=((after(days=-1), None),))
    before = after(days=-365) - timedelta(hours=1)
    done = commands.expire_inactive(unit, before=before, given=given)

    assert done == 1
    # What was adjusted today has not been held for as long.
    assert book.four == (10, 0, 0, 0)
