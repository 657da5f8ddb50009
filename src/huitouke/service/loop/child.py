"""The process that analyses: started by ``running``, it ends with the one that started it."""

from __future__ import annotations

import logging
import os
import signal
import sys
from uuid import UUID

import django
import psycopg

from huitouke.service.loop.apart import end_with_the_parent, step_back

__all__ = ["main"]

_log = logging.getLogger("huitouke.analysis")


def main() -> None:
    """Work on the analysis whose id is the first word of the command line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    end_with_the_parent()
    step_back()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitouke.service.config.settings")
    django.setup()
    from huitouke.service.loop import locks, running  # noqa: PLC0415 - needs the settings

    # A connection of its own: the lock is there for as long as this process is.
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as holder:
        row = holder.execute("SELECT pg_try_advisory_lock(%s)", [locks.RUNNING]).fetchone()
        if row is None or not row[0]:
            sys.exit(running.BUSY)
        _work(UUID(sys.argv[1]))


def _work(analysis_id: UUID) -> None:
    from django.db import transaction  # noqa: PLC0415 - needs the settings

    from huitouke.errors import HuitoukeError  # noqa: PLC0415
    from huitouke.service.core import clock  # noqa: PLC0415
    from huitouke.service.core.failpoints import failpoint  # noqa: PLC0415
    from huitouke.service.loop import bridge, running, steps  # noqa: PLC0415
    from huitouke.service.loop.models import Analysis  # noqa: PLC0415

    analysis = running.begin(analysis_id, at=clock.now())
    if analysis is None:
        return

    def tell(step: str) -> None:
        Analysis.objects.filter(id=analysis_id, attempts=analysis.attempts).update(
            step=step, share=steps.SHARES[step]
        )
        failpoint(f"analysis_{step}")

    try:
        bridge.analyse(analysis, tell=tell)
    except HuitoukeError as error:
        with transaction.atomic():
            found = Analysis.objects.select_for_update().get(id=analysis_id)
            running.fail(found, error, at=clock.now())
    except bridge.LostHold:
        _log.warning("another process took the analysis over")
