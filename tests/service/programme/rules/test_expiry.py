"""Local days, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.rules.calendar import (
    add_months,
    birthday_periods,
    days_after,
    end_of,
    last_day,
    period_key,
    start_of_day,
)
from huitouke.service.programme.rules.definition import Delivered
from huitouke.service.programme.rules.expiry import (
    available_at,
    delivered_at,
    expires_at,
    grace_until,
)
from huitouke.service.programme.rules.shapes import Rolling

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Asia/Shanghai",
            "Europe/Berlin",
            "America/Havana",
            "America/Sao_Paulo",
            "Africa/Cairo",
            "Asia/Beirut",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "America/Toronto",
            "Asia/Kathmandu",
        )
    ]
)
DAYS = st.dates(date(1915, 1, 1), date(2100, 1, 1))


@given(day=DAYS, zone=ZONES)
def test_a_day_begins_at_its_first_moment(day, zone):
    first = start_of_day(day, zone)

    before = first - timedelta(seconds=1)
    assert before.astimezone(zone).date() < day
    assert first.astimezone(zone).date() >= day


def test_a_day_begins_when_the_clocks_have_skipped_its_midnight():
    toronto = start_of_day(date(1919, 3, 31), ZoneInfo("America/Toronto"))
    cairo = start_of_day(date(2026, 4, 24), ZoneInfo("Africa/Cairo"))

    assert toronto.astimezone(ZoneInfo("America/Toronto")).strftime("%H:%M") == "00:30"
    assert cairo.astimezone(ZoneInfo("Africa/Cairo")).strftime("%H:%M") == "01:00"


def test_a_day_that_a_zone_left_out_begins_with_the_next():
    apia = ZoneInfo("Pacific/Apia")

    assert start_of_day(date(2011, 12, 30), apia) == start_of_day(date(2011, 12, 31), apia)


def test_a_day_begins_at_the_first_of_two_midnights():
    havana = start_of_day(date(2026, 11, 1), ZoneInfo("America/Havana"))

    assert havana == datetime(2026, 11, 1, 4, tzinfo=UTC)


@given(day=DAYS, months=st.integers(0, 240))
def test_months_later_is_held_to_the_end_of_the_month(day, months):
    later = add_months(day, months=months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (
        later.day < day.day and end_of(later, period="month") == later
    )


@given(day=DAYS, period=st.sampled_from(["month", "quarter", "year"]))
def test_the_end_of_a_period_is_its_last_day(day, period):
    end = end_of(day, period=period)
    length = {"month": 1, "quarter": 3, "year": 12}[period]

    assert day <= end
    assert (end + timedelta(days=1)).day == 1
    assert end.month % length == 0
    assert (end.year, (end.month - 1) // length) == (day.year, (day.month - 1) // length)


@given(
    seconds=st.integers(0, 4_000_000_000),
    zone=ZONES,
    months=st.integers(1, 60),
    rounded=st.sampled_from(["none", "month", "quarter", "year"]),
    days=st.integers(0, 60),
)
def test_points_are_available_before_they_are_gone(seconds, zone, months, rounded, days):
    at = datetime.fromtimestamp(seconds, tz=UTC)

    available = available_at(days, at=at, zone=zone)
    gone = expires_at(Rolling(months=months, round=rounded), available_at=available, zone=zone)

    assert at <= available < gone
    assert gone == start_of_day(last_day(gone, zone=zone) + timedelta(days=1), zone)


def test_waiting_keeps_the_local_time_of_day_over_a_change_of_the_clocks():
    berlin = ZoneInfo("Europe/Berlin")
    paid = datetime(2026, 3, 27, 12, tzinfo=berlin)

    available = days_after(paid, days=7, zone=berlin)

    assert available == datetime(2026, 4, 3, 12, tzinfo=berlin)
    assert available - paid.astimezone(UTC) == timedelta(days=7, hours=-1)


def test_delivery_starts_the_wait_but_not_beyond_the_latest_day():
    waits = Delivered(days=7, at_latest_days=30)
    paid = datetime(2026, 3, 1, 4, tzinfo=UTC)

    soon, late = (
        delivered_at(
            waits, paid_at=paid, delivered_at=paid + timedelta(days=days), zone=SHANGHAI
        )
        for days in (3, 28)
    )

    assert soon == paid + timedelta(days=10)
    assert late == paid + timedelta(days=30)


def test_grace_runs_to_the_end_of_its_last_day():
    at = datetime(2026, 3, 8, 4, tzinfo=UTC)

    assert grace_until(at, days=14, zone=SHANGHAI) == datetime(2026, 3, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("back", "gone"),
    [
        # Clocks go forward on 29 March and back on 25 October.
        (datetime(2026, 3, 28, 0, 0, tzinfo=BERLIN), datetime(2026, 3, 30, 22, tzinfo=UTC)),
        (datetime(2026, 3, 28, 23, 59, tzinfo=BERLIN), datetime(2026, 3, 30, 22, tzinfo=UTC)),
        (datetime(2026, 10, 24, 0, 0, tzinfo=BERLIN), datetime(2026, 10, 26, 23, tzinfo=UTC)),
        (datetime(2026, 10, 24, 23, 59, tzinfo=BERLIN), datetime(2026, 10, 26, 23, tzinfo=UTC)),
    ],
)
def test_days_of_grace_are_local_days_also_when_the_clocks_change(back, gone):
    assert grace_until(back, days=2, zone=BERLIN) == gone


@pytest.mark.parametrize(
    ("per", "key"),
    [
        ("order", "order"),
        ("day", "2027-01-03"),
        ("week", "2026-W53"),
        ("month", "2027-01"),
        ("year", "2027"),
        ("ever", "ever"),
    ],
)
def test_periods_have_names(per, key):
    assert period_key(per, day=date(2027, 1, 3)) == key


@pytest.mark.parametrize(
    ("born", "day", "periods"),
    [
        (date(1992, 2, 29), date(2027, 2, 28), ("day", "week", "month")),
        (date(1992, 2, 29), date(2028, 2, 28), ("week", "month")),
        (date(1990, 1, 1), date(2026, 12, 30), ("week",)),
        (date(1990, 6, 1), date(2026, 12, 30), ()),
        (None, date(2026, 12, 30), ()),
    ],
)
def test_birthdays_have_a_day_a_week_and_a_month(born, day, periods):
    assert birthday_periods(born, day=day) == periods
