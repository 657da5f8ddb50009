"""How many requests are let in: few work, some wait their turn, the rest are told at once.

A process that works on everything it is sent slows down for everybody. Here a handful of
requests are worked on at a time; the next ones wait, not longer than they would for a
database connection; what is more than that gets 503 with ``Retry-After`` in no time. So an
overload makes answers fewer, never endless.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from huitouke.language import N_
from huitouke.service.config.middleware import told
from huitouke.service.core.errors import ServiceError

__all__ = ["Admission", "Overloaded", "Turns"]

_RETRY_SECONDS = 1


class Overloaded(ServiceError):
    """There are more requests than can be worked on."""

    code = "config.overloaded"
    status = 503
    says = N_("There are more requests at this moment than can be answered.")
    remedy = N_("Send the same request with the same key again in {retry_after} s.")


class Turns:
    """Gives out turns to work, to so many at a time, in the order of asking.

    Parameters
    ----------
    at_a_time
        Turns that may be held together.
    queue
        How many may wait for one.
    wait_seconds
        How long one waits.
    """

    def __init__(self, *, at_a_time: int, queue: int, wait_seconds: float) -> None:
        self._turns = threading.Semaphore(at_a_time)
        self._lock = threading.Lock()
        self._queue = queue
        self._waiting = 0
        self._wait_seconds = wait_seconds

    def take(self) -> bool:
        """Take a turn; False when too many wait already, or none came in time."""
        if self._turns.acquire(blocking=False):
            return True
        with self._lock:
            if self._waiting >= self._queue:
                return False
            self._waiting += 1
        try:
            return self._turns.acquire(timeout=self._wait_seconds)
        finally:
            with self._lock:
                self._waiting -= 1

    def give_back(self) -> None:
        """Give the turn to the next."""
        self._turns.release()


class Admission:
    """Lets requests in by turns; health is for everybody.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response
        self._turns = Turns(
            at_a_time=settings.AT_A_TIME,
            queue=settings.QUEUE,
            wait_seconds=settings.WAIT_SECONDS,
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on in its turn, or answer 503."""
        if request.path == "/healthz":
            return self._next(request)
        if not self._turns.take():
            return told(request, Overloaded(retry_after=_RETRY_SECONDS))
        try:
            return self._next(request)
        finally:
            self._turns.give_back()
