"""The command as a user runs it: to its end, or serving until the test is over."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

RUN = [sys.executable, "-c", "from huitouke.cli.main import main; main()"]
ANSWERS = re.compile(r"answers at (http://\S+) ")


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUITOUKE", "DATABASE"))}
    return kept | more


def huitouke(*words, **more):
    """Run a command to its end."""
    return subprocess.run(
        [*RUN, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(**more),
        timeout=300,
    )


@dataclass
class Served:
    """A running service: its folder and process, what it says, its address."""

    folder: Path
    process: subprocess.Popen[str]
    until: str = "answers at"
    lines: list[str] = field(default_factory=list)
    address: str = ""
    ready: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line)
            found = ANSWERS.search(line)
            if found:
                self.address = found[1]
            if self.until in line:
                self.ready.set()
        self.ready.set()

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def get(self, path, *, key=""):
        request = urllib.request.Request(  # noqa: S310 - our own
            self.address + path, headers={"Authorization": f"Bearer {key}"} if key else {}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def wait_until(self, seen):
        """Look until it is so: the service does it in its own time."""
        for _ in range(600):
            try:
                if seen():
                    return
            except OSError:
                pass
            self.process.poll()
            threading.Event().wait(0.1)
        pytest.fail("it did not come to be:\n" + self.said)

    def pids(self):
        """Every process that belongs to it, PostgreSQL's first one included."""
        listing = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(None, 3) for line in listing.stdout.splitlines()]
        rows = [row for row in rows if not row[2].startswith("Z")]
        found = {self.process.pid}
        for _ in range(4):
            found |= {int(row[0]) for row in rows if int(row[1]) in found}
        return found | {int(row[0]) for row in rows if f"-D {self.folder}/" in row[3]}

    def alive(self, pids):
        states = subprocess.run(
            ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, pids))],
            capture_output=True,
            text=True,
            check=False,
        )
        rows = [line.split() for line in states.stdout.splitlines()]
        return {int(pid) for pid, state in rows if not state.startswith("Z")}


@contextmanager
def many(seconds: float) -> Iterator:
    """Give what starts a command that serves; all it started end with the block."""
    started = []
    # Whoever runs the tests in the background has Ctrl-C ignored, and children inherit it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(folder, *words, until="answers at", **more):
        process = subprocess.Popen(
            [*RUN, *words, "--data-dir", str(folder), "--lang", "en"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(**more),
        )
        served = Served(folder, process, until)
        thread = threading.Thread(target=served.listen)
        thread.start()
        started.append((served, thread))
        assert served.ready.wait(seconds)
        assert until in served.said, served.said
        return served

    yield start
    for served, thread in started:
        if served.process.poll() is None:
            served.process.terminate()
        served.process.wait(60)
        thread.join()
        served.process.stdout.close()
