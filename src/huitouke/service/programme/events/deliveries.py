"""Goods arrived: points that waited for them get their day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.units import unit
from huitouke.service.programme.events.purchases import Bought, Earning
from huitouke.service.programme.events.rulebook import Rules
from huitouke.service.programme.events.writing import op_key
from huitouke.service.programme.rules.definition import Delivered
from huitouke.service.programme.rules.expiry import delivered_at, expires_at, timing_of

__all__ = ["activate_due", "deliver"]

_DATE = """
UPDATE programme_orderearning SET due_at = %b, due_expires_at = %b::timestamptz
WHERE order_id = %b AND rule = %b AND unit = %b AND waits_for <> ''
"""
_DUE = """
SELECT e.order_id, e.rule, e.unit, e.op_key, e.due_at, e.due_expires_at, m.customer_id,
  g.code
FROM programme_orderearning e
JOIN programme_purchase p ON p.order_id = e.order_id
JOIN programme_membership m ON m.id = p.membership_id
JOIN programme_programme g ON g.id = m.programme_id
WHERE e.due_at <= %b ORDER BY e.due_at, e.order_id, e.rule LIMIT %b
FOR UPDATE OF e SKIP LOCKED
"""
_DONE = """
UPDATE programme_orderearning SET due_at = NULL, waits_for = ''
WHERE order_id = %b AND rule = %b AND unit = %b
"""


def deliver(
    earning: Earning, *, bought: Bought, rules: Rules, at: datetime
) -> dict[str, Any] | None:
    """Give points that wait for delivery their day; :func:`activate_due` keeps it.

    Parameters
    ----------
    earning
        What a rule gave for the order.
    bought
        The order.
    rules
        Of the purchase.
    at
        When the goods arrived.

    Returns
    -------
    dict or None
        What the sender is told; none if the rule does not wait.
    """
    rule = rules.definition.rule(earning.rule)
    timing = None if rule is None else timing_of(rule, definition=rules.definition)
    if timing is None or not isinstance(timing.pending, Delivered):
        return None
    zone = rules.definition.zone_info
    available = delivered_at(timing.pending, paid_at=bought.paid_at, delivered_at=at, zone=zone)
    expires = expires_at(timing.expiry, available_at=available, zone=zone)
    with connection.cursor() as cursor:
        cursor.execute(_DATE, [available, expires, bought.order, earning.rule, earning.unit])
    return {
        "type": "points.dated",
        "rule": earning.rule,
        "unit": earning.unit,
        "value": earning.worth,
        "available_at": available.isoformat(),
        "expires_at": expires and expires.isoformat(),
        "reason": {
            "code": "activated",
            "unit": earning.unit,
            "available_on": available.astimezone(zone).date().isoformat(),
        },
    }


def activate_due(*, at: datetime, limit: int = 500) -> int:
    """Make points available whose day after delivery has come; run it often, or late.

    Parameters
    ----------
    at
        The present moment.
    limit
        The most in this one transaction; call again until it returns less.

    Returns
    -------
    int
        How many were looked at.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [at, limit])
            rows = cursor.fetchall()
        told = []
        for order, rule, unit_code, earn_key, due_at, expires, customer, programme in rows:
            number = unit(f"{programme}.{unit_code}").unit
            account = ledger_queries.account_of(customer, unit=number)
            if account is not None:
                receipt = ledger.activate(
                    account,
                    key=op_key(f"activated:{earn_key}", rule=rule),
                    earn_key=earn_key,
                    expires_at=expires,
                    actor=str(SYSTEM),
                    reason={"code": "activated", "unit": unit_code},
                    effective_at=due_at,
                )
                if receipt.outcome == "done":
                    told.append(
                        Happening(
                            "points.activated",
                            public_id("cus", customer),
                            {"unit": unit_code, "order": public_id("ord", order)},
                        )
                    )
            with connection.cursor() as cursor:
                cursor.execute(_DONE, [order, rule, unit_code])
        tell(told)
    return len(rows)
