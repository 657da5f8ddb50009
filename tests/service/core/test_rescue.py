"""Jobs whose worker died are done again, also where the next of their kind waits."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections

from huitouke.service.core.tasks import rescue


def left_behind(*, name: str, lock: str) -> None:
    """Have a job whose worker was last seen an hour ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id)"
            " INSERT INTO procrastinate_jobs"
            " (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
            " SELECT 'default', %s, %s, %s, '{}', 'doing', id FROM dead",
            [name, lock, lock],
        )


def waits(*, name: str, lock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
            " VALUES ('default', %s, %s, %s, '{}')",
            [name, lock, lock],
        )


def jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status FROM procrastinate_jobs ORDER BY 1, 2")
        return cursor.fetchall()


async def rescued() -> None:
    """Do it, and close the connection of the thread it was done in: the database goes."""
    await rescue.func(timestamp=0)
    await sync_to_async(connections.close_all)()


@pytest.fixture(autouse=True)
def database(own_database):
    return own_database


def test_a_job_that_was_left_behind_waits_again():
    left_behind(name="night", lock="night")

    asyncio.run(rescued())

    assert jobs() == [("night", "todo")]


def test_one_that_blocks_the_next_of_its_kind_is_let_go_and_the_others_are_not_forgotten():
    left_behind(name="night", lock="night")
    waits(name="night", lock="night")
    left_behind(name="other", lock="other")

    asyncio.run(rescued())

    assert jobs() == [("night", "todo"), ("other", "todo")]
