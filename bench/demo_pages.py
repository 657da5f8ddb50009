"""Every page of the demo shop: what the server takes for each, asked by owner and member.

``python bench/demo_pages.py FOLDER`` starts ``huitouke demo`` on the folder (loaded once, in
minutes), signs in, follows every link and every part that a page fetches by itself, and asks
for each of them six times. Milliseconds are those of the server's own log, the least and the
middle one of the last five; CPU is of all processes of the shop, its database included, per
request. A machine that does other things adds to the former. Of pages that differ in their
places only (another customer, another month) one is asked for; of each address without its
places the slowest is told.
"""

from __future__ import annotations

import html
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from ledger_ground import tree_seconds

__all__ = ["Asked", "Demo", "Walk"]

ROUNDS = 6
#: Pages take no longer than this.
MOST_MS = 300
_LINE = re.compile(r"request_id=(\S+) method=GET route=(\S+) status=(\d+) ms=([\d.]+)")
_LINK = re.compile(r'\b(href|hx-get)="([^"#]*)')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_PLACE = re.compile(r"\b[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}\b|\b\d+\b|[0-9a-f]{8}-[0-9a-f-]{27}")
_STARTS = ("/", "/look", "/staff/", "/my/")
_LEFT_OUT = re.compile(r"/static/|/sign-out|/media/|\.(css|js|svg|png|ico|webmanifest)$")


