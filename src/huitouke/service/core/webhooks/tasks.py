"""Background work of webhooks: look every few seconds, send each delivery on its own."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from huitouke.service.core import clock
from huitouke.service.core.webhooks import courier

__all__ = ["forget_old", "send_one", "tick"]


@app.periodic(cron="* * * * * */5")
@app.task(queue="webhooks", queueing_lock="webhooks.tick", name="webhooks.tick")
def tick(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands over the moment
    """Make deliveries of what happened, and queue those that are due."""
    courier.collect()
    for delivery_id in courier.due(at=clock.now()):
        try:
            send_one.configure(queueing_lock=f"webhook:{delivery_id}").defer(
                delivery=str(delivery_id)
            )
        except AlreadyEnqueued:
            continue


@app.task(queue="webhooks", name="webhooks.send_one")
def send_one(delivery: str) -> None:
    """Send one delivery, and what waited behind it.

    Parameters
    ----------
    delivery
        Its id inside.
    """
    courier.deliver(UUID(delivery))


@app.periodic(cron="17 3 * * *")
@app.task(queue="webhooks", queueing_lock="webhooks.forget", name="webhooks.forget_old")
def forget_old(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Remove what ended long ago."""
    courier.forget(at=clock.now())
