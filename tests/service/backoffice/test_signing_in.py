"""Signing in tells strangers nothing, keeps sessions to one browser, and leads only home."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.urls import reverse
from doors import DOORS, address

from huitouke.service.backoffice import guards
from huitouke.service.backoffice.urls import urlpatterns
from huitouke.service.config.environment import Environment
from huitouke.service.config.signing_in import signing_settings
from huitouke.service.core import audit, clock, roster
from huitouke.service.core.actor import SYSTEM

pytestmark = pytest.mark.django_db

GOOD = "a long walk by the river"
WRONG = "tea with milk at four"


def try_at(client, email, password=WRONG, **more):
    given = {"login": email, "password": password}
    return client.post(reverse("account_login"), given | more)


def words_of(answer, email):
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    text = re.sub(r'"x-csrftoken": "\w+"', "", text)
    return text.replace(email, "ADDRESS")


def test_who_signs_in_arrives_at_their_account_and_is_noted(person, sign_in):
    somebody = person("care", email="ann@example.com")

    page = sign_in(somebody).get(reverse("account_overview"))

    assert page.status_code == 200
    line = audit.lines()[0]
    assert (line.action, line.facts) == ("staff.signed_in", {"how": ["password"]})
    assert line.actor == f"staff:{line.target}"
    assert "@" not in str(audit.lines())


def test_the_address_is_good_in_any_case(person, sign_in):
    somebody = person(email="ann@example.com")
    somebody.email = " ANN@Example.com "

    assert sign_in(somebody).get(reverse("account_overview")).status_code == 200


@pytest.fixture
def strangers(person, browser):
    """One address of each kind that must not be told from the others."""
    known = person(email="known@example.com")
    off = person(email="off@example.com")
    roster.disable(off.id, at=clock.now(), actor=SYSTEM)
    roster.invite("asked@example.com", role="care", at=clock.now(), actor=SYSTEM)
    return {
        known.email: WRONG,
        off.email: GOOD,
        "asked@example.com": WRONG,
        "nobody@example.com": WRONG,
    }


def test_every_wrong_sign_in_gets_the_same_answer(strangers, browser):
    client = browser()
    answers = {email: try_at(client, email, password) for email, password in strangers.items()}

    assert {answer.status_code for answer in answers.values()} == {422}
    assert len({words_of(answer, email) for email, answer in answers.items()}) == 1
    assert all("No sign-in with this" in str(each.content) for each in answers.values())


def test_every_wrong_sign_in_takes_the_same_work(strangers, browser, monkeypatch, settings):
    client, made = browser(), []

    class Counting(hashers.PBKDF2PasswordHasher):
        def encode(self, password, salt, iterations=None):
            made.append(iterations or self.iterations)
            return super().encode(password, salt, iterations)

    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    monkeypatch.setattr(f"{__name__}.Counting", Counting, raising=False)
    work = {}
    for email, password in strangers.items():
        made.clear()
        try_at(client, email, password)
        work[email] = list(made)

    assert len({tuple(each) for each in work.values()}) == 1, work
    assert len(work["nobody@example.com"]) == 1


def test_failures_are_noted_without_what_was_typed(strangers, browser):
    for email, password in strangers.items():
        try_at(browser(), email, password)

    failed = [each for each in audit.lines() if each.action == "staff.sign_in_failed"]
    assert len(failed) == 4
    assert {each.actor for each in failed} == {"system:huitouke"}
    assert sum(each.target == "stf_unknown" for each in failed) == 1
    assert "@" not in str(failed)
    assert WRONG not in str(failed)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"login": "known@example.com"},
        {"login": "x" * 300 + "@example.com", "password": WRONG},
        {"login": "known@example.com", "password": "x" * 5000},
        {"login": "<script>alert(1)</script>", "password": WRONG},
    ],
)
def test_what_is_no_address_and_password_is_refused_and_not_drawn(person, browser, given):
    person(email="known@example.com")

    answer = browser().post(reverse("account_login"), given)

    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()


def test_a_session_of_before_is_not_the_session_of_after(person, browser, sign_in):
    somebody = person()
    victim = browser()
    planted = victim.session
    planted["planted"] = "yes"
    planted.save()
    before = planted.session_key
    cookie = Session.objects.filter(session_key=before)

    sign_in(somebody, client=victim)

    after = victim.cookies["huitouke_session"].value
    thief = browser()
    thief.cookies["huitouke_session"] = before
    assert after != before
    assert not cookie.exists()
    assert thief.get(reverse("account_overview")).status_code == 302


def test_a_session_that_the_service_never_made_is_not_taken_up(person, browser, sign_in):
    client = browser()
    client.cookies["huitouke_session"] = "a" * 32

    sign_in(person(), client=client)

    assert client.cookies["huitouke_session"].value != "a" * 32


HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    " https://evil.example",
    "/\t/evil.example",
    "https://testserver@evil.example/",
    "http://localhost/staff/account",
    "ftp://testserver/",
    "evil.example",
    "%2F%2Fevil.example",
]


@pytest.mark.parametrize("wanted", HOSTILE)
def test_nobody_is_sent_elsewhere_after_signing_in_or_out(person, browser, wanted):
    somebody, client = person(), browser()

    query = try_at(client, somebody.email, GOOD, next=wanted)
    again = client.get(reverse("account_login"), {"next": wanted})
    out = client.post(reverse("account_logout"), {"next": wanted})

    home = reverse("staff_home")
    assert (query["Location"], again["Location"]) == (home, home)
    assert out["Location"] == reverse("account_login")


def test_a_path_of_this_host_is_where_one_arrives(person, browser):
    somebody = person("owner")

    answer = browser().post(
        reverse("account_login") + "?next=/staff/settings/staff%3Fq=1",
        {"login": somebody.email, "password": GOOD},
    )

    assert answer["Location"] == "/staff/settings/staff?q=1"


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.route)
def test_no_form_is_taken_from_another_page(person, browser, door):
    client = browser(enforce_csrf_checks=True)
    client.force_login(person("owner"))

    answer = client.post(address(door), {"login": "a@example.com", "password": GOOD})

    assert answer.status_code == 403
    assert "cookies are blocked" in answer.content.decode()


def test_a_form_of_our_own_page_is_taken(person, browser):
    somebody, client = person(), browser(enforce_csrf_checks=True)
    page = client.get(reverse("account_login"))
    mark = client.cookies["huitouke_csrf"].value

    answer = try_at(client, somebody.email, GOOD, csrfmiddlewaretoken=mark)

    assert page.status_code == 200
    assert answer.status_code == 302


def test_signing_out_takes_a_form_and_ends_the_session(person, sign_in):
    client = sign_in(person())
    key = client.cookies["huitouke_session"].value

    asked = client.get(reverse("account_logout"))
    still = client.get(reverse("account_overview")).status_code
    client.post(reverse("account_logout"))

    assert (asked.status_code, still) == (200, 200)
    assert not Session.objects.filter(session_key=key).exists()
    assert client.get(reverse("account_overview")).status_code == 302
    assert audit.lines()[0].action == "staff.signed_out"


def test_nobody_signs_up(browser):
    taken = {door.name for door in guards.views_of(urlpatterns)}

    assert not taken & {"account_signup", "socialaccount_signup", "account_email"}
    assert browser().get("/staff/signup").status_code == 404


def test_cookies_under_https_are_of_this_host_alone_and_closed_to_scripts(
    person, browser, settings
):
    for name, value in signing_settings(
        Environment(public_url="https://loyalty.example.com"), https=True
    ).items():
        setattr(settings, name, value)
    settings.ALLOWED_HOSTS = ["loyalty.example.com"]
    somebody, client = person(), browser()
    host = {"secure": True, "headers": {"Host": "loyalty.example.com"}}

    client.get(reverse("account_login"), **host)
    given = {"login": somebody.email, "password": GOOD}
    answer = client.post(reverse("account_login"), given, **host)

    kept = {name: cookie for name, cookie in client.cookies.items() if cookie.value}
    assert answer.status_code == 302
    del kept["huitouke_language"]
    assert set(kept) == {"__Host-huitouke_session", "__Host-huitouke_csrf", "huitouke_known"}
    for cookie in kept.values():
        assert (cookie["secure"], cookie["httponly"]) == (True, True)
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert kept["__Host-huitouke_session"]["max-age"] == ""


def test_a_machine_pays_for_no_session_and_a_session_opens_no_machine(
    person, sign_in, django_assert_num_queries
):
    client = sign_in(person("owner"))

    with django_assert_num_queries(0):
        answer = client.get("/v1/customers")

    assert answer.status_code == 401
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
