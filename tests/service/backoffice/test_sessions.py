"""A session ends: unused, after a day, with a new password, with the person's sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huitouke.service.core import audit, clock, links, roster
from huitouke.service.core.actor import SYSTEM

pytestmark = pytest.mark.django_db

HOME = "account_overview"
GOOD = "a long walk by the river"


def inside(client):
    return client.get(reverse(HOME)).status_code == 200


def test_a_session_that_is_not_used_ends(person, sign_in, shift_clock):
    client = sign_in(person())
    shift_clock(timedelta(minutes=59))
    used = inside(client)
    shift_clock(timedelta(minutes=59 + 59))
    again = inside(client)
    shift_clock(timedelta(minutes=59 + 59 + 61))

    answer = client.get(reverse(HOME))

    assert (used, again) == (True, True)
    assert answer["Location"].startswith(reverse("account_login"))
    line = audit.lines()[0]
    assert (line.action, line.facts) == ("staff.session_ended", {"why": "idle"})
    assert "You were away for a while" in client.get(answer["Location"]).content.decode()


def test_a_session_that_is_used_all_day_ends_too(person, sign_in, shift_clock):
    client = sign_in(person())
    for minutes in range(30, 12 * 60, 30):
        shift_clock(timedelta(minutes=minutes))
        assert inside(client)
    shift_clock(timedelta(hours=12, minutes=1))

    assert not inside(client)
    assert audit.lines()[0].facts == {"why": "age"}


def test_an_ended_session_does_not_come_back_when_its_cookie_does(
    person, sign_in, shift_clock, browser
):
    client = sign_in(person())
    kept = client.cookies["huitouke_session"].value
    shift_clock(timedelta(minutes=61))
    inside(client)
    shift_clock(timedelta())
    thief = browser()
    thief.cookies["huitouke_session"] = kept

    assert not inside(thief)


def test_a_session_without_a_beginning_is_over(person, sign_in):
    client = sign_in(person())
    session = client.session
    del session["staff.began"]
    session.save()

    assert not inside(client)


def test_who_is_switched_off_is_out_at_once_and_stays_out(person, sign_in):
    somebody = person()
    client = sign_in(somebody)

    roster.disable(somebody.id, at=clock.now(), actor=SYSTEM)
    off = inside(client)
    roster.enable(somebody.id, at=clock.now(), actor=SYSTEM)

    assert (off, inside(client)) == (False, False)
    assert inside(sign_in(somebody))


def test_another_password_ends_the_other_sessions_and_keeps_this_one(person, sign_in):
    somebody = person()
    here, elsewhere = sign_in(somebody), sign_in(somebody)
    given = {"oldpassword": GOOD, "password1": "quite another sentence"}

    answer = here.post(
        reverse("account_change_password"), given | {"password2": "quite another sentence"}
    )

    assert answer.status_code == 302
    assert (inside(here), inside(elsewhere)) == (True, False)
    assert audit.lines()[0].action == "staff.password_changed"


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("not the password", "quite another sentence", "quite another sentence"),
        (GOOD, "short", "short"),
        (GOOD, "quite another sentence", "quite another sentance"),
        (GOOD, "", ""),
    ],
)
def test_a_password_is_changed_only_by_who_knows_it_and_to_a_good_one(
    person, sign_in, old, new, again
):
    somebody = person()
    client = sign_in(somebody)
    given = {"oldpassword": old, "password1": new, "password2": again}

    answer = client.post(reverse("account_change_password"), given)

    assert answer.status_code == 422
    assert type(somebody).objects.get().check_password(GOOD)


def test_a_password_by_a_link_ends_every_session(person, sign_in):
    somebody = person()
    client = sign_in(somebody)
    link = links.make(somebody, at=clock.now(), lasts=links.FORGOTTEN_LASTS)

    links.spend(link.secret, password="quite another sentence", at=clock.now())  # noqa: S106 - nobody's

    assert not inside(client)


def test_other_browsers_are_listed_and_signed_out(person, sign_in):
    somebody = person()
    here, elsewhere, stranger = sign_in(somebody), sign_in(somebody), sign_in(person())
    page = here.get(reverse("usersessions_list"))

    here.post(reverse("usersessions_list"))

    assert len(page.context["sessions"]) == 2
    assert [inside(each) for each in (here, elsewhere, stranger)] == [True, False, True]
    line = audit.lines()[0]
    assert (line.action, line.facts) == ("staff.other_sessions_ended", {"number": 1})


def test_a_browser_that_lies_about_itself_draws_nothing(person, sign_in, browser):
    client = browser()
    client.defaults["HTTP_USER_AGENT"] = "<script>alert(1)</script>"

    page = sign_in(person(), client=client).get(reverse("usersessions_list")).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
