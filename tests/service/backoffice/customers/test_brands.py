"""Brands: named in Settings, said on a customer, asked for in the list and in segments."""

from __future__ import annotations

import pytest
from counter import BOSS, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.core import audit, clock
from huitouke.service.customers import commands
from huitouke.service.customers import queries as people
from huitouke.service.customers.brands import brands
from huitouke.service.segments import queries as segments
from huitouke.service.segments.fields import Condition

pytestmark = pytest.mark.django_db
SHOP = "/staff/settings/shop"


def name(client, brand="north", **names):
    given = {
        "brand": brand,
        "brand_zh": "北山",
        "brand_en": "North <b>Hill",
        "key": "k",
        **names,
    }
    return client.post(reverse("settings_brand"), given)


def test_a_brand_is_named_once_in_both_languages_and_noted(shop, as_role):
    client = as_role()

    first, second = name(client), name(client)

    assert (first.status_code, second.status_code) == (303, 303)
    (known,) = brands()
    assert (known.code, dict(known.names)) == ("north", {"zh": "北山", "en": "North <b>Hill"})
    noted = [each for each in audit.lines(target="shop") if each.action == "shop.brand_named"]
    assert len(noted) == 1
    text = client.get(first["Location"]).content.decode()
    assert "North &lt;b&gt;Hill" in text
    edit = client.get(SHOP, {"brand": "north"}).context["page"].brand
    assert edit["brand_zh"].value() == "北山"


def test_brands_that_customers_carry_are_there_before_anybody_named_them(shop, as_role):
    for brand in ("south", "north", "south"):
        shop.customer(brand=brand)
    name(as_role(), brand="west")

    assert [each.code for each in brands()] == ["north", "south", "west"]


def test_without_any_name_the_code_is_shown_again(shop, as_role):
    made, client = shop.customer(brand="north"), as_role()
    page = reverse("customer", args=[key(made)])
    name(client)
    named = client.get(page).context["page"].brand

    name(client, brand_zh="", brand_en=" ", key="other")

    assert (named, client.get(page).context["page"].brand) == ("North <b>Hill", "north")


@pytest.mark.parametrize("wrong", [{"brand": ""}, {"brand": "x" * 61}, {"brand_zh": "x" * 61}])
def test_a_brand_that_cannot_be_is_refused_at_its_field(shop, as_role, wrong):
    answer = name(as_role(), **wrong)

    assert answer.status_code == 422
    assert "aria-invalid" in answer.content.decode()
    assert brands() == ()


@pytest.mark.parametrize("role", ["marketer", "care", "developer"])
def test_only_who_may_change_the_shop_names_brands(shop, as_role, role):
    assert name(as_role(role)).status_code == 403
    assert brands() == ()


def test_care_says_to_which_brand_a_customer_belongs(shop, as_role):
    made, client = shop.customer("Lin"), as_role("care")
    shop.customer(brand="north")
    address = reverse("customer_details", args=[key(made)])
    given = {"name": "Lin", "language": "zh", "household": "", "key": "a"}

    wrong = client.post(address, {**given, "brand": "nowhere"})
    done = client.post(address, {**given, "brand": "north", "key": "b"})

    assert (wrong.status_code, done.status_code) == (422, 303)
    assert people.get(made.pk).brand == "north"


def test_where_no_brands_are_told_apart_nothing_is_asked(shop, as_role):
    made = shop.customer("Lin")

    form = as_role().get(reverse("customer_details", args=[key(made)])).context["page"].form
    fields = as_role().get(reverse("customers")).context["page"].asked.fields

    assert "brand" not in form.fields
    assert "brand" not in {each.key for each in fields}


def test_the_list_is_narrowed_to_a_brand_by_its_name(shop, as_role):
    for who, brand in (("Lin", "north"), ("Bo", "south"), ("Cy", "")):
        shop.customer(who, brand=brand)
    client = as_role()
    name(client)

    page = client.get(reverse("customers"), {"brand": "north"}).context["page"]

    assert [row.name for row in page.rows] == ["Lin"]
    (field,) = (each for each in page.asked.fields if each.key == "brand")
    assert ("north", "North <b>Hill") in field.options
    assert "f0=brand" in page.segment_url


@pytest.mark.parametrize(("negated", "found"), [(False, ["Lin"]), (True, ["Bo"])])
def test_segments_ask_for_a_brand_and_know_who_carries_none(shop, negated, found):
    for who, brand in (("Lin", "north"), ("Bo", "south"), ("Cy", "")):
        shop.customer(who, brand=brand)
    ground = segments.ground_of(now=clock.now(), zone="Asia/Shanghai", currency="CNY")
    conditions = [Condition("brand", "any_of", ("north",), negated=negated)]

    tally = segments.counted(conditions, ground=ground)

    assert tally.number == len(found)
    assert tally.unknown == 1


def test_many_customers_of_a_brand_cost_no_question_each(shop, as_role):
    client = as_role()
    client.get(reverse("customers"))

    def asked():
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("customers"), {"brand": "north"})
            client.get(SHOP)
        return len(found)

    shop.customer(brand="north")
    few = asked()
    for number in range(9):
        made = shop.customer(brand=f"brand {number}")
        commands.change(made.pk, brand="north", at=clock.now(), actor=BOSS)
        shop.customer(brand=f"brand {number}")

    assert asked() == few
