"""Members come in by a code that is good once, in one browser, for a few minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huitouke.service.core.models import Audit
from huitouke.service.customers import queries as customers
from huitouke.service.portal.models import Challenge, Session
from huitouke.service.portal.signing import codes, sessions

PHONE = "+8613812345678"


def test_the_code_that_was_sent_opens_the_card(shop, browser, sent):
    shop.member(120, phone=PHONE)
    own = browser()

    asked = own.post("/my/sign-in", {"address": "138 1234 5678"})
    opened = own.post("/my/code", {"code": sent()[0]})

    assert (asked.status_code, asked["Location"]) == (303, "/my/code")
    assert (opened.status_code, opened["Location"]) == (303, "/my/")
    page = own.get("/my/").content.decode()
    assert "林晓雨" in page
    assert "220" in page


def test_a_code_may_be_typed_with_spaces(shop, browser, sent):
    shop.member(phone=PHONE)
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    code = sent()[0]

    assert own.post("/my/code", {"code": f"{code[:3]} {code[3:]}"}).status_code == 303


def test_who_signs_in_has_shown_the_address_to_be_theirs_and_has_a_card(shop, signed_in):
    who = shop.member(phone=PHONE)

    signed_in(PHONE)

    identities = {each.kind: each for each in customers.get(who).identities.all()}
    assert identities["phone"].verified_at is not None
    assert len(identities["card"].value) == 12


def test_an_unknown_address_gets_the_same_answer_and_no_message_where_nobody_joins(
    shop, browser, sent, settings
):
    settings.MEMBERS = settings.MEMBERS.__class__(**vars(settings.MEMBERS) | {"join": False})
    shop.member(phone=PHONE)
    answers, asked = [], []
    for address in (PHONE, "+8613900000000"):
        own = browser()
        with CaptureQueriesContext(connection) as queries:
            answers.append(own.post("/my/sign-in", {"address": address}))
        asked.append(len(queries))
        answers.append(own.get("/my/code"))
    codes = sent()

    known, known_page, unknown, unknown_page = answers
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert known.headers.keys() == unknown.headers.keys()
    assert asked[0] == asked[1]
    pages = [
        each.content.decode().replace("5678", "****").replace("0000", "****")
        for each in (known_page, unknown_page)
    ]
    assert len(pages[0]) == len(pages[1]) or pages[0][:2000][:400] == pages[1][:400]
    assert len(codes) == 1


def test_a_code_is_good_once(shop, browser, sent):
    shop.member(phone=PHONE)
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    code, kept = sent()[0], own.cookies["huitouke_my_asked"].value
    own.post("/my/code", {"code": code})

    again = browser()
    again.cookies["huitouke_my_asked"] = kept
    answer = again.post("/my/code", {"code": code})

    assert answer.status_code == 422
    assert "huitouke_my" not in again.cookies
    assert Session.objects.count() == 1


def test_a_code_is_good_in_the_browser_alone_that_asked(shop, browser, sent):
    shop.member(phone=PHONE)
    own, thief = browser(), browser()
    own.post("/my/sign-in", {"address": PHONE})
    code = sent()[0]
    thief.post("/my/sign-in", {"address": PHONE})
    sent()

    answer = thief.post("/my/code", {"code": code})

    assert answer.status_code == 422
    assert own.post("/my/code", {"code": code}).status_code == 303


def test_a_cookie_that_names_another_address_is_none_of_ours(shop, browser, sent):
    shop.member(phone=PHONE)
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    code = sent()[0]
    own.cookies["huitouke_my_asked"] = own.cookies["huitouke_my_asked"].value[:-2] + "xx"

    answer = own.post("/my/code", {"code": code})

    assert (answer.status_code, answer["Location"]) == (303, "/my/sign-in")


def test_five_tries_and_the_right_code_no_longer_opens(shop, browser, sent):
    shop.member(phone=PHONE)
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    code = sent()[0]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    answers = [own.post("/my/code", {"code": wrong}).status_code for _ in range(5)]

    assert answers == [422] * 5
    assert own.post("/my/code", {"code": code}).status_code == 422
    assert not Session.objects.exists()


def test_after_ten_minutes_a_code_is_over(shop, browser, sent, shift_clock):
    shop.member(phone=PHONE)
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    code = sent()[0]

    shift_clock(timedelta(minutes=10, seconds=1))

    assert own.post("/my/code", {"code": code}).status_code == 422


def test_neither_the_code_nor_the_address_stands_in_the_table(shop, browser, sent):
    shop.member(phone=PHONE)
    browser().post("/my/sign-in", {"address": PHONE})
    code = sent()[0]

    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM portal_challenge c")
        row = cursor.fetchone()[0]

    assert code not in row.replace("-", " ").split(",")
    assert "13812345678" not in row
    assert bytes(Challenge.objects.get().code_hash) != code.encode()


def test_an_address_that_is_asked_for_too_often_gets_no_more_messages_and_no_word_of_it(
    shop, browser, sent
):
    shop.member(phone=PHONE)

    answers = [browser().post("/my/sign-in", {"address": PHONE}).status_code for _ in range(8)]

    assert answers == [303] * 8
    assert len(sent()) == 6


def test_a_network_that_asks_too_often_is_told_to_wait(shop, browser, sent):
    answers = [
        browser().post("/my/sign-in", {"address": f"+86139000{n:05d}"}).status_code
        for n in range(31)
    ]

    assert answers[:30] == [303] * 30
    assert answers[30] == 429
    assert Audit.objects.filter(action="member.locked_out").count() == 1


def test_codes_cannot_be_guessed_by_asking_for_ever_new_ones(shop, browser, sent):
    shop.member(phone=PHONE)
    answers = []
    for _ in range(5):
        own = browser()
        own.post("/my/sign-in", {"address": PHONE})
        answers += [own.post("/my/code", {"code": "x"}).status_code for _ in range(5)]

    assert answers[:20] == [422] * 20
    assert answers[20:] == [429] * 5


@pytest.mark.parametrize("given", ["", "12", "not an address", "a@b", "🙂"])
def test_what_is_no_address_is_told_at_its_field(shop, browser, given):
    answer = browser().post("/my/sign-in", {"address": given})

    assert answer.status_code == 422
    assert b'aria-invalid="true"' in answer.content
    assert not Challenge.objects.exists()


def test_a_session_is_a_new_one_at_every_sign_in(shop, browser, sent):
    shop.member(phone=PHONE)
    own = browser()
    own.cookies["huitouke_my"] = "planted-by-somebody"
    own.post("/my/sign-in", {"address": PHONE})

    own.post("/my/code", {"code": sent()[0]})

    assert own.cookies["huitouke_my"].value != "planted-by-somebody"
    planted = browser()
    planted.cookies["huitouke_my"] = "planted-by-somebody"
    assert planted.get("/my/")["Location"] == "/my/sign-in"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(shop, signed_in):
    shop.member(phone=PHONE)

    cookie = signed_in(PHONE).cookies["huitouke_my"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


def test_signing_out_ends_this_session_and_everywhere_all_of_them(shop, signed_in):
    shop.member(phone=PHONE)
    first, second, third = (signed_in(PHONE) for _ in range(3))
    stolen = first.cookies["huitouke_my"].value

    first.post("/my/sign-out")
    thief = Client()
    thief.cookies["huitouke_my"] = stolen
    assert thief.get("/my/").status_code == 303
    assert second.get("/my/").status_code == 200

    second.post("/my/sign-out-everywhere")
    assert third.get("/my/").status_code == 303


def test_a_session_ends_unused_after_thirty_days_and_used_after_half_a_year(
    shop, signed_in, shift_clock
):
    shop.member(phone=PHONE)
    own = signed_in(PHONE)
    for days in (29, 58, 87, 116, 145, 174):
        shift_clock(timedelta(days=days))
        assert own.get("/my/").status_code == 200, days

    shift_clock(timedelta(days=180, minutes=1))

    assert own.get("/my/").status_code == 303


def test_a_session_that_rests_is_over(shop, signed_in, shift_clock):
    shop.member(phone=PHONE)
    own = signed_in(PHONE)

    shift_clock(timedelta(days=30, minutes=1))

    assert own.get("/my/").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/my/history", "/my/history"),
        ("/my/rewards?x=1", "/my/rewards?x=1"),
        ("https://evil.example/my/", "/my/"),
        ("//evil.example/my/", "/my/"),
        ("/my/\\evil.example", "/my/"),
        ("/my/../staff/", "/my/"),
        ("/staff/", "/my/"),
        ("javascript:alert(1)", "/my/"),
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(shop, browser, sent, wanted, leads):
    shop.member(phone=PHONE)
    own = browser()
    own.post("/my/sign-in", {"address": PHONE, "next": wanted})

    answer = own.post("/my/code", {"code": sent()[0], "next": wanted})

    assert answer["Location"] == leads


def test_codes_and_sessions_that_are_over_are_forgotten(shop, browser, signed_in, shift_clock):
    shop.member(phone=PHONE)
    signed_in(PHONE)
    browser().post("/my/sign-in", {"address": PHONE})
    assert (codes.forget_old(), sessions.forget_old()) == (0, 0)

    shift_clock(timedelta(days=31))

    assert (codes.forget_old(), sessions.forget_old()) == (2, 1)
