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
