"""What runs by itself: the analysis of the night, and whatever was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate.contrib.django import app

from huitouke.service.core import clock
from huitouke.service.loop import nightly, running
from huitouke.service.loop.commands import JOB

__all__ = ["loop_run"]

T = TypeVar("T")

_LOOK_SECONDS = 1.0


async def _do(work: Callable[[], T]) -> T:
    def fresh() -> T:
        close_old_connections()
        try:
            return work()
        finally:
            close_old_connections()

    return await sync_to_async(fresh)()


def _due() -> None:
    at = clock.now()
    running.rescue(at=at)
    nightly.ask_when_due(at=at)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock=JOB, lock=JOB, name=JOB)
async def loop_run(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's moment
    """Ask for the night's analysis when it is due, and work on the one that waits."""
    await _do(_due)
    waiting = await _do(running.next_queued)
    if waiting is None:
        return
    with await _do(lambda: running.child_for(waiting.id)) as child:
        # A worker that is told to stop leaves here, and the process ends with the block.
        while await _do(child.running):
            await asyncio.sleep(_LOOK_SECONDS)
        await _do(child.settle)
