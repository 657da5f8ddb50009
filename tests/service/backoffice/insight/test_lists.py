"""Lists of customers: in order, page by page, with intervals; out as files without formulas."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from looked import AS_OF, analysis, customer, profile

from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.loop import calls, changes, queries
from huitouke.service.loop.models import Profile

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


def test_the_fewest_calls_that_reach_most_of_what_is_at_stake_are_a_list(shop, as_role):
    page = as_role().get("/staff/insight/lists/worth_a_call")

    assert names(page) == ["<script>alert(1)</script>", "Anna Lee"]
    assert page.context["page"].total == 2
    found = calls.worth_a_call(queries.latest())
    assert found.first == calls.Staked(2, 400.0, 320.0, 480.0)
    assert found.all == calls.Staked(3, 440.0, 352.0, 528.0)


def test_a_sum_is_given_no_interval_where_one_of_them_has_none():
    known, unknown = customer("Anna"), customer("Bo")
    analysis(profiles=[profile(known, at_stake=9.0), profile(unknown, at_stake=8.0)])
    Profile.objects.filter(customer_id=unknown.pk).update(at_stake_lo=None)

    found = calls.calls_of(queries.latest().id)

    assert (found.all.lo, found.all.hi) == (None, pytest.approx(20.4))


def test_whom_to_call_first_is_taken_out_and_kept_as_a_segment(shop, as_role):
    client = as_role()
    page = client.get("/staff/insight/lists/worth_a_call").context["page"]

    file = client.post("/staff/insight/lists/worth_a_call/export", {"as": "csv"})
    written = client.get(page.segment_url).context["page"]

    rows = list(csv.reader(io.StringIO(b"".join(file).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["<script>alert(1)</script>", "Anna Lee"]
    assert written.counted.number == 2


@pytest.fixture
def moved():
    """Anna stayed on the list, Bo came on it, Cleo left it, Dan was never on it."""
    anna, bo, cleo, dan = (customer(name) for name in ("Anna", "Bo", "Cleo", "Dan"))
    before = analysis(
        as_of=AS_OF - timedelta(days=7),
        profiles=[
            profile(anna, at_stake=9.0), profile(bo), profile(cleo, at_stake=8.0), profile(dan),
        ],
    )  # fmt: skip
    now = analysis(
        profiles=[
            profile(anna, at_stake=9.0), profile(bo, at_stake=7.0), profile(cleo), profile(dan),
        ],
    )  # fmt: skip
    now.changes = changes.since_before(now, summary={})
    now.save()
    return before


@pytest.mark.parametrize(
    ("moves", "who"), [("", ["Anna", "Bo"]), ("new", ["Bo"]), ("gone", ["Cleo"])]
)
def test_who_came_on_and_who_left_are_lists_of_their_own(moved, as_role, moves, who):
    client = as_role()

    page = client.get(SLIPPING, {"moved": moves})
    file = client.post(f"{SLIPPING}/export", {"as": "csv", "moved": moves})

    assert names(page) == who
    assert page.context["page"].total == len(who)
    assert page.context["page"].staked == (moves != "gone")
    rows = list(csv.reader(io.StringIO(b"".join(file).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == who


@pytest.mark.parametrize("page", ["insight", "today"])
def test_what_changed_leads_to_who_it_was(moved, as_role, page):
    client = as_role()

    (slipping, *_) = client.get(f"/staff/{page}").context["page"].since.changes
    came, left = slipping.moves

    assert (came.text, left.text) == ("1 came on", "1 went off")
    assert slipping.now.href == SLIPPING
    assert names(client.get(came.href)) == ["Bo"]
    assert names(client.get(left.href)) == ["Cleo"]


def test_once_the_earlier_profiles_are_gone_nobody_is_named_and_nothing_leads_there(
    moved, as_role
):
    changes.forget_older(kept=1)
    client = as_role()

    page = client.get(SLIPPING).context["page"]
    (slipping, *_) = client.get("/staff/insight").context["page"].since.changes

    assert page.moves == ()
    assert [part.href for part in slipping.moves] == ["", ""]
    assert client.get(SLIPPING, {"moved": "new"}).status_code == 422


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
