"""A tier is given on the customer's page: once, through a day, for a reason, by who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from counter import RULES, Counter, form_key, key
from django.urls import reverse

from huitouke.service.core import audit
from huitouke.service.core.models import Audit
from huitouke.service.programme import queries as programme

pytestmark = pytest.mark.django_db


def at(customer):
    return reverse("customer_tier", args=[key(customer)])


def giving(shop, *, days=90, **more):
    through = (shop.now + timedelta(days=days)).date().isoformat()
    return {"tier": "gold", "through": through, "reason": "Lost the <b>parcel</b>", **more}


def test_a_tier_is_given_once_however_often_the_form_is_sent(shop, as_role):
    made, client = shop.member(), as_role("marketer")
    form = giving(shop, key=form_key(client.get(at(made)), -1))

    first, second = client.post(at(made), form), client.post(at(made), form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"] == reverse("customer", args=[key(made)])
    stands = programme.tier(made.pk, now=shop.now)
    assert (stands.tier, str(stands.granted_through)) == ("gold", form["through"])
    noted = Audit.objects.get(target=key(made), action="tier.granted")
    assert noted.reason == form["reason"]
    assert noted.actor.startswith("staff:stf_")
    page = client.get(first["Location"]).content.decode()
    assert "Given through" in page
    assert "Lost the &lt;b&gt;parcel" in page


def test_each_tier_says_in_one_breath_what_it_brings(as_role):
    short = {"zh": "包邮", "en": "free delivery"}
    benefit = {"id": "ship", "name": short, "short": short, "kind": "monetary"}
    tiers = [dict(each) for each in RULES["tiers"]["tiers"]]
    tiers[1]["benefits"] = [benefit]
    shop = Counter().open({**RULES, "tiers": {**RULES["tiers"], "tiers": tiers}})

    text = as_role().get(at(shop.member())).content.decode()

    assert "Gold: free delivery." in text
    assert "The member has Silver now." in text


def test_a_tier_below_the_earned_one_changes_nothing_and_that_is_said(shop, as_role):
    made, client = shop.member(), as_role()
    shop.buy(made, 120_000)

    answer = client.post(at(made), giving(shop, tier="silver", key="k"))

    assert "Gold is higher" in client.get(answer["Location"]).content.decode()
    assert programme.tier(made.pk, now=shop.now).tier == "gold"


def test_a_second_grant_is_told_that_it_takes_the_place_of_the_first(shop, as_role):
    made, client = shop.member(), as_role()
    client.post(at(made), giving(shop, key="a"))

    text = client.get(at(made)).content.decode()

    assert "takes its place" in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"through": "2020-01-01"}, "three years away at most"),
        ({"through": "2999-01-01"}, "three years away at most"),
        ({"through": "soon"}, "valid date"),
        ({"reason": " "}, "required"),
        ({"tier": "platinum"}, "not one of the available choices"),
        ({"tier": ""}, "required"),
    ],
)
def test_what_cannot_be_given_is_refused_in_words(shop, as_role, wrong, said):
    made = shop.member()

    answer = as_role().post(at(made), giving(shop, **wrong))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert programme.tier(made.pk, now=shop.now).tier == "silver"
    assert "tier.granted" not in {each.action for each in audit.lines(target=key(made))}


def test_who_is_no_member_is_not_given_one(shop, as_role):
    made = shop.customer()

    answer = as_role().post(at(made), giving(shop))

    assert answer.status_code == 422
    assert "Enrol the customer first" in answer.content.decode()


def test_a_programme_without_tiers_has_none_to_give(as_role):
    shop = Counter().open({name: part for name, part in RULES.items() if name != "tiers"})
    made, client = shop.member(), as_role()

    answer = client.get(at(made))

    assert answer.status_code == 409
    assert "has no tiers" in answer.content.decode()
    assert at(made) not in client.get(reverse("customer", args=[key(made)])).content.decode()


@pytest.mark.parametrize(
    ("role", "gives"), [("owner", True), ("marketer", True), ("care", False)]
)
def test_the_act_is_shown_and_done_by_who_may(shop, as_role, role, gives):
    made, client = shop.member(), as_role(role)

    page = client.get(reverse("customer", args=[key(made)])).content.decode()
    answer = client.post(at(made), giving(shop, key="k"))

    assert (at(made) in page) is gives
    assert answer.status_code == (303 if gives else 403)
    assert (programme.tier(made.pk, now=shop.now).tier == "gold") is gives
