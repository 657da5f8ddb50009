"""Guessing ends after a few tries, whoever guesses, from wherever, at whatever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huitouke.service.config.environment import Environment
from huitouke.service.config.signing_in import signing
from huitouke.service.core import audit, clock, links

pytestmark = pytest.mark.django_db

GOOD = "a long walk by the river"
WRONG = "tea with milk at four"
MOST = 10


@pytest.fixture(autouse=True)
def limits(settings):
    settings.SIGNING = signing(Environment(sign_in_failures=MOST, sign_in_lock_minutes=15))


def try_at(client, email, password=WRONG, **headers):
    given = {"login": email, "password": password}
    return client.post(reverse("account_login"), given, headers=headers)


def locked(answer):
    return "too many attempts" in answer.content.decode()


def noted(action):
    return [each for each in audit.lines(limit=500) if each.action == action]


@pytest.fixture
def guessed(person, browser):
    """Somebody at whose password others guessed until it was enough."""
    somebody = person(email="ann@example.com")
    for _ in range(MOST):
        assert not locked(try_at(browser(), somebody.email))
    return somebody


def test_an_address_is_locked_from_all_networks_together(guessed, browser):
    answers = [try_at(browser(), guessed.email, GOOD) for _ in range(3)]

    assert all(locked(each) for each in answers)
    assert {each.status_code for each in answers} == {422}


def test_writing_the_address_otherwise_is_no_way_around(guessed, browser):
    for email in ("ANN@example.com", " ann@example.com ", "Ann@Example.Com"):
        assert locked(try_at(browser(), email, GOOD))


def test_a_lock_is_noted_once_and_without_the_address(guessed, browser):
    for _ in range(3):
        try_at(browser(), guessed.email)

    (line,) = noted("staff.locked_out")
    assert line.facts == {"kind": "sign_in.address", "minutes": 15}
    assert line.target.startswith("stf_")
    assert "@" not in str(line)


def test_a_lock_ends_by_itself(guessed, browser, sign_in, shift_clock):
    assert locked(try_at(browser(), guessed.email, GOOD))
    shift_clock(timedelta(minutes=14))
    assert locked(try_at(browser(), guessed.email, GOOD))
    shift_clock(timedelta(minutes=16))

    assert sign_in(guessed).get(reverse("account_overview")).status_code == 200


def test_failures_of_long_ago_do_not_count(guessed, browser, shift_clock):
    shift_clock(timedelta(minutes=16))

    assert not any(locked(try_at(browser(), guessed.email)) for _ in range(MOST))


def test_an_address_of_nobody_is_locked_like_any_other(browser):
    answers = [locked(try_at(browser(), "nobody@example.com")) for _ in range(MOST + 2)]

    assert answers == [False] * MOST + [True] * 2
    assert noted("staff.locked_out")[0].target == "stf_unknown"


def test_a_network_is_locked_over_all_addresses(person, browser):
    client, somebody = browser(), person()
    for number in range(MOST * 5):
        assert not locked(try_at(client, f"person-{number}@example.com"))

    assert locked(try_at(client, somebody.email, GOOD))
    assert not locked(try_at(browser(), somebody.email, GOOD))


def test_signing_in_between_guesses_does_not_wipe_out_what_the_network_did(
    person, browser, settings
):
    own, client = person(), browser()
    settings.SIGNING = signing(Environment(sign_in_failures=2))
    for number in range(10):
        assert not locked(try_at(client, f"person-{number}@example.com"))
        if number < 9:
            try_at(client, own.email, GOOD)
            client.post(reverse("account_logout"))

    assert locked(try_at(client, "person-10@example.com"))


def test_a_header_that_a_client_writes_is_no_other_network(browser):
    client = browser()
    for number in range(MOST * 5):
        try_at(client, f"p{number}@example.com", **{"X-Forwarded-For": f"10.0.0.{number}"})

    assert locked(try_at(client, "p@example.com", **{"X-Forwarded-For": "10.0.0.99"}))


def test_behind_a_proxy_its_word_counts_and_not_the_clients(browser, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(MOST * 5):
        forged = f"10.0.0.{number}, 203.0.113.9"
        try_at(browser(), f"p{number}@example.com", **{"X-Forwarded-For": forged})

    assert locked(try_at(browser(), "p@example.com", **{"X-Forwarded-For": "203.0.113.9"}))
    assert not locked(try_at(browser(), "p@example.com", **{"X-Forwarded-For": "203.0.113.8"}))


def test_all_addresses_of_an_ipv6_network_are_one(browser):
    for number in range(MOST * 5):
        client = browser()
        client.defaults["REMOTE_ADDR"] = f"2001:db8::{number:x}"
        try_at(client, f"p{number}@example.com")
    near, far = browser(), browser()
    near.defaults["REMOTE_ADDR"] = "2001:db8::ffff:1"
    far.defaults["REMOTE_ADDR"] = "2001:db8:0:1::1"

    assert locked(try_at(near, "p@example.com"))
    assert not locked(try_at(far, "p@example.com"))


def test_who_guesses_elsewhere_does_not_lock_one_out_of_ones_own_browser(
    person, browser, sign_in
):
    somebody = person()
    own = sign_in(somebody)
    own.post(reverse("account_logout"))
    for _ in range(MOST + 1):
        try_at(browser(), somebody.email)

    stolen = browser()
    stolen.cookies["huitouke_known"] = own.cookies["huitouke_known"].value + "x"
    assert locked(try_at(stolen, somebody.email, GOOD))
    assert try_at(own, somebody.email, GOOD).status_code == 302


def test_a_known_browser_has_no_more_tries_than_another(person, sign_in):
    somebody = person()
    client = sign_in(somebody)
    client.post(reverse("account_logout"))

    answers = [locked(try_at(client, somebody.email)) for _ in range(MOST + 1)]

    assert answers == [False] * MOST + [True]


def test_a_browser_that_is_known_for_one_is_not_known_for_another(person, sign_in, browser):
    own, other = person(), person()
    client = sign_in(own)
    client.post(reverse("account_logout"))
    for _ in range(MOST + 1):
        try_at(browser(), other.email)

    assert locked(try_at(client, other.email, GOOD))


def test_a_session_that_was_left_open_does_not_help_to_guess_the_password(
    person, sign_in, shift_clock
):
    client = sign_in(person())
    confirm = reverse("account_reauthenticate")
    answers = [client.post(confirm, {"password": WRONG}) for _ in range(MOST + 1)]

    assert {each.status_code for each in answers} <= {422, 429}
    assert client.post(confirm, {"password": GOOD}).status_code in {422, 429}
    assert len(noted("staff.sign_in_failed")) <= MOST


def test_a_new_password_by_a_link_opens_the_address_again(guessed, browser):
    assert locked(try_at(browser(), guessed.email, GOOD))
    link = links.make(guessed, at=clock.now(), lasts=links.FORGOTTEN_LASTS)
    client = browser()
    client.get(reverse("account_link", args=[link.secret]))
    given = {"password1": "quite another sentence", "password2": "quite another sentence"}
    client.post(reverse("account_new_password"), given)

    assert try_at(browser(), guessed.email, "quite another sentence").status_code == 302
