"""At the counter: the member is found by what is said or scanned, or made on the spot."""

from __future__ import annotations

import pytest
from counter import BOSS, key
from django.urls import reverse

from huitouke.service.customers import commands
from huitouke.service.customers import queries as people
from huitouke.service.customers.models import Consent, Customer
from huitouke.service.customers.wordings import in_force
from huitouke.service.programme.models.coupons import Code
from huitouke.service.programme.rewards import catalogue

pytestmark = pytest.mark.django_db
TILL = "/staff/till"


@pytest.mark.parametrize(
    "text", ["138 1234 5678", "vip 12", "https://shop.example/card/{key}", "{key}", "LIN@X.CN"]
)
def test_what_is_said_or_scanned_opens_the_member_at_once(shop, as_role, text):
    made = shop.member(phone="13812345678")
    for kind, value in (("card", "VIP12"), ("email", "lin@x.cn")):
        commands.add_identity(made.pk, kind=kind, value=value, at=shop.now, actor=BOSS)

    answer = as_role("front_line").get(TILL, {"q": text.format(key=key(made))})

    assert answer["Location"] == reverse("till_member", args=[key(made)])


def test_a_name_may_mean_several_and_each_leads_to_the_counter(shop, as_role):
    one, other = shop.member("Lin Xiaoyu"), shop.member("Lin Dan")

    page = as_role("front_line").get(TILL, {"q": "Lin"}).context["page"]

    urls = {row.url for row in page.found}
    assert urls == {reverse("till_member", args=[key(each)]) for each in (one, other)}


def test_who_is_not_known_can_be_made_a_member_with_that_phone(shop, as_role):
    client = as_role("front_line")

    page = client.get(TILL, {"q": "13712345678"})
    form = client.get(page.context["page"].new_url).context["page"].form

    assert "Nobody is known by that" in page.content.decode()
    assert form["phone"].value() == "13712345678"


def test_a_coupon_on_a_phone_opens_its_owner_with_the_code_in_the_sale(shop, as_role):
    made = shop.member(points=900)
    code = shop.coupon(made)
    client = as_role("front_line")

    found = client.get(TILL, {"q": f"{code[:4]} {code[4:].lower()}"})
    page = client.get(found["Location"]).context["page"]

    assert found["Location"].startswith(reverse("till_member", args=[key(made)]))
    assert page.form["codes"].value() == code


def test_a_coupon_for_everybody_is_told_and_no_member_is_guessed(shop, as_role):
    campaign = catalogue.add_campaign(
        "main", names={"en": "Spring"}, kind="percent", value=500, at=shop.now, actor=BOSS
    )
    Code.objects.create(code="SPRING26", campaign_id=campaign.id, issued_at=shop.now)

    text = as_role("front_line").get(TILL, {"q": "spring26"}).content.decode()

    assert "SPRING26 is a coupon for everybody" in text
    assert "Nobody is known by that" not in text
    assert "Nothing was redeemed" not in text


def test_a_new_member_is_entered_enrolled_and_asked_once(shop, as_role):
    client = as_role("front_line")
    shown = {"wording": in_force().version, "key": "k"}
    given = {"phone": "137 1234 5678", "name": "New One", "sms": "on", **shown}

    first = client.post(reverse("till_new"), given)
    second = client.post(reverse("till_new"), given)

    made = people.find("phone", "13712345678")
    assert first["Location"] == second["Location"] == reverse("till_member", args=[key(made)])
    assert made.stage == "member"
    kept = [(each.channel, each.given, each.wording_version) for each in Consent.objects.all()]
    assert kept == [("sms", True, "till-standard-1")]
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(("phone", "said"), [("12", "not a phone"), ("13812345678", "belongs")])
def test_a_phone_that_cannot_be_used_is_told_beside_it(shop, as_role, phone, said):
    shop.member(phone="13812345678")

    answer = as_role("front_line").post(reverse("till_new"), {"phone": phone, "key": "k"})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "phone" in answer.context["page"].form.errors


def test_an_order_is_found_by_its_number_whoever_numbered_it(shop, as_role):
    made = shop.member()
    told = shop.buy(made, 5_000, number="A-77", source="shop")
    client = as_role("front_line")

    answer = client.get(TILL, {"number": "A-77"})
    nothing = client.get(TILL, {"number": "A-78"})

    assert answer["Location"] == reverse("till_order", args=[told.order])
    assert "No order has this number" in nothing.content.decode()


def test_the_counter_is_for_those_who_serve(shop, as_role):
    made = shop.member()

    assert as_role("analyst").get(TILL).status_code == 403
    assert as_role("front_line").get(reverse("customer", args=[key(made)])).status_code == 403


def test_a_new_member_is_asked_in_the_shops_words_and_the_yes_keeps_their_version(
    shop, as_role
):
    client, texts = as_role("front_line"), {"zh": "可以<b>联系</b>您吗？", "en": "May we call?"}
    commands.set_wording(texts, at=shop.now, actor=BOSS)

    page = client.get(reverse("till_new")).content.decode()
    given = {"phone": "13712345678", "wechat": "on", "wording": "till-1", "key": "k"}
    client.post(reverse("till_new"), given)

    assert "May we call?" in page
    assert "可以&lt;b&gt;联系&lt;/b&gt;您吗？" in page
    assert 'name="wording" value="till-1"' in page
    assert Consent.objects.get().wording_version == "till-1"


def test_a_yes_to_words_that_changed_meanwhile_is_asked_anew(shop, as_role):
    client = as_role("front_line")
    given = {"phone": "13712345678", "sms": "on", "wording": in_force().version, "key": "k"}
    commands.set_wording({"zh": "甲", "en": "A"}, at=shop.now, actor=BOSS)

    answer = client.post(reverse("till_new"), given)
    without = client.post(reverse("till_new"), {"phone": "13712345678", "key": "k2"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "read them out anew" in text
    assert 'name="wording" value="till-1"' in text
    assert without.status_code == 303
    assert not Consent.objects.exists()


def test_a_letter_that_nobody_can_write_is_refused_in_address_and_form(shop, as_role):
    client, nobody = as_role("front_line"), "a\x00b"
    told = shop.buy(shop.member(), 5_000)
    there = reverse("till_return", args=[told.order])

    answers = [
        client.get(reverse("till"), {"q": nobody}),
        client.get(reverse("till"), {"number": nobody}),
        client.post(there, {"line": "1", "key": nobody}),
        client.post(there, {"line": "1", "key": "a", "reason": nobody}),
    ]

    assert {each.status_code for each in answers} == {400}
    assert client.post(there, {"line": "1", "key": "a"}).status_code == 303


def test_a_code_longer_than_any_id_is_a_code_that_nothing_has(shop, as_role):
    answer = as_role("front_line").get(reverse("till"), {"q": f"rdm_{'z' * 26}"})

    assert answer.status_code == 200
