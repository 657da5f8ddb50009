"""From a member's phone over the counter, in real browsers; and how all its pages look."""

from __future__ import annotations

import itertools

import pytest
from counter import BOSS, Counter, key
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from keyboard import typed

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id, private_id, public_id
from huitouke.service.core.staff import create
from huitouke.service.orders.models import Order
from huitouke.service.portal.signing import sessions
from huitouke.service.programme.mine.reach import obtain
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.counter import hand_over_held
from huitouke.service.programme.rewards.pacts import PACT_HOLD, join_pact, offer_pact

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

OPERATOR = Actor("staff", "operator")
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => one.open = true)"
PHONE, LAPTOP = 390, 1280


@pytest.fixture(scope="module")
def owner(site):
    return create(
        "lin@example.com", role="owner", name="Lin", at=clock.now(), actor=OPERATOR
    ).record


class World(Counter):
    """A shop with things for one and for two, in every state."""

    def fill(self):
        self.one = self.member("林晓雨", points=500_000, phone="13812345678")
        self.other = self.member("Anna Lee", points=500_000, phone="13912345678")
        self.cup = self.reward(500, cash_minor=1_000, names={"zh": "茶杯", "en": "Tea cup"})
        self.set = self.reward(900, cooperative=True, names={"zh": "茶具", "en": "Tea set"})
        self.told = self.buy(self.one, 30_000, 4_500, pieces=3)
        return self

    def redeemed(self):
        made = obtain(
            self.one.pk, programme="main", reward=self.cup.id, key=str(new_id()),
            at=self.now, actor=BOSS, waits=PACT_HOLD,
        )  # fmt: skip
        return public_id("rdm", made.id)

    def handed_over(self):
        made = Redemption.objects.get(pk=private_id("rdm", self.redeemed()))
        return public_id("rdm", hand_over_held(made.id, at=self.now, actor=BOSS).id)

    def begun(self):
        made = offer_pact(
            self.one.pk, programme="main", reward=self.set.id, points=400,
            key=str(new_id()), at=self.now, actor=BOSS,
        )  # fmt: skip
        return public_id("pct", made.id)

    def shared(self):
        pact = self.begun()
        join_pact(
            private_id("pct", pact), customer=self.other.pk, key="j", at=self.now, actor=BOSS
        )
        return pact


@pytest.fixture(scope="module")
def world(site, owner):
    return World().open().fill()


def signed_in(page, customer, *, site):
    """Give a browser the cookie of a member who signed in."""
    response = HttpResponse()
    request = RequestFactory().get("/my/")
    sessions.begin(request, response, customer=customer.pk, at=clock.now())
    name = settings.MEMBERS.cookie
    value = response.cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": site}])


def hand_over(till):
    """By keyboard alone: past the other act, onto this one."""
    till.keyboard.press("Tab")
    till.keyboard.press("Tab")
    assert till.evaluate("document.activeElement.innerText").strip() == "Hand over"
    till.keyboard.press("Enter")


def test_a_member_redeems_on_a_phone_and_the_cashier_hands_it_over_by_its_letters(
    visit, site, owner, world
):
    with (
        visit("/my/sign-in", width=PHONE, language="en") as (phone, grumbles),
        visit("/staff/till", staff=owner, language="en") as (till, complaints),
    ):
        signed_in(phone, world.one, site=site)
        phone.goto("/my/rewards")
        phone.click("text=Tea cup")
        phone.click("main button:has-text('Redeem for')")
        phone.wait_for_url("**/my/redemptions/*")
        letters = phone.inner_text(".qr-box b")

        typed(till, letters.lower().replace(" ", ""))
        till.wait_for_url("**/staff/till/redemptions/*")
        assert "林晓雨" in till.inner_text("main")
        assert "+86 138 **** 5678" in till.inner_text("main")
        assert "¥10.00" in till.inner_text("main")
        # A scanner that reads twice presses nothing; a hand does.
        till.keyboard.press("Enter")
        assert "/staff/till/redemptions/" in till.url
        hand_over(till)
        till.wait_for_url(f"**/staff/till/{key(world.one)}")
        assert "Tea cup: 500 points spent. Hand it over." in till.inner_text("#toasts")

        phone.reload()
        assert "Handed over" in phone.inner_text("main")
        till.goto("/staff/till")
        typed(till, letters)
        till.wait_for_url("**/staff/till/redemptions/*")
        assert "Do not hand it over a second time." in till.inner_text("main")
        assert till.get_by_role("button", name="Hand over").count() == 0
        assert (grumbles, complaints) == ([], [])


