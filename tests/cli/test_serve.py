"""``huitouke serve``: everything with one command, and nothing left when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

RUN = [sys.executable, "-c", "from huitouke.cli.main import main; main()"]
ANSWERS = re.compile(r"answers at (http://\S+) ")


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUITOUKE", "DATABASE"))}
    return kept | more


def huitouke(*words, **more):
    return subprocess.run(
        [*RUN, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(**more),
        timeout=120,
    )


@dataclass
class Served:
    """A running service: its process, what it says, its address."""

    folder: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    address: str = ""
    ready: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line)
            found = ANSWERS.search(line)
            if found:
                self.address = found[1]
                self.ready.set()
        self.ready.set()

    def get(self, path):
        request = urllib.request.Request(self.address + path)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def until(self, seen):
        """Look until it is so: the service does it in its own time."""
        for _ in range(600):
            try:
                if seen():
                    return
            except OSError:
                pass
            self.process.poll()
            threading.Event().wait(0.1)
        pytest.fail("it did not come to be:\n" + "".join(self.lines))

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


@pytest.fixture
def start(tmp_path):
    """Start the service and wait until it answers."""
    started = []

    def act(*words, folder=tmp_path, **more):
        process = subprocess.Popen(
            [*RUN, "serve", "--port", "0", "--data-dir", str(folder), "--lang", "en", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(**more),
        )
        served = Served(folder, process)
        thread = threading.Thread(target=served.listen)
        thread.start()
        started.append((served, thread))
        assert served.ready.wait(90)
        assert served.address, "".join(served.lines)
        return served

    yield act
    for served, thread in started:
        if served.process.poll() is None:
            served.process.terminate()
        served.process.wait(60)
        thread.join()
        served.process.stdout.close()


def test_it_answers_and_ends_with_all_it_started(start):
    served = start("--workers", "1")
    pids = served.pids()

    status, said = served.get("/healthz")
    served.process.send_signal(signal.SIGTERM)
    code = served.process.wait(60)

    assert (status, said["status"], said["database"]) == (200, "ok", "ok")
    assert len(pids) >= 5  # itself, the server and its process, the worker, PostgreSQL
    assert code == 0
    assert served.alive(pids) == set()
    assert "api-key create" in "".join(served.lines)


def test_nothing_is_left_when_it_is_killed_and_the_next_one_starts(start):
    first = start("--workers", "1")
    pids = first.pids()

    first.process.kill()
    first.process.wait(60)
    postgres = {int((first.folder / "postgres/postmaster.pid").read_text().split()[0])}
    first.until(lambda: first.alive(pids - postgres) == set())
    second = start("--no-worker", "--workers", "1")

    assert second.get("/healthz")[0] == 200
    pids = second.pids()
    second.process.terminate()
    assert second.process.wait(60) == 0
    assert second.alive(pids) == set()


def test_a_child_or_a_database_that_was_killed_comes_back(start):
    served = start("--workers", "1")
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    children = {
        "http" if "child http" in row else "worker": int(row.split()[0])
        for row in listing
        if int(row.split()[1]) == served.process.pid
    }

    os.kill(children["http"], signal.SIGKILL)
    served.until(lambda: "http" in "".join(served.lines).partition("ended")[0][-40:])
    served.until(lambda: served.get("/healthz")[0] == 200)
    os.kill(
        int((served.folder / "postgres/postmaster.pid").read_text().split()[0]), signal.SIGKILL
    )
    served.until(lambda: "runs again" in "".join(served.lines))

    served.until(lambda: served.get("/healthz")[0] == 200)


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        done = huitouke("serve", "--port", port, "--data-dir", str(tmp_path), "--lang", "en")

    assert done.returncode == 2
    assert "[cli.port_taken]" in done.stderr


@pytest.mark.parametrize(
    ("words", "variables", "code"),
    [
        (
            ["--host", "0.0.0.0"],  # noqa: S104 - it is refused
            {"HUITOUKE_DEBUG_PAGES": "1"},
            "config.debug_in_public",
        ),
        ([], {"HUITOUKE_SECRET_KEY": "short"}, "config.secret_missing"),
        ([], {"HUITOUKE_POOL_SIZE": "90"}, "config.connections_too_few"),
        ([], {"HUITOUKE_POOL_SIZE": "none"}, "config.setting_unreadable"),
    ],
)
def test_it_refuses_to_start_unsafely(tmp_path, words, variables, code):
    data = ["--data-dir", str(tmp_path)]

    done = huitouke("serve", "--port", "0", *data, *words, "--lang", "zh", **variables)

    assert done.returncode == 2
    assert f"[{code}]" in done.stderr
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_database_that_does_not_answer_is_told():
    done = huitouke(
        "migrate", "--lang", "en", DATABASE_URL="postgresql://ann:hush@127.0.0.1:1/shop"
    )

    assert done.returncode == 2
    assert "[config.database_unreachable]" in done.stderr
    assert "hush" not in done.stderr


def test_two_starts_at_once_make_one_database(tmp_path):
    both = [
        subprocess.Popen(
            [*RUN, "migrate", "--data-dir", str(tmp_path), "--lang", "en"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
        )
        for _ in range(2)
    ]

    said = [each.communicate(timeout=120)[0] for each in both]

    assert [each.returncode for each in both] == [0, 0], said
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
