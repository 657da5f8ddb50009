"""Running what was asked for: a process of its own, watched, and found again when lost.

The process that analyses holds a lock in PostgreSQL for as long as it lives, so that nobody
has to guess whether it is still there: where the lock is free, nobody analyses, and what is
marked as running was left behind.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.language import LANGUAGES, N_
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.loop import locks
from huitouke.service.loop.apart import end, environment
from huitouke.service.loop.models import Analysis

__all__ = [
    "BUSY",
    "Child",
    "ProcessEnded",
    "Stopped",
    "begin",
    "child_for",
    "fail",
    "next_queued",
    "rescue",
    "run_here",
]

#: The exit code of a process that found another one analysing.
BUSY = 75
_ATTEMPTS_MOST = 3
_LOOK_SECONDS = 0.5
_RUN = "from huitouke.service.loop.child import main; main()"


class ProcessEnded(ServiceError):
    """The process that analysed ended in the middle."""

    code = "loop.process_ended"
    status = 500
    says = N_("The analysis ended in the middle of its work (code {code}).")
    remedy = N_(
        "Most often there was too little memory: free some, or lower "
        "HUITOUKE_ANALYSIS_MEMORY_MB, then ask again."
    )


class Stopped(ServiceError):
    """Analyses of this shop were lost again and again."""

    code = "loop.stopped"
    status = 500
    says = N_("The analysis was stopped {attempts} times before it was done.")
    remedy = N_("See why workers ended at that time, then ask again.")


@dataclass
class Child:
    """The process that works on one analysis; it ends with the one that holds this.

    Parameters
    ----------
    analysis
        Which.
    process
        The process, once started.
    """

    analysis: UUID
    process: subprocess.Popen[bytes]

    def running(self) -> bool:
        """Look after it: end it where that was asked for. False once it has ended."""
        if self.process.poll() is not None:
            return False
        if Analysis.objects.filter(id=self.analysis, cancel_asked_at__isnull=False).exists():
            self.end()
            return False
        return True

    def end(self) -> None:
        """End it, politely first; it is our own process."""
        end(self.process)

    def settle(self) -> None:
        """Note how it ended, where it could not do so itself."""
        code, at = self.process.returncode, clock.now()
        if code == BUSY:
            return
        with transaction.atomic():
            found = Analysis.objects.select_for_update().get(id=self.analysis)
            if found.state not in {Analysis.State.RUNNING, Analysis.State.QUEUED}:
                return
            if found.cancel_asked_at is not None:
                _end(found, state=Analysis.State.CANCELLED, at=at)
            else:
                fail(found, ProcessEnded(code=code), at=at)


@contextmanager
def child_for(analysis: UUID) -> Iterator[Child]:
    """Have a process that works on an analysis; none is there afterwards.

    Parameters
    ----------
    analysis
        Which.

    Yields
    ------
    Child
        To be looked after a few times a second until it has ended.
    """
    with tempfile.TemporaryDirectory(
        prefix="huitouke-analysis-", ignore_cleanup_errors=True
    ) as folder:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _RUN, str(analysis)],
            stdin=subprocess.PIPE,
            env=environment(Path(folder)),
            start_new_session=True,
        )
        child = Child(analysis, process)
        try:
            yield child
        finally:
            child.end()
            if process.stdin is not None:
                process.stdin.close()


def run_here(analysis: Analysis, *, tell: Callable[[Analysis], None]) -> Analysis:
    """Work on an analysis and wait for its end.

    Parameters
    ----------
    analysis
        A queued one.
    tell
        Told the analysis whenever its step has changed.

    Returns
    -------
    Analysis
        As it ended; still queued where another one runs.
    """
    step = ""
    with child_for(analysis.id) as child:
        while child.running():
            time.sleep(_LOOK_SECONDS)
            now = Analysis.objects.get(id=analysis.id)
            if now.step != step:
                step = now.step
                tell(now)
        child.settle()
    return Analysis.objects.get(id=analysis.id)


def next_queued() -> Analysis | None:
    """Return the analysis that waits, if any."""
    return Analysis.objects.filter(state=Analysis.State.QUEUED).first()


def begin(analysis: UUID, *, at: datetime) -> Analysis | None:
    """Mark a waiting analysis as running; None where it does not wait any more.

    Parameters
    ----------
    analysis
        Which; the caller holds the lock of those who analyse.
    at
        The present moment.
    """
    with transaction.atomic():
        found = (
            Analysis.objects.select_for_update()
            .filter(id=analysis, state=Analysis.State.QUEUED)
            .first()
        )
        if found is None:
            return None
        found.state, found.started_at = Analysis.State.RUNNING, at
        found.attempts += 1
        found.save(update_fields=["state", "started_at", "attempts"])
    return found


def rescue(*, at: datetime) -> None:
    """Find analyses that a process left behind: they begin anew, at most three times.

    Parameters
    ----------
    at
        The present moment.
    """
    with transaction.atomic():
        if not locks.running_is_free():
            return
        for found in Analysis.objects.select_for_update().filter(state=Analysis.State.RUNNING):
            if found.cancel_asked_at is not None:
                _end(found, state=Analysis.State.CANCELLED, at=at)
            elif found.attempts >= _ATTEMPTS_MOST:
                fail(found, Stopped(attempts=found.attempts), at=at)
            else:
                found.state, found.step, found.share = Analysis.State.QUEUED, "waiting", 0.0
                found.save(update_fields=["state", "step", "share"])


def fail(analysis: Analysis, error: Any, *, at: datetime) -> None:
    """Note that an analysis could not be made, and why, in every language.

    Parameters
    ----------
    analysis
        Which; locked.
    error
        A ``HuitoukeError``.
    at
        The present moment.
    """
    analysis.error_code = error.code
    analysis.error_says = {each: error.text(each) for each in LANGUAGES}
    _end(analysis, state=Analysis.State.FAILED, at=at)


def _end(analysis: Analysis, *, state: str, at: datetime) -> None:
    analysis.state, analysis.ended_at = state, at
    analysis.save(update_fields=["state", "ended_at", "error_code", "error_says"])
