"""Stands between two ends of a connection and breaks it where the schedule says.

One kind for each protocol: in front of the service each connection carries one request; in
front of the database each ``COMMIT`` that passes is counted, on whatever connection.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
#: What may happen to a request: nothing; only half of it arrives; its answer is lost whole or
#: by half; both wait; it arrives twice, and one of the two answers is lost.
FATES = ("pass", "half request", "no answer", "half answer", "late", "twice")
LATE_SECONDS = 0.2


class Proxy:
    """Listens until closed; every connection has threads of its own.

    Parameters
    ----------
    upstream
        ``(host, port)``, or the path of a socket.
    """

    def __init__(self, upstream: tuple[str, int] | Path) -> None:
        self.upstream = upstream
        self.broken = 0
        self._numbers = itertools.count()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._listener = self._listen()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        return listener

    def __enter__(self):
        self._listener.listen(256)
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for each in left:
            self._end(each)
        for thread in list(self._threads):
            thread.join(10)

    def _start(self, act: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=act, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                number = next(self._numbers)
                self._start(self._serve, self._kept(client), number)

    def _kept(self, one: socket.socket) -> socket.socket:
        with self._lock:
            self._open.add(one)
        return one

    def connect(self) -> socket.socket:
        if isinstance(self.upstream, Path):
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(str(self.upstream))
        else:
            server = socket.create_connection(self.upstream, timeout=30)
        return self._kept(server)

    def _end(self, *ends: socket.socket) -> None:
        for each in ends:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                each.close()
            with self._lock:
                self._open.discard(each)

    def _serve(self, client: socket.socket, number: int) -> None:
        raise NotImplementedError


def _whole_request(client: socket.socket) -> bytes:
    """Read one request with the body that its head announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65_536)
        if not more:
            return data
        data += more
    head = data.partition(b"\r\n\r\n")[0]
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    wanted = len(head) + 4 + (lengths[0] if lengths else 0)
    while len(data) < wanted:
        data += client.recv(65_536)
    return data


class HttpProxy(Proxy):
    """Breaks requests: the n-th connection has the fate that the schedule gives it."""

    def __init__(self, upstream: tuple[str, int], *, fate: Callable[[int], str]) -> None:
        super().__init__(upstream)
        self.fate = fate

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _serve(self, client: socket.socket, number: int) -> None:
        fate = self.fate(number)
        self.broken += fate != "pass"
        try:
            request = _whole_request(client)
            if fate == "late":
                threading.Event().wait(LATE_SECONDS)
            if fate == "twice":
                self._start(self._ask, request)
            answer = self._ask(request, half=fate == "half request")
            if fate == "half answer":
                client.sendall(answer[: len(answer) // 2])
            elif fate not in {"half request", "no answer"}:
                client.sendall(answer)
        except OSError:
            pass
        finally:
            self._end(client)

    def _ask(self, request: bytes, half: bool = False) -> bytes:
        server = self.connect()
        answer = b""
        with suppress(OSError):
            server.sendall(request[: len(request) // 2] if half else request)
            if not half:
                # The service keeps connections open; the request asks it not to.
                while more := server.recv(65_536):
                    answer += more
        self._end(server)
        return answer


class DatabaseProxy(Proxy):
    """Breaks commits: the schedule says of the n-th one ``pass``, ``unsent`` or ``unheard``.

    An unsent commit never reaches the database, which undoes the work. An unheard one is
    done, and the connection ends before its reply.
    """

    def __init__(self, upstream: Path, *, place: Path, commit: Callable[[int], str]) -> None:
        self.place = place
        super().__init__(upstream)
        self.commit = commit
        self.commits = itertools.count()
        self._doomed: set[int] = set()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self.place))
        return listener

    def _serve(self, client: socket.socket, number: int) -> None:
        try:
            server = self.connect()
        except OSError:
            self._end(client)
            return
        self._start(self._answers, client, server, number)
        try:
            while data := client.recv(65_536):
                fate = self.commit(next(self.commits)) if COMMIT in data else "pass"
                self.broken += fate != "pass"
                if fate == "unsent":
                    break
                if fate == "unheard":
                    self._doomed.add(number)
                server.sendall(data)
        except OSError:
            pass
        if number not in self._doomed:
            self._end(client, server)

    def _answers(self, client: socket.socket, server: socket.socket, number: int) -> None:
        try:
            while data := server.recv(65_536):
                if number in self._doomed:
                    break
                client.sendall(data)
        except OSError:
            pass
        self._end(client, server)
