"""Columns arrive in the database as they left."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from huitouke.service.core.columns import columns

pytestmark = pytest.mark.django_db

LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EAST = timezone(timedelta(hours=8))

MOMENTS = st.builds(
    lambda at, zone: at.astimezone(zone),
    st.integers(-(10**13), 10**13).map(lambda ms: EPOCH + timedelta(milliseconds=ms)),
    st.sampled_from([UTC, EAST]),
)
KINDS = {
    "text": st.text(LETTERS, max_size=600),
    "uuid": st.uuids(),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "timestamptz": MOMENTS,
    "date": st.dates(),
    "bytea": st.binary(max_size=600),
    "boolean": st.booleans(),
}


def back(kind: str, values: list[object]) -> list[object]:
    """Return what the database makes of a column, value by value."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Without a cast: the column says itself of which type it is.
            "SELECT v FROM unnest(%b) WITH ORDINALITY u (v, n) ORDER BY n",
            columns(kind, [(value,) for value in values]),
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40)
def test_values_and_nulls_arrive_as_they_left(kind, data):
    values = data.draw(st.lists(KINDS[kind] | st.none(), max_size=5))

    assert back(kind, values) == values


def test_columns_stand_beside_one_another():
    rows = [(UUID(int=1), "茶", 3, date(2026, 2, 28)), (UUID(int=2), "", None, None)]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM unnest(%b::uuid[], %b::text[], %b::bigint[], %b::date[])",
            columns("uuid text bigint date", rows),
        )
        assert cursor.fetchall() == rows


def test_no_rows_are_columns_without_values():
    assert back("text", []) == back("bigint", []) == []


def test_a_number_that_does_not_fit_is_refused():
    with pytest.raises(struct.error):
        columns("bigint", [(2**63,)])


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="zip"):
        columns("bigint text", [(1,)])
