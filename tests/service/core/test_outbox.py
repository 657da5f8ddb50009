"""What happened is handed on exactly once, in order, and never passed over."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from huitouke.service.core import outbox
from huitouke.service.core.outbox import Happening


def handed_on(limit=500):
    seen = []
    count = outbox.hand_on(seen.extend, limit=limit)
    assert count == len(seen)
    return [(each.topic, each.subject, each.body) for each in seen]


def tell(*names):
    outbox.tell(Happening(f"test.{name}", "cus_1", {"n": name}) for name in names)


@pytest.mark.django_db
def test_what_happened_is_handed_on_once_in_order():
    tell("first", "second")
    tell("third")

    first, second = handed_on(limit=2), handed_on()

    assert [topic for topic, _, _ in first] == ["test.first", "test.second"]
    assert second == [("test.third", "cus_1", {"n": "third"})]
    assert handed_on() == []


@pytest.mark.django_db
def test_what_a_failed_receiver_got_is_handed_on_again():
    tell("only")

    def fail(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.hand_on(fail)

    assert [topic for topic, _, _ in handed_on()] == ["test.only"]


@pytest.mark.django_db
def test_what_was_undone_is_never_told():
    def fail():
        with transaction.atomic():
            tell("undone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert handed_on() == []


def test_a_late_commit_is_not_passed_over(own_database):
    told, told_late = threading.Event(), threading.Event()
    go_on = threading.Event()

    def late():
        try:
            with transaction.atomic():
                tell("late")
                told_late.set()
                go_on.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=late)
    writer.start()
    assert told_late.wait(10)
    tell("early")
    told.set()

    first = handed_on()
    go_on.set()
    writer.join()

    assert [topic for topic, _, _ in first] == ["test.early"]
    assert [topic for topic, _, _ in handed_on()] == ["test.late"]


def test_two_do_not_hand_on_at_the_same_time(own_database):
    tell("one")
    others = []

    def another():
        try:
            others.append(outbox.hand_on(lambda _: None))
        finally:
            connection.close()

    def receive(_):
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()

    assert outbox.hand_on(receive) == 1
    assert others == [0]
