"""Signing in and a person's own account in a real browser, with what goes wrong on the way."""

from __future__ import annotations

import itertools

import pytest
from django.conf import settings
from django.urls import reverse
from doors import code_for

from huitouke.service.core import clock, roster, staff
from huitouke.service.core.actor import SYSTEM

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = pytest.mark.browser

GOOD = "a long walk by the river"
NEW = "quite another sentence"
_numbers = itertools.count(1)
expect = sync_api.expect


@pytest.fixture
def somebody(site):
    """An owner whom no other test knows."""
    address = f"own{next(_numbers)}@example.com"
    return staff.create(
        address, role="owner", password=GOOD, at=clock.now(), actor=SYSTEM
    ).record


@pytest.fixture
def door(visit):
    """Open the sign-in page in English; nobody is signed in."""

    def opened(**how):
        return visit(reverse("account_login"), language="en", **how)

    return opened


def fill_in(page, somebody, password=GOOD):
    page.goto(reverse("account_login"))
    page.get_by_label("E-mail").fill(somebody.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def give(page, code):
    page.wait_for_url("**/staff/sign-in/code*")
    page.locator("[name=code]").fill(code)
    page.get_by_role("button", name="Go on").click()


def sign_out(page):
    page.goto(reverse("account_logout"))
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/staff/sign-in*")


def inside(page):
    page.wait_for_url("**/staff/today")


def untroubled(complaints):
    """Leave out what Chromium writes of every form that comes back with mistakes."""
    return [each for each in complaints if "status of 422" not in each]


def accessible(page):
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_wrong_password_is_told_and_the_right_one_leads_on(door, somebody, scripts):
    with door(scripts=scripts, width=390) as (page, complaints):
        fill_in(page, somebody, "not my password at all")
        expect(page.locator("main")).to_contain_text("No sign-in with this address")
        if scripts:
            accessible(page)
        assert page.get_by_label("E-mail").input_value() == somebody.email
        assert page.get_by_label("Password").input_value() == ""

        fill_in(page, somebody)

        inside(page)
        assert untroubled(complaints) == []


def test_who_guesses_is_locked_out_and_told_for_how_long(door, somebody):
    with door(theme="dark") as (page, complaints):
        for number in range(settings.SIGNING.failures):
            fill_in(page, somebody, f"a guess of number {number}")
        fill_in(page, somebody)

        expect(page.locator("main")).to_contain_text("There were too many attempts.")
        expect(page.locator("main")).to_contain_text(str(settings.SIGNING.lock_minutes))
        accessible(page)
        assert untroubled(complaints) == []


def test_a_second_factor_is_set_up_asked_for_and_a_recovery_code_stands_in(door, somebody):
    with door(width=390) as (page, complaints):
        fill_in(page, somebody)
        inside(page)
        page.goto(reverse("mfa_index"))
        page.get_by_role("link", name="Set it up").click()
        secret = page.locator("main code").inner_text()
        assert page.locator("figure svg").is_visible()
        page.locator("[name=code]").fill("000000")
        page.get_by_role("button", name="Switch it on").click()
        expect(page.locator("[name=code]")).to_have_attribute("aria-invalid", "true")
        accessible(page)
        secret = page.locator("main code").inner_text() or secret
        page.locator("[name=code]").fill(code_for(secret))
        page.get_by_role("button", name="Switch it on").click()
        expect(page.locator("h1")).to_have_text("Recovery codes")
        recovery = page.locator("main li code").all_inner_texts()
        accessible(page)

        sign_out(page)
        fill_in(page, somebody)
        give(page, code_for(secret, steps=1))
        inside(page)
        sign_out(page)
        fill_in(page, somebody)
        give(page, recovery[0])
        inside(page)
        sign_out(page)
        fill_in(page, somebody)
        give(page, recovery[0])

        expect(page.locator("[name=code]")).to_have_attribute("aria-invalid", "true")
        assert len(recovery) == 10
        assert untroubled(complaints) == []


def test_other_browsers_are_listed_and_signed_out(door, somebody):
    with door() as (first, _), door(width=390) as (second, complaints):
        for page in (first, second):
            fill_in(page, somebody)
            inside(page)
        second.goto(reverse("usersessions_list"))
        expect(second.locator("tbody tr")).to_have_count(2)
        expect(second.get_by_text("this one")).to_have_count(1)
        accessible(second)

        second.get_by_role("button", name="Sign the others out").click()

        expect(second.locator(".toast")).to_contain_text("Your other sessions are signed out.")
        expect(second.locator("tbody tr")).to_have_count(1)
        first.goto(reverse("account_overview"))
        assert "/staff/sign-in" in first.url
        assert complaints == []


def test_a_password_is_changed_by_who_knows_the_old_one(door, somebody):
    with door() as (page, complaints):
        fill_in(page, somebody)
        inside(page)
        page.goto(reverse("account_change_password"))
        for name, value in (("oldpassword", NEW), ("password1", NEW), ("password2", NEW)):
            page.locator(f"[name={name}]").fill(value)
        page.get_by_role("button", name="Change the password").click()
        wrong = page.locator("[name=oldpassword]")
        expect(wrong).to_have_attribute("aria-invalid", "true")
        accessible(page)

        for name, value in (("oldpassword", GOOD), ("password1", NEW), ("password2", NEW)):
            page.locator(f"[name={name}]").fill(value)
        page.get_by_role("button", name="Change the password").click()
        expect(page.locator(".toast")).to_contain_text("Your password is changed.")
        sign_out(page)
        fill_in(page, somebody, NEW)

        inside(page)
        assert untroubled(complaints) == []


def test_who_is_invited_sets_a_password_and_arrives_where_the_work_is(door):
    invited = roster.invite("bo@example.com", role="front_line", at=clock.now(), actor=SYSTEM)
    with door(width=390, scheme="dark") as (page, complaints):
        page.goto(reverse("account_link", args=[invited.secret]))
        expect(page.locator("main")).to_contain_text("You will sign in as bo@example.com.")
        page.locator("[name=password1]").fill("short")
        page.locator("[name=password2]").fill("short")
        page.get_by_role("button", name="Set the password").click()
        expect(page.locator("[name=password1]")).to_have_attribute("aria-invalid", "true")
        accessible(page)
        page.locator("[name=password1]").fill(NEW)
        page.locator("[name=password2]").fill(NEW)
        page.get_by_role("button", name="Set the password").click()
        page.wait_for_url("**/staff/sign-in")
        fill_in(page, invited.record, NEW)
        page.wait_for_url("**/staff/till")

        page.goto(reverse("account_link", args=[invited.secret]))

        expect(page.locator("main")).to_contain_text("no longer good")
        accessible(page)
        assert [each for each in untroubled(complaints) if "status of 410" not in each] == []