def test_two_phones_share_a_reward_and_the_counter_hands_it_over(visit, site, owner, world):
    with (
        visit("/my/sign-in", width=PHONE, language="en") as (one, grumbles),
        visit("/my/sign-in", width=PHONE, language="en") as (other, murmurs),
        visit("/staff/till", staff=owner, language="en") as (till, complaints),
    ):
        signed_in(one, world.one, site=site)
        signed_in(other, world.other, site=site)
        one.goto("/my/rewards")
        one.click("text=Tea set")
        one.fill("[name=points]", "300")
        one.click("main button:has-text('Begin together')")
        one.wait_for_url("**/my/shared/*")
        letters = one.inner_text(".qr-box b")

        other.goto("/my/rewards")
        other.click("text=Type a friend")
        other.fill("[name=code]", letters)
        other.click("main button[type=submit]")
        other.wait_for_url("**/my/shared/pct_*")
        assert "林** asks you to pay for it together." in other.inner_text("main")
        other.click("main button:has-text('Join with 600')")
        other.wait_for_selector("text=Both have given.")

        one.reload()
        assert "Both have given." in one.inner_text("main")
        typed(till, letters)
        till.wait_for_url("**/staff/till/shared/*")
        assert "Anna Lee" in till.inner_text("main")
        hand_over(till)
        till.wait_for_url(f"**/staff/till/{key(world.one)}")

        for phone in (one, other):
            phone.reload()
            assert "Handed over" in phone.inner_text("main")
        assert (grumbles, murmurs, complaints) == ([], [], [])


def test_a_sale_a_redemption_and_a_return_are_recorded_at_the_counter(visit, owner, world):
    who = world.member("Bo Chen", points=700, phone="13612345678")
    for number in range(1, 8):
        world.reward(10 * number, names={"zh": f"茶匙{number}", "en": f"Spoon {number}"})
    with visit("/staff/till", staff=owner, language="en") as (till, complaints):
        typed(till, "13612345678")
        till.wait_for_url(f"**/staff/till/{key(who)}")
        typed(till, "128", into="amount")
        till.wait_for_selector("text=To pay: ¥128.00")
        till.keyboard.press("Enter")
        till.wait_for_url("**/staff/till/orders/*")
        assert "Sale recorded: 128 points earned." in till.inner_text("#toasts")
        receipt = till.url
        sold = Order.objects.get(customer=who.pk)
        assert (sold.total_minor, sold.status) == (12_800, "paid")

        till.goto(f"/staff/till/{key(who)}")
        till.get_by_role("link", name="All 9 rewards").press("Enter")
        till.wait_for_url("**/rewards")
        typed(till, "tea cup")
        till.wait_for_url("**/rewards?q=tea*")
        till.get_by_role("link", name="Redeem Tea cup").press("Enter")
        till.wait_for_selector("text=Left afterwards")
        till.keyboard.press("Enter")
        till.wait_for_url(f"**/staff/till/{key(who)}")
        assert "Tea cup: redeemed for 500 points." in till.inner_text("#toasts")
        assert world.balance(who).active == 200

        till.goto(receipt)
        till.get_by_role("link", name="Take back").click()
        till.get_by_role("button", name="The whole order").click()
        till.wait_for_selector("text=Give back: ¥128.00")
        till.fill("[name=reason]", "too bitter")
        till.get_by_role("button", name="Record the return").click()
        till.wait_for_url(receipt)
        assert "Return recorded. Give ¥128.00 back." in till.inner_text("#toasts")
        assert "Given back: ¥128.00" in till.inner_text("main")
        sold.refresh_from_db()
        assert (sold.status, sold.refunded_minor) == ("refunded", 12_800)
        assert (world.balance(who).active, world.balance(who).pending) == (200, 0)
        assert complaints == []


