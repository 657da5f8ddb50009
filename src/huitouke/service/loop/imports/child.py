"""The process that works on one file: bounded, of low priority, ended with its parent."""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import django
import psycopg

from huitouke.service.loop.apart import end_with_the_parent, step_back

__all__ = ["BUSY", "main"]

#: The exit code of a process that found another one at work on the file.
BUSY = 75
_MEMORY_MOST = 4 << 30
_FILE_MOST = 8 << 30
_SPACE = 48_482
_PATIENCE = "20s"


def main() -> None:
    """Work on the file and the job that the words of the command line name."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    end_with_the_parent()
    step_back()
    _bound()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitouke.service.config.settings")
    django.setup()
    from huitouke.service.loop.imports.working import work  # noqa: PLC0415 - needs settings

    upload_id, asked = UUID(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    # A connection of its own: the lock is there for as long as this process is.
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as holder:
        # The process of the job before may be about to end.
        holder.execute("SELECT set_config('lock_timeout', %s, false)", [_PATIENCE])
        try:
            holder.execute(
                "SELECT pg_advisory_lock(%s, hashtext(%s))", [_SPACE, str(upload_id)]
            )
        except psycopg.errors.LockNotAvailable:
            sys.exit(BUSY)
        work(upload_id, asked=asked)


def _bound() -> None:
    """Bound memory and files: what a hostile file makes of this process ends here."""
    for kind, most in (
        (resource.RLIMIT_DATA, _MEMORY_MOST),
        (resource.RLIMIT_FSIZE, _FILE_MOST),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
