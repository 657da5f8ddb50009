"""How the service is: the database, the worker and its queue, the last checks and copies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from huitouke.service.core import audit

__all__ = ["BACKED_UP", "CHECKED", "Health", "health"]

#: Lines of the audit log that tell of a check of the ledger and of a backup.
CHECKED = ("ledger", "ledger.checked", "ledger.broken")
BACKED_UP = ("database", "backup.made")

_ALIVE = timedelta(seconds=60)
_LOOK = """
SELECT current_setting('server_version'), pg_database_size(current_database()), core_now(),
       (SELECT max(last_heartbeat) FROM procrastinate_workers),
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'
           AND (scheduled_at IS NULL OR scheduled_at <= core_now())),
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed')
"""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What is known of the running service at a moment.

    Parameters
    ----------
    at
        The moment.
    postgres
        Version of the database server.
    size_bytes
        Of the database.
    worker_at
        When a worker gave its last sign of life; None: never.
    worker_alive
        Whether that is less than a minute ago.
    waiting, failed
        Jobs that could run now, and jobs that were given up.
    checked, backed_up
        The last check of the ledger and the last backup, as the audit log tells them.
    """

    at: datetime
    postgres: str
    size_bytes: int
    worker_at: datetime | None
    worker_alive: bool
    waiting: int
    failed: int
    checked: audit.AuditLine | None
    backed_up: audit.AuditLine | None


def health() -> Health:
    """Return how the service is now."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK)
        version, size, at, seen, waiting, failed = cursor.fetchone()
    return Health(
        at=at,
        postgres=version.partition(" ")[0],
        size_bytes=size,
        worker_at=seen,
        worker_alive=seen is not None and at - seen < _ALIVE,
        waiting=waiting,
        failed=failed,
        checked=audit.latest(*CHECKED),
        backed_up=audit.latest(*BACKED_UP),
    )
