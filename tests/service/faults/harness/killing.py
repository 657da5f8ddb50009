"""The ways in which the service is hit in the middle of a stream, by name."""

from __future__ import annotations

import random
from collections.abc import Callable

from harness.served import Service, below


def ways(service: Service, *, stop_seconds: float) -> dict[str, Callable[[], None]]:
    """Return what hits the service and leaves it running again, by name."""

    def web() -> None:
        service.kill_web()

    def database() -> None:
        service.kill_database()

    def backend() -> None:
        service.kill_backends()

    def service_itself() -> None:
        service.kill_all(database=False)
        service.start()

    def everything() -> None:
        service.kill_all(database=True)
        service.start()

    def web_stopped() -> None:
        service.stopped(service.web(), seconds=stop_seconds)

    def database_stopped() -> None:
        pid = service.postmaster()
        service.stopped(below(pid) if pid else set(), seconds=stop_seconds)

    made = (web, database, backend, service_itself, everything, web_stopped, database_stopped)
    return {each.__name__: each for each in made}


def chosen(
    service: Service, *, names: tuple[str, ...], random: random.Random, stop_seconds: float
) -> list[tuple[float, Callable[[], None]]]:
    """Return faults of these kinds at random places of the stream, in order."""
    found = ways(service, stop_seconds=stop_seconds)
    places = sorted(random.uniform(0.1, 0.9) for _ in names)
    return [(place, found[name]) for place, name in zip(places, names, strict=True)]
