"""What the service is measured on: the embedded PostgreSQL, as it is shipped.

All cases of a run share one server, so that their ratios are of one machine and one disk.
CPU seconds of the server are those of all its processes, the ones that ended included.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from huitouke.service.config.embedded import binary, embedded_postgres
from huitouke.service.config.prepare import prepare

__all__ = ["CLIENTS", "Benched", "Ground", "ground", "percentile", "tree_seconds"]

CLIENTS = 16
_TICKS = os.sysconf("SC_CLK_TCK")


def _busy_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and of its children that ended."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    fields = text.rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / _TICKS


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            text = (entry / "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        parent = int(text.rpartition(")")[2].split()[1])
        found.setdefault(parent, []).append(int(entry.name))
    return found


def tree_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and of everything it started."""
    children, total, open_ones = _children(), 0.0, [pid]
    while open_ones:
        one = open_ones.pop()
        try:
            total += _busy_seconds(one)
        except OSError:
            continue
        open_ones += children.get(one, [])
    return total


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of the values does not exceed.

    >>> percentile([3.0, 1.0, 2.0, 4.0], 0.5), percentile([3.0, 1.0, 2.0, 4.0], 0.99)
    (2.0, 4.0)
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


@dataclass(frozen=True)
class Benched:
    """What one pgbench run gave: transactions per second, milliseconds, CPU of the server."""

    tps: float
    p50_ms: float
    p99_ms: float
    pg_us: float
    client_us: float
    count: int

    def plain(self) -> dict[str, float]:
        """Return the run as plain values, for JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Ground:
    """A running server with a database in the shape of this version.

    ``url`` has the rights of the application, ``owner`` those of the owner.
    """

    folder: Path
    owner: str
    url: str

    @property
    def postmaster(self) -> int:
        """The process that all others of the server come from."""
        text = (self.folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8")
        return int(text.split()[0])

    def cpu(self) -> float:
        """Return the CPU seconds that the server has used so far."""
        return tree_seconds(self.postmaster)

    def database(self, name: str, *, shaped: bool = True) -> tuple[str, str]:
        """Make a database anew and return its addresses, the owner's and the application's."""
        with psycopg.connect(self.owner, autocommit=True) as admin:
            which = sql.Identifier(name)
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(which))
            admin.execute(sql.SQL("CREATE DATABASE {}").format(which))
        parts: dict[str, Any] = conninfo_to_dict(self.owner)
        owner = make_conninfo(**{**parts, "dbname": name})
        return owner, prepare(owner) if shaped else owner

    def drop(self, name: str) -> None:
        """Drop a database."""
        with psycopg.connect(self.owner, autocommit=True) as admin:
            which = sql.Identifier(name)
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(which))

    def pgbench(
        self,
        url: str,
        script: str,
        *,
        seconds: float = 0,
        transactions: int = 0,
        clients: int = CLIENTS,
        variables: Mapping[str, int] | None = None,
    ) -> Benched:
        """Run a script with prepared statements and return what it gave."""
        bound = ["-T", str(max(1, round(seconds)))] if seconds else ["-t", str(transactions)]
        given = [each for name, value in (variables or {}).items()
                 for each in ("-D", f"{name}={value}")]  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "script.sql"
            file.write_text(script, encoding="utf-8")
            words = [
                str(binary("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
                *bound, *given, "-f", str(file), "-l", "--log-prefix", f"{folder}/log", url,
            ]  # fmt: skip
            before, used = self.cpu(), os.times()
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            cpu, after = self.cpu() - before, os.times()
            if done.returncode != 0:
                raise RuntimeError(f"pgbench: {done.stderr[-2000:]}")
            times = [
                int(line.split()[2]) / 1_000
                for log in Path(folder).glob("log*")
                for line in log.read_text(encoding="ascii").splitlines()
            ]
        tps = float(re.search(r"tps = ([0-9.]+)", done.stdout)[1])  # type: ignore[index]
        client = after.children_user + after.children_system
        client -= used.children_user + used.children_system
        count = len(times)
        return Benched(
            tps=tps,
            p50_ms=percentile(times, 0.5),
            p99_ms=percentile(times, 0.99),
            pg_us=cpu / count * 1e6,
            client_us=client / count * 1e6,
            count=count,
        )


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Run a server on a new folder while the block runs."""
    with embedded_postgres(folder) as owner:
        yield Ground(folder, owner, prepare(owner))
