"""What members read and do on their pages."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.shop import describe
from huitouke.service.core.shop_view import ShopView
from huitouke.service.programme import queries as programme
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.mine import redeemed
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions import queries as version_queries

TILL = Actor("key", "till-7")
PHONE = "+8613812345678"
PAGES = (
    "/my/", "/my/card", "/my/rewards", "/my/codes", "/my/history", "/my/stamps", "/my/friends",
    "/my/me", "/my/me/erase",
)  # fmt: skip


def text_of(client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers or None)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def buy(who, number: str, *, amount: int = 30_000) -> None:
    fact = {
        "type": "order.paid",
        "source": "shop",
        "source_id": number,
        "occurred_at": clock.now(),
        "customer": {"id": public_id("cus", who)},
        "order": {
            "number": number,
            "lines": [{"sku": "tea", "name": "Tea", "quantity": 1, "amount_minor": amount}],
        },
    }
    assert record([FACT.validate_python(fact)], actor=TILL)[0].status == "done"


def test_home_says_what_comes_and_what_goes_in_words(shop, signed_in):
    who = shop.member(phone=PHONE)
    at = clock.now()
    shop.earn(who, 1280)
    shop.earn(who, 300, available_at=at + timedelta(days=7))
    shop.earn(who, 200, expires_at=at + timedelta(days=20))

    page = text_of(signed_in(PHONE), "/my/")

    assert "1,580" in page
    assert "300 more from" in page
    assert "200 lapse on" in page
    assert "Before you lose it" in page
    assert "200 points lapse after" in page


def test_home_shows_stored_value_as_money(shop, signed_in):
    who = shop.member(phone=PHONE)
    definition = version_queries.current("main", at=clock.now())[1].model_dump(mode="json")
    stored = {"code": "stored", "kind": "stored_value", "name": {"en": "Stored value"}}
    definition["units"].append(stored)
    found = version_queries.programme("main")
    draft = versions.draft(found, definition=definition, at=clock.now(), actor=TILL)
    versions.publish(draft.id, at=clock.now(), actor=TILL, despite=True)
    client = signed_in(PHONE)
    before = text_of(client, "/my/")
    fact = {
        "type": "value.topped_up",
        "source": "shop",
        "source_id": "t1",
        "occurred_at": clock.now(),
        "customer": {"id": public_id("cus", who)},
        "value": {"unit": "stored", "paid_minor": 50_000, "bonus_minor": 5_000},
    }
    assert record([FACT.validate_python(fact)], actor=TILL)[0].status == "done"

    page = text_of(client, "/my/")

    assert "Stored value" not in before
    assert "Stored value" in page
    assert "¥550.00" in page


def test_a_page_says_it_in_the_readers_language(shop, signed_in):
    shop.member(900, phone=PHONE)
    own = signed_in(PHONE)

    page = text_of(own, "/my/", **{"accept-language": "zh-CN"})

    assert "青禾茶铺" in page
    assert "积分明细" in page


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_under_a_hundred_kilobytes(shop, signed_in, address):
    who = shop.member(9000, phone=PHONE)
    for _ in range(40):
        shop.reward(100)
    for number in range(40):
        buy(who, f"N{number}")
    own = signed_in(PHONE)
    for number, reward in enumerate(Reward.objects.all()[:30]):
        own.post(shop.url_of(reward), {"key": str(number)})

    page = own.get(address)

    assert page.status_code == 200
    assert len(page.content) < 100_000


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_the_same_number_of_questions_however_much_there_is(
    shop, signed_in, address
):
    who = shop.member(9000, phone=PHONE)
    own = signed_in(PHONE)
    counts = []
    for round_number in range(2):
        for number in range(3):
            shop.reward(100)
            buy(who, f"N{round_number}-{number}")
        for number, reward in enumerate(Reward.objects.all()):
            own.post(shop.url_of(reward), {"key": f"{round_number}-{number}"})
        own.get(address)
        with CaptureQueriesContext(connection) as asked:
            own.get(address)
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[1] <= 30


def test_redeeming_sets_aside_once_however_often_the_form_is_sent(shop, signed_in):
    who = shop.member(900, phone=PHONE)
    reward = shop.reward(500, cash_minor=1000)
    own = signed_in(PHONE)
    asked = text_of(own, shop.url_of(reward))
    assert "500 points" in asked
    assert "500 points" in asked
    assert "500 points</dd>" in asked.replace("\n", "")

    first = own.post(shop.url_of(reward), {"key": "once"})
    second = own.post(shop.url_of(reward), {"key": "once"})

    assert first["Location"] == second["Location"]
    (made,) = redeemed.redemptions(who, programme="main")
    assert first["Location"] == f"/my/redemptions/{public_id('rdm', made.pk)}"
    assert made.expires_at - made.created_at == timedelta(hours=48)
    assert programme.balance(who, now=clock.now()).active == 500
    shown = text_of(own, first["Location"])
    assert "Waits at the till" in shown
    assert '<svg role="img"' in shown


def test_a_redemption_is_handed_over_at_the_till(shop, signed_in):
    who = shop.member(900, phone=PHONE)
    own = signed_in(PHONE)
    own.post(shop.url_of(shop.reward()), {"key": "k"})
    (made,) = redeemed.redemptions(who, programme="main")

    capture(made.pk, at=clock.now(), actor=TILL)

    assert "Handed over" in text_of(own, f"/my/redemptions/{public_id('rdm', made.pk)}")


def test_a_redemption_is_given_up_and_its_points_come_back(shop, signed_in):
    who = shop.member(900, phone=PHONE)
    own = signed_in(PHONE)
    there = own.post(shop.url_of(shop.reward()), {"key": "k"})["Location"]

    assert own.post(f"{there}/cancel").status_code == 303
    assert own.post(f"{there}/cancel").status_code == 303

    assert "Cancelled" in text_of(own, there)
    assert programme.balance(who, now=clock.now()).active == 1000


def test_a_coupon_is_issued_at_once_and_shown_with_its_code(shop, signed_in):
    who = shop.member(900, phone=PHONE)
    reward = shop.reward(200, kind="percent", campaign=shop.campaign(code_days=30))
    own = signed_in(PHONE)

    there = own.post(shop.url_of(reward), {"key": "k"})["Location"]

    (coupon,) = redeemed.coupons(who, programme="main", at=clock.now())
    assert coupon.state == "ready"
    assert coupon.code in text_of(own, there)
    assert coupon.code in text_of(own, "/my/codes")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"cost": 5000}, "You do not have the points"),
        ({"cost": 100, "stock_left": 0}, "It is gone for now."),
        ({"cost": 100, "tiers": ["diamond"]}, "It is for other tiers."),
    ],
)
def test_what_cannot_be_had_says_why(shop, signed_in, fields, says):
    who = shop.member(900, phone=PHONE)
    reward = shop.reward(fields.pop("cost"), **fields)
    own = signed_in(PHONE)

    answer = own.post(shop.url_of(reward), {"key": "k"})

    assert answer.status_code == 409
    assert says in answer.content.decode()
    assert not redeemed.redemptions(who, programme="main")


def test_a_reward_that_is_none_is_not_there(shop, signed_in):
    shop.member(phone=PHONE)
    own = signed_in(PHONE)

    for name in ("rwd_0000000000000000000000007z", "nothing", "cus_1"):
        assert own.get(f"/my/rewards/{name}").status_code == 404
        assert own.post(f"/my/rewards/{name}").status_code == 404


def test_history_has_reasons_months_and_what_was_not_earned(shop, signed_in):
    who = shop.member(phone=PHONE)
    buy(who, "N1")

    page = text_of(signed_in(PHONE), "/my/history")

    assert "Points on purchases: 300 points for ¥300" in page
    assert "Not available yet" in page
    assert "Welcome present: 100 points" in page
    assert "Not earned, and why" in page
    assert "Gold extra points" in page


def test_history_is_read_on_from_the_last_entry(shop, signed_in):
    who = shop.member(phone=PHONE)
    for number in range(40):
        shop.earn(who, number + 1000)
    own = signed_in(PHONE)

    first = text_of(own, "/my/history")
    older = next(part for part in first.split('"') if part.startswith("/my/history?before="))
    second = text_of(own, older)

    amounts = [f"+{number + 1000:,}" for number in range(40)]
    assert [each for each in amounts if (each in first) == (each in second)] == []
    assert own.get("/my/history?before=x").status_code == 404
    assert own.get("/my/history?before=9").status_code == 200


def test_stamp_cards_show_what_is_there_and_what_is_missing(shop, signed_in):
    who = shop.member(phone=PHONE)
    buy(who, "N1")

    page = text_of(signed_in(PHONE), "/my/stamps")

    assert "Coffee card" in page
    assert "1 of 5 stamps" in page
    assert "4 more bring 50 points" in page


def test_the_first_screen_of_a_phone_gets_a_name_and_icons(shop, browser):
    answer = browser().get("/my/manifest.webmanifest")

    found = json.loads(answer.content)
    assert answer["Content-Type"] == "application/manifest+json"
    assert found["name"] == "Green Rice Tea members"
    assert (found["start_url"], found["scope"]) == ("/my/", "/my/")
    for icon in found["icons"]:
        drawing = browser().get(icon["src"])
        assert drawing.status_code == 200
        assert len(b"".join(drawing.streaming_content)) > 200
        drawing.close()


def test_the_short_address_leads_in(shop, browser):
    assert browser().get("/my")["Location"] == "/my/"


def test_a_shared_reward_is_not_redeemed_by_one_alone(shop, signed_in):
    who = shop.member(900, phone=PHONE)
    reward = shop.reward(500, cooperative=True)
    own = signed_in(PHONE)

    page = text_of(own, shop.url_of(reward))
    answer = own.post(shop.url_of(reward), {"key": "k"})

    assert "your friend gives what is missing." in page
    assert "Redeem for" not in page
    assert answer.status_code == 409
    assert not redeemed.redemptions(who, programme="main")


def test_a_made_up_shop_says_so_on_every_page(shop, signed_in):
    shop.member(900, phone=PHONE)
    known = ShopView(
        code="w1",
        kind="simulated",
        names={"zh": "模拟小店", "en": "Made-up Shop"},
        attribution={},
    )
    describe(known, at=clock.now(), actor=TILL)
    own = signed_in(PHONE)

    for address in PAGES:
        page = text_of(own, address)
        assert "Made-up Shop" in page, address
        assert 'class="simulated"' in page, address
