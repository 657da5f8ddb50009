"""The components in a real browser: quiet, accessible, never wider than the screen."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.staff import create

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

LAPTOP, PHONE = 1280, 390
OPERATOR = Actor("staff", "operator")
WATCH = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


OPEN_ALL = "document.querySelectorAll('details').forEach((one) => one.open = true)"
SMALL = """(least) => [...document.querySelectorAll("button, .button, select, .tabs a, input")]
  .filter((one) => one.checkVisibility() && !["radio", "checkbox"].includes(one.type))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([_, box]) => box.height && Math.min(box.height, box.width) < least - 0.5)
  .map(([html, box]) => `${html} ${box.width} × ${box.height}`)"""
POST = "htmx.ajax('POST', '/theme', {values: {theme: 'dark', next: '/look'}})"


@pytest.fixture(scope="module")
def owner(site):
    return create(
        "lin@example.com", role="owner", name="Lin", at=clock.now(), actor=OPERATOR
    ).record


def drawn(page) -> None:
    page.wait_for_selector("html[data-drawn]", state="attached")


@pytest.mark.parametrize("width", [320, 768, 1024, 1920])
def test_no_screen_is_too_narrow_or_too_wide(visit, owner, width):
    with visit("/look", staff=owner, width=width) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_dialogs_menus_and_toasts_are_accessible_when_open(visit, owner, language, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with visit("/look", staff=owner, width=PHONE, theme=theme, language=language) as (
        page,
        said,
    ):
        page.click("button[commandfor=erase]")
        page.wait_for_selector("#erase[open]")
        assert page.evaluate("document.activeElement.name") == "reason"
        opened = axe.Axe().run(page)
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0

        page.click(".tabs button")
        page.wait_for_selector("#menu:popover-open")
        menu = axe.Axe().run(page)
        page.keyboard.press("Escape")

        page.evaluate(
            "document.body.dispatchEvent(new CustomEvent('toast',"
            " {detail: {said: '<b>Sent</b>', tone: 'warn'}}))"
        )
        toast = axe.Axe().run(page)

        assert page.inner_text(".toast p") == "<b>Sent</b>"
        expect(page.locator("#told")).to_have_text("<b>Sent</b>")
        page.click("[data-closes-toast]")
        assert page.locator(".toast").count() == 0
        for found in (opened, menu, toast):
            assert found.violations_count == 0, found.generate_report()
        assert said == []


def test_a_chart_breaks_no_policy_not_even_under_the_pointer(visit, owner):
    with visit("/nothing", staff=owner) as (page, complaints):
        complaints.clear()
        page.add_init_script(WATCH)
        page.goto("/look")
        drawn(page)

        box = page.locator("#returns .plot").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_selector(".chart-tip")

        assert "came back" in page.inner_text(".chart-tip") or "人回头" in page.inner_text(
            ".chart-tip"
        )
        assert page.locator("#returns svg").count() == 1
        assert page.get_attribute("#returns .plot", "role") == "img"
        assert page.get_attribute("#returns .plot", "aria-label")
        assert complaints == []


def test_a_chart_follows_theme_and_box_and_goes_with_its_part(visit, owner):
    colour = "getComputedStyle(document.querySelector('#returns svg text')).fill"
    with visit("/look", staff=owner) as (page, complaints):
        drawn(page)
        light, wide = page.evaluate(colour), page.get_attribute("#returns svg", "width")

        page.emulate_media(color_scheme="dark")
        assert page.evaluate(colour) != light

        page.set_viewport_size({"width": PHONE, "height": 800})
        expect(page.locator("#returns svg")).not_to_have_attribute("width", wide)

        page.evaluate("htmx.swap('#returns', '', {swapStyle: 'outerHTML'})")
        expect(page.locator("#returns")).to_have_count(0)
        page.set_viewport_size({"width": LAPTOP, "height": 800})
        assert complaints == []


def test_a_filter_changes_the_list_and_the_address_without_a_new_page(visit, owner):
    with visit("/look", staff=owner, language="en") as (page, complaints):
        page.evaluate("window.same = true")
        page.fill("#id_q", "ada")
        expect(page.locator("#people tbody tr")).to_have_count(1)

        assert "q=ada" in page.url
        assert page.evaluate("window.same") is True
        page.fill("#id_q", "nobody")
        page.wait_for_selector("#people .empty")
        assert complaints == []


def test_without_scripts_the_filter_and_the_switches_work(visit, owner):
    with visit("/look", staff=owner, language="en", scripts=False) as (page, _):
        page.fill("#id_q", "ada")
        page.click("form.filters button")
        assert page.locator("#people tbody tr").count() == 1
        assert page.input_value("#id_q") == "ada"

        page.click(".side button[value=zh]")
        page.click(".side button[value=dark]")

        assert "q=ada" in page.url
        assert page.get_attribute("html", "lang") == "zh-Hans"
        assert page.get_attribute("html", "data-theme") == "dark"
        assert page.get_attribute(".side button[value=dark]", "aria-pressed") == "true"


def test_the_first_tab_leads_to_the_content_and_every_stop_is_seen(visit, owner):
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    with visit("/look", staff=owner, language="en") as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        assert page.evaluate("document.activeElement.getBoundingClientRect().width") > 40

        for _ in range(25):
            page.keyboard.press("Tab")
            assert page.evaluate(ring) == "solid", page.evaluate(
                "document.activeElement.outerHTML"
            )


@pytest.mark.parametrize(("door", "least"), [("", 24), ("portal", 44)])
def test_targets_are_large_enough_for_a_finger(visit, owner, door, least):
    with visit(f"/look?door={door}", staff=owner, width=PHONE) as (page, _):
        assert page.evaluate(SMALL, least) == []


def test_forced_colours_keep_what_is_chosen_and_what_is_a_button_in_sight(visit, owner):
    style = "getComputedStyle(document.querySelector('{}')).{}"
    with visit("/look", staff=owner) as (page, _):
        page.emulate_media(forced_colors="active")

        for marked in (".button[data-kind=main]", ".panel", ".badge"):
            assert page.evaluate(style.format(marked, "borderTopStyle")) == "solid", marked
        assert page.evaluate(style.format(".nav a[aria-current]", "outlineStyle")) == "solid"


def test_nothing_moves_for_who_wants_no_motion(visit, owner):
    with visit("/look", staff=owner) as (page, _):
        page.emulate_media(reduced_motion="reduce")

        assert page.evaluate("document.getAnimations().length") == 0


def test_a_request_that_fails_is_told_aloud(visit, owner):
    with visit("/look", staff=owner, language="en") as (page, _):
        page.evaluate("htmx.ajax('GET', '/nothing', '#people')")
        page.wait_for_selector(".toast[data-tone=bad]")

        assert "Nothing was changed" in page.inner_text(".toast")
        assert page.locator("#people table").count() == 1


def test_htmx_forms_carry_the_mark(visit, owner):
    with visit("/look", staff=owner, language="en") as (page, _):
        with page.expect_request("**/theme") as asked:
            page.evaluate(
                "htmx.ajax('POST', '/theme', {values: {theme: 'dark', next: '/look'}})"
            )
        assert asked.value.headers["x-csrftoken"]

        page.wait_for_selector("html[data-theme=dark]", state="attached")
