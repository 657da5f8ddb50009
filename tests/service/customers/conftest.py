"""What tests of customers share: who acts, when, and many doing something at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from huitouke.service.core.actor import Actor


@pytest.fixture
def till() -> Actor:
    return Actor("key", "till-7")


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def at_once() -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """Run all of these in threads that start together; give results or errors in order."""

    def run(acts: Sequence[Callable[[], Any]]) -> list[Any]:
        gate = threading.Barrier(len(acts))
        results: list[Any] = [None] * len(acts)

        def one(place: int, act: Callable[[], Any]) -> None:
            try:
                connection.ensure_connection()
                gate.wait(timeout=60)
                results[place] = act()
            except Exception as error:  # noqa: BLE001 - handed to the test
                results[place] = error
            finally:
                connection.close()

        threads = [
            threading.Thread(target=one, args=(place, act)) for place, act in enumerate(acts)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        return results

    return run
