"""The members' door in a real browser: the journey."""

from __future__ import annotations

import pytest

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
        allow = page.locator("#marketing-sms button")
        allow.click()
        page.wait_for_url("**/my/me?said=given*")
        page.click("#marketing-sms button:has-text('Withdraw')")
        page.wait_for_url("**/my/me?said=withdrawn*")
        assert "No, on" in page.inner_text("#marketing-sms")

        assert complaints == []
    who = customers.find("phone", NUMBER)
    assert customers.consents(who.pk)[0].given is False


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
