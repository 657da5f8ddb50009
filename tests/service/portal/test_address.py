"""Members add another phone or e-mail by the code that was sent to it, and nobody else's."""

from __future__ import annotations

import pytest

from huitouke.service.customers import queries as customers
from huitouke.service.portal.signing import posting

PHONE, OTHER, MAIL = "+8613812345678", "+8613899998888", "lin@example.com"
CANNOT = "This cannot be noted here."


def known(who):
    return {
        (each.kind, each.value): each.verified_at is not None
        for each in customers.get(who).identities.exclude(kind="card")
    }


def own_pk(who, value):
    return str(customers.get(who).identities.get(value=value).pk)


@pytest.fixture
def lin(shop, signed_in):
    who = shop.member(phone=PHONE)
    return who, signed_in(PHONE)


def test_an_address_is_added_by_its_code_and_opens_the_membership(lin, signed_in, sent):
    who, own = lin

    asked = own.post("/my/me/address/code", {"address": " Lin@Example.com "})
    page = own.get("/my/me/address").content.decode()
    done = own.post("/my/me/address", {"code": sent()[-1]})

    assert asked["Location"] == "/my/me/address"
    assert "A code is on its way to l***@example.com." in page
    assert done["Location"] == "/my/me?said=address#known"
    assert known(who) == {("phone", PHONE): True, ("email", MAIL): True}
    assert signed_in(MAIL).get("/my/me").status_code == 200


def test_one_takes_the_place_of_another_and_the_one_of_before_is_told(lin, sent, capsys):
    who, own = lin
    own.post("/my/me/address/code", {"address": OTHER})
    code = sent()[-1]
    capsys.readouterr()

    own.post("/my/me/address", {"code": code, "replaces": own_pk(who, PHONE)})
    posting.settle()
    told = capsys.readouterr().out

    assert known(who) == {("phone", OTHER): True}
    assert f"[message to {PHONE}]" in told
    assert "+86 138 **** 8888 now opens your membership" in told


def test_the_address_of_somebody_else_stays_theirs_and_its_answer_says_nothing(lin, shop, sent):
    who, own = lin
    neighbour = shop.member(phone=OTHER, name="Wang Wei")
    answers = []
    for address in (OTHER, MAIL):
        answers.append(own.post("/my/me/address/code", {"address": address}))
        answers.append(own.get("/my/me/address"))
    own.post("/my/me/address/code", {"address": OTHER})

    late = own.post("/my/me/address", {"code": sent()[-1], "replaces": own_pk(who, PHONE)})

    # Up to the code, which only its owner can read, both are answered alike.
    taken, page_of_taken, free, page_of_free = answers
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    assert "on its way to +86 138 **** 8888" in page_of_taken.content.decode()
    assert "on its way to l***@example.com" in page_of_free.content.decode()
    assert late.status_code == 422
    assert CANNOT in late.content.decode()
    assert "Wang" not in late.content.decode()
    assert known(who) == {("phone", PHONE): True}
    assert list(known(neighbour)) == [("phone", OTHER)]


@pytest.mark.parametrize("typed", ["", "12", "lin@", "+86 138"])
def test_what_is_no_address_is_told_at_its_field(lin, typed, sent):
    _, own = lin

    answer = own.post("/my/me/address/code", {"address": typed})

    assert answer.status_code == 422
    assert b'aria-invalid="true"' in answer.content
    assert sent() == []


def test_a_code_is_good_once_for_this_and_for_who_asked(lin, shop, signed_in, sent, settings):
    who, own = lin
    other = shop.member(phone=OTHER)
    theirs = signed_in(OTHER)
    nothing = own.post("/my/me/address", {"code": "123456"})
    own.post("/my/me/address/code", {"address": MAIL})
    code, name = sent()[-1], settings.MEMBERS.asked_cookie

    theirs.cookies[name] = own.cookies[name].value
    stolen = theirs.post("/my/me/address", {"code": code})
    signs_in = own.post("/my/code", {"code": code})
    wrong = own.post("/my/me/address", {"code": "x"})
    done = own.post("/my/me/address", {"code": code})
    again = own.post("/my/me/address", {"code": code})

    assert "Have a code sent first." in nothing.content.decode()
    assert [each.status_code for each in (nothing, stolen, wrong, again)] == [422] * 4
    assert signs_in["Location"] == "/my/sign-in"
    assert done.status_code == 303
    assert ("email", MAIL) in known(who)
    assert ("email", MAIL) not in known(other)


def test_only_ones_own_address_is_replaced(lin, shop, sent):
    who, own = lin
    neighbour = shop.member(phone=OTHER)
    own.post("/my/me/address/code", {"address": MAIL})

    own.post("/my/me/address", {"code": sent()[-1], "replaces": own_pk(neighbour, OTHER)})

    assert set(known(who)) == {("phone", PHONE), ("email", MAIL)}
    assert list(known(neighbour)) == [("phone", OTHER)]


def test_where_no_codes_are_sent_the_till_is_named(lin, settings):
    from huitouke.service.outreach.senders.choosing import Channels

    settings.CHANNELS = Channels()

    page = lin[1].get("/my/me/address").content.decode()

    assert "Tell the shop your new phone or e-mail at the till." in page
