"""A real receiver on this machine, and what happened for it to hear of."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks import commands, courier

DEVELOPER = Actor("staff", "dev")


@dataclass
class Receiver:
    """Keeps what it was sent; answers what ``answer`` says."""

    url: str = ""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answer: Callable[[dict], tuple[int, str]] = lambda _: (200, "thanks")

    @property
    def told(self) -> list[str]:
        return [json.loads(body)["data"]["n"] for _, body in self.got]


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE = True
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kept.got.append(({k.lower(): v for k, v in self.headers.items()}, text))
            status, answer = kept.answer(json.loads(text))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", kept.url + "/elsewhere")
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hook(receiver, db) -> commands.NewEndpoint:
    return commands.subscribe(receiver.url, at=clock.now(), actor=DEVELOPER)


@pytest.fixture
def happen() -> Callable[..., None]:
    """Tell what happened to a subject: ``happen("cus_1", "a", "b", topic="points.earned")``."""

    def act(subject: str, *names: str, topic: str = "points.earned") -> None:
        tell([Happening(topic, subject, {"n": name}) for name in names])

    return act


@pytest.fixture
def work() -> Callable[[], int]:
    """Do what the worker does every few seconds; returns how many were taken."""

    def act() -> int:
        courier.collect()
        return sum(courier.deliver(each) for each in courier.due(at=clock.now()))

    return act
