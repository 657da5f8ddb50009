"""Background work of the members' door: codes and sessions that are over are forgotten."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from huitouke.service.portal.signing import codes, sessions

__all__ = ["forget"]


@app.periodic(cron="25 3 * * *")
@app.task(queueing_lock="portal.forget", name="portal.forget")
def forget(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands over the moment
    """Forget what is over; it may run twice."""
    close_old_connections()
    codes.forget_old()
    sessions.forget_old()
