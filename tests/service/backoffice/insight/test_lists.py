"""Lists of customers: in order, page by page, with intervals; out as files without formulas."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from looked import analysis, customer, profile

from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.loop import lists

pytestmark = pytest.mark.django_db
SLIPPING = "/staff/insight/lists/slipping"


@pytest.fixture
def shop():
    found = [customer(name) for name in ("Anna Lee", "<script>alert(1)</script>", "=cmd|x")]
    stakes = (100.0, 300.0, 40.0)
    analysis(
        profiles=[
            *(profile(who, at_stake=each) for who, each in zip(found, stakes, strict=True)),
            profile(customer("Few"), told=False),
        ]
    )
    return found


def names(answer):
    return [row.name for row in answer.context["page"].rows]


def test_the_most_at_stake_comes_first_with_its_interval(shop, as_role):
    answer = as_role().get(SLIPPING)

    assert names(answer) == ["<script>alert(1)</script>", "Anna Lee", "=cmd|x"]
    row = answer.context["page"].rows[0]
    assert (row.at_stake.value, row.at_stake.range) == ("¥300", "¥240 – ¥360")
    assert row.why.startswith("Silent for 90 days")
    text = answer.content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_too_few_to_tell_is_said_in_words(shop, as_role):
    answer = as_role().get("/staff/insight/lists/all?order=value")

    last = answer.context["page"].rows[-1]
    assert (last.name, last.value.value, last.value.range) == ("Few", "–", "too few to tell")


def test_htmx_gets_the_rows_alone(shop, as_role):
    part = as_role().get(SLIPPING, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<div id="insight-list">')


def test_pages_follow_each_other_and_keep_the_filter(as_role, monkeypatch):
    people = [customer(f"Person {n:02}") for n in range(60)]
    analysis(profiles=[profile(each, at_stake=n + 1.0) for n, each in enumerate(people)])
    client = as_role()

    first = client.get(f"{SLIPPING}?group=butterfly")
    second = client.get(first.context["page"].next_url)

    assert "group=butterfly" in first.context["page"].next_url
    assert names(first) + names(second) == [f"Person {n:02}" for n in reversed(range(60))]
    assert second.context["page"].next_url == ""


def test_nobody_of_a_group_is_a_face_of_its_own(shop, as_role):
    text = as_role().get(f"{SLIPPING}?group=barnacle").content.decode()

    assert "Nobody of this group is on the list" in text


@pytest.mark.parametrize("query", ["order=nonsense", "after=nonsense"])
def test_an_address_that_makes_no_sense_is_told_in_words(shop, as_role, query):
    answer = as_role().get(f"{SLIPPING}?{query}")

    assert answer.status_code == 422


def test_an_unknown_list_is_not_there(shop, as_role):
    assert as_role().get("/staff/insight/lists/nonsense").status_code == 404


def test_who_opens_no_customers_sees_numbers_and_no_names(shop, as_role):
    answer = as_role("analyst").get(SLIPPING)

    row = answer.context["page"].rows[1]
    assert row.name == row.key == public_id("cus", shop[0].pk)
    assert row.url == ""
    assert "Anna Lee" not in answer.content.decode()


def test_a_long_list_asks_no_more_than_a_short_one(shop, as_role):
    client = as_role()
    client.get(SLIPPING)
    with CaptureQueriesContext(
        connection,
    ) as short:
        client.get(SLIPPING)
    analysis(profiles=[profile(customer(f"P {n}"), at_stake=n + 1.0) for n in range(40)])

    with CaptureQueriesContext(connection) as long:
        client.get(SLIPPING)

    assert len(long) == len(short) <= 14


def test_the_fewest_calls_that_reach_most_of_what_is_at_stake(shop):
    found = lists.worth_a_call()

    assert (found.customers, found.of) == (2, 3)
    assert found.at_stake == pytest.approx(440.0)


def test_a_file_of_the_list_has_every_row_and_no_formula(shop, as_role):
    answer = as_role("marketer").post(f"{SLIPPING}/export", {"as": "csv"})

    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["<script>alert(1)</script>", "Anna Lee", "'=cmd|x"]
    assert rows[1][7:10] == ["300.0", "240.0", "360.0"]
    line = audit.lines(limit=1)[0]
    assert (line.action, line.target, line.facts["as"]) == (
        "insight.exported",
        "slipping",
        "csv",
    )


def test_a_workbook_holds_texts_and_numbers(shop, as_role):
    answer = as_role().post(f"{SLIPPING}/export", {"as": "xlsx"})

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    assert [sheet.cell(4, 2).value, sheet.cell(4, 2).data_type] == ["=cmd|x", "s"]
    assert sheet.cell(2, 8).value == 300


def test_nothing_leaves_where_the_order_makes_no_sense(shop, as_role):
    answer = as_role().post(f"{SLIPPING}/export", {"order": "nonsense"})

    assert answer.status_code == 422
    assert audit.lines(limit=1)[0].action != "insight.exported"


@pytest.mark.parametrize("role", ["analyst", "care", "front_line", "developer"])
def test_who_may_not_take_lists_out_gets_none(shop, as_role, role):
    answer = as_role(role).post(f"{SLIPPING}/export", {"as": "csv"})

    assert answer.status_code == 403
