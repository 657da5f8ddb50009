"""The audit log is read newest first and changed by nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from huitouke.service.core import audit, clock
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


def test_a_family_of_acts_is_found_and_not_its_neighbours():
    for action in ("code.added", "code.voided", "codes.other", "codex"):
        audit.note(action, actor=SYSTEM, target="cpn_1")

    found = audit.searched(audit.Asked(action="code"))

    assert [each.action for each in found] == ["code.voided", "code.added"]


def test_lines_of_a_period_are_found(shift_clock):
    audit.note("a.before", actor=SYSTEM, target="x")
    shift_clock(timedelta(days=1))
    since = clock.now()
    audit.note("a.within", actor=SYSTEM, target="x")
    shift_clock(timedelta(days=2))

    found = audit.searched(audit.Asked(since=since, until=clock.now()))

    assert [each.action for each in found] == ["a.within"]


def test_the_latest_of_some_acts_is_found():
    audit.note("ledger.checked", actor=SYSTEM, target="ledger")
    audit.note("ledger.broken", actor=SYSTEM, target="ledger")
    audit.note("ledger.checked", actor=SYSTEM, target="another")

    assert audit.latest("ledger", "ledger.checked", "ledger.broken").action == "ledger.broken"
    assert audit.latest("nothing", "ledger.checked") is None
