"""A small simulated shop, loaded once by the command itself, as a user would have it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from huitouke.service.config.embedded import embedded_postgres

RUN = [sys.executable, "-c", "from huitouke.cli.main import main; main()"]
READY = "delete it to have"
ANSWERS = re.compile(r"answers at (http://\S+) ")


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUITOUKE", "DATABASE"))}
    return kept | more


@dataclass
class Demo:
    """A running demo: what it says, and its address."""

    process: subprocess.Popen[str]
    until: str
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

    def get(self, path, *, key):
        request = urllib.request.Request(  # noqa: S310 - our own
            self.address + path, headers={"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)


@pytest.fixture
def huitouke():
    """Run a command to its end."""

    def act(*words):
        return subprocess.run(
            [*RUN, *words],
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
            timeout=300,
        )

    return act


@pytest.fixture(scope="session")
def run_demo():
    """Start the demo on a folder, wait until it answers, and end it with the block."""
    running = []

    def act(folder, *words, until=READY):
        process = subprocess.Popen(
            [*RUN, "demo", "--data-dir", str(folder), "--lang", "en", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
        )
        demo = Demo(process, until)
        thread = threading.Thread(target=demo.listen)
        thread.start()
        running.append((demo, thread))
        assert demo.ready.wait(300)
        assert until in demo.said, demo.said
        return demo

    yield act
    for demo, thread in running:
        if demo.process.poll() is None:
            demo.process.terminate()
        demo.process.wait(60)
        thread.join()
        demo.process.stdout.close()


@pytest.fixture(scope="session")
def folders():
    # Not under pytest's own folder: under root PostgreSQL runs as another user.
    with TemporaryDirectory(prefix="huitouke-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def shop_folder(folders):
    return folders / "shop"


@pytest.fixture(scope="session")
def loaded(run_demo, shop_folder):
    """The small shop, being served."""
    return run_demo(shop_folder, "--customers", "200")


@pytest.fixture
def database(loaded, shop_folder):
    """A connection to the small shop's database."""
    with (
        embedded_postgres(shop_folder) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        yield connection
