"""Passwords are set by links: invited or forgotten, told to nobody else, good once."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from huitouke.service.config.environment import Environment
from huitouke.service.config.signing_in import signing
from huitouke.service.core import clock, links, roster
from huitouke.service.core.actor import SYSTEM

pytestmark = pytest.mark.django_db

NEW = "quite another sentence"
TWICE = {"password1": NEW, "password2": NEW}


def jobs():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = 'backoffice.send_link'"
            " ORDER BY id"
        )
        return [json.loads(row[0]) for row in cursor.fetchall()]


@pytest.fixture
def invited():
    return roster.invite("bo@example.com", role="care", at=clock.now(), actor=SYSTEM)


def follow(client, secret):
    return client.get(reverse("account_link", args=[secret]))


def test_who_is_invited_sets_a_password_and_signs_in(invited, browser, sign_in):
    client = browser()

    led = follow(client, invited.secret)
    page = client.get(led["Location"])
    done = client.post(led["Location"], TWICE)

    assert invited.secret not in led["Location"]
    assert invited.secret not in page.content.decode()
    assert "bo@example.com" in page.content.decode()
    assert done["Location"] == reverse("account_login")
    assert sign_in(invited.record, password=NEW).get("/staff/account").status_code == 200


def test_a_link_that_was_used_opens_nothing_more(invited, browser):
    first, second = browser(), browser()
    for client in (first, second):
        follow(client, invited.secret)
    first.post(reverse("account_new_password"), TWICE)

    late = second.post(
        reverse("account_new_password"), {"password1": "x" * 20, "password2": "x" * 20}
    )

    assert late.status_code == 410
    assert follow(browser(), invited.secret).status_code == 410
    invited.record.refresh_from_db()
    assert invited.record.check_password(NEW)


def test_a_link_does_not_sign_anybody_in(invited, browser):
    client = browser()
    follow(client, invited.secret)
    client.post(reverse("account_new_password"), TWICE)

    assert client.get(reverse("account_overview")).status_code == 302


def test_a_link_of_another_ends_the_session_in_which_it_is_used(invited, person, sign_in):
    client = sign_in(person("owner"))
    follow(client, invited.secret)

    client.post(reverse("account_new_password"), TWICE)

    assert client.get(reverse("account_overview")).status_code == 302


@pytest.mark.parametrize(
    "given",
    [
        {"password1": "short", "password2": "short"},
        {"password1": "bo@example.com", "password2": "bo@example.com"},
        {"password1": NEW, "password2": NEW + "x"},
        {},
    ],
)
def test_a_password_that_cannot_be_is_told_and_the_link_stays(invited, browser, given):
    client = browser()
    follow(client, invited.secret)

    answer = client.post(reverse("account_new_password"), given)

    assert answer.status_code == 422
    assert links.person_of(invited.secret, at=clock.now()) == invited.record


def test_without_a_link_there_is_no_password_to_set(browser):
    assert browser().get(reverse("account_new_password")).status_code == 410
    assert browser().post(reverse("account_new_password"), TWICE).status_code == 410


def test_asking_for_a_link_answers_the_same_for_every_address(person, browser):
    somebody = person()
    client = browser()
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in (somebody.email, "nobody@example.com")
    ]

    assert {each.status_code for each in answers} == {200}
    assert len({len(each.content) for each in answers}) == 1
    known, unknown = jobs()
    assert known == {"who": str(somebody.id), "base": "http://testserver"}
    assert unknown["who"] == "00000000-0000-0000-0000-000000000000"


def test_a_link_in_a_letter_leads_to_the_public_address_whatever_host_was_asked(
    person, browser, settings
):
    settings.SIGNING = signing(Environment(public_url="https://loyalty.example.com/"))
    given = {"email": person().email}

    foreign = browser().post(
        reverse("account_reset_password"), given, headers={"Host": "evil.example"}
    )
    with override_settings(ALLOWED_HOSTS=["localhost"]):
        browser().post(reverse("account_reset_password"), given, headers={"Host": "localhost"})

    assert foreign.status_code == 400
    assert [job["base"] for job in jobs()] == ["https://loyalty.example.com"]


def test_nobodys_mailbox_is_filled(person, browser):
    somebody = person()

    answers = [
        browser().post(reverse("account_reset_password"), {"email": somebody.email})
        for _ in range(6)
    ]

    assert {each.status_code for each in answers} == {200}
    assert len(jobs()) == 3


def test_a_network_that_asks_for_many_is_told_to_wait(browser):
    client = browser()
    answers = [
        client.post(reverse("account_reset_password"), {"email": f"p{number}@example.com"})
        for number in range(21)
    ]

    assert [each.status_code for each in answers] == [200] * 20 + [429]
    assert answers[-1]["Retry-After"] == "3600"
