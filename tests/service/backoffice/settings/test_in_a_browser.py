"""Imports and settings in a real browser: files and keys by hand."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huitouke.service.core import clock, keys, staff
from huitouke.service.core.actor import Actor
from huitouke.service.loop.imports import commands, working
from huitouke.service.loop.imports.models import Upload
from huitouke.service.orders.models import Order
from huitouke.service.programme.versions.starter import begin

pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.browser

LAPTOP, PHONE = 1280, 390
ACTOR = Actor("staff", "somebody")
HEAD = "订单号,手机号,下单时间,实付金额,备注\n"
ORDERS = HEAD + "".join(
    f"A{n},1380013{n:04},2025-03-{n % 28 + 1:02} 10:00:00,{n}.50,-\n" for n in range(1, 30)
)
COLUMNS = commands.Columns(
    mapping={"order_id": "1", "customer_id": "2", "ordered_at": "3", "amount": "4"}
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(autouse=True)
def uploads(folder, settings):
    settings.UPLOAD_DIR = str(folder)


@pytest.fixture(scope="module")
def owner(site):
    begin(at=clock.now(), actor=ACTOR)
    return staff.create(
        "lin@example.com", role="owner", name="Lin", at=clock.now(), actor=ACTOR
    ).record


def hand_in(text, name):
    return commands.hand_in(
        [text.encode()], kind="orders", name=name, language="en", at=clock.now(), actor=ACTOR
    )


def worked():
    found = Upload.objects.latest("asked_at")
    working.work(found.id)
    return found


def test_a_file_goes_all_the_way_by_hand(visit, owner, folder, tmp_path):
    file = tmp_path / "july.csv"
    file.write_text(ORDERS.replace("A", "B"), encoding="utf-8")
    before = Order.objects.count()
    with visit(reverse("imports"), staff=owner, language="en") as (page, complaints):
        page.set_input_files("input[type=file]", file)
        page.click("text=Look into the file")
        page.wait_for_selector("text=The file is being looked into")
        worked()
        page.wait_for_selector("text=Which column is what")
        page.select_option("[name=column-5]", "product")
        page.click("text=Try it: see what would change")
        page.wait_for_selector("text=The file is being tried")
        worked()
        page.wait_for_selector("text=Bring in 29 new rows")
        page.click("text=Bring in 29 new rows")
        page.wait_for_selector("text=The file is coming in")
        worked()
        page.wait_for_selector("text=Analyse who comes back")

        assert complaints == []
    assert Order.objects.count() == before + 29


def test_a_file_goes_all_the_way_without_scripts(visit, owner, tmp_path):
    file = tmp_path / "august.csv"
    file.write_text(ORDERS.replace("A", "C"), encoding="utf-8")
    with visit(reverse("imports"), staff=owner, language="en", scripts=False) as (page, _):
        page.set_input_files("input[type=file]", file)
        page.click("text=Look into the file")
        page.wait_for_selector("text=The file is being looked into")
        worked()
        page.click("noscript a")  # text in it is passed over by name
        page.click("text=Try it: see what would change")
        page.wait_for_selector("text=The file is being tried")
        worked()
        page.click("noscript a")  # text in it is passed over by name

        assert page.locator("text=Bring in 29 new rows").count() == 1


def test_a_key_is_made_copied_and_revoked(visit, owner):
    with visit(reverse("settings_keys"), staff=owner, language="en") as (page, complaints):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.fill("[name=name]", "till-8")
        page.check("[value='points:read']")
        page.click("text=Make the key")
        secret = page.inner_text("#secret")
        page.click("button:has-text('Copy')")
        page.wait_for_selector(".toast:has-text('Copied.')")
        assert page.evaluate("navigator.clipboard.readText()") == secret

        page.click("text=I have it")
        assert secret not in page.content()
        page.click("[aria-label='Revoke till-8']")
        page.click("dialog[open] >> text=Revoke the key")
        page.wait_for_selector("text=The key till-8 opens nothing any more.")

        assert complaints == []
    assert keys.authenticate(secret) is None
