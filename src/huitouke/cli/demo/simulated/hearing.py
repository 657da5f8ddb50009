"""A receiver of webhooks for the simulated shop, so that the delivery log tells something.

It listens on this machine while the shop is being loaded, refuses some of what it is sent, and
is gone afterwards: its webhook is switched off then, and nothing is sent from a demo.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.webhooks import commands as webhooks
from huitouke.service.core.webhooks import courier

__all__ = ["heard"]

_TOPICS = ("tier.*", "reward.*", "points.adjusted")
_EVERY = 5


class _Receiver(BaseHTTPRequestHandler):
    """Takes what is sent, and refuses every fifth."""

    heard = 0

    def do_POST(self) -> None:
        """Answer one delivery."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).heard += 1
        busy = type(self).heard % _EVERY == 0
        self.send_response(HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.OK)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing: the delivery log tells it."""


@contextmanager
def heard(*, actor: Actor) -> Iterator[None]:
    """Have what happens while the block runs sent to a receiver on this machine.

    Parameters
    ----------
    actor
        Who subscribes.
    """
    # What happened before the webhook was there is nobody's news any more.
    courier.collect()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        made = webhooks.subscribe(
            f"http://127.0.0.1:{server.server_address[1]}/hillside",
            at=clock.now(),
            actor=actor,
            topics=_TOPICS,
            description="Hillside Tea CRM",
        )
        yield
        courier.collect()
        for delivery in courier.due(at=clock.now()):
            courier.deliver(delivery)
        webhooks.change(made.record.id, at=clock.now(), actor=actor, active=False)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
