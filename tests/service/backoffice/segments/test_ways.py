"""Ways from segments to lists and back: narrowed, kept, taken out as a file."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import openpyxl
import pytest
from counter import BOSS
from looked import analysis, profile
from segmented import saved

from huitouke.service.backoffice.segments.narrowing import as_conditions
from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customers
from huitouke.service.segments import commands

pytestmark = pytest.mark.django_db


def names(answer):
    return [row.name for row in answer.context["page"].rows]


def test_the_list_of_customers_is_narrowed_to_a_segment(shop, as_role):
    shop.member("Rich One", points=300)
    shop.member("Poor One", points=5)
    kept = saved()

    answer = as_role().get("/staff/customers", {"segment": str(kept)})

    assert names(answer) == ["Rich One"]


def test_a_segment_that_was_put_away_still_narrows_the_list(shop, as_role):
    shop.member("Rich One", points=300)
    shop.member("Poor One", points=5)
    kept = saved()
    commands.archive(kept.id, at=shop.now, actor=BOSS)
    client = as_role()

    page = client.get("/staff/customers", {"segment": str(kept)})
    file = client.post("/staff/customers/export", {"segment": str(kept), "as": "csv"})

    assert names(page) == ["Rich One"]
    assert b"Poor One" not in file.getvalue()


@pytest.mark.parametrize("segment", [public_id("seg", UUID(int=1)), "seg_", "everybody"])
def test_a_segment_that_is_not_there_is_refused_and_nobody_leaves_as_a_file(
    shop, as_role, segment
):
    shop.member("Rich One", points=300)
    client = as_role()

    page = client.get("/staff/customers", {"segment": segment})
    file = client.post("/staff/customers/export", {"segment": segment, "as": "csv"})

    for answer in (page, file):
        assert answer.status_code == 404
        assert b"Rich One" not in answer.content
    assert not audit.lines(target="customers")


def test_filters_of_the_list_become_a_segment(shop, as_role):
    client = as_role()
    page = client.get(
        "/staff/customers", {"state": "member", "points": "50", "last": "older90d"}
    )

    url = page.context["page"].segment_url
    told = client.get(url).context["page"].counted

    assert told.sentences == (
        "Standing is one of Members",
        "Last order was longer ago than 90 days",
        "Number of points to spend is at least 50",
    )
    assert client.get("/staff/customers", {"q": "Lin"}).context["page"].segment_url == ""


@pytest.mark.parametrize(
    "chosen",
    [
        {"state": "fan"},
        {"state": "customer"},
        {"tier": "gold"},
        {"tier": "-"},
        {"joined": "30d"},
        {"joined": "older365d"},
        {"last": "30d"},
        {"last": "older90d"},
        {"last": "never"},
        {"points": "100"},
        {"consent": "sms"},
    ],
)
def test_a_filter_and_its_condition_name_the_same_customers(shop, as_role, chosen):
    rich = shop.member("Rich One", points=300)
    shop.member("Poor One", points=5)
    shop.buy(rich, 150_000)
    shop.customer("Fan One")
    customers.record_consent(
        rich.pk, channel="sms", purpose="marketing", given=True, wording_version="1",
        source="till", at=shop.now, actor=BOSS,
    )  # fmt: skip
    client = as_role()
    kept = saved("Same", *as_conditions(chosen))

    by_filter = names(client.get("/staff/customers", chosen))
    by_segment = names(client.get("/staff/customers", {"segment": str(kept)}))

    assert by_filter == by_segment


def test_a_span_of_days_cannot_be_kept_as_a_segment():
    assert as_conditions({"joined": "2026-01-01..2026-02-01"}) is None
    assert as_conditions({"unheard_of": "1"}) is None


def test_the_lists_of_insight_become_segments(shop, as_role):
    slips = shop.member("Slips")
    analysis(profiles=[profile(slips, at_stake=90.0)])
    client = as_role()

    page = client.get("/staff/insight/lists/slipping", {"group": "butterfly"})
    told = client.get(page.context["page"].segment_url).context["page"].counted

    assert told.number == 1
    assert told.sentences == ("On the list is one of Slipping", "Group is one of Butterflies")
    everybody = client.get("/staff/insight/lists/all")
    assert everybody.context["page"].segment_url == ""


def test_the_customers_of_a_segment_leave_as_csv_and_excel_without_formulas(shop, as_role):
    shop.member('=HYPERLINK("x")', points=300)
    shop.member("Poor One", points=5)
    kept = saved()
    client = as_role()

    text = client.post("/staff/customers/export", {"segment": str(kept), "as": "csv"})
    book = client.post("/staff/customers/export", {"segment": str(kept), "as": "xlsx"})

    rows = list(csv.reader(io.StringIO(text.getvalue().decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ['\'=HYPERLINK("x")']
    sheet = openpyxl.load_workbook(io.BytesIO(book.getvalue())).active
    assert sheet.cell(2, 2).value == '=HYPERLINK("x")'
    assert sheet.cell(2, 2).data_type == "s"
    line = audit.lines(target="customers")[0]
    assert line.facts["filters"] == {"segment": str(kept)}
