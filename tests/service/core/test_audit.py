"""The audit log is read newest first and changed by nobody."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from huitouke.service.core import audit
from huitouke.service.core.actor import SYSTEM, Actor

pytestmark = pytest.mark.django_db

ANN = Actor("staff", "ann")


@pytest.fixture
def log():
    audit.note("a.done", actor=ANN, target="cus_1", reason="asked", facts={"n": 1})
    audit.note("b.done", actor=SYSTEM, target="cus_2")
    audit.note("c.done", actor=SYSTEM, target="cus_1")


def actions(found):
    return [each.action for each in found]


def test_lines_are_found_by_target_and_by_actor(log):
    assert actions(audit.lines()) == ["c.done", "b.done", "a.done"]
    assert actions(audit.lines(target="cus_1")) == ["c.done", "a.done"]
    assert actions(audit.lines(actor=ANN)) == ["a.done"]
    assert actions(audit.lines(actor=ANN, target="cus_2")) == []


def test_lines_are_read_on_from_the_last_one_seen(log):
    first = audit.lines(limit=2)

    rest = audit.lines(before=first[-1].id)

    assert actions(first + rest) == ["c.done", "b.done", "a.done"]
    assert (rest[0].reason, rest[0].facts) == ("asked", {"n": 1})


@pytest.mark.parametrize(
    "statement",
    ["UPDATE core_audit SET actor = 'x'", "DELETE FROM core_audit", "TRUNCATE core_audit"],
)
def test_no_line_is_ever_changed(log, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert len(audit.lines()) == 3
