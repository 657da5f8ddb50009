"""Keeps child processes alive until told to stop, and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["Child", "Supervisor"]

_LOOK_SECONDS = 0.2
_GRACE_SECONDS = 25.0
_STEADY_SECONDS = 60.0
_LONGEST_WAIT_SECONDS = 30.0
_RUN = "from huitouke.cli.main import main; main()"


@dataclass
class Child:
    """One process to keep: the words after ``huitouke``, and how it fares."""

    words: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    deaths: int = 0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start it, in a session of its own: a Ctrl-C is passed on by us alone."""
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _RUN, *self.words],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self.began = time.monotonic()

    @property
    def dead(self) -> bool:
        """Whether it has ended."""
        return self.process is not None and self.process.poll() is not None


class Supervisor:
    """Runs children; one that dies is started again, later each time.

    Parameters
    ----------
    children
        What to run.
    besides
        Called at every look, a few times a second: what else must be kept alive.
    died
        Told the words and exit code of a child that died.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        besides: Callable[[], None] = lambda: None,
        died: Callable[[Sequence[str], int], None] = lambda _words, _code: None,
    ) -> None:
        self.children = list(children)
        self._besides = besides
        self._died = died
        self.stopping = threading.Event()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as the wish to stop."""
        signals = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(each, lambda *_: self.stopping.set()) for each in signals]
        try:
            yield
        finally:
            for each, handler in zip(signals, before, strict=True):
                signal.signal(each, handler)

    def run(self, *, ready: Callable[[], bool] = lambda: True) -> None:
        """Run the children until a signal comes; none of them is there afterwards.

        Parameters
        ----------
        ready
            Asked at each look until it says yes (and then says so to the user).
        """
        waiting = True
        with self._listening():
            try:
                for child in self.children:
                    child.start()
                while not self.stopping.wait(_LOOK_SECONDS):
                    self._besides()
                    for child in self.children:
                        self._keep(child)
                    waiting = waiting and not ready()
            finally:
                self.stop()

    def _keep(self, child: Child) -> None:
        at = time.monotonic()
        if child.process is not None and child.dead:
            self._died(child.words, child.process.returncode)
            self._end_group(child)
            steady = at - child.began > _STEADY_SECONDS
            child.deaths = 1 if steady else child.deaths + 1
            wait = 0.5 * 2.0 ** min(child.deaths - 1, 10)
            child.not_before = at + min(wait, _LONGEST_WAIT_SECONDS)
            child.process = None
        if child.process is None and at >= child.not_before:
            child.start()

    @staticmethod
    def _end_group(child: Child) -> None:
        """End what a dead child left in its session."""
        if child.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            if child.process.stdin is not None:
                child.process.stdin.close()

    def stop(self) -> None:
        """Ask every child to end what it does, and end those that do not in time."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            if child.process is not None and not child.dead:
                child.process.terminate()
        until = time.monotonic() + _GRACE_SECONDS
        for child in running:
            if child.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, until - time.monotonic()))
                self._end_group(child)
                child.process.wait()
                child.process = None
