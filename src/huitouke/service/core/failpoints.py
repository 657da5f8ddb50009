"""Places where a test may stop or slow the running service, to show that nothing is lost.

``HUITOUKE_FAILPOINT=before_commit:exit`` ends the process as ``kill -9`` would, the first
time it passes that place; ``before_commit:exit@7`` the seventh time;
``after_lock:sleep-200`` waits 200 ms each time. Honoured only together with
``HUITOUKE_TEST_FAILPOINTS=1``; the server refuses to start so outside the loopback.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from functools import cache

__all__ = ["failpoint"]

_KILLED = 137


@dataclass
class _Armed:
    name: str
    sleep_ms: int | None
    at: int
    passed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pass_by(self) -> None:
        with self.lock:
            self.passed += 1
            reached = self.passed >= self.at
        if not reached:
            return
        if self.sleep_ms is None:
            os._exit(_KILLED)
        time.sleep(self.sleep_ms / 1_000)


@cache
def _armed() -> _Armed | None:
    text = os.environ.get("HUITOUKE_FAILPOINT", "")
    if not text or os.environ.get("HUITOUKE_TEST_FAILPOINTS") != "1":
        return None
    name, _, act = text.partition(":")
    act, _, at = act.partition("@")
    what, _, milliseconds = act.partition("-")
    sleep_ms = int(milliseconds or "0") if what == "sleep" else None
    return _Armed(name, sleep_ms, int(at or "1"))


def failpoint(name: str) -> None:
    """Pass a place where a test may fail; nothing happens in a real service.

    Parameters
    ----------
    name
        Of the place, e.g. ``"after_lock"``, ``"before_commit"``, ``"after_commit"``.
    """
    armed = _armed()
    if armed is not None and armed.name == name:
        armed.pass_by()
