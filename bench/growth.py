"""The ledger when it has grown: what one posting takes beside what it took in a small one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg

from ledger_ground import Ground
from ledger_sql import SCRIPTS, credit, credit_one, open_accounts
from measure import run

__all__ = ["growth"]

_EACH = 10
_MANY, _FEW = 10_000, 10
_BURNERS = 400
_EARNS = 600
_ROUNDS = 3


def _grown(
    server: Ground, name: str, *, entries: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Make a database with so many entries; return what making it took."""
    owner, url = server.database(name)
    members = entries // _EACH
    began = time.perf_counter()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        first = open_accounts(connection, members)
        made, server_cpu = 0, server.cpu()
        for lot in range(_EACH):
            made += credit(connection, first=first, members=members, lots=1, prefix=f"g{lot}")
            say(f"{name}: {made:,} entries after {time.perf_counter() - began:.0f} s")
        seconds = time.perf_counter() - began
        cpu = server.cpu() - server_cpu
        many = open_accounts(connection, 1)
        credit_one(connection, account=many, lots=min(_MANY, entries))
        few = open_accounts(connection, _BURNERS)
        credit(connection, first=few, members=_BURNERS, lots=_FEW)
        connection.execute("VACUUM ANALYZE")
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return {
        "owner": owner, "url": url, "first": first, "members": members, "many": many,
        "few": few, "made": made, "seconds": seconds, "pg_us": cpu / made * 1e6,
        "megabytes": row[0] / 1e6 if row else 0.0, "age": int(seconds),
    }  # fmt: skip


def growth(
    server: Ground, *, small: int, large: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Measure the same postings in a small and in a large ledger, turn by turn."""
    sized = {
        "small": _grown(server, "bench_small", entries=small, say=say),
        "large": _grown(server, "bench_large", entries=large, say=say),
    }
    found: dict[str, Any] = {"entries": {"small": small, "large": large}, "rounds": []}
    for _ in range(_ROUNDS):
        found["rounds"].append({name: _turn(server, one) for name, one in sized.items()})
    for name, one in sized.items():
        say(f"checking the {name} ledger")
        told = run("ledger_python.py", "verify", one["url"], str(server.postmaster),
                   str(one["first"]), str(one["members"]))  # fmt: skip
        found[name] = {
            "made": one["made"], "load_seconds": one["seconds"], "load_pg_us": one["pg_us"],
            "megabytes": one["megabytes"], "verify": told.found,
        }  # fmt: skip
    server.drop("bench_small")
    server.drop("bench_large")
    return found


def _turn(server: Ground, one: dict[str, Any]) -> dict[str, Any]:
    members = {"first": one["first"], "members": one["members"]}

    def bench(script: str, **more: Any) -> dict[str, float]:
        return server.pgbench(one["url"], SCRIPTS[script], **more).plain()

    # Counted, not timed: both ledgers grow by the same while they are measured.
    earlier, many = {**members, "age": one["age"]}, {"first": one["many"]}
    return {
        "earn": bench("earn", transactions=_EARNS, variables=members),
        "balance": bench("balance", seconds=2, variables=members, clients=4),
        "as_of": bench("as_of", seconds=2, variables=earlier, clients=4),
        "burn_many": bench("hot", transactions=500, clients=1, variables=many),
        "burn_few": bench("hot_few", transactions=500, clients=1,
                          variables={"first": one["few"], "members": _BURNERS}),
    }  # fmt: skip
