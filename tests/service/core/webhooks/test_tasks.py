"""The worker looks for what is due and sends each delivery as a job of its own."""

from __future__ import annotations

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from huitouke.service.core.tasks import rescue
from huitouke.service.core.webhooks import tasks


@pytest.fixture
def jobs(db):
    """A queue in memory in place of the one in the database."""
    connector = testing.InMemoryConnector()
    with app.replace_connector(connector):
        yield connector


def queued(jobs):
    return [
        job["args"] for job in jobs.jobs.values() if job["task_name"] == "webhooks.send_one"
    ]


def test_what_is_due_is_queued_once(hook, receiver, happen, jobs):
    happen("cus_1", "a", "b")
    happen("cus_2", "x")

    tasks.tick(0)
    tasks.tick(0)

    assert len(queued(jobs)) == 2


def test_a_job_sends_its_delivery_and_what_waited_behind_it(hook, receiver, happen, jobs):
    happen("cus_1", "a", "b")
    tasks.tick(0)

    tasks.send_one(**queued(jobs)[0])

    assert receiver.told == ["a", "b"]


def test_the_work_is_known_to_the_worker():
    assert {"webhooks.tick", "webhooks.send_one", rescue.name} <= set(app.tasks)
    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {"webhooks.tick", "webhooks.forget_old", "core.rescue"} <= periodic
