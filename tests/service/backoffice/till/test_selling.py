"""A sale at the counter: worked out, recorded once, with coupons and points."""

from __future__ import annotations

import pytest
from counter import form_key, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.orders.models import Order
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.models import CodeUse, Redemption
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions import queries as version_queries

pytestmark = pytest.mark.django_db


def at(name, customer):
    return reverse(name, args=[key(customer)])


def test_the_member_is_greeted_with_name_tier_and_benefits(shop, as_role):
    made = shop.member("Lin Xiaoyu", points=40)

    page = as_role("front_line").get(at("till_member", made)).context["page"]

    assert (page.person.name, page.person.tier, page.says) == (
        "Lin Xiaoyu",
        "Silver",
        "Silver.",
    )
    assert (page.active, page.joined, page.priced) == (40, True, None)


def test_stored_value_is_shown_as_money(shop, as_role):
    made = shop.member()
    definition = version_queries.current("main", at=clock.now())[1].model_dump(mode="json")
    stored = {"code": "stored", "kind": "stored_value", "name": {"en": "Stored value"}}
    definition["units"].append(stored)
    found = version_queries.programme("main")
    draft = versions.draft(found, definition=definition, at=clock.now(), actor=SYSTEM)
    versions.publish(draft.id, at=clock.now(), actor=SYSTEM, despite=True)
    fact = {
        "type": "value.topped_up",
        "source": "shop",
        "source_id": "t1",
        "occurred_at": clock.now(),
        "customer": {"id": key(made)},
        "value": {"unit": "stored", "paid_minor": 50_000},
    }
    record([FACT.validate_python(fact)], actor=SYSTEM)

    page = as_role("front_line").get(at("till_member", made))

    assert page.context["page"].money == (("Stored value", 50_000),)
    assert "¥500.00" in page.content.decode()


def test_an_amount_is_worked_out_before_it_is_recorded(shop, as_role):
    made = shop.member()

    page = as_role("front_line").get(at("till_member", made), {"amount": "128.50"})

    priced = page.context["page"].priced
    assert (priced.due_minor, priced.earns) == (12_850, (("points", 128),))
    assert not Order.objects.exists()


def test_a_sale_is_recorded_once_on_a_double_click_and_on_reload(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    quoted = client.get(at("till_member", made), {"amount": "128.50"})
    form = {"amount": "128.50", "key": form_key(quoted, -1)}

    first = client.post(at("till_sale", made), form)
    second = client.post(at("till_sale", made), form)
    receipt = client.get(first["Location"])

    order = Order.objects.get()
    assert first["Location"] == second["Location"]
    assert (order.source, order.total_minor, order.customer_id) == ("till", 12_850, made.pk)
    assert "Sale recorded: 128 points earned" in receipt.content.decode()
    assert shop.balance(made).pending == 128


def test_goods_one_by_one_become_lines_with_what_is_known_of_them(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    shop.buy(made, 1_000)
    given = {"sku1": "sku1", "pieces1": "3", "price1": "10", "price2": "5.50", "key": "k"}

    client.post(at("till_sale", made), given)

    order = Order.objects.get(source="till")
    lines = [(each.name, each.net_minor) for each in order.lines.order_by("position")]
    assert [each.quantity_e3 for each in order.lines.order_by("position")] == [3_000, 1_000]
    assert (order.total_minor, len(lines), lines[1][1]) == (1_550, 2, 550)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"amount": ""}, "How much is it?"),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"amount": "1.234"}, "2 decimal places"),
        ({"amount": "5", "price1": "5"}, "not both"),
        ({"sku1": "a"}, "What does it cost?"),
        ({"pieces1": "2"}, "What does it cost?"),
        ({"pieces1": "0", "price1": "5"}, "greater than or equal to 1"),
        ({"amount": "5", "codes": "A B C D E F"}, "At most 5 codes"),
    ],
)
def test_what_cannot_be_sold_is_told_beside_its_field(shop, as_role, given, said):
    made = shop.member()

    answer = as_role("front_line").post(at("till_sale", made), {**given, "key": "k"})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Order.objects.exists()


def test_a_coupon_and_points_pay_together_and_are_used_up(shop, as_role):
    made, client = shop.member(points=900), as_role("front_line")
    code = shop.coupon(made)
    given = {"amount": "100", "codes": code.lower(), "points": "500"}
    priced = client.get(at("till_member", made), given).context["page"].priced

    answer = client.post(at("till_sale", made), {**given, "key": "k"})

    order = Order.objects.get()
    assert (priced.discount_minor, priced.by_points_minor, priced.due_minor) == (
        1000,
        500,
        8500,
    )
    assert answer.status_code == 303
    assert (order.total_minor, order.paid_by_points_minor) == (9_000, 500)
    assert Redemption.objects.get().state == "captured"
    assert CodeUse.objects.get().order_id == order.id
    assert shop.balance(made).active == 400


