"""The version in force is found by moment, number and id."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huitouke.service.core.ids import new_id
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.versions import commands, queries

pytestmark = pytest.mark.django_db


def test_the_version_in_force_is_found_by_programme_id_or_code(published, programme, later):
    found = [queries.current(which, at=later) for which in (programme, programme.id, "main")]

    assert {view.id for view, _ in found} == {published.id}
    assert found[0][1] == starter_definition()
    assert found[0][0].unit("points") == "main.points"


def test_nothing_is_in_force_before_the_first_version(published, programme, opening):
    before = opening - timedelta(seconds=1)

    assert queries.in_force(programme, at=before) is None
    with pytest.raises(queries.NothingPublished):
        queries.current(programme, at=before)


def test_a_definition_is_read_once(published, programme, later):
    queries.current(programme, at=later)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        again = queries.current(programme, at=later)[1]

    assert len(asked) == 1
    assert again is queries.current(programme, at=later)[1]


def test_a_version_is_found_by_its_number_also_after_it_was_retired(
    published, programme, starter, later, marketer
):
    second = commands.draft(programme, definition=starter, at=later, actor=marketer)
    commands.publish(second.id, at=later, actor=marketer)

    view, definition = queries.by_number(programme, number=1)

    assert (view.id, view.state) == (published.id, "retired")
    assert definition.rule("spend") is not None


def test_a_draft_is_read_as_it_is_now(first, opening, marketer):
    queries.get(first.id)
    commands.change_draft(first.id, definition={}, revision=1, at=opening, actor=marketer)

    assert queries.get(first.id)[1].rules == ()
    assert queries.by_number("main", number=1)[0].revision == 2


def test_what_is_not_there_is_said(programme):
    with pytest.raises(queries.VersionUnknown):
        queries.by_number(programme, number=4)
    with pytest.raises(queries.VersionUnknown):
        queries.get(new_id())
    with pytest.raises(queries.ProgrammeUnknown):
        queries.programme("other")
    with pytest.raises(queries.VersionUnknown):
        queries.definition_of(new_id(), zone="Asia/Shanghai", currency="CNY")


def test_versions_are_listed_newest_first(published, programme, starter, later, marketer):
    commands.draft(programme, definition=starter, at=later, actor=marketer)

    assert [one.number for one in queries.versions(programme)] == [2, 1]
    assert [one.code for one in queries.programmes()] == ["main"]
    assert queries.programme("main") == programme
