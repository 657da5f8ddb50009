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

__all__ = ["Limiter", "RateLimited", "spend"]


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

    def wait(self, name: str, *, cost: int = 1) -> int:
        """Take tokens, or say how long to wait for them.

        Parameters
        ----------
        name
            Whose bucket.
        cost
            How many tokens.

        Returns
        -------
        int
            0 when they were taken, else whole seconds to wait (at least 1).
        """
        if not self._rate:
            return 0
        with self._lock:
            at = self._clock()
            bucket = self._buckets.setdefault(name, _Bucket(float(self._burst), at))
            gained = (at - bucket.at) * self._rate
            bucket.tokens, bucket.at = min(self._burst, bucket.tokens + gained), at
            # A dear request waits for a full bucket, not for ever.
            missing = min(cost, self._burst) - bucket.tokens
            if missing > 0:
                return max(1, math.ceil(missing / self._rate))
            bucket.tokens -= cost
            return 0


_limiters: dict[tuple[int, int], Limiter] = {}


def spend(name: str, *, cost: int = 1) -> None:
    """Count a request of a key against its limit.

    Parameters
    ----------
    name
        The key's name.
    cost
        How many requests it counts for.

    Raises
    ------
    RateLimited
        If the key must wait; ``values["retry_after"]`` says how many seconds.
    """
    rate: tuple[int, int] = (settings.RATE_PER_SECOND, settings.RATE_BURST)
    limiter = _limiters.get(rate)
    if limiter is None:
        limiter = _limiters.setdefault(rate, Limiter(per_second=rate[0], burst=rate[1]))
    seconds = limiter.wait(name, cost=cost)
    if seconds:
        raise RateLimited(retry_after=seconds)
