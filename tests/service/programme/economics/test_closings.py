"""Books that are closed say for ever what reading the ledger anew would say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as people
from huitouke.service.customers import queries as customers
from huitouke.service.ledger.units import UnitUnknown
from huitouke.service.programme.economics import closings
from huitouke.service.programme.economics.closings import books, close_due, closed
from huitouke.service.programme.economics.liability import liability
from huitouke.service.programme.economics.months import months
from huitouke.service.programme.economics.rollforward import BooksDisagree
from huitouke.service.programme.models import Closing
from huitouke.service.programme.versions.creating import create

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)
LIN, WANG = "13800138000", "13900139000"
TILL = Actor("key", "till-7")


def day(number):
    return MARCH + timedelta(days=number)


@pytest.fixture
def busy(shop, rules_of):
    """Points earned in several months, used, taken back; two customers merged."""
    shop.publish(rules_of())
    for phone in (LIN, WANG):
        shop.join(phone, at=MARCH)
    first = shop.buy(LIN, 100_000, 20_000, at=day(1))
    shop.buy(WANG, 50_000, at=day(2))
    shop.buy(WANG, 70_000, at=day(45))
    shop.use(LIN, 700, at=day(20))
    shop.refund(first, 2, at=day(25))
    return shop


@pytest.fixture
def merged(busy):
    one, other = (customers.find("phone", phone).id for phone in (WANG, LIN))
    busy.merge = people.merge(one, into=other, at=busy.now(), actor=TILL)
    return busy


def tomorrow(shop):
    """A moment at which today has been over for some hours."""
    return shop.now() + timedelta(days=1, hours=3)


def anew(at):
    """The books as of the last closing, read from the ledger."""
    until = closed("main", at=at).report.until
    Closing.objects.all().delete()
    report = liability("main", at=until, until=until)
    return report, months("main", at=until, count=closings.MONTHS)


def test_kept_books_are_those_that_are_read_anew(merged):
    at = tomorrow(merged)
    closed("main", at=at)

    kept = closed("main", at=at)

    assert (kept.report, kept.months) == anew(at)
    assert kept.report.roll.issued == 2_400
    assert kept.report.revenue
    assert kept.months.months[-1].roll.closing == kept.report.roll.closing


def test_the_api_and_the_command_line_say_the_same_for_the_same_moment(merged):
    kept = closed("main", at=tomorrow(merged)).report

    told = liability("main", at=tomorrow(merged), until=kept.until)

    assert json.dumps(replace(told, at=kept.at).as_json()) == json.dumps(kept.as_json())


def test_what_is_written_later_does_not_change_a_closing(merged, shift_clock):
    at = tomorrow(merged)
    kept = closed("main", at=at)
    shift_clock(timedelta(days=2))
    merged.buy(LIN, 30_000, at=day(50))
    merged.use(LIN, 100, at=day(51))

    assert closed("main", at=at) == kept
    assert (kept.report, kept.months) == anew(at)
    assert closed("main", at=tomorrow(merged)).report.roll.issued == 2_700


def test_a_merge_after_the_closing_does_not_change_it(busy, shift_clock):
    at = tomorrow(busy)
    kept = closed("main", at=at)
    shift_clock(timedelta(days=2))
    one, other = (customers.find("phone", phone).id for phone in (WANG, LIN))
    people.merge(one, into=other, at=busy.now(), actor=TILL)

    assert (kept.report, kept.months) == anew(at)


def test_a_merge_that_is_undone_later_has_the_books_closed_anew(merged, shift_clock):
    at = tomorrow(merged)
    closed("main", at=at)
    before = Closing.objects.get().made_at
    shift_clock(timedelta(days=2))
    people.unmerge(merged.merge.pk, at=merged.now(), actor=TILL)

    kept = closed("main", at=at + timedelta(minutes=5))

    assert Closing.objects.get().made_at > before
    assert (kept.report, kept.months) == anew(at)


def test_a_closing_is_read_with_few_questions(merged):
    at = tomorrow(merged)
    closed("main", at=at)

    with CaptureQueriesContext(connection) as asked:
        closed("main", at=at)

    assert len(asked) <= 20
    assert not [each for each in asked.captured_queries if "ledger.lot" in each["sql"]]
    assert not [each for each in asked.captured_queries if "ledger.entry" in each["sql"]]


def test_the_day_that_goes_on_is_not_closed_nor_one_that_ended_this_minute(busy):
    now = busy.now()
    midnight = closed("main", at=tomorrow(busy)).report.until

    assert closed("main", at=now).report.until <= now
    assert closed("main", at=midnight + timedelta(minutes=59)).report.until < midnight
    assert closed("main", at=midnight + timedelta(minutes=61)).report.until == midnight


def test_a_small_ledger_is_read_as_of_now_and_a_large_one_where_one_insists(busy, monkeypatch):
    at = busy.now()
    assert books("main", at=at).report.until == at

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.entry")
        (entries,) = cursor.fetchone()
    monkeypatch.setattr(closings, "FRESH_MOST", entries)
    assert books("main", at=at).report.until == at

    monkeypatch.setattr(closings, "FRESH_MOST", entries - 1)

    assert books("main", at=at).report.until < at
    assert books("main", at=at, now=True).report == liability("main", at=at)


def test_books_are_closed_for_every_programme_and_old_closings_go(busy):
    at = tomorrow(busy)

    assert close_due(at=at) == 1
    assert close_due(at=at) == 1
    assert Closing.objects.count() == 1
    close_due(at=at + timedelta(days=9))

    assert [each.until > at for each in Closing.objects.all()] == [True]


@pytest.mark.broken_books
def test_books_that_do_not_add_up_keep_no_other_programme_open(busy, rules_of):
    at = tomorrow(busy)
    busy.publish(rules_of(), code="second")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE ledger.entry SET available_after = available_after + 1")
        cursor.execute("SET LOCAL session_replication_role = origin")

    with pytest.raises(BooksDisagree):
        close_due(at=at)

    assert [each.programme.code for each in Closing.objects.all()] == ["second"]


def test_a_programme_that_never_counted_points_has_no_books():
    given = {"code": "new", "name": {"zh": "新"}, "zone": "Asia/Shanghai", "currency": "CNY"}
    create(given, at=MARCH, actor=TILL)

    assert close_due(at=MARCH) == 0
    with pytest.raises(UnitUnknown):
        closed("new", at=MARCH)
