"""Long work is done once, can be lost and found, and tells why it failed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huitouke.service.core.actor import Actor
from huitouke.service.programme.errands import commands, running
from huitouke.service.programme.errands.queries import latest_backtest, of_subject
from huitouke.service.programme.models.errands import Errand
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.rules.checks import DefinitionInvalid
from huitouke.service.programme.versions.commands import draft
from huitouke.service.programme.versions.starter import begin

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 1, tzinfo=UTC)
LIN = Actor("staff", "lin")


@pytest.fixture
def version():
    begin(at=AT, actor=LIN)
    return Version.objects.get()


def ask(version, key="k"):
    return commands.ask_backtest(version.id, since=None, key=key, at=AT, actor=LIN)


def test_asking_again_with_the_same_key_is_the_same_work(version):
    assert ask(version).id == ask(version).id
    assert [each.state for each in of_subject(version.id, kind="backtest")] == ["waiting"]


def test_work_that_is_done_stays_done(version):
    done = running.run(ask(version).id)
    again = running.run(done.id)

    assert done.state == again.state == "done"
    assert again.attempts == 1
    assert latest_backtest(version.id).id == done.id
    assert done.result["runs"][-1]["name"] == "draft"


def test_a_worker_that_was_lost_is_followed_by_another_and_not_for_ever(version):
    made = ask(version)
    Errand.objects.filter(id=made.id).update(state="running", attempts=2)
    assert running.run(made.id).state == "done"
    lost = ask(version, "other")
    Errand.objects.filter(id=lost.id).update(state="running", attempts=3)

    running.run(lost.id)

    lost.refresh_from_db()
    assert (lost.state, lost.error_code) == ("failed", "programme.errand_lost")
    assert "没有完成" in lost.error_says["zh"]
    assert "沒有完成" in lost.error_says["zh-Hant"]


def test_what_is_called_off_is_not_begun_and_says_so_to_who_watches(version):
    made = ask(version)
    pace = running.Pace()
    assert running.note(made.id, pace=pace)

    commands.cancel(made.id, at=AT, actor=LIN)

    assert running.run(made.id).state == "cancelled"
    assert not running.note(made.id, pace=pace)
    assert commands.cancel(made.id, at=AT, actor=LIN).state == "cancelled"


def test_a_version_that_does_not_hold_together_is_not_tested(version):
    definition = version.definition
    definition["rules"][0]["unit"] = "stars"
    broken = draft(version.programme, definition=definition, at=AT, actor=LIN)

    with pytest.raises(DefinitionInvalid):
        ask(broken)


def test_unknown_work_is_named(version):
    with pytest.raises(commands.ErrandUnknown):
        commands.cancel(version.id, at=AT, actor=LIN)
    with pytest.raises(commands.ErrandUnknown):
        commands.errand(version.id)