class Demo:
    """A running demo shop and what it logs.

    Parameters
    ----------
    process
        The demo, with its output in a pipe.
    folder
        Where its data are.
    """

    def __init__(self, process: subprocess.Popen[str], *, folder: Path) -> None:
        self.base = ""
        self.taken: dict[str, tuple[str, int, float]] = {}
        self.codes: list[str] = []
        self.folder = folder
        self._process = process
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def wait(self) -> None:
        """Wait until it answers."""
        if not self._ready.wait(1_800):
            raise TimeoutError

    def cpu(self) -> float:
        """Return the CPU seconds that the shop has used so far, its database included."""
        text = (self.folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8")
        return tree_seconds(self._process.pid) + tree_seconds(int(text.split()[0]))

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := _LINE.search(line):
                name, route, status, ms = found.groups()
                self.taken[name] = (route, int(status), float(ms))
            elif line.startswith("[message to"):
                self.codes += re.findall(r"\b\d{6}\b", line)[:1]
            elif not self.base and (address := re.search(r"http://127\.0\.0\.1:\d+", line)):
                self.base = address[0]
            elif "/my" in line and self.base:
                self._ready.set()


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """Serve the demo shop while the block runs."""
    words = [sys.executable, "-m", "huitouke.cli.main"]
    if (beside := Path(sys.executable).parent / "huitouke").exists():
        words = [str(beside)]
    process = subprocess.Popen(
        [*words, "demo", "--shop", "simulated", "--data-dir", str(folder), "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        demo = Demo(process, folder=folder)
        demo.wait()
        yield demo
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@dataclass
class Asked:
    """One address and what it took: the page's route, its kind, milliseconds."""

    url: str
    part: bool
    route: str = ""
    status: int = 0
    kind: str = ""
    bytes: int = 0
    cpu_ms: float = 0.0
    times: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """The middle of the last five."""
        return median(self.times[1:] or self.times)


class Walk:
    """A browser that follows links.

    Parameters
    ----------
    demo
        The shop.
    """

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def sign_in(self, email: str, password: str) -> None:
        """Sign in as one of the staff."""
        page = self._text("/staff/sign-in")
        form = {"login": email, "password": password}
        self._post("/staff/sign-in", page=page, form=form)

    def sign_in_member(self, phone: str) -> None:
        """Sign in as a member, with the code that the demo shows."""
        before = len(self._demo.codes)
        page = self._text("/my/sign-in")
        page = self._post("/my/sign-in", page=page, form={"address": phone, "next": "/my/"})
        for _ in range(100):
            if len(self._demo.codes) > before:
                break
            time.sleep(0.1)
        self._post("/my/code", page=page, form={"code": self._demo.codes[-1], "next": "/my/"})

    def ask(self, asked: Asked) -> str:
        """Ask for an address once, note what it took, and return what it says."""
        request = urllib.request.Request(self._demo.base + asked.url)
        request.add_header("Accept", "text/html")
        if asked.part:
            request.add_header("HX-Request", "true")
        try:
            with self._opener.open(request) as answer:
                body, headers, last = answer.read(), answer.headers, answer.url
        except urllib.error.HTTPError as error:
            body, headers, last = error.read(), error.headers, asked.url
        asked.url = last.removeprefix(self._demo.base) if "://" in last else last
        asked.kind, asked.bytes = headers.get_content_type(), len(body)
        name = headers["X-Request-Id"]
        for _ in range(200):
            if name in self._demo.taken:
                break
            time.sleep(0.005)
        asked.route, asked.status, ms = self._demo.taken[name]
        asked.times.append(ms)
        return body.decode("utf-8", "replace") if asked.kind == "text/html" else ""

    def found(self) -> list[Asked]:
        """Return every page and part that links lead to, each asked for once."""
        waiting = [Asked(start, part=False) for start in _STARTS]
        known, all_of_them = {_shape(each) for each in waiting}, []
        while waiting:
            one = waiting.pop(0)
            text = self.ask(one)
            all_of_them.append(one)
            for how, link in _LINK.findall(text):
                url = urllib.parse.urljoin(one.url, html.unescape(link))
                if "://" in url or not url.startswith("/") or _LEFT_OUT.search(url):
                    continue
                new = Asked(url, part=how == "hx-get")
                if _shape(new) not in known:
                    known.add(_shape(new))
                    waiting.append(new)
        return all_of_them

    def _text(self, path: str) -> str:
        with self._opener.open(self._demo.base + path) as answer:
            return str(answer.read(), "utf-8")

    def _post(self, path: str, *, page: str, form: dict[str, str]) -> str:
        token = _TOKEN.search(page)
        assert token is not None
        data = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token[1]}).encode()
        request = urllib.request.Request(self._demo.base + path, data=data)
        request.add_header("Referer", self._demo.base + path)
        with self._opener.open(request) as answer:
            return str(answer.read(), "utf-8")


def _shape(asked: Asked) -> tuple[str, bool]:
    path, _, query = asked.url.partition("?")
    names = sorted(
        f"{name}={value}" if len(value) < 20 and not value.isdecimal() else name
        for name, value in urllib.parse.parse_qsl(query)
        if name != "next"
    )
    return f"{_PLACE.sub('*', path)}?{'&'.join(names)}", asked.part


def _measured(walk: Walk, *, demo: Demo) -> list[Asked]:
    pages = walk.found()
    for each in pages:
        before = demo.cpu()
        for _ in range(ROUNDS - 1):
            walk.ask(each)
        each.cpu_ms = (demo.cpu() - before) * 1000 / (ROUNDS - 1)
    return pages


def _table(title: str, pages: list[Asked]) -> None:
    slowest: dict[tuple[str, str], Asked] = {}
    for each in pages:
        live = " up to this moment" if "as_of=latest" in each.url else ""
        place = (each.route, live or (" (part)" if each.part else ""))
        if place not in slowest or each.middle > slowest[place].middle:
            slowest[place] = each
    sys.stdout.write(
        f"\n{title}\n\n| address | least ms | middle ms | CPU ms | status | kB |\n"
    )
    sys.stdout.write("| --- | --: | --: | --: | --: | --: |\n")
    for (route, mark), each in sorted(slowest.items(), key=lambda one: -one[1].middle):
        over = "**" if each.middle >= MOST_MS else ""
        sys.stdout.write(
            f"| `{route}`{mark} | {min(each.times[1:]):.0f} | {over}{each.middle:.0f}{over} |"
            f" {each.cpu_ms:.0f} | {each.status} | {each.bytes / 1000:.0f} |\n"
        )
    all_times = [each.middle for each in pages]
    slow = sum(each >= MOST_MS for each in all_times)
    costly = sum(each.cpu_ms >= MOST_MS for each in pages)
    sys.stdout.write(
        f"\n{len(pages)} addresses asked for, {len(slowest)} kinds of page; the middle one"
        f" takes {median(all_times):.0f} ms, {slow} take {MOST_MS} ms or more,"
        f" {costly} take so much CPU. Load of the"
        f" machine with {os.cpu_count()} processors: {os.getloadavg()[0]:.1f}.\n"
    )


def main(folder: Path) -> None:
    """Ask for everything, as the owner and as a member."""
    with running(folder) as demo:
        known = json.loads((folder / "sign-ins.json").read_text(encoding="utf-8"))
        owner, member = Walk(demo), Walk(demo)
        owner.sign_in(known["emails"]["owner"], known["password"])
        _table("As the owner", _measured(owner, demo=demo))
        member.sign_in_member(known["member"])
        _table(
            "As a member",
            [each for each in _measured(member, demo=demo) if "/my" in each.route],
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("demo"))