def test_points_are_given_back_in_a_dialog_that_names_the_thing(visit, owner, world):
    name = world.redeemed()
    with visit(f"/staff/till/redemptions/{name}", staff=owner, language="en") as (
        page,
        complaints,
    ):
        page.get_by_role("button", name="Give the points back").click()
        assert "Tea cup" in page.inner_text("#give-back h2")
        assert "500 points go back to the member at once." in page.inner_text("#give-back")
        page.locator("#give-back button", has_text="Give the points back").click()
        page.wait_for_url(f"**/staff/till/{key(world.one)}")

        assert "500 points went back" in page.inner_text("#toasts")
        assert complaints == []


def staff_faces(world):
    cup, done = world.redeemed(), world.handed_over()
    back = f"/staff/till/orders/{world.told.order}/return"
    return [
        "/staff/till?q=7K2M9QXT",
        f"/staff/till/redemptions/{cup}",
        f"/staff/till/redemptions/{done}",
        f"/staff/till/shared/{world.begun()}",
        f"/staff/till/shared/{world.shared()}",
        f"{back}?pieces1=1",
        f"{back}?pieces1=9",
        "/staff/till/new",
        f"/staff/till/{key(world.one)}/rewards",
        f"/staff/till/{key(world.one)}/rewards?q=nothing",
        "/staff/settings/shop",
    ]


def phone_faces(world):
    return [
        "/my/rewards",
        f"/my/rewards/{public_id('rwd', world.set.id)}",
        f"/my/redemptions/{world.redeemed()}",
        f"/my/shared/{world.begun()}",
        f"/my/shared/{world.shared()}",
        "/my/shared",
        "/my/codes",
        "/my/me",
        "/my/me/address",
    ]


def looked_at(page, face, *, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.goto(face)
    page.evaluate(OPEN_ALL)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, f"{face}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, face


LOOKS = [
    *itertools.product(("en", "zh"), ("light", "dark"), (PHONE, LAPTOP)),
    ("zh-Hant", "light", PHONE),
]


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_every_page_of_the_counter_is_quiet_accessible_and_as_wide_as_the_screen(
    visit, owner, world, language, theme, width
):
    with visit("/look", staff=owner, width=width, theme=theme, language=language) as (
        page,
        complaints,
    ):
        for face in staff_faces(world):
            looked_at(page, face, width=width)
        # The browser notes by itself that a number that cannot be is answered with 422.
        assert [each for each in complaints if "422" not in each] == []


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_every_page_of_sharing_is_quiet_accessible_and_as_wide_as_the_screen(
    visit, site, world, language, theme, width
):
    with visit("/my/sign-in", width=width, theme=theme, language=language) as (
        page,
        complaints,
    ):
        signed_in(page, world.one, site=site)
        for face in phone_faces(world):
            looked_at(page, face, width=width)
        signed_in(page, world.other, site=site)
        looked_at(page, f"/my/shared/{world.begun()}", width=width)
        assert complaints == []


def test_a_code_is_taken_without_scripts(visit, owner, world):
    with visit("/staff/till", staff=owner, language="en", scripts=False) as (page, _):
        page.fill("[name=q]", world.redeemed())
        page.get_by_role("button", name="Find", exact=True).click()
        page.get_by_role("button", name="Hand over").click()

        assert page.url.endswith(key(world.one))
