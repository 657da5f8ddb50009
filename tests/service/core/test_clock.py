"""Decisions follow the database's clock."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from huitouke.service.core import clock

pytestmark = pytest.mark.django_db


def test_the_clock_moves_within_a_transaction():
    first = clock.now()

    assert clock.now() > first
    assert first.tzinfo is not None
    assert first.utcoffset() == UTC.utcoffset(None)


def test_a_test_may_shift_the_clock(shift_clock):
    before = clock.now()

    shift_clock(timedelta(days=3))

    assert timedelta(days=3) <= clock.now() - before < timedelta(days=3, hours=1)


def test_a_demo_lives_through_past_days_and_comes_back_to_the_present():
    before = clock.now()

    with clock.set_back() as put:
        put(before - timedelta(days=100))
        first = clock.now()
        put(before - timedelta(days=90))
        later = clock.now()

    assert timedelta(0) <= first - (before - timedelta(days=100)) < timedelta(hours=1)
    assert timedelta(0) <= later - (before - timedelta(days=90)) < timedelta(hours=1)
    assert clock.now() >= before


def test_the_clock_is_never_put_ahead():
    before = clock.now()

    with clock.set_back() as put:
        put(before + timedelta(days=1))

        assert clock.now() - before < timedelta(hours=1)


def test_the_true_time_comes_back_after_a_failure():
    before = clock.now()

    def fail():
        with clock.set_back() as put:
            put(before - timedelta(days=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert clock.now() >= before
