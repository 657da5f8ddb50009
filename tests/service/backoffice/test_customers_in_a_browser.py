"""Customers and till in a real browser: the journeys, by keyboard, with and without scripts."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from counter import Counter, key
from keyboard import typed

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.staff import create
from huitouke.service.orders.models import Order

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

OPERATOR = Actor("staff", "operator")


@pytest.fixture(scope="module")
def owner(site):
    return create(
        "lin@example.com", role="owner", name="Lin", at=clock.now(), actor=OPERATOR
    ).record


@pytest.fixture(scope="module")
def world(site, owner):
    shop = Counter().open()
    made = shop.member("林晓雨", points=940, expires_at=shop.later(days=5), phone="13812345678")
    other = shop.member("Anna Lee", points=50)
    told = shop.buy(made, 12_000, 4_500)
    shop.coupon(made)
    shop.reward(500)
    shop.reward(1_000, names={"zh": "马克杯", "en": "Mug"})
    return shop, made, other, told


def test_a_sale_is_made_with_the_keyboard_alone_and_recorded_once(visit, owner, world):
    _, made, *_ = world
    with visit("/staff/till", staff=owner, language="en") as (page, complaints):
        typed(page, "138 1234 5678")
        page.wait_for_url(f"**/staff/till/{key(made)}")
        typed(page, "36.80", into="amount")
        page.wait_for_url("**amount=36.80**")
        page.keyboard.press("Enter")
        page.wait_for_url("**/staff/till/orders/**")
        page.reload()

        assert "36 points" in page.locator("main").inner_text()
        assert complaints == []
    assert Order.objects.filter(source="till", total_minor=3_680).count() == 1


def test_before_points_lapse_or_a_larger_reward_is_lost_it_is_said(visit, owner, world):
    _, made, *_ = world
    with visit(f"/staff/till/{key(made)}", staff=owner, language="en") as (page, _):
        assert "940 points lapse after" in page.locator("main").inner_text()
        page.get_by_role("link", name="Redeem Cup").click()
        text = page.locator("main").inner_text()

    assert "60 points more would be enough for Mug; redeeming now leaves 440." in text
    assert "You are 60 points away from Mug" in text


def test_filters_change_the_list_and_the_address_without_a_new_page(visit, owner, world):
    with visit("/staff/customers", staff=owner, language="en") as (page, complaints):
        page.evaluate("window.same = true")
        page.get_by_label("Search").fill("Anna")
        page.get_by_role("link", name="林晓雨").wait_for(state="detached")

        assert "q=Anna" in urlsplit(page.url).query
        assert page.evaluate("window.same")
        page.reload()
        assert page.get_by_label("Search").input_value() == "Anna"
        assert complaints == []


def test_pages_work_without_scripts(visit, owner, world):
    _, made, *_ = world
    with visit(f"/staff/till/{key(made)}", staff=owner, language="en", scripts=False) as (
        page,
        _,
    ):
        page.get_by_label("Amount", exact=True).first.fill("5")
        page.get_by_role("button", name="Work it out").click()

        assert "To pay: ¥5.00" in page.locator("main").inner_text()
