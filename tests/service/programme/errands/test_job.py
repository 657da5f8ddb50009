"""The queue's job does the work in a thread of its own and notes how far it is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from huitouke.service.core.actor import Actor
from huitouke.service.programme.errands import commands
from huitouke.service.programme.errands.jobs import programme_errand
from huitouke.service.programme.models.errands import Errand
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.versions.starter import begin

AT = datetime(2026, 11, 1, tzinfo=UTC)
LIN = Actor("staff", "lin")


def test_the_job_of_the_queue_does_it_and_notes_how_far_it_is(own_database, django_db_blocker):
    with django_db_blocker.unblock():
        begin(at=AT, actor=LIN)
        version = Version.objects.get()
        made = commands.ask_backtest(version.id, since=None, key="k", at=AT, actor=LIN)

        asyncio.run(programme_errand.func(errand=str(made.id)))

        found = Errand.objects.get(id=made.id)
        assert (found.state, found.attempts) == ("done", 1)
        assert found.result["runs"]