def test_a_code_that_cannot_be_used_stops_the_sale_and_says_why(shop, as_role):
    made, client = shop.member(), as_role("front_line")
    given = {"amount": "100", "codes": "NOSUCHCODE"}

    shown = client.get(at("till_member", made), given).content.decode()
    answer = client.post(at("till_sale", made), {**given, "key": "k"})

    assert "Code NOSUCHCODE:" in shown
    assert "Record the sale" not in shown
    assert answer.status_code == 422
    assert "cannot be used" in answer.content.decode()
    assert not Order.objects.exists()


def test_more_points_than_there_are_stop_the_sale_and_nothing_is_booked(shop, as_role):
    made = shop.member(points=100)

    answer = as_role("front_line").post(
        at("till_sale", made), {"amount": "100", "points": "5000", "key": "k"}
    )

    assert answer.status_code == 422
    assert "the member can spend 100" in answer.content.decode()
    assert not Order.objects.exists()
    assert shop.balance(made).held == 0


def test_who_is_no_member_is_asked_to_join_first(shop, as_role):
    made, client = shop.customer(), as_role("front_line")

    before = client.get(at("till_member", made)).content.decode()
    client.post(at("till_enrol", made), {"key": "k"})
    after = client.get(at("till_member", made)).context["page"]

    assert "this purchase earns nothing" in before
    assert after.joined


def test_the_counter_is_quick_however_much_was_bought(shop, as_role):
    made, client = shop.member(points=40), as_role("front_line")
    client.get(at("till_member", made), {"amount": "5"})
    with CaptureQueriesContext(connection) as short:
        client.get(at("till_member", made), {"amount": "5"})
    for _ in range(8):
        shop.buy(made, 1_000)
    with CaptureQueriesContext(connection) as long:
        client.get(at("till_member", made), {"amount": "5"})

    assert len(long) <= len(short) + 1
    assert len(long) <= 75


def test_a_reward_is_handed_over_once(shop, as_role):
    made, client = shop.member(points=900), as_role("front_line")
    shop.reward(400)
    url = client.get(at("till_member", made)).context["page"].offers[0].url
    form = {"key": form_key(client.get(url), -1)}

    first = client.post(url, form)
    second = client.post(url, form)

    redeemed = Redemption.objects.get()
    assert first["Location"] == second["Location"] == at("till_member", made)
    assert (redeemed.state, redeemed.used_at is not None) == ("captured", True)
    assert "Cup: redeemed for 400 points" in client.get(first["Location"]).content.decode()
    assert shop.balance(made).active == 500


def test_what_the_member_can_have_stands_first_and_every_reward_is_one_link_away(shop, as_role):
    made, client = shop.member(points=500), as_role("front_line")
    for cost in range(100, 900, 100):
        shop.reward(cost, names={"en": f"Cup {cost}", "zh": f"{cost} 杯"})
    shop.reward(300, names={"en": "Tea for two", "zh": "双人茶"}, cooperative=True)

    page = client.get(at("till_member", made))
    every = client.get(at("till_rewards", made)).context["page"].offers

    short = page.context["page"].offers
    assert [each.name for each in short] == [
        "Cup 500", "Cup 400", "Cup 300", "Cup 200", "Cup 100", "Tea for two",
    ]  # fmt: skip
    assert [bool(each.url) for each in short] == [True] * 5 + [False]
    assert short[5].why_not == "Two members share it on their phones."
    assert f'href="{at("till_rewards", made)}">All 9 rewards' in page.content.decode()
    assert (every[:6], len(every)) == (short, 9)
    assert [each.missing for each in every[6:]] == [100, 200, 300]


def test_a_reward_is_found_by_its_name_in_either_language_or_its_code(shop, as_role):
    made, client = shop.member(points=500), as_role("front_line")
    shop.reward(100, names={"en": "Tea cloth", "zh": "茶巾"}, code="cloth-7")
    shop.reward(200, names={"en": "Mug", "zh": "马克杯"}, code="mug-1")

    found = [
        [
            each.name
            for each in client.get(at("till_rewards", made), {"q": text}).context["page"].offers
        ]
        for text in ("CLOTH", "茶巾", "mug-1", "")
    ]
    nothing = client.get(at("till_rewards", made), {"q": "bicycle"}).content.decode()

    assert found == [["Tea cloth"], ["Tea cloth"], ["Mug"], ["Mug", "Tea cloth"]]
    assert "No reward is called that" in nothing


def test_many_rewards_ask_the_database_no_more_often(shop, as_role):
    made, client = shop.member(points=500), as_role("front_line")
    shop.reward(100)
    client.get(at("till_rewards", made))
    with CaptureQueriesContext(connection) as few:
        client.get(at("till_rewards", made))
    for cost in range(200, 220):
        shop.reward(cost, per_member_limit=2)
    with CaptureQueriesContext(connection) as many:
        client.get(at("till_rewards", made))

    assert len(many) == len(few)


def test_a_reward_out_of_reach_is_refused_in_words(shop, as_role):
    made, client = shop.member(points=10), as_role("front_line")
    reward = shop.reward(400)
    from huitouke.service.core.ids import public_id

    url = reverse("till_reward", args=[key(made), public_id("rwd", reward.id)])

    answer = client.post(url, {"key": "k"})

    assert answer.status_code == 422
    assert "It takes 400 points" in answer.content.decode()
    assert shop.balance(made).active == 10
