"""A key has one effect and one answer, for ever."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from huitouke.service.core import audit
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.errors import Refused
from huitouke.service.core.idempotency import (
    Answer,
    BodyDiffers,
    StillRunning,
    canonical_hash,
    once,
)

HASH = canonical_hash({"points": 5})


class Never(Refused):
    """Says no; only tests know it."""


def act():
    audit.note("test.done", actor=SYSTEM, target="cus_1")
    return Answer(201, {"points": 5})


def say_no():
    audit.note("test.half_done", actor=SYSTEM, target="cus_1")
    raise Never


def ask(key="k1", request_hash=HASH, act=act):
    return once(
        "test",
        key=key,
        request_hash=request_hash,
        act=act,
        refuse=lambda _: Answer(422, {"code": "no"}),
    )


@pytest.mark.django_db
def test_a_repeat_gets_the_first_answer_and_has_no_effect():
    first, second = ask(), ask()

    assert (first.replayed, second.replayed) == (False, True)
    assert (second.status, second.body) == (201, {"points": 5})
    assert len(audit.lines()) == 1


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_refused():
    ask()

    with pytest.raises(BodyDiffers):
        ask(request_hash=canonical_hash({"points": 6}))

    assert len(audit.lines()) == 1


@pytest.mark.django_db
def test_a_refusal_is_kept_and_its_effects_are_undone():
    first, second = ask(act=say_no), ask()

    assert (first.status, second.status, second.replayed) == (422, 422, True)
    assert audit.lines() == []


def test_a_refusal_is_kept_and_its_effects_are_undone_in_transactions_of_its_own(own_database):
    first, second = ask(act=say_no), ask()

    assert (first.status, second.status, second.replayed) == (422, 422, True)
    assert audit.lines() == []


@pytest.mark.django_db
def test_a_failure_is_not_kept():
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(act=fail)

    assert ask().status == 201


def test_the_same_key_at_the_same_time_is_told_to_wait(own_database):
    seen = []

    def another():
        try:
            ask()
        except StillRunning as running:
            seen.append(running)
        finally:
            connection.close()

    def slow():
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
        return act()

    assert ask(act=slow).status == 201
    assert len(seen) == 1
    assert len(audit.lines()) == 1
