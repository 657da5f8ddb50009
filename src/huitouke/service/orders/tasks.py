"""What orders do by themselves: every night the sums are compared with the orders."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from huitouke.service.core import audit
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.ids import public_id
from huitouke.service.orders.checks import differing, mend

__all__ = ["check_sums"]

_NAMED = 20


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="orders.check", name="orders.check")
def check_sums(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands over the moment
    """Compare what is kept of customers' orders with the orders; make anew what differs.

    What differed stands in the audit log: it should never happen.
    """
    close_old_connections()
    wrong = differing()
    if wrong:
        mend(wrong)
        audit.note(
            "order.sums_mended",
            actor=SYSTEM,
            target="orders",
            facts={
                "number": len(wrong),
                "first": [public_id("cus", customer) for customer in wrong[:_NAMED]],
            },
        )
