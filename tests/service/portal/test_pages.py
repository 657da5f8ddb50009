"""What members read and do on their pages."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customer_commands
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import queries as ledger
from huitouke.service.programme import queries as programme
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.mine import redeemed
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.referrals import referral_code

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

    assert "Given up" in text_of(own, there)
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
    assert "Still to come" in page
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


def test_who_is_no_member_yet_is_asked_to_join(shop, signed_in):
    who = shop.customer(phone=PHONE)
    own = signed_in(PHONE)
    assert "You are not a member yet" in text_of(own, "/my/")

    answer = own.post("/my/join", {"agreed": "1"})

    assert answer["Location"] == "/my/?said=joined"
    assert Membership.objects.get(customer=who).joined_at is not None
    assert "Welcome" in text_of(own, "/my/?said=joined")


def test_somebody_new_joins_with_the_address_they_have_shown(shop, browser, sent):
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    assert own.post("/my/code", {"code": sent()[0]})["Location"] == "/my/join"
    assert "+86 138 **** 5678" in text_of(own, "/my/join")

    answer = own.post("/my/join", {"name": "陈新", "agreed": "1"})

    assert answer.status_code == 303
    assert "陈新" in text_of(own, "/my/")
    who = customers.find("phone", PHONE)
    assert who.enrolled_at is not None
    (said,) = customers.consents(who.pk)
    assert (said.channel, said.purpose, said.given) == ("sms", "marketing", True)
    assert (said.source, said.wording_version) == ("my/join", "my-marketing-2026-11")


def test_joining_twice_makes_one_member(shop, browser, sent):
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    own.post("/my/code", {"code": sent()[0]})
    asked = own.cookies["huitouke_my_asked"].value
    own.post("/my/join", {"name": "陈新"})
    own.cookies.clear()
    own.cookies["huitouke_my_asked"] = asked

    answer = own.post("/my/join", {"name": "陈新"})

    assert answer.status_code == 303
    assert "huitouke_my" not in own.cookies
    assert Membership.objects.count() == 1


def test_nobody_joins_without_a_code(shop, browser):
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})

    answer = own.post("/my/join", {"name": "陈新"})

    assert answer["Location"] == "/my/sign-in"
    assert customers.find("phone", PHONE) is None


def test_nobody_joins_where_the_shop_does_not_let_them(shop, browser, sent, settings):
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    code = sent()[0]
    settings.MEMBERS = settings.MEMBERS.__class__(**vars(settings.MEMBERS) | {"join": False})

    assert own.post("/my/code", {"code": code})["Location"] == "/my/sign-in"
    assert own.post("/my/join", {"name": "陈新"})["Location"] == "/my/sign-in"
    assert customers.find("phone", PHONE) is None


def test_a_friend_who_comes_by_the_link_is_noted_for_who_invited_them(shop, browser, sent):
    advocate = shop.member(phone="+8613900001111")
    code = referral_code(advocate, programme="main", at=clock.now())
    own = browser()
    page = text_of(own, f"/my/join/{code}")
    assert "100 points for you after your first order from ¥50.00" in page
    own.post("/my/sign-in", {"address": PHONE})
    own.post("/my/code", {"code": sent()[-1]})

    own.post("/my/join", {"name": "陈新"})

    assert Referral.objects.get().advocate_id == advocate


def test_an_invitation_that_is_none_promises_nothing(shop, browser):
    own = browser()

    page = text_of(own, "/my/join/ABCDEFGH")

    assert "for you after your first order" not in page
    assert "huitouke_my_invite" not in own.cookies


def test_who_invites_learns_nothing_of_who_came(shop, browser, signed_in, sent):
    who = shop.member(phone=PHONE)
    code = referral_code(who, programme="main", at=clock.now())
    friend = browser()
    friend.get(f"/my/join/{code}")
    friend.post("/my/sign-in", {"address": "+8613900001111"})
    friend.post("/my/code", {"code": sent()[-1]})
    friend.post("/my/join", {"name": "不愿透露"})

    page = text_of(signed_in(PHONE), "/my/friends")

    assert code in page
    assert "Has joined; the first order is still to come" in page
    assert "不愿透露" not in page
    assert "1111" not in page


def test_stamp_cards_show_what_is_there_and_what_is_missing(shop, signed_in):
    who = shop.member(phone=PHONE)
    buy(who, "N1")

    page = text_of(signed_in(PHONE), "/my/stamps")

    assert "Coffee card" in page
    assert "1 of 5 stamps" in page
    assert "4 more bring 50 points" in page


def test_consent_is_given_and_withdrawn_in_one_tap_with_its_words(shop, signed_in):
    who = shop.member(phone=PHONE)
    own = signed_in(PHONE)
    choice = {"channel": "sms", "purpose": "marketing"}

    own.post("/my/me/consent", choice | {"given": "1"})
    yes = text_of(own, "/my/me")
    answer = own.post("/my/me/consent", choice)
    no = text_of(own, "/my/me?said=withdrawn")

    assert "Yes, on" in yes
    assert "here, by you" in yes
    assert "The shop may tell me about offers and news." in yes
    assert answer["Location"] == "/my/me?said=withdrawn#choices"
    assert "Withdrawn. From now on" in no
    assert [each.given for each in customers.consent_journal(who)] == [False, True]


@pytest.mark.parametrize(
    "choice",
    [
        {"channel": "post", "purpose": "marketing", "given": "1"},
        {"channel": "sms", "purpose": "profiling", "given": "1"},
        {"channel": "pigeon", "purpose": "marketing"},
        {},
    ],
)
def test_a_choice_that_is_not_offered_is_refused(shop, signed_in, choice):
    who = shop.member(phone=PHONE)

    answer = signed_in(PHONE).post("/my/me/consent", choice)

    assert answer.status_code == 422
    assert customers.consent_journal(who) == []


def test_consent_of_another_place_is_told_with_its_wording_and_withdrawn_here(shop, signed_in):
    who = shop.member(phone=PHONE)
    customer_commands.record_consent(
        who, channel="wechat", purpose="profiling", given=True, source="till/3",
        at=clock.now(), actor=TILL, wording_version="paper-2024",
    )  # fmt: skip
    own = signed_in(PHONE)

    page = text_of(own, "/my/me")
    own.post("/my/me/consent", {"channel": "wechat", "purpose": "profiling"})

    assert "Words shown: paper-2024" in page
    assert "till/3" in page
    assert customers.consents(who)[0].given is False


def test_the_name_is_changed_and_the_birthday_said_once(shop, signed_in):
    who = shop.member(phone=PHONE)
    own = signed_in(PHONE)

    own.post("/my/me/name", {"name": "  新名字 "})
    own.post("/my/me/name", {"birthday_on": "1990-03-25"})
    own.post("/my/me/name", {"birthday_on": "1991-01-01"})

    person = customers.get(who)
    assert (person.name, person.birthday_on) == ("新名字", date(1990, 3, 25))


@pytest.mark.parametrize(
    "given", [{"birthday_on": "yesterday"}, {"birthday_on": "2999-01-01"}, {"name": "a\x00b"}]
)
def test_what_cannot_be_kept_is_told_at_its_field(shop, signed_in, given):
    shop.member(phone=PHONE)

    answer = signed_in(PHONE).post("/my/me/name", given)

    assert answer.status_code == 422
    assert b'aria-invalid="true"' in answer.content


def test_identities_are_masked(shop, signed_in):
    shop.member(phone=PHONE, email="lin@example.com")

    page = text_of(signed_in(PHONE), "/my/me")

    assert "+86 138 **** 5678" in page
    assert "l***@example.com" in page
    assert "12345678" not in page
    assert "lin@" not in page


def test_my_data_are_whole_and_mine(shop, signed_in):
    who = shop.member(120, phone=PHONE)

    answer = signed_in(PHONE).get("/my/me/data")

    found = json.loads(answer.content)
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert answer["Content-Type"] == "application/json"
    assert found == json.loads(json.dumps(customers.export(who), ensure_ascii=False))
    assert len(found["sessions"]) == 1


def test_being_forgotten_needs_the_words_and_a_code(shop, signed_in, sent):
    who = shop.member(900, phone=PHONE)
    own = signed_in(PHONE)
    assert "1,000 points: lost for good" in text_of(own, "/my/me/erase")

    early = own.post("/my/me/erase", {"typed": "forget me", "code": "123456"})
    own.post("/my/me/erase/code")
    code = sent()[-1]
    no_words = own.post("/my/me/erase", {"typed": "yes", "code": code})
    wrong = own.post("/my/me/erase", {"typed": "forget me", "code": "x"})
    assert [each.status_code for each in (early, no_words, wrong)] == [422] * 3
    assert customers.get(who).erased_at is None

    done = own.post("/my/me/erase", {"typed": "Forget me", "code": code})

    assert done["Location"] == "/my/sign-in?said=erased"
    assert customers.find("phone", PHONE) is None
    account = ledger.account_of(who, unit=1)
    assert account is None or ledger.balance(account).active == 0
    assert "You are forgotten here" in text_of(own, "/my/sign-in?said=erased")


def test_a_code_for_signing_in_does_not_confirm_being_forgotten(shop, signed_in, sent):
    who = shop.member(phone=PHONE)
    own = signed_in(PHONE)
    other = own.__class__(headers={"accept-language": "en"})
    other.post("/my/sign-in", {"address": PHONE})
    own.cookies["huitouke_my_asked"] = other.cookies["huitouke_my_asked"].value

    answer = own.post("/my/me/erase", {"typed": "forget me", "code": sent()[-1]})

    assert answer.status_code == 422
    assert customers.get(who).erased_at is None


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
