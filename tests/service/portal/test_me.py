"""Members see and change what is known of them, and have it deleted."""

from __future__ import annotations

import json
from datetime import date

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as customer_commands
from huitouke.service.customers import queries as customers
from huitouke.service.customers.commands import set_wording
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

    own.post("/my/me/consent", choice | {"given": "1", "version": "till-standard-1"})
    set_wording({"zh": "好吗？", "en": "Other words?"}, at=clock.now(), actor=TILL)
    yes = text_of(own, "/my/me")
    answer = own.post("/my/me/consent", choice)
    no = text_of(own, "/my/me?said=withdrawn")

    assert "Yes, on" in yes
    assert "here, by you" in yes
    assert "May we tell you about offers and news?" in yes
    assert "Other words?" in no
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


def test_a_yes_to_words_that_are_not_shown_any_more_is_none(shop, signed_in):
    who = shop.member(phone=PHONE)
    choice = {"channel": "sms", "purpose": "survey", "given": "1"}
    own = signed_in(PHONE)
    set_wording(
        {"zh": "问问？", "en": "May we ask?"}, at=clock.now(), actor=TILL, purpose="survey"
    )

    late = own.post("/my/me/consent", choice | {"version": "my-survey-2026-11"})
    assert late["Location"] == "/my/me?said=changed#choices"
    assert "May we ask?" in text_of(own, "/my/me?said=changed")
    assert customers.consent_journal(who) == []

    own.post("/my/me/consent", choice | {"version": "survey-1"})
    (said,) = customers.consent_journal(who)
    assert (said.given, said.wording_version) == (True, "survey-1")


def test_no_is_said_like_yes_where_nothing_was_asked_yet(shop, signed_in):
    who = shop.member(phone=PHONE)
    own = signed_in(PHONE)
    choice = {"channel": "sms", "purpose": "survey", "given": "0"}
    assert text_of(own, "/my/me").count('value="0"') == 4

    answer = own.post("/my/me/consent", choice)

    assert answer["Location"] == "/my/me?said=refused#choices"
    assert [each.given for each in customers.consent_journal(who)] == [False]
    assert text_of(own, "/my/me").count('value="0"') == 3


def test_being_analysed_is_objected_to_and_taken_back_for_every_way(shop, signed_in):
    who = shop.member(phone=PHONE)
    customer_commands.record_consent(
        who, channel="post", purpose="profiling", given=False, source="till/3",
        at=clock.now(), actor=TILL,
    )  # fmt: skip
    own = signed_in(PHONE)
    version = "profiling-standard-1"
    before = text_of(own, "/my/me")

    own.post("/my/me/profiling", {"version": version})
    back = text_of(own, "/my/me")
    for _ in range(2):
        own.post("/my/me/profiling", {"objects": "1", "version": version})
    objects = text_of(own, "/my/me?said=objected")
    late = own.post("/my/me/profiling", {"version": "profiling-1"})

    said = [
        (each.channel, each.given, each.source, each.wording_version)
        for each in reversed(customers.consent_journal(who))
    ]
    assert said == [
        ("post", False, "till/3", ""),
        ("post", True, "my/me", version),
        ("push", False, "my/me", version),
    ]
    assert "till/3: nothing is worked out about you." in before
    assert "Yes, on" in back
    assert "here, by you: nothing is worked out about you." in objects
    assert late["Location"] == "/my/me?said=changed#analysed"


def test_consent_of_another_place_is_told_with_its_wording_and_withdrawn_here(shop, signed_in):
    who = shop.member(phone=PHONE)
    customer_commands.record_consent(
        who, channel="wechat", purpose="marketing", given=True, source="till/3",
        at=clock.now(), actor=TILL, wording_version="paper-2024",
    )  # fmt: skip
    own = signed_in(PHONE)

    page = text_of(own, "/my/me")
    own.post("/my/me/consent", {"channel": "wechat", "purpose": "marketing"})

    assert "Words shown: paper-2024" in page
    assert "till/3" in page
    assert customers.consents(who)[0].given is False


WISHES = {
    "days": "end", "earliest": "09:00", "latest": "20:30", "most": "2", "language": "zh-Hant",
}  # fmt: skip


def test_one_says_when_how_often_and_in_which_language_one_wants_to_be_written_to(
    shop, signed_in, sent
):
    who = shop.member(phone=PHONE)
    own = signed_in(PHONE)

    answer = own.post("/my/me/wishes", WISHES)
    page = text_of(own, "/my/me?said=wished")
    own.post("/my/sign-out")

    known = customers.get(who)
    assert answer["Location"] == "/my/me?said=wished#wishes"
    assert known.contact == {
        "days": [6, 7], "earliest": "09:00", "latest": "20:30", "most_per_month": 2,
    }  # fmt: skip
    assert known.language == "zh-Hant"
    for chosen in ("end", "2", "zh-Hant"):
        assert f'<option value="{chosen}" selected>' in page
    # A code that one asks for oneself comes at once.
    own.post("/my/sign-in", {"address": PHONE})
    assert len(sent()) == 1


def test_days_that_were_chosen_elsewhere_stay_and_all_wishes_can_be_taken_back(shop, signed_in):
    who = shop.member(phone=PHONE)
    customer_commands.change(who, at=clock.now(), actor=TILL, contact={"days": [2, 4]})
    own = signed_in(PHONE)

    assert '<option value="kept" selected>Tuesday and Thursday' in text_of(own, "/my/me")
    own.post("/my/me/wishes", {"days": "kept", "most": "1", "language": "en"})
    assert customers.get(who).contact == {"days": [2, 4], "most_per_month": 1}

    own.post("/my/me/wishes", {"days": "", "language": "en"})
    assert customers.get(who).contact == {}


@pytest.mark.parametrize(
    "wrong",
    [{"earliest": "21:00"}, {"latest": ""}, {"most": "32"}, {"language": "fr"}],
)
def test_wishes_that_cannot_be_are_told_and_nothing_is_kept(shop, signed_in, wrong):
    who = shop.member(phone=PHONE)
    own = signed_in(PHONE)

    answer = own.post("/my/me/wishes", WISHES | wrong)

    assert answer["Location"] == "/my/me?said=times#wishes"
    assert "Not kept: give both times" in text_of(own, "/my/me?said=times")
    assert (customers.get(who).contact, customers.get(who).language) == ({}, "zh")


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
