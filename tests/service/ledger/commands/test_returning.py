"""What is told of points that are set aside is what becomes of them."""

from __future__ import annotations

import pytest

from huitouke.service.ledger import commands, queries
from huitouke.service.ledger.contract import Expiring
from huitouke.service.ledger.returning import Returning, if_held, on_release, together

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(book, after):
    """Of 400 points set aside for ten days, 150 are good for three hours and 50 for a year."""
    book.earn(150, key="soon", expires_at=after(hours=3))
    book.earn(50, key="year", expires_at=after(days=365))
    book.earn(500, key="never")
    book.before = queries.balance(book.account)
    book.hold(400, key="cup", expires_at=after(days=10))
    return book


def test_all_comes_back_while_all_is_good(held, after):
    told = on_release(held.account, "cup")
    held.release("cup")

    first = Expiring(expires_at=after(hours=3), points=150)
    assert told == Returning(points=400, back=400, first=first)
    assert on_release(held.account, "cup") == told
    assert held.four == (700, 0, 0, 0)


def test_what_lapsed_meanwhile_is_told_before_and_after_and_is_gone(held, after, wait):
    wait(hours=4)
    told = on_release(held.account, "cup")
    held.release("cup")

    first = Expiring(expires_at=after(days=365), points=50)
    assert told == Returning(points=400, back=250, lapsed=150, first=first)
    assert on_release(held.account, "cup") == told
    assert held.four == (550, 0, 0, 0)


def test_what_is_not_used_in_time_is_told_beforehand_and_lapses_no_later(held, after, wait):
    before = if_held(held.before.expiring, points=400, until=after(days=10))
    told = on_release(held.account, "cup", at=after(days=10))
    wait(days=400)
    late = on_release(held.account, "cup")
    commands.settle(held.account)

    assert before == told == late == on_release(held.account, "cup")
    assert (told.back, told.lapsed) == (250, 150)
    # The 50 came back after ten days and were good for the rest of their year.
    assert held.four == (500, 0, 0, 0)


def test_what_is_owed_takes_of_it_first_what_would_lapse_soonest(book, after, wait):
    book.earn(150, key="soon", expires_at=after(hours=3))
    book.earn(250, key="order")
    book.hold(400, key="cup", expires_at=after(days=10))
    book.claw_back(100, of=["order"])
    wait(hours=4)
    told = on_release(book.account, "cup")
    book.release("cup")

    assert told == Returning(points=400, back=250, lapsed=50, repaid=100)
    assert on_release(book.account, "cup") == told
    assert book.four == (250, 0, 0, 0)


def test_of_what_was_spent_or_never_set_aside_nothing_is_told(held):
    held.capture("cup")

    assert on_release(held.account, "cup") is None
    assert on_release(held.account, "soon") is None
    assert together([None, Returning(points=9, back=5, lapsed=4)]).back == 5
