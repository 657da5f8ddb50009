"""What an attacker would try: another member's things, forged forms, scripts, caches, doors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver

from huitouke.service.core import clock
from huitouke.service.core.ids import public_id
from huitouke.service.core.staff import create as create_staff
from huitouke.service.customers import commands as customer_commands
from huitouke.service.customers import queries as customers
from huitouke.service.portal.addresses import urlpatterns
from huitouke.service.portal.door import guards_of
from huitouke.service.portal.models import Session
from huitouke.service.programme import queries as programme
from huitouke.service.programme.mine import redeemed
from huitouke.service.programme.models.rewards import Pact
from huitouke.service.programme.rewards.pacts import join_pact
from huitouke.service.programme.rewards.referrals import referral_code

A, B = "+8613811110000", "+8613822227351"
SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


@dataclass
class Victim:
    """A member with something of everything, and the marks by which it would be known."""

    who: UUID
    ids: tuple[str, ...]
    marks: tuple[str, ...]
    ending: str

    def seen_in(self, text: str) -> list[str]:
        """The marks in a text; an ending by itself, as ids at random hold four digits."""
        whole = [each for each in self.marks if each in text]
        return whole + re.findall(rf"\b{self.ending}\b", text)


def state_of(victim: Victim) -> object:
    at = clock.now()
    person = customers.get(victim.who)
    return (
        person.name,
        person.birthday_on,
        sorted((each.kind, each.value) for each in person.identities.all()),
        programme.balance(victim.who, now=at).active,
        [(each.pk, each.state) for each in redeemed.redemptions(victim.who, programme="main")],
        redeemed.coupons(victim.who, programme="main", at=at),
        len(customers.consent_journal(victim.who)),
        Session.objects.filter(customer=victim.who).count(),
    )


@pytest.fixture
def victim(shop, signed_in) -> Victim:
    who = shop.member(5000, phone=B, name="王秘密", email="secret@example.com")
    own = signed_in(B)
    held = shop.reward(700)
    coupon = shop.reward(100, kind="percent", campaign=shop.campaign())
    own.post(shop.url_of(held), {"key": "one"})
    own.post(shop.url_of(coupon), {"key": "two"})
    kit = shop.reward(600, cooperative=True)
    own.post(f"{shop.url_of(kit)}/share", {"points": "200", "key": "three"})
    pact = Pact.objects.get()
    friend = shop.member(900)
    join_pact(pact.pk, customer=friend, key="j", at=clock.now(), actor=shop.till)
    mine = redeemed.redemptions(who, programme="main")
    codes = [each.code for each in redeemed.coupons(who, programme="main", at=clock.now())]
    invite = referral_code(who, programme="main", at=clock.now())
    card = next(e.value for e in customers.get(who).identities.all() if e.kind == "card")
    named = public_id("cus", who)
    return Victim(
        who=who,
        ids=(
            named,
            *(public_id("rdm", each.pk) for each in mine),
            public_id("pct", pact.pk),
            *codes,
            invite,
        ),
        marks=("王秘密", "secret@", B[3:], card, *codes),
        ending=B[-4:],
    )


def addresses(ids: tuple[str, ...]) -> list[str]:
    found = []
    for route, _ in guards_of(urlpatterns):
        filled = {re.sub(r"<\w+:\w+>", name, route) for name in ids}
        found += [f"/my/{each}" for each in filled]
    return sorted(set(found))


def test_a_member_never_sees_or_changes_what_is_anothers(shop, signed_in, victim):
    shop.member(9000, phone=A, name="李好奇")
    assert victim.ending in victim.seen_in(page_of(signed_in(B), "/my/me"))
    curious = signed_in(A)
    before = state_of(victim)
    walked = 0
    for address in addresses(victim.ids):
        if "sign-out" in address:
            continue
        for name in victim.ids:
            sent = {
                "customer": name,
                "id": name,
                "key": "one",
                "channel": "sms",
                "purpose": "marketing",
                "name": "changed",
                "birthday_on": "1990-01-01",
                "before": "999",
            }
            answers = [curious.get(address, sent), curious.post(address, sent)]
            for answer in answers:
                text = answer.content.decode()
                assert answer.status_code < 500, address
                # What was sent stands in the address of the page itself.
                own = address + name
                seen = [mark for mark in victim.seen_in(text) if mark not in own]
                assert seen == [], address
            walked += 2

    assert walked > 100
    assert state_of(victim) == before


def test_another_members_redemption_is_answered_like_one_that_is_not_there(
    shop, signed_in, victim
):
    shop.member(9000, phone=A)
    curious = signed_in(A)
    theirs = next(each for each in victim.ids if each.startswith("rdm_"))
    nobodys = public_id("rdm", UUID(int=7))

    for name in (theirs, nobodys):
        assert curious.get(f"/my/redemptions/{name}").status_code == 404
        assert curious.post(f"/my/redemptions/{name}/cancel").status_code == 404


def test_who_is_not_signed_in_sees_no_page_of_a_member(shop, browser, victim):
    nobody = browser()
    for route, because in guards_of(urlpatterns):
        address = "/my/" + re.sub(r"<\w+:\w+>", victim.ids[1], route)
        for answer in (nobody.get(address), nobody.post(address)):
            text = answer.content.decode()
            assert victim.seen_in(text) == [], address
            if not because:
                assert answer.status_code == 303, address
                assert answer["Location"].startswith("/my/sign-in"), address


def test_every_address_is_guarded():
    assert [route for route, because in guards_of(urlpatterns) if because is None] == []


def test_every_form_needs_its_mark(shop, sent):
    shop.member(900, phone=A)
    strict = Client(enforce_csrf_checks=True, headers={"accept": "text/html"})
    for route, _ in guards_of(urlpatterns):
        address = "/my/" + re.sub(r"<\w+:\w+>", public_id("rwd", UUID(int=7)), route)

        assert strict.post(address, {"address": A}).status_code in {403, 405}, address


def test_a_form_with_its_mark_is_taken_and_the_mark_changes_at_sign_in(shop, sent):
    shop.member(900, phone=A)
    strict = Client(
        enforce_csrf_checks=True, headers={"accept": "text/html", "accept-language": "en"}
    )
    name = next(
        each for each in strict.get("/my/sign-in").client.cookies if "csrf" in each.lower()
    )
    before = strict.cookies[name].value
    mark = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page_of(strict, "/my/sign-in"))[1]
    strict.post("/my/sign-in", {"address": A, "csrfmiddlewaretoken": mark})

    answer = strict.post("/my/code", {"code": sent()[0], "csrfmiddlewaretoken": mark})

    assert answer.status_code == 303
    assert strict.cookies[name].value != before


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


class Scripts(HTMLParser):
    """Collects what a browser would run: scripts without an address, handlers, odd images."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        loose = tag == "script" and "src" not in names
        handlers = [name for name in names if name.startswith("on")]
        if loose or handlers or (tag == "img"):
            self.found.append(f"{tag} {names}")


