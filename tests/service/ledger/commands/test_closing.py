"""An account ends: nothing moves any more, and what is left goes visibly or stays."""

from __future__ import annotations

import pytest

from huitouke.service.ledger import commands, queries
from huitouke.service.ledger.units import unit as unit_named

pytestmark = pytest.mark.django_db


def close(book, after, *, forfeit, key="bye", **more):
    given = {"actor": "staff:li", "reason": {"code": "forfeited"}, "effective_at": after()}
    return commands.close_account(book.account, key=key, forfeit=forfeit, **given | more)


def test_what_is_left_goes_as_one_visible_entry(book, after):
    book.earn(100, expires_at=after(days=9))
    book.earn(40)
    book.earn(30, available_at=after(days=2))
    book.spend(10)

    receipt = close(book, after, forfeit=True)

    assert (receipt.outcome, receipt.detail) == ("done", {"forfeited": 160})
    assert book.four == (0, 0, 0, 0)
    last = queries.entries(book.account)[0]
    assert (last.kind, last.contra, last.amount, last.pending) == (
        "forfeit",
        "forfeit",
        -130,
        -30,
    )
    assert queries.totals(unit_named("main.points").unit)["forfeit"] == -160


def test_a_closed_account_takes_and_gives_nothing(book, friend, after):
    book.earn(100, key="order")
    close(book, after, forfeit=False)
    friend.earn(10)

    outcomes = {
        book.earn(1).outcome,
        book.spend(1).outcome,
        book.hold(1, expires_at=after(days=1)).outcome,
        book.claw_back(100, of=["order"]).outcome,
        friend.transfer(1, to=book.account).outcome,
    }

    assert outcomes == {"account_closed"}


def test_what_is_not_given_up_stays_and_expires_on_its_own_day(book, after, wait):
    book.earn(100, expires_at=after(days=9))
    book.earn(30, available_at=after(days=2))

    receipt = close(book, after, forfeit=False)

    assert (receipt.outcome, receipt.seq, receipt.detail) == ("done", None, {"forfeited": 0})
    assert book.four == (100, 30, 0, 0)
    wait(days=10)
    commands.sweep()
    assert book.four == (30, 0, 0, 0)


def test_points_set_aside_keep_an_account_open(book, after):
    book.earn(100)
    book.hold(10, key="hold", expires_at=after(days=1))

    refused = close(book, after, forfeit=True)
    book.release("hold")
    closed = close(book, after, forfeit=True, key="bye-2")

    assert (refused.outcome, closed.outcome) == ("open_holds", "done")


def test_closing_is_done_once_per_key_and_per_account(book, after):
    book.earn(100)
    moment = after()

    first = close(book, after, forfeit=True, effective_at=moment)
    again = close(book, after, forfeit=True, effective_at=moment)
    other = close(book, after, forfeit=True, key="bye-2")

    assert again.replayed
    assert (again.seq, again.detail) == (first.seq, first.detail)
    assert other.outcome == "account_closed"
    assert book.kinds == ["earn", "forfeit"]


def test_a_debt_outlives_its_account_until_it_is_written_off(book, unit, after, wait):
    book.earn(100, key="order")
    book.spend(100)
    book.claw_back(100, of=["order"])
    close(book, after, forfeit=True)

    before = book.four
    wait(days=400)
    commands.write_off(unit, before=after(days=366))

    assert (before, book.four) == ((0, 0, 0, 100), (0, 0, 0, 0))
