"""``huitouke serve`` as it is shipped, and what is sent to it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger_ground import Ground, percentile, tree_seconds
from measure import BENCH, command

__all__ = ["KEYS", "Request", "Service", "serving"]

#: As many tills with a key each as there are connections.
KEYS = 16
_PATIENCE_SECONDS = 60.0

Request = tuple[str, str, dict[str, str], str]


@dataclass(frozen=True)
class Service:
    """A running service: its port, its process, its keys."""

    ground: Ground
    port: int
    pid: int
    keys: tuple[str, ...]

    def post(self, path: str, body: Any) -> Any:
        """Send one request while nothing is measured, and return its answer."""
        return self._ask("POST", path, json.dumps(body))

    def get(self, path: str) -> Any:
        """Read one answer while nothing is measured."""
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else body.encode(),
            headers={**self.head(0), "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def head(self, number: int) -> dict[str, str]:
        """Return the headers of a request of one of the tills."""
        return {"Authorization": f"Bearer {self.keys[number % len(self.keys)]}"}

    def load(
        self, work: Path, requests: Sequence[Request], *, connections: int, rate: float = 0.0
    ) -> dict[str, Any]:
        """Send requests from a process of their own and return what they cost."""
        file = work / "requests.json"
        file.write_text(json.dumps(requests), encoding="utf-8")
        before = self.ground.cpu(), tree_seconds(self.pid)
        words = [sys.executable, BENCH / "http_load.py", str(self.port), file,
                 str(connections), str(rate)]  # fmt: skip
        _, _, said = command(words)
        after = self.ground.cpu(), tree_seconds(self.pid)
        file.unlink()
        told = json.loads(said.strip().splitlines()[-1])
        found, times = told["found"], told["found"]["times"]
        count = len(times)
        return {
            "count": count,
            "rate": count / found["seconds"],
            "p50_ms": percentile(times, 0.5),
            "p99_ms": percentile(times, 0.99),
            "max_ms": max(times),
            "statuses": found["statuses"],
            "pg_us": (after[0] - before[0]) / count * 1e6,
            "python_us": (after[1] - before[1]) / count * 1e6,
            "client_us": told["steps"]["load"]["cpu"] / count * 1e6,
        }


@contextmanager
def serving(ground: Ground, work: Path, *, options: Sequence[str] = ()) -> Iterator[Service]:
    """Run the service on the server's data folder while the block runs."""
    huitouke = str(Path(sys.executable).with_name("huitouke"))
    where = ["--data-dir", str(ground.folder), "--lang", "en"]
    keys = tuple(
        _key(command([huitouke, "api-key", "create", f"till-{number}", "--scopes", "all",
                      *where])[2])
        for number in range(KEYS)
    )  # fmt: skip
    log = work / "serve.log"
    with log.open("w", encoding="utf-8") as lines:
        process = subprocess.Popen(
            [huitouke, "serve", "--port", "0", *where, *options], stdout=lines, stderr=lines
        )
        try:
            yield Service(ground, _port(log, process), process.pid, keys)
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_SECONDS)


def _key(said: str) -> str:
    found = re.search(r"hk_[A-Za-z0-9_-]{43}", said)
    if found is None:
        raise RuntimeError("no key was made")
    return found[0]


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8"))
        if found:
            return int(found[1])
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start: {log.read_text(encoding='utf-8')[-2000:]}")
