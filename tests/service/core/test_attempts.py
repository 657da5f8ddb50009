"""Guessing is counted for all processes together, and ends for a while after too many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from huitouke.service.core import attempts
from huitouke.service.core.models import Attempt

LIMIT = attempts.Limit("test", most=3, window=timedelta(minutes=10), lock=timedelta(minutes=15))


def refused(limit=LIMIT, subject="ann"):
    try:
        attempts.take(limit, subject=subject)
    except attempts.LockedOut as error:
        return error.values
    return None


@pytest.mark.django_db
def test_the_attempt_after_too_many_is_refused_and_begins_the_lock():
    seen = [refused() for _ in range(5)]

    assert seen[:3] == [None, None, None]
    assert seen[3] == {"minutes": 15, "retry_after": 900, "began": True}
    assert seen[4]["began"] is False
    assert seen[4]["retry_after"] <= 900


@pytest.mark.django_db
def test_the_lock_ends_and_does_not_begin_anew_with_each_attempt(shift_clock):
    for _ in range(4):
        refused()
    shift_clock(timedelta(minutes=14))
    still = refused()
    shift_clock(timedelta(minutes=16))

    after = [refused() for _ in range(4)]

    assert still["minutes"] == 1
    assert after[:3] == [None, None, None]
    assert after[3]["began"]


@pytest.mark.django_db
def test_attempts_of_long_ago_do_not_count(shift_clock):
    for _ in range(3):
        refused()
    shift_clock(timedelta(minutes=11))

    assert [refused() for _ in range(3)] == [None, None, None]


@pytest.mark.django_db
def test_who_succeeds_gets_only_that_attempt_back():
    for _ in range(3):
        refused()

    attempts.give_back(LIMIT, subject="ann")

    assert [refused(), refused() is not None] == [None, True]


@pytest.mark.django_db
def test_subjects_and_kinds_are_counted_apart():
    for _ in range(4):
        refused()
    other = attempts.Limit("other", most=3, window=LIMIT.window, lock=LIMIT.lock)

    assert refused(subject="bo") is None
    assert refused(other) is None


@pytest.mark.django_db
def test_a_lock_can_be_lifted():
    for _ in range(4):
        refused()

    attempts.forget(LIMIT, subject="ann")

    assert refused() is None


@pytest.mark.django_db
def test_the_table_does_not_tell_who_tried():
    refused(subject="ann@example.com")

    with connection.cursor() as cursor:
        cursor.execute("SELECT core_attempt::text FROM core_attempt")
        assert "ann" not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_old_counts_are_forgotten_and_locks_that_last_are_not(shift_clock):
    long = attempts.Limit("long", most=0, window=timedelta(days=1), lock=timedelta(days=9))
    refused()
    refused(long)
    shift_clock(timedelta(days=3))

    assert attempts.forget_old() == 1
    assert [each.kind for each in Attempt.objects.all()] == ["long"]


def test_many_at_once_do_not_pass_together(own_database, django_db_blocker):
    def attempt(_):
        try:
            return refused() is None
        finally:
            connection.close()

    with django_db_blocker.unblock(), ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(attempt, range(24)))

    assert passed == 3
