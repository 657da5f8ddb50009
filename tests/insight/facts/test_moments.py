from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitouke.insight.facts.moments import (
    CONTRADICTS,
    MISSING,
    OK,
    OUT_OF_RANGE,
    UNREADABLE,
    DayEvidence,
    read_moments,
    weigh_days,
)


def read_one(text: str, order: str = "dmy", timezone: str | None = None) -> str:
    found = read_moments(pa.array([text]), order=order, timezone=timezone)
    assert found.state[0] == OK, text
    return str(found.micros.astype("datetime64[us]")[0])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-05", "2024-03-05T00:00:00"),
        ("2024-03-05T14:02", "2024-03-05T14:02:00"),
        ("2024-03-05 14:02:33.25", "2024-03-05T14:02:33.250000"),
        ("2024-03-05T14:02:33Z", "2024-03-05T14:02:33"),
        ("2024-03-05T14:02:33+08:00", "2024-03-05T06:02:33"),
        ("2024-03-05 14:02:33.1234567-0500", "2024-03-05T19:02:33.123456"),
        ("2024/3/5 14:02", "2024-03-05T14:02:00"),
        ("2024.3.5", "2024-03-05T00:00:00"),
        ("5-Mar-24", "2024-03-05T00:00:00"),
        ("05 March 2024 9:30 pm", "2024-03-05T21:30:00"),
        ("March 5, 2024", "2024-03-05T00:00:00"),
        ("2024-Mar-05", "2024-03-05T00:00:00"),
        ("Tue, 05 Mar 2024 14:02:00 GMT", "2024-03-05T14:02:00"),
        ("20240305", "2024-03-05T00:00:00"),
        ("20240305140233", "2024-03-05T14:02:33"),
        ("20240305T140233", "2024-03-05T14:02:33"),
        ("2024年3月5日", "2024-03-05T00:00:00"),
        ("2024年03月05日 14时02分33秒", "2024-03-05T14:02:33"),
        ("2024年3月5日 星期二 下午2:02", "2024-03-05T14:02:00"),
        ("\uff12\uff10\uff12\uff14\uff0d0\uff13\uff0d05", "2024-03-05T00:00:00"),
        ("5/3/2024 12:05 AM", "2024-03-05T00:05:00"),
        ("5.3.24", "2024-03-05T00:00:00"),
        ("45356", "2024-03-05T00:00:00"),
        ("45356.58472222222", "2024-03-05T14:02:00"),
        ("1709647320", "2024-03-05T14:02:00"),
        ("1709647320123", "2024-03-05T14:02:00.123000"),
    ],
)
def test_every_habit_of_writing_a_moment_is_read(text: str, moment: str) -> None:
    assert read_one(text) == str(np.datetime64(moment, "us"))


def test_the_order_decides_what_4_9_2012_means() -> None:
    assert read_one("4/9/2012", "dmy").startswith("2012-09-04")
    assert read_one("4/9/2012", "mdy").startswith("2012-04-09")
    assert read_one("4/9/12", "ymd").startswith("2004-09-12")


def test_a_moment_with_an_offset_is_told_in_the_shops_time() -> None:
    assert read_one("2024-03-05T23:30:00Z", timezone="Asia/Shanghai") == (
        "2024-03-06T07:30:00.000000"
    )
    assert read_one("2024-07-05T12:00:00Z", timezone="America/New_York") == (
        "2024-07-05T08:00:00.000000"
    )
    assert read_one("2024-03-05 23:30", timezone="Asia/Shanghai") == (
        "2024-03-05T23:30:00.000000"
    )


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", MISSING),
        ("NaT", MISSING),
        ("-", MISSING),
        (None, MISSING),
        ("soon", UNREADABLE),
        ("2024-13-05", UNREADABLE),
        ("2023-02-29", UNREADABLE),
        ("2024-03-05 25:00", UNREADABLE),
        ("2024-03", UNREADABLE),
        ("12:30", UNREADABLE),
        ("x" * 200, UNREADABLE),
        ("31/31/2024", CONTRADICTS),
        ("12/31/2024", CONTRADICTS),
        ("1899-12-31", OUT_OF_RANGE),
        ("2101-01-01", OUT_OF_RANGE),
        ("0001-01-01", OUT_OF_RANGE),
    ],
)
def test_what_cannot_be_a_moment_has_a_state(text: str | None, state: int) -> None:
    found = read_moments(pa.array([text], pa.string()), order="dmy", timezone=None)
    assert found.state.tolist() == [state]
    assert found.micros.tolist() == [0]


