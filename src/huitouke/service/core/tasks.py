"""Background work on background work: jobs whose worker died are done again."""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

__all__ = ["rescue"]


@app.periodic(cron="* * * * *")
@app.task(queue="rescue", queueing_lock="core.rescue", name="core.rescue", pass_context=False)
async def rescue(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands over the moment
    """Queue anew every job whose worker has given no sign of life for a minute.

    All background work here may run twice: what it does is kept under natural keys.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=60):
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            # The next job of its kind waits already, for nothing but the end of this one.
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
