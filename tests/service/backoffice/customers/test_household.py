"""The page of a customer shows who lives with them, and what they buy together."""

from __future__ import annotations

import pytest
from counter import key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.backoffice.customers.pages import person

pytestmark = pytest.mark.django_db


def page_of(client, customer):
    return client.get(reverse("customer", args=[key(customer)]))


def test_a_household_is_shown_with_what_it_buys_together(shop, as_role):
    lin = shop.customer("Lin", household="H1")
    wang = shop.customer("Wang", household="H1")
    shop.customer("Stranger", household="H2")
    shop.buy(lin, 10_000)
    shop.buy(wang, 2_000)
    shop.buy(wang, 3_000)

    answer = page_of(as_role(), lin)

    found = answer.context["page"].household
    assert (found.key, found.orders, found.spend_minor) == ("H1", 3, 15_000)
    assert [(each.name, each.bought.orders) for each in found.others] == [("Wang", 2)]
    text = answer.content.decode()
    assert "All together bought for ¥150.00 in 3 orders." in text
    assert reverse("customer", args=[key(wang)]) in text
    assert "Stranger" not in text


def test_who_has_no_number_has_no_household_and_who_is_alone_is_told_so(shop, as_role):
    assert page_of(as_role(), shop.customer("Lin")).context["page"].household is None

    alone = page_of(as_role(), shop.customer("Wang", household="H1"))

    assert "Nobody else is known under H1." in alone.content.decode()


def test_of_a_home_with_many_no_sum_is_told(shop, as_role, monkeypatch):
    monkeypatch.setattr(person, "_HOUSEMATES_MOST", 2)
    lin, *_ = (shop.customer(f"Guest {n}", household="H1") for n in range(4))

    answer = page_of(as_role(), lin)

    found = answer.context["page"].household
    assert (len(found.others), found.orders) == (2, None)
    assert "More live under H1 than are shown here." in answer.content.decode()


def test_a_large_household_takes_no_more_questions(shop, as_role):
    client = as_role()
    lin, _ = (shop.customer(f"One {n}", household="H1") for n in range(2))
    page_of(client, lin)
    with CaptureQueriesContext(connection) as two:
        page_of(client, lin)
    for n in range(9):
        shop.customer(f"More {n}", household="H1")
    with CaptureQueriesContext(connection) as many:
        page_of(client, lin)

    assert len(many) == len(two)


def test_a_number_that_looks_like_a_script_is_shown_as_letters(shop, as_role):
    hostile = "<script>alert(1)</script>"
    lin = shop.customer("Lin", household=hostile)
    shop.customer(hostile, household=hostile)

    assert hostile not in page_of(as_role(), lin).content.decode()
