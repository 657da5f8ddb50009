"""Segments are saved, changed, put away and taken back; the log keeps what was."""

from __future__ import annotations

import threading

import pytest
from counter import Counter
from django.db import connection

from huitouke.service.core import audit, clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.segments import commands, queries
from huitouke.service.segments.conditions import ConditionInvalid
from huitouke.service.segments.fields import Condition
from huitouke.service.segments.queries import Tally

MARKETER = Actor("staff", "stf_marketer")
BOUGHT = Condition("orders", "at_least", (1,))
SILENT = Condition("last_order", "ago", (90,))


def ground():
    return queries.ground_of(now=clock.now(), zone="Asia/Shanghai", currency="CNY")


def saved(name="沉默的老客", *, conditions=(BOUGHT, SILENT)):
    return commands.save(
        name, conditions=conditions, ground=ground(), at=clock.now(), actor=MARKETER
    )


def changed(segment, *, name=None, conditions=(BOUGHT,), revision=None):
    return commands.change(
        segment.id,
        name=name or segment.name,
        conditions=conditions,
        revision=revision or segment.revision,
        ground=ground(),
        at=clock.now(),
        actor=MARKETER,
    )


def acts(segment):
    return [each.action for each in audit.lines(target=public_id("seg", segment.id))]


def test_a_segment_is_kept_with_who_made_it(shop):
    made = saved("  沉默的\t老客 ")

    found = queries.get(public_id("seg", made.id))
    assert (found.name, found.schema, found.revision) == ("沉默的 老客", 1, 1)
    assert found.made_by == "staff:stf_marketer"
    assert queries.conditions_of(found) == (BOUGHT, SILENT)
    assert acts(found) == ["segment.saved"]


@pytest.mark.parametrize("name", ["", "   ", "n" * 81, "bell\x07", "nul\x00"])
def test_a_name_is_a_line_of_text(shop, name):
    with pytest.raises(commands.NameInvalid):
        saved(name)


def test_a_name_is_taken_once_whatever_its_case(shop):
    first = saved("Slipping Tea")

    with pytest.raises(commands.NameTaken):
        saved("slipping tea")

    commands.archive(first.id, at=clock.now(), actor=MARKETER)
    again = saved("slipping tea")
    assert again.id != first.id
    with pytest.raises(commands.NameTaken):
        commands.restore(first.id, at=clock.now(), actor=MARKETER)


def test_conditions_that_cannot_be_are_not_kept(shop):
    with pytest.raises(ConditionInvalid):
        saved(conditions=[Condition("tier", "any_of", ("platinum",))])

    assert queries.listed() == []


def test_a_change_keeps_what_was_before_in_the_log(shop):
    made = saved()
    commands.note_count(made.id, revision=1, tally=Tally(3, 1, 9), at=clock.now())

    after = changed(made, name="老客")

    line = audit.lines(target=public_id("seg", made.id))[0]
    assert (after.revision, after.name, after.counted) == (2, "老客", None)
    assert line.action == "segment.changed"
    assert line.facts["before"][1] == {"field": "last_order", "op": "ago", "values": [90]}
    assert line.facts["conditions"] == [{"field": "orders", "op": "at_least", "values": [1]}]


def test_another_name_alone_leaves_the_count(shop):
    made = saved()
    commands.note_count(made.id, revision=1, tally=Tally(3, 1, 9), at=clock.now())

    after = changed(made, name="老客", conditions=(BOUGHT, SILENT))

    assert (after.counted, after.unknown, after.judged) == (3, 1, 9)


def test_a_change_that_changes_nothing_leaves_no_line(shop):
    made = saved()

    assert changed(made, conditions=(BOUGHT, SILENT)).revision == 1
    assert acts(made) == ["segment.saved"]


def test_a_change_on_top_of_an_older_reading_is_refused(shop):
    made = saved()
    changed(made)

    with pytest.raises(commands.SegmentChanged):
        changed(made, name="mine", revision=1)


def test_what_was_put_away_stays_and_does_not_change(shop):
    made = saved()
    for _ in range(2):
        commands.archive(made.id, at=clock.now(), actor=MARKETER)

    assert queries.listed() == []
    assert [each.id for each in queries.listed(archived=True)] == [made.id]
    with pytest.raises(commands.SegmentArchived):
        changed(made)

    for _ in range(2):
        commands.restore(made.id, at=clock.now(), actor=MARKETER)
    assert [each.id for each in queries.listed()] == [made.id]
    assert acts(made) == ["segment.restored", "segment.archived", "segment.saved"]


def test_a_count_of_conditions_that_changed_meanwhile_is_not_kept(shop):
    made = saved()
    changed(made)

    found = commands.note_count(made.id, revision=1, tally=Tally(3, 1, 9), at=clock.now())

    assert found.counted is None


def test_a_count_that_took_too_long_leaves_none(shop):
    made = saved()
    commands.note_count(made.id, revision=1, tally=Tally(3, 1, 9), at=clock.now())

    found = commands.note_count(made.id, revision=1, tally=None, at=clock.now())

    assert (found.counted, found.counted_at) == (None, None)


def test_an_id_of_nothing_is_told(shop):
    nobody = saved().id.int ^ 1

    with pytest.raises(queries.SegmentUnknown):
        queries.get(public_id("seg", type(saved("b").id)(int=nobody)))


def test_of_two_who_take_one_name_at_once_one_is_refused(own_database, django_db_blocker):
    with django_db_blocker.unblock():
        Counter().open()
        results, gate = [], threading.Barrier(2)

        def one():
            try:
                connection.ensure_connection()
                gate.wait(timeout=60)
                results.append(saved("same").name)
            except commands.NameTaken as error:
                results.append(error.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(timeout=60)

    assert sorted(results) == ["same", "segments.name_taken"]
