"""What the client knows: every request before it is sent, every answer after it came.

The book is a file outside the database, only ever added to. From it alone the state is
worked out that the server must show, member by member.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Ask:
    """One request, the same however often it is sent."""

    n: int
    what: str
    path: str
    body: Any
    key: str | None = None
    who: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


class Book:
    """The file; one line for each thing that happened, written at once."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self._last = 0

    def number(self) -> int:
        with self._lock:
            self._last += 1
            return self._last

    def write(self, **line: Any) -> None:
        data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            os.write(self._file, data)

    def asked(self, ask: Ask) -> None:
        self.write(e="ask", **vars(ask))

    def sent(self, ask: Ask) -> None:
        self.write(e="send", n=ask.n)

    def answered(self, ask: Ask, *, status: int, text: str) -> None:
        self.write(e="answer", n=ask.n, status=status, text=text)

    def lost(self, ask: Ask, *, why: str) -> None:
        self.write(e="lost", n=ask.n, why=why)

    def lines(self) -> Iterator[dict[str, Any]]:
        with self.place.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def close(self) -> None:
        os.close(self._file)


#: Codes of answers that decide nothing: the same request is to be sent again.
PASSING = frozenset(
    {"idempotency_running", "facts_busy", "overloaded", "database_away", "rate_limited"}
)


def passing(status: int, text: str) -> bool:
    """Say whether an answer leaves open what becomes of the request."""
    if status in {429, 503}:
        return True
    if status != 409:
        return False
    return json.loads(text).get("code") in PASSING


def same(first: tuple[int, str], again: tuple[int, str]) -> bool:
    """Say whether two answers are one; only the number of the request may differ."""
    if first == again:
        return True
    if first[0] != again[0]:
        return False
    one, other = json.loads(first[1]), json.loads(again[1])
    for each in (one, other):
        if isinstance(each, dict):
            each.pop("request_id", None)
    return bool(one == other)
