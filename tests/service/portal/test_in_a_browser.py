"""The members' door in a real browser: the journey."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from huitouke.service.core import clock
from huitouke.service.customers import queries as customers
from huitouke.service.outreach.senders.choosing import Channels

pytestmark = pytest.mark.browser

PHONE = 390
NUMBER = "+8613812345678"


@pytest.fixture
def shop(site, open_shop, settings):
    """The shop of this module's own database, opened once, with a member who has a lot."""
    settings.CHANNELS = Channels(console=True)
    return open_shop(NUMBER)


def sign_in(page, sent) -> None:
    page.goto("/my/")
    page.fill("[name=address]", NUMBER)
    page.click("main button[type=submit]")
    page.wait_for_url("**/my/code*")
    page.fill("[name=code]", sent()[-1])
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: url.endswith("/my/"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_member_signs_in_redeems_shows_the_code_and_withdraws_consent(
    visit, shop, sent, scripts
):
    with visit("/my/", width=PHONE, language="en", scripts=scripts) as (page, complaints):
        sign_in(page, sent)
        assert "林晓雨" in page.inner_text(".pass")

        page.click(".tabs a:has-text('Redeem')")
        page.click("text=Tea cup")
        page.click("main button:has-text('Redeem for')")
        page.wait_for_url("**/my/redemptions/*")
        assert page.locator(".qr").is_visible()
        assert "Show this at the till" in page.inner_text("main")

        page.click(".tabs a:has-text('Me')")
        page.click("#marketing-sms button:has-text('Allow')")
        page.wait_for_url("**/my/me?said=given*")
        page.click("#marketing-sms button:has-text('Withdraw')")
        page.wait_for_url("**/my/me?said=withdrawn*")
        assert "No, on" in page.inner_text("#marketing-sms")
        # Each run says no by a way that was not asked before.
        way = "sms" if scripts else "phone"
        page.click(f"#survey-{way} button:has-text('No')")
        page.wait_for_url("**/my/me?said=refused*")
        page.click("#analysed button:has-text('Object')")
        page.wait_for_url("**/my/me?said=objected*")
        assert "nothing is worked out about you." in page.inner_text("#analysed")
        page.click("#analysed button:has-text('Take the objection back')")
        page.wait_for_url("**/my/me?said=analysed*")

        assert complaints == []
    who = customers.find("phone", NUMBER)
    now = {(each.channel, each.purpose): each.given for each in customers.consents(who.pk)}
    assert now["sms", "marketing"] is now[way, "survey"] is False
    assert now["push", "profiling"] is True


def test_giving_up_a_redemption_is_asked_in_a_dialog(visit, shop, sent):
    with visit("/my/", width=PHONE, language="en") as (page, complaints):
        sign_in(page, sent)
        page.goto(shop.redeemed())
        page.click("main button:has-text('Give it up')")
        page.wait_for_selector("#cancel[open]")
        assert "Tea cup" in page.inner_text("#cancel h2")

        page.click("#cancel button:has-text('Give it up')")
        page.wait_for_selector("text=Cancelled")

        assert complaints == []


@contextmanager
def later(**parts):
    """Let the clock of the whole site run ahead, for connections that begin from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name = connection.ops.quote_name(cursor.fetchone()[0])
        ahead = f"{timedelta(**parts).total_seconds()} seconds"
        cursor.execute(f"ALTER DATABASE {name} SET huitouke.clock_shift = '{ahead}'")
        yield
        cursor.execute(f"ALTER DATABASE {name} RESET huitouke.clock_shift")


def test_who_gives_up_too_late_reads_what_is_lost_before_and_what_came_back_after(
    visit, shop, sent
):
    with visit("/my/", width=PHONE, language="en") as (page, complaints):
        sign_in(page, sent)
        shop.earn(shop.who, 150, expires_at=clock.now() + timedelta(hours=20))
        page.click(".tabs a:has-text('Redeem')")
        page.click("text=Tea cup")
        before = page.inner_text("main")
        page.click("main button:has-text('Redeem for')")
        page.wait_for_url("**/my/redemptions/*")
        assert "have lapsed" not in page.inner_text("main")

        with later(hours=21):
            page.reload()
            warned = page.inner_text("main")
            page.click("main button:has-text('Give it up')")
            page.wait_for_selector("#cancel[open]")
            asked = page.inner_text("#cancel")
            page.click("#cancel button:has-text('Give it up')")
            page.wait_for_selector("text=Cancelled")
            done = page.inner_text("main")

        assert "Not used by then, 350 points come back to you and 150 points lapse." in before
        risk = "150 points of these have lapsed: used at the till they count, given up they are"
        assert risk in warned
        assert "350 points come back to you at once." in asked
        assert risk in asked
        assert "350 points came back to you." in done
        assert "150 points had lapsed by then." in done
        assert complaints == []
