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
    assert page.back.money_minor == 12_000
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
    assert page.context["page"].order.state == "Partly returned"
    story = as_role().get(reverse("customer", args=[key(made)])).content.decode()
    assert "&lt;i&gt;cold&lt;/i&gt;" in story


def test_the_whole_order_comes_back_and_not_a_second_time(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    told = shop.buy(made, 12_000, 3_000)

    client.post(back(told), {"whole": "1", "key": "a"})
    page = client.get(reverse("till_order", args=[told.order])).context["page"]
    again = client.post(back(told), {"whole": "1", "key": "b"})

    assert (page.order.state, page.refund_url) == ("Returned", "")
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


def test_one_of_three_comes_back_and_what_it_costs_is_said_first(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    told = shop.buy(made, 30_000, pieces=3)

    answer = client.get(back(told), {"pieces1": "1"})
    page = answer.context["page"]
    client.post(back(told), {"pieces1": "1", "key": form_key(answer, -1)})
    after = client.get(back(told)).context["page"].order.lines[0]

    assert page.back.money_minor == 10_000
    assert "100 points are taken back" in page.warnings[0].said
    assert (after.left, after.left_minor, after.pieces) == ("2", 20_000, "3")
    assert Refund.objects.get().lines.get().quantity_e3 == 1_000
    assert shop.balance(made).pending == 200


def test_pieces_one_by_one_give_back_exactly_what_was_paid(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    told = shop.buy(made, 100, pieces=3)

    for turn in range(3):
        client.post(back(told), {"pieces1": "1", "key": f"k{turn}"})
    fourth = client.post(back(told), {"pieces1": "1", "key": "k4"})

    amounts = list(Refund.objects.order_by("id").values_list("amount_minor", flat=True))
    assert amounts == [33, 33, 34]
    assert fourth.status_code == 422
    assert Order.objects.get().refunded_minor == 100


def test_a_part_comes_back_once_on_a_double_click_though_less_is_left_then(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    told = shop.buy(made, 30_000, pieces=3)
    form = {"pieces1": "2", "key": form_key(client.get(back(told), {"pieces1": "2"}), -1)}

    answers = [client.post(back(told), form) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert Order.objects.get().refunded_minor == 20_000


@pytest.mark.parametrize(
    ("typed", "said"),
    [("4", "Only 3 can still come back."), ("x", "a number of pieces"), ("-1", "a number of")],
)
@pytest.mark.parametrize("how", ["get", "post"])
def test_a_number_of_pieces_that_cannot_be_is_told_beside_it(shop, as_role, how, typed, said):
    told = shop.buy(shop.member(), 30_000, pieces=3)

    answer = getattr(as_role("front_line"), how)(back(told), {"pieces1": typed, "key": "k"})

    assert answer.status_code == 422
    assert said in answer.context["page"].order.lines[0].wrong
    assert not Refund.objects.exists()


def test_what_is_weighed_comes_back_by_weight_and_in_full_width_digits(shop, as_role):
    client = as_role("front_line")
    told = shop.buy(shop.member(), 2_500, pieces="1.25")

    page = client.get(back(told), {"pieces1": "\uff10\uff0e\uff15"}).context["page"]
    client.post(back(told), {"pieces1": "0.5", "key": "k"})

    assert page.back.money_minor == 1_000
    assert Order.objects.get().refunded_minor == 1_000


def test_all_pieces_of_every_line_are_the_whole_order(shop, as_role):
    client = as_role("front_line")
    told = shop.buy(shop.member(), 30_000, 1_000, pieces=2)

    client.post(back(told), {"pieces1": "2", "pieces2": "2", "key": "k"})

    assert client.get(reverse("till_order", args=[told.order])).context["page"].order.state == (
        "Returned"
    )


def test_what_points_had_paid_is_given_back_as_points_and_not_in_money(shop, as_role):
    made, client = shop.member(points=900), as_role("front_line")
    given = {"price1": "60", "price2": "30", "points": "500", "key": "k"}
    sold = client.post(reverse("till_sale", args=[key(made)]), given)
    url = f"{sold['Location']}/return"

    page = client.get(url, {"line": "1"}).context["page"]
    done = client.post(url, {"line": "1", "key": "a"})
    told = client.get(done["Location"]).content.decode()
    rest = client.get(url, {"whole": "1"}).context["page"]
    client.post(url, {"whole": "1", "key": "b"})

    back_now, back_then = page.back, rest.back
    assert (back_now.amount_minor, back_then.amount_minor) == (6_000, 3_000)
    assert back_now.by_points_minor + back_then.by_points_minor == 500
    assert back_now.money_minor + back_then.money_minor == 8_500
    assert f"Give ¥{back_now.money_minor / 100:.2f} back." in told
    assert shop.balance(made).active == 900


def test_a_line_that_no_order_has_is_nothing_that_comes_back(shop, as_role):
    told, client = shop.buy(shop.member(), 12_000), as_role("front_line")

    shown = client.get(back(told), {"line": "1" * 5_000})
    sent = client.post(back(told), {"line": "1" * 5_000, "key": "a"})

    assert (shown.status_code, sent.status_code) == (200, 422)
    assert not Refund.objects.exists()
