"""Today and insight in a real browser: quiet, accessible, by keyboard, never too wide."""

from __future__ import annotations

import pytest
from looked import analysis, customer, profile

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.staff import create

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = pytest.mark.browser

OPERATOR = Actor("staff", "operator")
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => one.open = true)"
PAGES = [
    "/staff/today",
    "/staff/today/lapsing",
    "/staff/insight",
    "/staff/insight/lists/slipping",
    "/staff/insight/lists/all?group=barnacle",
    "/staff/insight/models",
    "/staff/insight/analyses",
]


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


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1280, "light", "en"), (390, "dark", "zh"), (390, "light", "en"), (1280, "dark", "zh")],
)
def test_pages_are_quiet_accessible_and_no_wider_than_the_screen(
    visit, owner, width, scheme, language
):
    how = {"staff": owner, "width": width, "scheme": scheme, "language": language}
    with visit(PAGES[0], **how) as (page, complaints):
        for path in PAGES:
            page.goto(path)
            page.evaluate(OPEN_ALL)
            found = axe.Axe().run(page).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path

        assert complaints == []


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
