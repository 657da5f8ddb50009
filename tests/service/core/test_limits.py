"""A key may ask so often; then it is told how long to wait."""

from __future__ import annotations

import pytest

from huitouke.service.core import limits
from huitouke.service.core.limits import Limiter, RateLimited


class Seconds:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_is_let_through_and_then_the_rate_holds():
    clock = Seconds()
    limiter = Limiter(per_second=2, burst=3, clock=clock)

    waits = [limiter.wait("till") for _ in range(4)]
    clock.at = 0.5
    waits += [limiter.wait("till"), limiter.wait("till")]

    assert waits == [0, 0, 0, 1, 0, 1]


def test_keys_do_not_use_up_each_others_limit():
    limiter = Limiter(per_second=1, burst=1, clock=Seconds())

    assert [limiter.wait("till"), limiter.wait("shop"), limiter.wait("till")] == [0, 0, 1]


def test_what_is_dearer_than_a_full_bucket_is_owed_and_waited_for():
    clock = Seconds()
    limiter = Limiter(per_second=10, burst=20, clock=clock)

    first = limiter.wait("till")
    limiter.take("till", cost=499)
    after, other = limiter.wait("till"), limiter.wait("shop")
    clock.at = 48.0
    still = limiter.wait("till")
    clock.at = 48.1

    assert (first, after, other, still, limiter.wait("till")) == (0, 49, 0, 1, 0)


def test_what_is_owed_does_not_come_from_a_bucket_fuller_than_full():
    clock = Seconds()
    limiter = Limiter(per_second=10, burst=20, clock=clock)
    limiter.wait("till")
    clock.at = 1_000.0

    limiter.take("till", cost=20)

    assert limiter.wait("till") == 1


def test_no_rate_is_no_limit():
    limiter = Limiter(per_second=0, burst=1, clock=Seconds())

    assert [limiter.wait("till") for _ in range(100)] == [0] * 100


def test_the_refusal_says_how_long_to_wait(settings):
    settings.RATE_PER_SECOND, settings.RATE_BURST = 1, 1
    limits.spend("a till of this test")

    with pytest.raises(RateLimited) as refused:
        limits.spend("a till of this test")

    assert refused.value.values == {"retry_after": 1}
