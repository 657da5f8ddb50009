"""How many requests are let in: few work, some wait their turn, the rest are told at once.

A process that works on everything it is sent slows down for everybody. Here a handful of
requests are worked on at a time; the next ones wait, not longer than they would for a
database connection; what is more than that gets 503 with ``Retry-After`` in no time. So an
overload makes answers fewer, never endless.

Nobody has a turn while their body is still on its way: a slow sender takes up a place among
those that wait, and one key no more than a part of these.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from huitouke.language import N_
from huitouke.service.config.middleware import told
from huitouke.service.core.errors import ServiceError

__all__ = ["Admission", "Overloaded", "Turn", "Turns"]

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
        self._free = at_a_time
        self._line: deque[threading.Lock] = deque()
        self._lock = threading.Lock()
        self._queue = queue
        self._waiting = 0
        self._wait_seconds = wait_seconds
        self._aside_most = max(queue, at_a_time)
        self._aside_of_one = max(queue // 4, at_a_time)
        self._reading: Counter[str] = Counter()

    def take(self) -> bool:
        """Take a turn; False when too many wait already, or none came in time."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if self._waiting >= self._queue:
                return False
            self._waiting += 1
            place = self._placed()
        try:
            return self._called(place)
        finally:
            with self._lock:
                self._waiting -= 1

    def _placed(self) -> threading.Lock:
        """Return a place at the end of the line; the caller holds the lock."""
        place = threading.Lock()
        place.acquire()
        self._line.append(place)
        return place

    def _called(self, place: threading.Lock) -> bool:
        """Wait until it is the turn of a place; False when it was not in time."""
        if place.acquire(timeout=self._wait_seconds):
            return True
        with self._lock:
            if place in self._line:
                self._line.remove(place)
                return False
        return True  # It was handed over in the last moment.

    def give_back(self) -> None:
        """Hand the turn to who has waited longest; nobody who comes now is before them."""
        with self._lock:
            if self._line:
                self._line.popleft().release()
            else:
                self._free += 1

    @contextmanager
    def waiting_for(self, who: str) -> Iterator[Callable[[], bool]]:
        """Wait for a sender without a turn; the caller gives its own back first.

        Parameters
        ----------
        who
            Of one sender only so many are waited for at a time.

        Yields
        ------
        Callable
            Takes a turn again once the sender is done; False when none came in time.

        Raises
        ------
        Overloaded
            If too many are waited for.
        """
        with self._lock:
            full = self._waiting >= self._aside_most
            if full or self._reading[who] >= self._aside_of_one:
                raise Overloaded(retry_after=_RETRY_SECONDS)
            self._waiting += 1
            self._reading[who] += 1
        reading = [who]

        def done() -> None:
            with self._lock:
                self._reading -= Counter(reading)
            reading.clear()

        def again() -> bool:
            done()
            with self._lock:
                if self._free:
                    self._free -= 1
                    return True
                place = self._placed()
            return self._called(place)

        try:
            yield again
        finally:
            done()
            with self._lock:
                self._waiting -= 1


class Turn:
    """The turn of one request.

    Parameters
    ----------
    turns
        Where it was taken.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.held = True

    @contextmanager
    def aside(self, who: str) -> Iterator[None]:
        """Let others work while the body of this request is on its way.

        Parameters
        ----------
        who
            Whose body it is.

        Raises
        ------
        Overloaded
            If too many bodies are on their way, or no turn is to be had afterwards.
        """
        with self._turns.waiting_for(who) as again:
            if getattr(connection, "pool", None) and not connection.in_atomic_block:
                connection.close()  # Back into the pool: there are few more than turns.
            self.give_back()
            yield
            self.held = again()
        if not self.held:
            raise Overloaded(retry_after=_RETRY_SECONDS)

    def give_back(self) -> None:
        """Give the turn to the next, once."""
        if self.held:
            self.held = False
            self._turns.give_back()


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
        turn = Turn(self._turns)
        request.turn = turn  # type: ignore[attr-defined]
        try:
            return self._next(request)
        finally:
            turn.give_back()
