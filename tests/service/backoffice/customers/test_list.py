"""The list of customers: found by any identity, narrowed by the address, page by page."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from counter import BOSS, RULES, Counter, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.backoffice.files import harmless
from huitouke.service.core import audit, clock
from huitouke.service.customers import commands, queries
from huitouke.service.programme.people import listing
from huitouke.service.programme.people.conditions import CONDITIONS
from huitouke.service.programme.people.listing import Narrowed, ground_of, listed

pytestmark = pytest.mark.django_db
LIST = "/staff/customers"
(BY_LAST,) = (each for each in CONDITIONS if each.key == "last")


def names(answer):
    return [row.name for row in answer.context["page"].rows]


@pytest.mark.parametrize(
    "text",
    [
        "138 1234 5678",
        "+86 138-1234-5678",
        "138123",
        "Lin.Xiao@Example.com",
        "vip 0012",
        "shop-77",
        "Lin X",
    ],
)
def test_a_customer_is_found_by_any_identity_in_any_spelling(shop, as_role, text):
    made = shop.customer("Lin Xiaoyu", phone="13812345678")
    for kind, value in (
        ("email", "lin.xiao@example.com"),
        ("card", "VIP0012"),
        ("external", "shop-77"),
    ):
        commands.add_identity(made.pk, kind=kind, value=value, at=shop.now, actor=BOSS)
    shop.customer("Wang Wei", phone="13900000000")

    answer = as_role().get(LIST, {"q": text})

    assert names(answer) == ["Lin Xiaoyu"]


def test_a_public_id_finds_the_record_of_today_after_a_merge(shop, as_role):
    stays, goes = shop.member("Stays"), shop.member("Goes")
    commands.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)

    answer = as_role().get(LIST, {"q": key(goes)})

    assert names(answer) == ["Stays"]


def test_filters_stand_in_the_address_and_work_together(shop, as_role):
    member = shop.member("Member", points=900)
    shop.buy(member, 120_000)
    shop.customer("Fan")
    poor = shop.member("Poor")
    client = as_role()

    def found(**given):
        return names(client.get(LIST, given))

    assert found(state="fan") == ["Fan"]
    assert found(state="member") == ["Poor", "Member"]
    assert found(tier="gold") == ["Member"]
    assert found(tier="silver") == ["Poor"]
    assert found(points="900") == ["Member"]
    assert found(points="901") == []
    assert found(last="30d") == ["Member"]
    assert found(last="older30d") == []
    assert found(last="never") == ["Poor", "Fan"]
    assert found(joined="7d") == ["Poor", "Member"]
    assert found(joined="2020-01-01..2020-12-31") == []
    assert found(state="member", tier="gold", points="1", last="7d") == ["Member"]
    assert poor.enrolled_at is not None


@pytest.mark.parametrize("few", [0, 2_000])
def test_the_newest_word_on_consent_counts_whichever_record_it_was_said_to(
    shop, as_role, monkeypatch, few
):
    monkeypatch.setattr(queries, "_FEW", few)
    stays, goes = shop.customer("Stays"), shop.customer("Goes")

    def said(customer, given, *, days):
        commands.record_consent(
            customer.pk,
            channel="sms",
            purpose="marketing",
            given=given,
            source="till",
            wording_version="sms-1",
            at=shop.now - timedelta(days=days),
            actor=BOSS,
        )

    said(goes, given=True, days=1)
    said(stays, given=False, days=9)
    client = as_role()
    before = names(client.get(LIST, {"consent": "sms"}))

    commands.merge(goes.pk, into=stays.pk, at=shop.now, actor=BOSS)

    assert before == ["Goes"]
    assert names(client.get(LIST, {"consent": "sms"})) == ["Stays"]
    assert names(client.get(LIST, {"consent": "email"})) == []


@pytest.mark.parametrize("most", [1, 10_000])
def test_a_page_and_its_count_are_the_same_however_they_are_looked_for(
    shop, as_role, monkeypatch, most
):
    monkeypatch.setattr(listing, "COUNTED_MOST", most)
    for place in range(3):
        shop.buy(shop.member(f"M{place}"), 1_000)
    ground, narrowed = ground_of(now=clock.now()), Narrowed("M", ((BY_LAST, "30d"),))

    first, count = listing.opened(narrowed, ground=ground, currency="CNY", limit=2)
    rest, again = listing.opened(
        narrowed, ground=ground, currency="CNY", cursor=first.cursor, limit=2
    )

    assert [row.customer.name for row in (*first.rows, *rest.rows)] == ["M2", "M1", "M0"]
    assert [row.bought.orders for row in first.rows] == [1, 1]
    assert count == again
    assert (count.number, count.more) == (min(3, most), most < 3)


def test_buyers_come_page_by_page_newest_first_each_once(shop, as_role):
    made = []
    for place in range(4):
        made.append(shop.member(f"M{place}"))
        shop.buy(made[-1], 1_000)
    shop.customer("Fan")
    ground = ground_of(now=clock.now())
    narrowed, cursor, found = Narrowed("", ((BY_LAST, "30d"),)), "", []
    for _ in range(4):
        page = listed(narrowed, ground=ground, currency="CNY", cursor=cursor, limit=1)
        found += [row.customer.name for row in page.rows]
        cursor = page.cursor

    assert found == ["M3", "M2", "M1", "M0"]
    assert cursor == ""


@pytest.mark.parametrize(
    "given", [{"state": "x"}, {"joined": "x"}, {"points": "-1"}, {"consent": "fax"}]
)
def test_a_filter_that_cannot_be_is_left_out(shop, as_role, given):
    shop.customer("Fan")

    answer = as_role().get(LIST, given)

    assert names(answer) == ["Fan"]
    assert not answer.context["page"].asked.any


def test_pages_lead_on_without_a_gap_and_back_to_the_newest(shop, as_role):
    for number in range(53):
        shop.customer(f"Customer {number}")
    client = as_role()

    first = client.get(LIST).context["page"]
    second = client.get(first.next_url).context["page"]

    assert (len(first.rows), len(second.rows)) == (50, 3)
    assert len({row.key for row in (*first.rows, *second.rows)}) == 53
    assert (first.count, first.more, second.next_url) == (53, False, "")
    assert second.first_url.startswith(LIST)


def test_the_list_says_why_it_is_empty(shop, as_role):
    client = as_role()

    nobody = client.get(LIST).content.decode()
    nothing_fits = client.get(LIST, {"q": "zzz"}).content.decode()

    assert "No customers yet" in nobody
    assert "No customer fits" in nothing_fits


def test_a_list_takes_as_many_questions_for_fifty_as_for_one(shop, as_role):
    client = as_role()
    shop.member("One", points=5)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for number in range(20):
        shop.buy(shop.member(f"More {number}", points=5), 5_000)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(many) == len(one)
    assert len(many) <= 26


def test_htmx_gets_the_results_alone(shop, as_role):
    shop.customer("Fan")

    answer = as_role().get(LIST, headers={"HX-Request": "true"})

    assert answer.content.strip().startswith(b'<div id="customers">')


def test_hostile_names_are_shown_as_they_are_written(shop, as_role):
    shop.customer('<script>alert("x")</script>')

    page = as_role().get(LIST, {"q": '"><img src=x>'}).content.decode()
    shown = as_role().get(LIST).content.decode()

    assert "<img src=x>" not in page
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_the_list_leaves_as_csv_without_formulas_and_is_noted(shop, as_role):
    shop.member('=HYPERLINK("http://evil")', points=7, phone="13812345678")
    shop.customer("Not asked for")

    answer = as_role().post(reverse("customers_export"), {"state": "member", "as": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))

    assert rows[0][:3] == ["Number", "Name", "Phone"]
    assert len(rows) == 2
    assert rows[1][1:3] == ['\'=HYPERLINK("http://evil")', "'+8613812345678"]
    assert rows[1][7] == "7"
    noted = audit.lines(target="customers")[0]
    assert (noted.action, noted.facts["filters"]) == ("customers.exported", {"state": "member"})


def test_the_list_leaves_as_excel_with_texts_and_numbers(shop, as_role):
    shop.buy(shop.member("=1+1"), 5_000)

    answer = as_role().post(reverse("customers_export"), {"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active

    assert sheet["B2"].value == "=1+1"
    assert sheet["B2"].data_type == "s"
    assert (sheet["I2"].value, sheet["J2"].value) == (1, 50)


def test_a_file_is_waited_for_longer_than_a_page(shop, as_role, monkeypatch):
    monkeypatch.setattr("huitouke.service.programme.people.listing._LIST_MS", 1)
    patience = []
    real = listing.in_time

    def waited(ask, *, milliseconds):
        patience.append(milliseconds)
        return real(ask, milliseconds=30_000)

    monkeypatch.setattr(listing, "in_time", waited)
    shop.customer("Rare One")

    answer = as_role().post(reverse("customers_export"), {"as": "csv"})

    assert b"Rare One" in b"".join(answer)
    assert set(patience) == {listing._FILE_MS}


def test_spending_leaves_in_the_units_of_the_shops_own_currency(as_role):
    shop = Counter().open({**RULES, "currency": "JPY"})
    shop.buy(shop.member("One"), 5_000)

    answer = as_role().post(reverse("customers_export"), {"as": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))

    assert rows[1][9] == "5000.0"


def test_more_than_a_batch_leaves_whole(shop, as_role, monkeypatch):
    monkeypatch.setattr("huitouke.service.programme.people.listing._BATCH", 2)
    for number in range(5):
        shop.customer(f"Customer {number}")

    answer = as_role().post(reverse("customers_export"), {})

    assert b"".join(answer).decode().count("Customer ") == 5


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", " =1", "%x"])
def test_no_cell_begins_like_a_formula(text):
    assert harmless(text).startswith("'")


def test_who_may_not_take_lists_out_is_shown_no_way_to(shop, as_role):
    shop.customer("Fan")
    client = as_role("care")

    assert reverse("customers_export") not in client.get(LIST).content.decode()
    assert client.post(reverse("customers_export")).status_code == 403


def test_a_span_that_ends_where_days_end_narrows_nothing(shop, as_role):
    shop.member("Lin Xiaoyu")

    answer = as_role().get(reverse("customers"), {"joined": "2026-01-01..9999-12-31"})

    assert answer.status_code == 200
    assert not answer.context["page"].asked.chosen
