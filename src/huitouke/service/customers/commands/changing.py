"""What is known of a person changes: details, joining the programme, the first purchase."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.core.columns import columns
from huitouke.service.core.ids import public_id
from huitouke.service.customers.details import checked, merged_attributes
from huitouke.service.customers.following import CustomerUnknown, hold, lock_one, roots
from huitouke.service.customers.journal import noted_each, wrote, wrote_each
from huitouke.service.customers.models import Customer

__all__ = ["change", "enrol", "enrol_each", "mark_bought"]

_EARLIER = """
SELECT c.id FROM customers_customer c
  JOIN unnest(%s::uuid[], %s::timestamptz[]) AS r(id, bought_at) ON r.id = c.id
 WHERE c.first_bought_at IS NULL OR c.first_bought_at > r.bought_at
"""

_BOUGHT = """
UPDATE customers_customer c SET first_bought_at = least(c.first_bought_at, r.bought_at)
  FROM unnest(%s::uuid[], %s::timestamptz[]) AS r(id, bought_at) WHERE c.id = r.id
"""

_ENROL = """
UPDATE customers_customer c SET enrolled_at = n.at
  FROM unnest(%b::uuid[], %b::timestamptz[]) AS n(id, at)
 WHERE c.id = n.id AND c.enrolled_at IS NULL
RETURNING c.id
"""


def change(customer_id: UUID, *, at: datetime, actor: Actor, **fields: Any) -> Customer:
    """Change what is known of a customer; what is not named stays.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    at
        The present moment.
    actor
        Who does it.
    **fields
        ``name``, ``birthday_on``, ``language``, ``gender``, ``brand``, ``household``,
        ``contact`` (as a whole); ``attributes``: those named are set, those set to None
        removed.

    Raises
    ------
    DetailInvalid
        If a detail is unknown or cannot be kept.
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    details = checked(fields, at=at)
    with transaction.atomic():
        customer = lock_one(customer_id)
        if "attributes" in details:
            both = merged_attributes(customer.attributes, changes=details["attributes"])
            details |= checked({"attributes": both}, at=at)
        changed = [name for name, value in details.items() if getattr(customer, name) != value]
        for name in changed:
            setattr(customer, name, details[name])
        if changed:
            customer.save(update_fields=changed)
            facts = {"fields": sorted(changed)}
            wrote("customer.changed", customer=customer.pk, actor=actor, facts=facts)
    return customer


def enrol(customer_id: UUID, *, at: datetime, actor: Actor) -> Customer:
    """Make the customer a member; who is one stays one since the same moment.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    at
        Since when.
    actor
        Who enrols them.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    with transaction.atomic():
        customer = lock_one(customer_id)
        if enrol_each([(customer.pk, at)], actor=actor):
            customer.enrolled_at = at
    return customer


def enrol_each(
    joined: Sequence[tuple[UUID, datetime]], *, actor: Actor, quiet: bool = False
) -> list[UUID]:
    """Make customers members whose records are locked, each once, by the same statements.

    Parameters
    ----------
    joined
        Record and since when.
    actor
        Who enrols them.
    quiet
        Tell strangers nothing: for those who joined elsewhere, long ago.

    Returns
    -------
    list[UUID]
        Those who were none before.
    """
    if not joined:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ENROL, columns("uuid timestamptz", joined))
        new = {row[0] for row in cursor.fetchall()}
    enrolled = [customer for customer, _ in joined if customer in new]
    wrote_each("customer.enrolled", customers=enrolled, actor=actor, quiet=quiet)
    return enrolled


def mark_bought(rows: Sequence[tuple[UUID, datetime]], *, actor: Actor = SYSTEM) -> int:
    """Note first purchases: an earlier one counts, a later one changes nothing.

    Parameters
    ----------
    rows
        Any id of the person and when they bought; one person may stand several times.
    actor
        Who brings the orders.

    Returns
    -------
    int
        Whose first purchase is new or earlier than it was.

    Raises
    ------
    CustomerUnknown
        If one of them is not there.
    """
    with transaction.atomic():
        firsts = _firsts(rows, roots({customer for customer, _ in rows}))
        with connection.cursor() as cursor:
            cursor.execute(_EARLIER, [list(firsts), list(firsts.values())])
            earlier = {row[0] for row in cursor.fetchall()}
        if not earlier:
            return 0
        # Who was merged between the question and the lock is marked where they live now.
        held = hold(earlier)
        firsts = _firsts([(id_, firsts[id_]) for id_ in earlier], held)
        with connection.cursor() as cursor:
            cursor.execute(_BOUGHT, [list(firsts), list(firsts.values())])
        noted_each("customer.bought", customers=list(firsts), actor=actor)
    return len(firsts)


def _firsts(
    rows: Sequence[tuple[UUID, datetime]], led: dict[UUID, UUID]
) -> dict[UUID, datetime]:
    firsts: dict[UUID, datetime] = {}
    for customer, bought_at in rows:
        root = led.get(customer)
        if root is None:
            raise CustomerUnknown(customer=public_id("cus", customer))
        firsts[root] = min(bought_at, firsts.get(root, bought_at))
    return firsts
