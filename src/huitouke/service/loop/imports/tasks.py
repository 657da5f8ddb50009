"""What runs by itself: the files that wait for their turn, and the end of old ones."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate.contrib.django import app

from huitouke.service.core import clock
from huitouke.service.loop.apart import end, environment
from huitouke.service.loop.imports import commands, working
from huitouke.service.loop.imports.child import BUSY
from huitouke.service.loop.imports.models import Upload

__all__ = ["tidy", "work_on"]

T = TypeVar("T")

_LOOK_SECONDS = 0.5
_RUN = "from huitouke.service.loop.imports.child import main; main()"


async def _do(work: Callable[[], T]) -> T:
    def fresh() -> T:
        close_old_connections()
        try:
            return work()
        finally:
            close_old_connections()

    return await sync_to_async(fresh)()


@dataclass(frozen=True)
class _Job:
    """One job on a file, and the process that does it."""

    upload: UUID
    asked: datetime
    process: subprocess.Popen[bytes]

    def goes_on(self) -> bool:
        """Look after it: end it where that was asked for. False once it has ended."""
        if self.process.poll() is not None:
            return False
        mine = Upload.objects.filter(id=self.upload, asked_at=self.asked)
        if mine.filter(cancel_asked_at__isnull=False).exists():
            end(self.process)
            return False
        return True

    def settle(self) -> None:
        """Note how it ended, where it could not do so itself."""
        code = self.process.returncode
        if code != BUSY:
            working.stopped(self.upload, asked=self.asked, code=code, at=clock.now())


def _started(upload: str, folder: str) -> _Job | None:
    found = Upload.objects.filter(id=upload, state__in=Upload.BUSY).first()
    if found is None:
        return None
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _RUN, upload, found.asked_at.isoformat()],
        stdin=subprocess.PIPE,
        env=environment(Path(folder)),
        start_new_session=True,
    )
    return _Job(found.id, found.asked_at, process)


@app.task(name=commands.JOB)
async def work_on(upload: str) -> None:
    """Work on a file in a process of its own, and look after it.

    Parameters
    ----------
    upload
        Its id inside.
    """
    with tempfile.TemporaryDirectory(
        prefix="huitouke-import-", ignore_cleanup_errors=True
    ) as folder:
        job = await _do(lambda: _started(upload, folder))
        if job is None:
            return
        try:
            # A worker that is told to stop leaves here, and the process ends with it.
            while await _do(job.goes_on):
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            end(job.process)
            if job.process.stdin is not None:
                job.process.stdin.close()
    await _do(job.settle)


def _tidied() -> None:
    commands.forget_old(at=clock.now())
    for found in Upload.objects.filter(state__in=Upload.BUSY):
        commands.ring(found)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="imports.tidy", name="imports.tidy")
async def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's moment
    """Remove old files, and call a worker for those that wait and were forgotten."""
    await _do(_tidied)
