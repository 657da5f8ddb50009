"""What a member reads of points that come back is what comes back, to the point."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from huitouke.service.core import clock
from huitouke.service.programme import queries as programme

A, B = "+8613811110000", "+8613822221111"
HOURS = timedelta(hours=1)


def text_of(own, address):
    """What a page says, with every space the same."""
    return re.sub(r"\s+", " ", own.get(address).content.decode())


def active(who):
    return programme.balance(who, now=clock.now()).active


@pytest.fixture
def lin(shop):
    """A member with 150 points that are good for 20 hours, and 350 that stay."""
    who = shop.member(250, phone=A)
    shop.earn(who, 150, expires_at=clock.now() + 20 * HOURS)
    assert active(who) == 500
    return who


def test_before_redeeming_one_reads_what_comes_back_if_it_is_not_used(shop, lin, signed_in):
    own = signed_in(A)

    some = text_of(own, shop.url_of(shop.reward(400)))
    none = text_of(own, shop.url_of(shop.reward(120)))

    assert "Not used by then, 250 points come back to you and 150 points lapse." in some
    assert "Not used by then, 120 points lapse." in none


def test_before_giving_up_one_reads_what_is_lost_and_afterwards_what_came_back(
    shop, lin, signed_in, shift_clock
):
    own = signed_in(A)
    there = own.post(shop.url_of(shop.reward(400)), {"key": "k"})["Location"]
    early = text_of(own, there)
    shift_clock(21 * HOURS)
    later = text_of(own, there)
    own.post(f"{there}/cancel")
    done = text_of(own, there)

    risk = "150 points of these have lapsed: used at the till they count, given up they are"
    assert "400 points come back to you at once." in early
    assert "150 points of those that come back are good through" in early
    assert risk not in early
    assert later.count(risk) == 2
    assert "250 points come back to you at once." in later
    assert "250 points came back to you." in done
    assert "150 points had lapsed by then." in done
    assert active(lin) == 350


def test_what_was_not_used_in_time_says_how_many_came_back(shop, lin, signed_in, shift_clock):
    own = signed_in(A)
    there = own.post(shop.url_of(shop.reward(500)), {"key": "k"})["Location"]
    early = text_of(own, there)
    shift_clock(49 * HOURS)
    late = text_of(own, there)

    assert "Not used by then, 350 points come back to you and 150 points lapse." in early
    assert "Not used in time" in late
    assert "350 points came back to you." in late
    assert active(lin) == 350


def test_where_nothing_comes_back_it_says_so(shop, lin, signed_in, shift_clock):
    own = signed_in(A)
    there = own.post(shop.url_of(shop.reward(150)), {"key": "k"})["Location"]
    shift_clock(21 * HOURS)
    later = text_of(own, there)
    own.post(f"{there}/cancel")

    assert "Nothing comes back to spend." in later
    assert "No points came back." in text_of(own, there)
    assert active(lin) == 350


def test_the_word_before_a_redemption_is_the_one_that_the_counter_says(shop, lin, signed_in):
    shop.reward(520, names={"en": "Tea set", "zh": "茶具"})
    cup = shop.reward(100)

    page = text_of(signed_in(A), shop.url_of(cup))

    assert "You are 20 points away from Tea set. Would you rather keep saving?" in page


def test_of_two_each_reads_of_their_own_and_not_how_many_the_other_loses(
    shop, lin, signed_in, shift_clock
):
    other = shop.member(300, phone=B, name="Wang Wei")
    tea_set = shop.reward(500, cooperative=True, names={"en": "Tea set", "zh": "茶具"})
    mine, theirs = signed_in(A), signed_in(B)
    begin = text_of(mine, shop.url_of(tea_set))
    given = {"points": "200", "key": "k"}
    there = mine.post(f"{shop.url_of(tea_set)}/share", given)["Location"]
    invited = text_of(theirs, there)
    theirs.post(f"{there}/join", {"key": "j"})
    early = text_of(mine, there)
    shift_clock(21 * HOURS)
    pages = [text_of(phone, there) for phone in (mine, theirs)]
    theirs.post(f"{there}/cancel")
    done = [text_of(phone, there) for phone in (mine, theirs)]

    assert "150 points of your points lapse in that time" in begin
    assert "Not used by then, 300 points come back to you." in invited
    assert "W** gets 300 points back." in early
    assert "50 points come back to you at once." in pages[0]
    assert "林** gets back what is still good of 200 points." in pages[1]
    assert "150 points" not in pages[1]
    assert ["50 points came back" in done[0], "300 points came back" in done[1]] == [True, True]
    assert (active(lin), active(other)) == (350, 400)
