"""Work in a process of its own: what it finds, and that it ends with who started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

__all__ = ["end", "end_with_the_parent", "environment", "step_back"]

_GRACE_SECONDS = 8.0
_LOWER_PRIORITY = 10
#: Where memory runs out, this process goes before the database and the doors.
_FIRST_TO_GO = "800"


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of our own, politely first.

    Parameters
    ----------
    process
        Which.
    """
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()


def environment(folder: Path) -> dict[str, str]:
    """Return what the process finds: this database, its own folder, one thread for sums.

    Parameters
    ----------
    folder
        Takes its temporary files.
    """
    parameters: dict[str, Any] = connection.get_connection_params()
    known = ("dbname", "user", "password", "host", "port", "options", "sslmode", "sslrootcert")
    parts = {name: parameters[name] for name in known if parameters.get(name)}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **os.environ,
        **one,
        "DATABASE_URL": make_conninfo(**parts),
        "TMPDIR": str(folder),
        # An allocator with an arena per thread keeps what it no longer needs.
        "MALLOC_ARENA_MAX": "2",
    }


def end_with_the_parent() -> None:
    """End when the other end of standard input does, however that comes about."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 64):
            continue
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def step_back() -> None:
    """Let everybody else go first, for the processor and for memory."""
    with suppress(OSError):
        os.nice(_LOWER_PRIORITY)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")
