"""The programme's pages in a real browser: from a draft to its rule."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.staff import create
from huitouke.service.programme.errands import commands, running
from huitouke.service.programme.models.versions import Version

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

OPERATOR = Actor("staff", "operator")


@pytest.fixture(scope="module")
def owner(site):
    return create(
        "lin@example.com", role="owner", name="Lin", at=clock.now(), actor=OPERATOR
    ).record


@pytest.fixture(scope="module")
def shop_open(site, open_shop):
    """Orders, a draft that gives more and takes a rule away, a back-test, codes."""
    found = open_shop()
    asked = {"key": "k", "at": clock.now(), "actor": OPERATOR}
    found.test = commands.ask_backtest(found.draft.id, since=None, **asked)
    found.codes = commands.ask_codes(found.campaign.id, count=20, **asked)
    for each in (found.test, found.codes):
        running.run(each.id)
    found.codes.refresh_from_db()
    return found


def test_a_rule_is_changed_tried_while_typing_checked_and_published(
    visit, owner, to, shop_open
):
    with visit(to("home"), staff=owner, language="en") as (page, complaints):
        page.click("text=Change it in a draft")
        expect(page.locator("h1")).to_contain_text("Draft")
        page.click("a[aria-label='Change: Points on purchases']")
        expect(page.locator("#tried .stat-value").first).to_have_text("128")

        page.fill("#id_points", "3")
        expect(page.locator("#tried .stat-value").first).to_have_text("384")
        expect(page.locator("#tried .change").first).to_have_text("256 more")
        page.fill("#id_points", "")
        page.click("text=Keep in the draft")
        expect(page.locator("#id_points")).to_have_attribute("aria-invalid", "true")
        page.fill("#id_points", "3")
        page.click("text=Keep in the draft")

        expect(page.locator(".toast")).to_contain_text("Kept in the draft")
        expect(page.locator("main")).to_contain_text("a member earns 3 points")
        page.click("text=Check and publish")
        expect(page.locator("main")).to_contain_text("No promise becomes smaller.")
        page.click("text=Publish …")
        page.fill("#publish [name=reason]", "Spring")
        page.click("#publish button[data-kind=main]")

        expect(page.locator(".toast")).to_contain_text("is in force from now on")
        # Chromium writes of every form that comes back with mistakes.
        assert [each for each in complaints if "status of 422" not in each] == []
    force = Version.objects.get(state="published")
    assert force.definition["rules"][0]["gives"]["points"] == 3


def test_without_scripts_a_rule_is_tried_and_kept(visit, owner, to, shop_open):
    draft = public_id("ver", shop_open.draft.id)
    address = to("part_at", draft, "rules", 0)
    with visit(address, staff=owner, language="en", scripts=False) as (page, _):
        page.fill("#id_points", "4")
        page.click("button[value=try]")
        assert page.locator("#tried .stat-value").first.inner_text() == "512"
        assert page.input_value("#id_points") == "4"

        page.click("button[value=keep]")

        assert page.url.endswith(to("draft", draft))
    shop_open.draft.refresh_from_db()
    assert shop_open.draft.definition["rules"][0]["gives"]["points"] == 4
