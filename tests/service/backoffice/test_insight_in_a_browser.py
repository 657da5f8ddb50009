"""Today and insight in a real browser: from a sentence to a customer, and a chart."""

from __future__ import annotations

import pytest
from looked import analysis, customer, profile

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.staff import create

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

OPERATOR = Actor("staff", "operator")


@pytest.fixture(scope="module")
def owner(site):
    analysis(
        profiles=[
            *(profile(customer(f"林晓雨 {n}"), at_stake=100.0 + n) for n in range(3)),
            profile(customer("Anna Lee"), told=False),
        ]
    )
    return create(
        "chen@example.com", role="owner", name="Chen", at=clock.now(), actor=OPERATOR
    ).record


def test_from_today_to_the_list_sorted_anew_to_one_customer(visit, owner):
    with visit("/staff/today", staff=owner, language="en") as (page, complaints):
        page.get_by_role("link", name="Open the list").first.click()
        page.get_by_label("The highest first by").select_option("spend")
        page.wait_for_url("**order=spend**")
        page.locator("#insight-list").get_by_role("link", name="林晓雨 2").click()

        page.get_by_role("heading", name="Value and loyalty").wait_for()
        assert complaints == []


def test_a_chart_is_drawn_and_its_numbers_stand_below(visit, owner):
    with visit("/staff/insight", staff=owner, language="en") as (page, _):
        page.locator("#chart-score svg").wait_for()
        page.locator("#chart-score summary").click()

        assert page.locator("#chart-score td").first.inner_text() == "311"