def test_scripts_in_names_reasons_and_rewards_stay_text(shop, signed_in):
    who = shop.member(phone=A, name=SCRIPT[:100])
    names = {"en": SCRIPT, "zh": SCRIPT}
    shop.earn(who, 3000, reason={"code": "earned.x", "name": names, "points": 3000})
    shop.earn(who, 10, reason={"code": SCRIPT})
    reward = shop.reward(500, names=names)
    coupon = shop.reward(100, names=names, kind="percent", campaign=shop.campaign(names=names))
    customer_commands.record_consent(
        who, channel="sms", purpose="marketing", given=True, source="till/3",
        at=clock.now(), actor=shop.till, wording_version="a",
    )  # fmt: skip
    own = signed_in(A)
    own.post(shop.url_of(reward), {"key": "k"})
    own.post(shop.url_of(coupon), {"key": "l"})
    held = redeemed.redemptions(who, programme="main")
    pages = [
        "/my/", "/my/card", "/my/rewards", shop.url_of(reward), "/my/codes", "/my/history",
        "/my/me", "/my/me/erase", "/my/stamps", "/my/friends",
        *(f"/my/redemptions/{public_id('rdm', each.pk)}" for each in held),
    ]  # fmt: skip
    seen = 0
    for address in pages:
        answer = own.get(address)
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert Scripts(text).found == [], address
        seen += "alert(" in text

    assert seen >= 6


def test_what_comes_back_from_a_form_stays_text(shop, browser):
    answer = browser().post("/my/sign-in", {"address": SCRIPT, "next": SCRIPT})

    assert Scripts(answer.content.decode()).found == []
    assert b"alert(" in answer.content


def test_no_page_is_kept_by_anybody(shop, signed_in, victim):
    own = signed_in(B)
    for route, because in guards_of(urlpatterns):
        address = "/my/" + re.sub(r"<\w+:\w+>", victim.ids[1], route)
        answer = own.get(address)
        if route == "manifest.webmanifest":
            assert "private" in answer["Cache-Control"]
            continue
        assert "no-store" in answer["Cache-Control"], (address, because)
        assert "Cookie" in answer["Vary"], address


def test_a_member_is_nobody_at_the_staffs_door(shop, signed_in):
    shop.member(phone=A)
    own = signed_in(A)
    routes = {
        f"/{route}"
        for route, _ in guards_of(get_resolver().url_patterns)
        if route.startswith("staff/")
    }
    opened = [
        address
        for address in routes | {"/look"}
        if "<" not in address
        and own.get(address).status_code == 200
        and Client().get(address).status_code != 200
    ]

    assert len(routes) > 3
    assert opened == []
    assert "sessionid" not in own.cookies


def test_staff_are_nobody_at_the_members_door(shop, browser):
    boss = create_staff(
        "boss@example.com", role="owner", name="Li", at=clock.now(), actor=shop.boss
    )
    own = browser()
    own.force_login(boss.record)

    assert own.get("/my/me").status_code == 303
    assert own.get("/my/me")["Location"].startswith("/my/sign-in")


def test_who_is_forgotten_is_signed_out_at_once(shop, signed_in):
    who = shop.member(phone=A)
    own = signed_in(A)

    customer_commands.erase(who, at=clock.now(), actor=shop.till)

    assert own.get("/my/").status_code == 303
    assert not Session.objects.exists()


def test_a_merged_record_signs_in_anew(shop, signed_in):
    loser, winner = shop.member(phone=A), shop.member(phone=B)
    own = signed_in(A)

    customer_commands.merge(loser, into=winner, at=clock.now(), actor=shop.boss)

    assert own.get("/my/").status_code == 303
