"""The service, measured: ledger by SQL and from Python, over HTTP, and when it has grown.

Everything runs on one embedded server, in rounds: within a round every case has its turn, and
ratios are taken within the round, so that what else the machine does hits both sides.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from cases import Job
from growth import growth
from http_cases import over_http
from http_service import serving
from ledger_ground import Ground, ground, tree_seconds
from ledger_sql import (
    ACCOUNTS,
    HOT_LOTS,
    LOTS,
    SAVERS,
    SCRIPTS,
    credit,
    credit_one,
    minimal,
    open_accounts,
    posted,
)
from measure import BENCH, run

__all__ = ["Size", "service"]

_PROCESSES = 4
_PEERS = 2_000


@dataclass(frozen=True)
class Size:
    """How long and how large: rounds, seconds of a script, postings, and how far to grow."""

    rounds: int
    seconds: float
    earns: int
    scale: int
    requests: int
    small: int
    large: int

    @classmethod
    def of(cls, *, quick: bool) -> Size:
        """Return the size of a whole run, or of a quick one."""
        if quick:
            return cls(1, 1, 50, 1, 200, 2_000, 20_000)
        return cls(3, 5, 600, 9, 2_000, 100_000, 10_000_000)


def service(job: Job) -> dict[str, Any]:
    """Measure the service on a server of its own."""
    size = Size.of(quick=job.worlds < 10)
    folder = job.work / "service"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with ground(folder) as server:
            found: dict[str, Any] = {"server": _about(server), "size": vars(size)}
            bench = _Sql(server, size)
            found["rounds"] = []
            for number in range(size.rounds):
                job.say(f"service, round {number + 1}: pgbench, batches, processes")
                found["rounds"].append(bench.round())
            found["posted"] = bench.posted()
            job.say("service over HTTP")
            with serving(server, job.work) as running:
                found["http"] = over_http(
                    running, job.work, rounds=size.rounds, requests=size.requests,
                    beside=bench.beside,
                )  # fmt: skip
            bench.drop()
            job.say(f"service, grown to {size.large:,} entries")
            found["growth"] = growth(server, small=size.small, large=size.large, say=job.say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _about(server: Ground) -> dict[str, str]:
    named = (
        "server_version",
        "fsync",
        "synchronous_commit",
        "shared_buffers",
        "wal_sync_method",
    )
    with psycopg.connect(server.url) as connection:
        return {
            name: str(connection.execute("SELECT current_setting(%s)", [name]).fetchone()[0])  # type: ignore[index]
            for name in named
        }


class _Sql:
    """The databases of the cases that need no HTTP, and one turn of each of them."""

    def __init__(self, server: Ground, size: Size) -> None:
        self.server, self.size = server, size
        self.owner, self.url = server.database("bench_ledger")
        self.peer, _ = server.database("bench_hordak", shaped=False)
        self.members = min(ACCOUNTS, size.small * 10)
        self.savers = min(SAVERS, size.small)
        with psycopg.connect(self.owner, autocommit=True) as connection:
            minimal(connection)
            connection.execute("GRANT ALL ON minimal_account, minimal_entry TO huitouke_app")
            self.first = open_accounts(connection, self.members)
            self.saver = open_accounts(connection, self.savers)
            credit(connection, first=self.saver, members=self.savers, lots=LOTS)
            self.known = open_accounts(connection, self.savers)
            credit(connection, first=self.known, members=self.savers, lots=1)
            connection.execute("VACUUM ANALYZE")
        run("hordak_peer.py", "shape", self.peer, str(min(_PEERS, size.small)))

    def round(self) -> dict[str, Any]:
        """Let every case have its turn."""
        found: dict[str, Any] = {"pgbench": self._scripts()}
        postmaster = str(self.server.postmaster)
        told = run("ledger_python.py", "batches", self.url, postmaster, str(self.saver),
                   str(self.savers), str(self.size.scale))  # fmt: skip
        found["batches"] = told.found
        found["processes"] = self._processes()
        return found

    def _scripts(self) -> dict[str, Any]:
        return {
            "minimal": self._script("minimal", first=1, members=ACCOUNTS),
            "earn": self._script("earn", first=self.first, members=self.members),
            "spend": self._script("spend", first=self.saver, members=self.savers),
            "replay": self._script("replay", first=self.known, members=self.savers),
            "hot": self._script("hot", first=self._hot()),
        }

    def beside(self) -> dict[str, Any]:
        """Return the earn by SQL once more, for what is measured beside it."""
        return {
            "minimal": self._script("minimal", first=1, members=ACCOUNTS),
            "earn": self._script("earn", first=self.first, members=self.members),
        }

    def _script(self, name: str, **variables: int) -> dict[str, float]:
        return self.server.pgbench(
            self.url, SCRIPTS[name], seconds=self.size.seconds, variables=variables
        ).plain()

    def _hot(self) -> int:
        """Make one member with thousands of lots."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            account = open_accounts(connection, 1)
            credit_one(connection, account=account, lots=HOT_LOTS)
            connection.execute("ANALYZE ledger.lot")
        return account

    def _processes(self) -> dict[str, Any]:
        count = str(self.size.earns)
        ours = [["ledger_python.py", "earns", self.url, str(self.first), str(self.members),
                 count, str(int(time.monotonic() * 10) + seed)]
                for seed in range(_PROCESSES)]  # fmt: skip
        theirs = [["hordak_peer.py", "transfers", self.peer, "0", count, str(seed)]
                  for seed in range(_PROCESSES)]  # fmt: skip
        return {
            "earn": _together(self.server, ours, count=self.size.earns),
            "hordak": _together(self.server, theirs, count=self.size.earns),
        }

    def posted(self) -> dict[str, Any]:
        """Return what the scripts posted and what was refused."""
        with psycopg.connect(self.owner) as connection:
            return {"earn": posted(connection, "e:"), "spend": posted(connection, "s:")}

    def drop(self) -> None:
        """Drop the databases."""
        self.server.drop("bench_ledger")
        self.server.drop("bench_hordak")


def _together(
    server: Ground, words: Sequence[Sequence[str]], *, count: int
) -> dict[str, float]:
    """Run scripts that wait for one another, and return what one of their steps cost."""
    running = [
        subprocess.Popen(
            [sys.executable, str(BENCH / script), *rest], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )
        for script, *rest in words
    ]  # fmt: skip
    # They are ready once they wait and use no more processor.
    _until_still([each.pid for each in running])
    before = server.cpu()
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate()[0] for each in running]
    cpu = server.cpu() - before
    if any(each.returncode for each in running):
        raise RuntimeError(f"{words[0][0]} failed")
    steps = [next(iter(json.loads(each.strip().splitlines()[-1])["steps"].values()))
             for each in said]  # fmt: skip
    total = count * len(running)
    return {
        "per_second": total / max(step["wall"] for step in steps),
        "python_us": sum(step["cpu"] for step in steps) / total * 1e6,
        "pg_us": cpu / total * 1e6,
    }


def _until_still(pids: Sequence[int]) -> None:
    used, still = -1.0, 0
    while still < 3:
        time.sleep(0.5)
        now = sum(tree_seconds(pid) for pid in pids)
        still = still + 1 if now == used else 0
        used = now
