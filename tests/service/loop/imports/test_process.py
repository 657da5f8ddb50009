"""A worker takes a file up in a process of its own, which ends with the job."""

from __future__ import annotations

import asyncio

import pytest

from huitouke.service.core import clock
from huitouke.service.loop.imports import queries, tasks, working
from huitouke.service.loop.imports.models import Upload


@pytest.fixture
def taken_up(own_database, folder, monkeypatch):
    """Let a worker do its job on a file, to the end."""
    monkeypatch.setenv("HUITOUKE_UPLOAD_DIR", str(folder))

    def do(upload):
        asyncio.run(tasks.work_on.func(upload=str(upload.id)))
        return queries.upload(upload.id)

    return do


def test_a_file_is_looked_into_by_a_process_that_finds_folder_and_database(taken_up, hand_in):
    found = taken_up(hand_in())

    assert (found.state, found.rows_total, found.attempts) == ("looked", 4, 1)
    assert found.looked["headers"][0] == "订单号"


def test_what_is_cancelled_while_it_is_at_work_ends_and_is_cancelled(taken_up, hand_in):
    made = hand_in()
    working.begin(made.id, at=clock.now())
    Upload.objects.filter(id=made.id).update(cancel_asked_at=clock.now())

    assert taken_up(made).state == "cancelled"


def test_a_job_for_a_file_that_nobody_waits_for_starts_nothing(taken_up, hand_in):
    made = hand_in()
    Upload.objects.filter(id=made.id).update(state="looked")

    assert taken_up(made).attempts == 0
