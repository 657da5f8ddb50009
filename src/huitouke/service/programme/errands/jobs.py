"""The queue's side of long work: it is begun by a worker, watched, and may be called off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate.contrib.django import app

__all__ = ["begin_soon", "programme_errand"]

T = TypeVar("T")

_LOOK_SECONDS = 0.5


async def _do(work: Callable[[], T], *, apart: bool = False) -> T:
    def fresh() -> T:
        close_old_connections()
        try:
            return work()
        finally:
            close_old_connections()

    return await sync_to_async(fresh, thread_sensitive=not apart)()


@app.task(lock="programme.errand", name="programme.errand")
async def programme_errand(errand: str) -> None:
    """Do a piece of work, noting how far it is; the work itself sees one state of the books.

    Parameters
    ----------
    errand
        Its id.
    """
    from huitouke.service.programme.errands import running  # noqa: PLC0415 - it asks for jobs

    which, pace = UUID(errand), running.Pace()
    work = asyncio.ensure_future(_do(lambda: running.run(which, pace=pace), apart=True))
    while not work.done():
        await asyncio.wait({work}, timeout=_LOOK_SECONDS)
        if not await _do(lambda: running.note(which, pace=pace)):
            pace.stop()
    await work


def begin_soon(errand: UUID) -> None:
    """Have a worker do it, once the transaction that asked for it is committed."""
    programme_errand.defer(errand=str(errand))
