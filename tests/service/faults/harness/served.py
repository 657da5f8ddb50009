"""The real service as a child process: started, killed in every way, and started again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

RUN = [sys.executable, "-c", "from huitouke.cli.main import main; main()"]
START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(seen: Callable[[], bool], *, seconds: float = 60, what: str = "it") -> None:
    """Look until it is so; it is an error if that takes longer than it may."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not seen():
        if time.monotonic() > deadline:
            message = f"{what} did not come to be within {seconds} s"
            raise TimeoutError(message)
        pause.wait(0.02)


def variables(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUITOUKE", "DATABASE"))}
    return kept | {"HUITOUKE_RATE_PER_SECOND": "0", "HUITOUKE_LOG_LEVEL": "error"} | more


def processes() -> list[tuple[int, int, str, str]]:
    """Return pid, parent, state and words of every process of this machine."""
    found = []
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            stat = (place / "stat").read_text().rpartition(")")[2].split()
            words = (
                (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.append((int(place.name), int(stat[1]), stat[0], words))
    return found


def below(pid: int) -> set[int]:
    """Return a process and all that come from it, those that ended aside."""
    rows = [row for row in processes() if row[2] != "Z"]
    found = {pid}
    grown = True
    while grown:
        more = {row[0] for row in rows if row[1] in found} | found
        grown, found = more != found, more
    return found


def send(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


@dataclass
class Service:
    """``huitouke serve`` on a data folder (or behind ``DATABASE_URL``), on the loopback."""

    folder: Path
    workers: int = 1
    background: bool = True
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    key: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder.with_name(self.folder.name + ".log")

    @property
    def data(self) -> list[str]:
        return [] if "DATABASE_URL" in self.more else ["--data-dir", str(self.folder)]

    def command(self, *words: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """Run another command of Huitouke on the same data."""
        return subprocess.run(
            [*RUN, *words, *self.data, "--lang", "en"],
            capture_output=True,
            text=True,
            check=False,
            env=variables(**self.more),
            timeout=seconds,
        )

    def make_key(self, *, name: str = "driver", scopes: str = "all") -> str:
        made = self.command("api-key", "create", name, "--scopes", scopes)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def start(self) -> Service:
        """Start it, or again after it was killed, and wait until it answers."""
        words = ["serve", "--port", str(self.port), "--workers", str(self.workers)]
        if not self.background:
            words.append("--no-worker")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*RUN, *words, *self.data, "--lang", "en"],
                stdout=log,
                stderr=log,
                env=variables(**self.more),
                start_new_session=True,
            )
        self.wait()
        return self

    def wait(self, *, seconds: float = START_SECONDS) -> None:
        """Wait until it answers that all is well, three times on end."""
        good = 0

        def well() -> bool:
            nonlocal good
            assert self.process is None or self.process.poll() is None, self.said()
            good = good + 1 if self.healthy() else 0
            return good >= 3

        until(well, seconds=seconds, what=f"a healthy service ({self.log})")

    def healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-4_000:]

    def postmaster(self) -> int | None:
        """Return PostgreSQL's first process, if it is the one of our own folder."""
        try:
            lines = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        except (OSError, ValueError, IndexError):
            return None
        return pid if str(self.folder) in words else None

    def database_url(self) -> str:
        lines = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()
        return f"postgresql://postgres@/huitouke?host={lines[4]}"

    def web(self) -> set[int]:
        """Return the processes that answer requests."""
        assert self.process is not None
        first = {
            row[0]
            for row in processes()
            if row[1] == self.process.pid and "child http" in row[3]
        }
        return set().union(*(below(pid) for pid in first))

    def kill_web(self) -> None:
        send(self.web(), signal.SIGKILL)

    def kill_database(self) -> None:
        pid = self.postmaster()
        if pid is not None:
            send({pid}, signal.SIGKILL)

    def kill_backends(self) -> None:
        """Kill one process of PostgreSQL: it ends all others and recovers by itself."""
        pid = self.postmaster()
        backends = {
            row[0] for row in processes() if row[1] == pid and "postgres huitouke" in row[3]
        }
        send(set(sorted(backends)[:1]), signal.SIGKILL)

    def kill_all(self, *, database: bool) -> None:
        """Kill everything at once, as when the power goes."""
        assert self.process is not None
        pids = below(self.process.pid)
        pid = self.postmaster() if database else None
        send(pids | (below(pid) if pid else set()), signal.SIGKILL)
        self.process.wait(30)

    def stopped(self, pids: set[int], *, seconds: float) -> None:
        """Stop processes for some time, as a machine that swaps or a paused guest does."""
        send(pids, signal.SIGSTOP)
        try:
            threading.Event().wait(seconds)
        finally:
            send(pids, signal.SIGCONT)

    def stop_web(self) -> None:
        """Stop the service itself as a deploy does; PostgreSQL stays for whoever uses it."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(60)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                send(below(self.process.pid), signal.SIGKILL)
                self.process.wait(30)
        left = self.postmaster()
        if left is not None:
            send({left}, signal.SIGINT)
            until(lambda: self.postmaster() is None, what="the end of PostgreSQL")

    def verify(self) -> None:
        """Run the check of the ledger that a merchant runs, on what is there."""
        done = self.command("ledger", "verify")
        assert done.returncode == 0, done.stdout + done.stderr


def copy_data(origin: Path, *, to: Path) -> Path:
    """Copy the data folder of a service that is not running, owners and rights included."""
    to.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", f"{origin}/.", str(to)], check=True)
    for name in ("postmaster.pid", ".handle_pids.json"):
        (to / "postgres" / name).unlink(missing_ok=True)
    return to


def resident_mb(pids: set[int]) -> float:
    """Return the memory that processes have in use."""
    total = 0
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            continue
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        total += int(found[1]) if found else 0
    return total / 1024


def mounted_as_small(place: Path, *, megabytes: int) -> bool:
    """Mount a small disk in memory, where this user may."""
    place.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
