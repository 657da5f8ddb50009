"""How often a key may ask: a token bucket per key, in the memory of one server process.

A bucket in the database would cost each request a write; one per process costs nothing and
bounds the same load. With several processes a key may reach the limit in each of them, so
the settings are per process.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["Limiter", "RateLimited", "charge", "spend"]


class RateLimited(ServiceError):
    """The key asks more often than it may."""

    code = "core.rate_limited"
    status = 429
    says = N_("This key asks more often than it may.")
    remedy = N_("Send the same request again in {retry_after} s; send facts in batches.")


@dataclass
class _Bucket:
    tokens: float
    at: float


class Limiter:
    """Token buckets by name.

    Parameters
    ----------
    per_second
        Tokens that come back each second; 0: no limit.
    burst
        Most tokens a bucket holds.
    clock
        Gives seconds that never run backwards.

    Examples
    --------
    >>> seconds = iter([0.0, 0.0, 0.5, 1.0])
    >>> limiter = Limiter(per_second=1, burst=1, clock=lambda: next(seconds))
    >>> [limiter.wait("till") for _ in range(4)]
    [0, 1, 1, 0]
    """

    def __init__(
        self, *, per_second: int, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def wait(self, name: str) -> int:
        """Take a token, or say how long to wait for it.

        Parameters
        ----------
        name
            Whose bucket.

        Returns
        -------
        int
            0 when it was taken, else whole seconds to wait (at least 1).
        """
        if not self._rate:
            return 0
        with self._lock:
            bucket = self._filled(name)
            missing = 1 - bucket.tokens
            if missing > 0:
                return max(1, math.ceil(missing / self._rate))
            bucket.tokens -= 1
            return 0

    def _filled(self, name: str) -> _Bucket:
        """Return a bucket with what came back since it was looked at; the lock is held."""
        at = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(float(self._burst), at))
        gained = (at - bucket.at) * self._rate
        bucket.tokens, bucket.at = min(self._burst, bucket.tokens + gained), at
        return bucket

    def take(self, name: str, *, cost: int) -> None:
        """Take tokens for work that was let in already; who asks next waits for them.

        Parameters
        ----------
        name
            Whose bucket.
        cost
            How many tokens; the bucket may owe them.

        Examples
        --------
        >>> limiter = Limiter(per_second=1, burst=1, clock=lambda: 0.0)
        >>> limiter.wait("till"), limiter.take("till", cost=4), limiter.wait("till")
        (0, None, 5)
        """
        if self._rate:
            with self._lock:
                self._filled(name).tokens -= cost


_limiters: dict[tuple[int, int], Limiter] = {}


def _limiter() -> Limiter:
    rate: tuple[int, int] = (settings.RATE_PER_SECOND, settings.RATE_BURST)
    limiter = _limiters.get(rate)
    if limiter is None:
        limiter = _limiters.setdefault(rate, Limiter(per_second=rate[0], burst=rate[1]))
    return limiter


def spend(name: str) -> None:
    """Count a request of a key against its limit.

    Parameters
    ----------
    name
        The key's name.

    Raises
    ------
    RateLimited
        If the key must wait; ``values["retry_after"]`` says how many seconds.
    """
    seconds = _limiter().wait(name)
    if seconds:
        raise RateLimited(retry_after=seconds)


def charge(name: str, *, cost: int) -> None:
    """Count what a request turned out to ask for; it goes on, the key's next one waits.

    Parameters
    ----------
    name
        The key's name.
    cost
        How many requests it counts for, beyond the one that was counted.
    """
    _limiter().take(name, cost=cost)
