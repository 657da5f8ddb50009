"""Goods come back at the counter: by lines or whole, once; what that costs is said first."""

from __future__ import annotations

import pytest
from counter import form_key, key
from django.urls import reverse

from huitouke.service.core.models import Outbox
from huitouke.service.orders.models import Order, Refund

pytestmark = pytest.mark.django_db


def back(told):
    return reverse("till_return", args=[told.order])


def test_what_a_return_does_is_shown_before_and_nothing_is_written(shop, as_role):
    made = shop.member()
    told = shop.buy(made, 12_000, 3_000)
    told_before = Outbox.objects.count()

    answer = as_role("front_line").get(back(told), {"line": "1"})

    page = answer.context["page"]
    assert page.amount_minor == 12_000
    assert "120 points are taken back" in page.warnings[0].said
    assert "120 points go back" in page.warnings[0].words
    assert not Refund.objects.exists()
    assert Outbox.objects.count() == told_before
    assert shop.balance(made).pending == 150


def test_a_line_comes_back_once_on_a_double_click(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    told = shop.buy(made, 12_000, 3_000)
    form = {"line": "1", "reason": "<i>cold</i>"}
    form["key"] = form_key(client.get(back(told), {"line": "1"}), -1)

    first = client.post(back(told), form)
    second = client.post(back(told), form)

    assert first["Location"] == second["Location"] == reverse("till_order", args=[told.order])
    assert Refund.objects.get().amount_minor == 12_000
    assert shop.balance(made).pending == 30
    page = client.get(first["Location"])
    assert page.context["page"].state == "Partly returned"
    story = as_role().get(reverse("customer", args=[key(made)])).content.decode()
    assert "&lt;i&gt;cold&lt;/i&gt;" in story


def test_the_whole_order_comes_back_and_not_a_second_time(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    told = shop.buy(made, 12_000, 3_000)

    client.post(back(told), {"whole": "1", "key": "a"})
    page = client.get(reverse("till_order", args=[told.order])).context["page"]
    again = client.post(back(told), {"whole": "1", "key": "b"})

    assert (page.state, page.refund_url) == ("Returned", "")
    assert again.status_code == 422
    assert Order.objects.get().refunded_minor == 15_000
    assert shop.balance(made).pending == 0


def test_a_tier_that_a_return_ends_is_said_first(shop, as_role):
    made = shop.member()
    told = shop.buy(made, 120_000)

    page = as_role("front_line").get(back(told), {"whole": "1"}).context["page"]

    assert page.warnings[0].said == "This return ends Gold; Silver takes its place."
    assert page.warnings[0].words == "With this return your tier goes from Gold to Silver."


def test_nothing_chosen_is_nothing_returned(shop, as_role):
    told = shop.buy(shop.member(), 5_000)

    answer = as_role("front_line").post(back(told), {"key": "a"})

    assert answer.status_code == 422
    assert "Choose what comes back" in answer.content.decode()
