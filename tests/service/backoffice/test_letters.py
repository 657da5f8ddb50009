"""Letters hold a link that is good; jobs and the log do not."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from huitouke.service.backoffice.account import second_factor as factor
from huitouke.service.backoffice.account.letters import send_changed
from huitouke.service.backoffice.account.tasks import forget, send_link, tell_changed
from huitouke.service.core import audit, clock, links, roster
from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.versions.starter import begin

# Background work takes a connection of its own.
pytestmark = pytest.mark.usefixtures("own_database")

NEW = "quite another sentence"
TWICE = {"password1": NEW, "password2": NEW}


@pytest.fixture(autouse=True)
def outbox(mailoutbox):
    return mailoutbox


def jobs(name="send_link"):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id",
            [f"backoffice.{name}"],
        )
        return [json.loads(row[0]) for row in cursor.fetchall()]


def path_of(letter):
    line = next(each for each in letter.body.splitlines() if "/staff/password/link/" in each)
    return line.partition("//")[2].partition("/")[2]


def test_the_letter_holds_a_link_that_is_good(person, browser, sign_in):
    somebody = person()
    type(somebody).objects.filter(pk=somebody.pk).update(language="en")

    send_link(who=str(somebody.id), base="https://loyalty.example.com")

    (letter,) = mail.outbox
    assert letter.to == [somebody.email]
    assert letter.subject == "A new password for Huitouke"
    assert "https://loyalty.example.com/staff/password/link/" in letter.body
    client = browser()
    led = client.get("/" + path_of(letter))
    client.post(led["Location"], TWICE)
    assert sign_in(somebody, password=NEW).get("/staff/account").status_code == 200


def test_nobody_and_who_is_switched_off_get_no_letter(person):
    off = person()
    roster.disable(off.id, at=clock.now(), actor=SYSTEM)

    for who in (off.id, "00000000-0000-0000-0000-000000000000"):
        send_link(who=str(who), base="http://testserver")

    assert mail.outbox == []


def test_no_link_stands_in_a_job_or_in_the_log(person, browser):
    somebody = person()
    browser().post(reverse("account_reset_password"), {"email": somebody.email})
    send_link(**jobs()[0])
    secret = path_of(mail.outbox[0]).rpartition("/")[2]

    assert secret not in str(jobs())
    assert secret not in str(audit.lines())
    assert somebody.email not in str(jobs())


def test_what_is_over_is_forgotten_at_night(person, sign_in, browser):
    client = sign_in(person())

    forget(timestamp=0)

    assert client.get(reverse("account_overview")).status_code == 200


def told():
    """Send the letters that wait, and return what each is about."""
    waiting = jobs("tell_changed")
    for each in waiting:
        tell_changed(**each)
    return [each["what"] for each in waiting]


def test_who_changes_how_they_sign_in_is_told_by_letter_without_a_link(
    person, sign_in, second_factor
):
    somebody = person("owner")
    type(somebody).objects.filter(pk=somebody.pk).update(language="en")
    client = sign_in(somebody)
    changed = {"oldpassword": "a long walk by the river", **TWICE}
    client.post(reverse("account_change_password"), changed)
    second_factor(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))

    about = told()

    assert about == ["password", "factor_on", "recovery_codes", "factor_off"]
    assert {each.to[0] for each in mail.outbox} == {somebody.email}
    first = mail.outbox[0]
    assert first.subject == "Your sign-in to Huitouke was changed"
    assert f"The password of {somebody.email} was changed on " in first.body
    assert not any("://" in each.body for each in mail.outbox)


def test_who_lost_the_second_factor_to_an_owner_is_told(person, sign_in, second_factor):
    somebody = person("owner")
    second_factor(sign_in(somebody))
    told()
    mail.outbox.clear()

    factor.remove(somebody.id, actor=SYSTEM)

    assert told()[-1] == "factor_taken"
    assert "解除" in mail.outbox[-1].body


def test_a_forgotten_password_is_told_and_a_first_one_is_not(person, browser):
    somebody = person()
    invited = roster.invite("bo@example.com", role="care", at=clock.now(), actor=SYSTEM)
    forgotten = links.make(somebody, at=clock.now(), lasts=links.FORGOTTEN_LASTS)
    for secret in (invited.secret, forgotten.secret):
        client = browser()
        client.get(reverse("account_link", args=[secret]))
        client.post(reverse("account_new_password"), TWICE)

    assert [each["who"] for each in jobs("tell_changed")] == [str(somebody.id)]


def test_a_letter_tells_the_time_of_the_shops_own_clock(person, outbox):
    begin(at=clock.now(), actor=SYSTEM, zone="America/New_York", currency="USD")
    somebody = person()
    somebody.language = "en"

    send_changed(somebody, what="password", at=datetime(2026, 3, 2, 3, 30, tzinfo=UTC))

    assert "Mar 1, 2026, 22:30" in outbox[0].body.replace("\u202f", " ")
