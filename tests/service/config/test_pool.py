"""A full pool is told in bounded time; a database that was restarted is found again."""

from __future__ import annotations

import json

import psycopg
import pytest
from django.db import connection
from django.test import RequestFactory

from huitouke.service.config import middleware, pages

LOG_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def pooled(own_database):
    """Django's connection comes from a pool of one, as in a server process."""
    options = connection.settings_dict["OPTIONS"]
    options["pool"] = {"min_size": 1, "max_size": 1, "timeout": 0.3}
    connection.close()
    yield own_database
    connection.close()
    connection.close_pool()
    options.pop("pool")


def health():
    """Ask as a request does: the connection goes back to the pool afterwards."""
    response = middleware.DatabaseCare(pages.health)(RequestFactory().get("/healthz"))
    connection.close()
    return response.status_code, json.loads(response.content)["database"]


def test_a_full_pool_is_told_and_free_again_it_answers(pooled):
    held = connection.pool
    held.open()
    taken = held.getconn()

    full = health()
    held.putconn(taken)

    assert full == (503, "away")
    assert health() == (200, "ok")


def test_after_a_restart_of_the_database_one_answer_fails_at_most(pooled):
    before = health()
    with psycopg.connect(pooled) as admin:
        admin.execute(LOG_OFF)

    after = [health() for _ in range(3)]

    assert before == (200, "ok")
    assert after[1:] == [(200, "ok"), (200, "ok")]
