"""A load generator: one thread, many kept-alive connections, requests made beforehand.

    python bench/http_load.py PORT REQUESTS.json CONNECTIONS RATE

The file holds ``[[method, path, headers, body], …]``. Each request is sent once. RATE 0 sends
the next one on a connection as soon as it has answered (closed loop); otherwise requests
fall due RATE times a second whatever the server does, and the time of an answer counts from
when its request was due. What this process used of the processor is told beside what it
found, for it shares the machine with the server.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Load", "drive", "request_bytes"]

_TAKE = 1 << 18


def request_bytes(method: str, path: str, *, headers: dict[str, str], body: str) -> bytes:
    """Return a request as it goes over the wire.

    >>> request_bytes("GET", "/x", headers={"A": "b"}, body="")
    b'GET /x HTTP/1.1\\r\\nHost: localhost\\r\\nA: b\\r\\n\\r\\n'
    """
    sent = body.encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if sent:
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + sent


@dataclass
class Load:
    """What came back: milliseconds of each request, how often each status, bytes received."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    received: int = 0
    seconds: float = 0.0


class _Line:
    """One connection, with at most one request on the way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self.got = bytearray()
        self.needs = 0

    def send(self, request: bytes, *, since: float) -> None:
        self.began = since
        self.got.clear()
        self.needs = 0
        self.socket.sendall(request)

    def read(self) -> int | None:
        """Take what has come; the status once the answer is whole."""
        part = self.socket.recv(_TAKE)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.got += part
        if not self.needs:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = bytes(self.got[:end]).lower()
            length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            self.needs = end + 4 + int(length or b"0")
        return int(self.got[9:12]) if len(self.got) >= self.needs else None


def drive(port: int, requests: list[bytes], *, connections: int, rate: float = 0.0) -> Load:
    """Send every request once and return what came back."""
    load, waiting = Load(), deque(requests)
    chosen = selectors.DefaultSelector()
    idle: deque[_Line] = deque()
    for _ in range(min(connections, len(requests))):
        line = _Line(port)
        chosen.register(line.socket, selectors.EVENT_READ, line)
        idle.append(line)
    began = time.perf_counter()
    sent = 0
    while len(load.times) < len(requests):
        now = time.perf_counter()
        while idle and waiting and (not rate or began + sent / rate <= now):
            since = began + sent / rate if rate else time.perf_counter()
            idle.popleft().send(waiting.popleft(), since=since)
            sent += 1
        patience = None
        if rate and waiting and idle:
            patience = max(0.0, began + sent / rate - time.perf_counter())
        for key, _ in chosen.select(patience):
            line = key.data
            status = line.read()
            if status is not None:
                load.times.append((time.perf_counter() - line.began) * 1_000)
                load.statuses[status] += 1
                load.received += len(line.got)
                idle.append(line)
    load.seconds = time.perf_counter() - began
    for key in list(chosen.get_map().values()):
        key.data.socket.close()
    chosen.close()
    return load


def main() -> None:
    """Do what the command line says and print what was found, for ``measure.run``."""
    from measure import Clock

    port, file, connections, rate = sys.argv[1:5]
    given = json.loads(Path(file).read_text(encoding="utf-8"))
    requests = [
        request_bytes(method, path, headers=headers, body=body)
        for method, path, headers, body in given
    ]
    clock = Clock()
    with clock.step("load"):
        load = drive(int(port), requests, connections=int(connections), rate=float(rate))
    clock.tell(
        times=[round(each, 3) for each in load.times],
        statuses={str(status): count for status, count in load.statuses.items()},
        received=load.received,
        seconds=load.seconds,
    )


if __name__ == "__main__":
    main()
