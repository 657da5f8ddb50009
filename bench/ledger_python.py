"""The ledger's commands called from Python, in a process of its own.

    python bench/ledger_python.py batches URL POSTMASTER FIRST MEMBERS SCALE
    python bench/ledger_python.py earns URL FIRST MEMBERS COUNT SEED
    python bench/ledger_python.py verify URL POSTMASTER FIRST MEMBERS

``earns`` waits for a line on standard input, so that several begin together. What a batch
costs is measured around the command alone; the postings are made beforehand.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from huitouke.service.config.prepare import django_on
from ledger_ground import tree_seconds
from measure import Clock

__all__: list[str] = []

_REASON = {"code": "order", "rule": "spend", "order": "ord_01", "amount": 12800}
_DUE_SECONDS = 2.0


class _Bench:
    """Postings, and what the commands take for them."""

    def __init__(self, first: int, members: int, postmaster: int = 0) -> None:
        from huitouke.service.core import clock

        self.now: datetime = clock.now()
        self.first, self.members, self.postmaster = first, members, postmaster
        self.chance = random.Random(7)
        self.number = 0

    def account(self) -> int:
        return self.first + self.chance.randrange(self.members)

    def earns(self, count: int, **more: Any) -> list[Any]:
        from huitouke.service.ledger.contract import Earn

        given = {"expires_at": self.now + timedelta(days=365), **more}
        return [Earn(**given, **self._common()) for _ in range(count)]

    def spends(self, count: int) -> list[Any]:
        from huitouke.service.ledger.contract import Spend

        return [Spend(**{**self._common(), "amount": 60}) for _ in range(count)]

    def _common(self) -> dict[str, Any]:
        self.number += 1
        return {
            "account": self.account(), "key": f"b:{self.now.timestamp()}:{self.number}",
            "amount": 100, "effective_at": self.now, "actor": "key:till-1",
            "reason": _REASON, "rule_version": 1,
        }  # fmt: skip

    def cost(
        self, runs: list[list[Any]], act: Callable[[list[Any]], list[Any]]
    ) -> dict[str, Any]:
        """Call a command once per batch and return what an entry cost."""
        done = 0
        cpu, server = time.process_time(), tree_seconds(self.postmaster)
        began = time.perf_counter()
        for each in runs:
            done += sum(receipt.outcome == "done" for receipt in act(each))
        seconds = time.perf_counter() - began
        cpu, server = time.process_time() - cpu, tree_seconds(self.postmaster) - server
        count = sum(len(each) for each in runs)
        return {
            "per_second": done / seconds, "ms": seconds / len(runs) * 1e3, "done": done,
            "count": count, "python_us": cpu / count * 1e6, "pg_us": server / count * 1e6,
        }  # fmt: skip


def batches(bench: _Bench, scale: int) -> dict[str, Any]:
    """Batches of both sizes of earns, repeats, spends; and the sweep of what fell due."""
    from huitouke.service.core import clock
    from huitouke.service.ledger.commands import (
        earn_batch,
        spend_batch,
        sweep,
    )

    found: dict[str, Any] = {}
    warm = bench.earns(1_000)
    earn_batch(warm)
    for size, often in ((1_000, 2 * scale), (10_000, max(1, scale // 3))):
        runs = [bench.earns(size) for _ in range(often)]
        found[f"earn_{size}"] = bench.cost(runs, earn_batch)
        found[f"replay_{size}"] = bench.cost(runs, earn_batch)
        runs = [bench.spends(size) for _ in range(max(1, often // 2))]
        found[f"spend_{size}"] = bench.cost(runs, spend_batch)
    due = clock.now() + timedelta(seconds=_DUE_SECONDS)
    earn_batch(bench.earns(1_000 * scale, expires_at=due))
    time.sleep(max(0.0, (due - clock.now()).total_seconds()) + 0.05)
    cpu, server = time.process_time(), tree_seconds(bench.postmaster)
    began, swept = time.perf_counter(), 0
    while part := sweep(limit=1_000):
        swept += part
    seconds = time.perf_counter() - began
    found["sweep"] = {
        "per_second": swept / seconds, "ms": seconds * 1e3, "done": swept, "count": swept,
        "python_us": (time.process_time() - cpu) / max(1, swept) * 1e6,
        "pg_us": (tree_seconds(bench.postmaster) - server) / max(1, swept) * 1e6,
    }  # fmt: skip
    return found


def earns(bench: _Bench, clock: Clock, *, count: int, seed: int) -> None:
    """Earn one by one, each in a transaction of its own."""
    from huitouke.service.ledger.commands import earn

    bench.chance.seed(seed)
    bench.number = seed * 10**9
    postings = bench.earns(count + 20)
    for each in postings[:20]:
        earn(each)
    sys.stdin.readline()
    with clock.step("earns"):
        for each in postings[20:]:
            earn(each)


def verified(bench: _Bench) -> dict[str, Any]:
    """Seal and check everything, then what came since."""
    from huitouke.service.core import clock
    from huitouke.service.ledger.commands import earn_batch
    from huitouke.service.ledger.seal import seal
    from huitouke.service.ledger.verify import verify

    began = time.perf_counter()
    blocks = seal(slack=None)
    sealing = time.perf_counter() - began
    whole = verify()
    since = clock.now()
    for _ in range(5):
        earn_batch(bench.earns(max(10, bench.members // 50)))
    seal()
    part = verify(full=False, since=since)
    return {
        "blocks": blocks, "seal_seconds": sealing, "entries": whole.entries,
        "seconds": whole.seconds, "broken": len(whole.broken) + len(part.broken),
        "since_entries": part.entries, "since_seconds": part.seconds,
    }  # fmt: skip


def main() -> None:
    """Do what the command line says and print what was found, for ``measure.run``."""
    what, url, *rest = sys.argv[1:]
    numbers = [int(each) for each in rest]
    clock, found = Clock(), {}
    with django_on(url):
        if what == "batches":
            postmaster, first, members, scale = numbers
            found = batches(_Bench(first, members, postmaster), scale)
        elif what == "verify":
            postmaster, first, members = numbers
            found = verified(_Bench(first, members, postmaster))
        else:
            first, members, count, seed = numbers
            earns(_Bench(first, members), clock, count=count, seed=seed)
    clock.tell(**found)


if __name__ == "__main__":
    main()
