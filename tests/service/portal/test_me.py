"""Members see and change what is known of them, and have it deleted."""

from __future__ import annotations

import json
from datetime import date

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as customer_commands
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import queries as ledger

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


@pytest.mark.parametrize("given", [{"birthday_on": "yesterday"}, {"birthday_on": "2999-01-01"}])
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