def test_one_day_above_12_settles_the_column_whatever_the_separator() -> None:
    evidence = DayEvidence()
    weigh_days(pa.array(["4/9/2012", "5.10.2012", "21-08-2013"]), evidence=evidence)
    assert evidence.settled() == "dmy"
    assert evidence.witness["mdy"] == "21-08-2013"


def test_a_column_that_never_tells_stays_open() -> None:
    evidence = DayEvidence()
    weigh_days(pa.array(["4/9/2012", "5/10/2012", "6-11-2012"]), evidence=evidence)
    assert evidence.numeric == 3
    assert evidence.settled() is None


def test_contradictions_are_counted_and_the_majority_wins() -> None:
    evidence = DayEvidence()
    weigh_days(pa.array(["21/8/2013"] * 5 + ["8/21/2013"]), evidence=evidence)
    assert evidence.settled() == "dmy"
    assert evidence.against == {"dmy": 1, "mdy": 5, "ymd": 6}


def test_with_two_digit_years_the_day_is_the_part_that_varies_more() -> None:
    year_first = DayEvidence()
    weigh_days(pa.array(["24/03/25", "24/12/31"]), evidence=year_first)
    assert year_first.settled() == "ymd"
    day_first = DayEvidence()
    weigh_days(pa.array(["25/03/24", "31/12/24"]), evidence=day_first)
    assert day_first.settled() == "dmy"
    single = DayEvidence()
    weigh_days(pa.array(["21-08-13"]), evidence=single)
    assert single.settled() is None


def test_dates_that_no_order_can_read_are_no_evidence() -> None:
    evidence = DayEvidence()
    weigh_days(pa.array(["99/99/2013"]), evidence=evidence)
    assert evidence.numeric == 0


def test_timestamps_dates_and_numbers_of_parquet_are_read_as_they_are() -> None:
    when = dt.datetime(2024, 3, 5, 14, 2)  # noqa: DTZ001 - a wall clock
    want = np.datetime64(when, "us").astype(np.int64)
    for unit in ("s", "ms", "us", "ns"):
        found = read_moments(
            pa.array([when, None], pa.timestamp(unit)), order="dmy", timezone=None
        )
        assert found.micros[0] == want
        assert found.state.tolist() == [OK, MISSING]
        assert found.clock.tolist() == [True, False]
    zoned = pa.array([when], pa.timestamp("ms", tz="UTC"))
    local = read_moments(zoned, order="dmy", timezone="Asia/Shanghai")
    assert local.micros[0] - want == 8 * 3600 * 1_000_000
    days = read_moments(pa.array([when.date()]), order="dmy", timezone=None)
    assert days.micros[0] == want // 86_400_000_000 * 86_400_000_000
    assert not days.clock[0]
    numbers = read_moments(pa.array([20240305]), order="dmy", timezone=None)
    assert numbers.micros[0] == days.micros[0]


@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 12, 31)),  # noqa: DTZ001
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%d %b %Y %H:%M:%S"]
    ),
)
def test_what_is_written_is_read_back(when: dt.datetime, habit: str) -> None:
    when = when.replace(microsecond=0)
    assert read_one(when.strftime(habit)) == str(np.datetime64(when, "us"))
