"""People join by themselves, or with the code of a friend."""

from __future__ import annotations

import re

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import queries as customers
from huitouke.service.customers.commands import set_wording
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.models.referrals import Referral
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


def test_who_is_no_member_yet_is_asked_to_join(shop, signed_in):
    who = shop.customer(phone=PHONE)
    own = signed_in(PHONE)
    assert "You are not a member yet" in text_of(own, "/my/")

    answer = own.post("/my/join", {"agreed": "1", "version": "till-standard-1"})

    assert answer["Location"] == "/my/?said=joined"
    assert Membership.objects.get(customer=who).joined_at is not None
    assert "Welcome" in text_of(own, "/my/?said=joined")


def test_somebody_new_joins_with_the_address_they_have_shown(shop, browser, sent):
    own = browser()
    own.post("/my/sign-in", {"address": PHONE})
    assert own.post("/my/code", {"code": sent()[0]})["Location"] == "/my/join"
    assert "+86 138 **** 5678" in text_of(own, "/my/join")

    given = {"name": "陈新", "agreed": "1", "version": "till-1"}
    early = own.post("/my/join", given)
    texts = {"zh": "可以告诉您优惠吗？", "en": "May we write of offers?"}
    set_wording(texts, at=clock.now(), actor=TILL)
    assert "May we write of offers?" in text_of(own, "/my/join")
    answer = own.post("/my/join", given)

    assert early.status_code == 422
    assert "The words have changed meanwhile." in early.content.decode()
    assert answer.status_code == 303
    assert "陈新" in text_of(own, "/my/")
    who = customers.find("phone", PHONE)
    assert who.enrolled_at is not None
    (said,) = customers.consents(who.pk)
    assert (said.channel, said.purpose, said.given) == ("sms", "marketing", True)
    assert (said.source, said.wording_version) == ("my/join", "till-1")


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
    assert re.search(r"\b1111\b", page) is None
