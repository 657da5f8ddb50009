"""What runs by itself: the change of days, the books, holds that run out, referrals."""

from __future__ import annotations

from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate.contrib.django import app

from huitouke.service.core import clock
from huitouke.service.programme.economics.closings import close_due
from huitouke.service.programme.errands.jobs import programme_errand
from huitouke.service.programme.events import days
from huitouke.service.programme.rewards import code_returns, jobs

__all__ = [
    "programme_books",
    "programme_errand",
    "programme_holds",
    "programme_referrals",
    "programme_tick",
]


def _tick() -> None:
    days.tick(at=clock.now())


def _holds() -> None:
    at = clock.now()
    jobs.expire_holds(at=at)
    code_returns.expire_code_holds(at=at)


def _books() -> None:
    close_due(at=clock.now())


def _referrals() -> None:
    jobs.reward_referrals(at=clock.now())


async def _run(work: Callable[[], None]) -> None:
    def fresh() -> None:
        close_old_connections()
        try:
            work()
        finally:
            close_old_connections()

    await sync_to_async(fresh)()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="programme.tick", lock="programme.tick", name="programme.tick")
async def programme_tick(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's moment
    """Do what time has made due; what is due, the database's clock decides."""
    await _run(_tick)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="programme.holds", lock="programme.holds", name="programme.holds")
async def programme_holds(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's moment
    """Let go redemptions and codes that were not completed in time."""
    await _run(_holds)


@app.periodic(cron="5-59/10 * * * *")
@app.task(
    queueing_lock="programme.referrals", lock="programme.referrals", name="programme.referrals"
)
async def programme_referrals(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's moment
    """Pay referrals whose return window is over."""
    await _run(_referrals)


@app.periodic(cron="20 * * * *")
@app.task(queueing_lock="programme.books", lock="programme.books", name="programme.books")
async def programme_books(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's moment
    """Close the books of the day before, once, in each programme's own zone."""
    await _run(_books)
