"""A new shop's first evening: from a file of orders to points for who is slipping away."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import huitouke

from huitouke.insight.world.simulate import simulate
from huitouke.insight.world.write import write

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
EMAIL = "owner@example.com"
#: The analysis of a small shop takes a quarter of a minute on a quiet machine.
LONG = 180_000


@pytest.fixture
def orders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    write(simulate("W1", customers=1_200, seed=5, truth=False), folder=folder)
    return folder / "orders.csv"


@pytest.fixture
def page():
    if not CHROMIUM.is_file():
        pytest.skip("there is no /usr/bin/chromium here")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = opened.new_page(locale="en-GB")
        page.set_default_timeout(30_000)
        yield page
        opened.close()


def test_an_owner_imports_analyses_finds_who_slips_and_gives_points(start, orders, page):
    served = start("--workers", "1")
    entered = huitouke(
        "staff", "create", EMAIL, "--role", "owner", "--data-dir", str(served.folder)
    )
    password = entered.stdout.strip()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    main = page.locator("main")

    page.goto(f"{served.address}/staff/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", password)
    page.click("main button[data-kind=main]")
    page.click("text=Import orders")
    page.set_input_files("input[type=file]", str(orders))
    page.click("text=Look into the file")
    page.click("text=Try it: see what would change")
    page.click("text=/Bring in .* new rows/")
    page.click("text=Analyse who comes back", timeout=LONG)
    page.click("text=See what it found", timeout=LONG)
    page.goto(f"{served.address}/staff/today")
    page.click("main a[href$='/insight/lists/slipping']")
    main.locator("tbody th a").first.click()
    page.click("text=Enrol")
    page.click("main form button[data-kind=main]")
    page.click("text=Adjust points")
    page.fill("[name=points]", "120")
    page.fill("[name=note]", "Waited too long")
    page.click("main form button[data-kind=main]")

    sync_api.expect(main).to_contain_text("Adjustment of 120 points: goodwill")
    sync_api.expect(main.locator(".stat", has_text="points").first).to_contain_text("220")
    assert complaints == []
    served.process.terminate()
    assert served.process.wait(60) == 0
    checked = huitouke("ledger", "verify", "--data-dir", str(served.folder), "--lang", "en")
    assert checked.returncode == 0, checked.stdout
