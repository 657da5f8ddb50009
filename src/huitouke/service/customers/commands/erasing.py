"""A person asks to be forgotten: what tells who they are goes, what was counted stays."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.service.core.actor import Actor
from huitouke.service.core.person import parts
from huitouke.service.customers.following import lock_whole
from huitouke.service.customers.journal import wrote
from huitouke.service.customers.models import Customer

__all__ = ["erase"]


def erase(customer_id: UUID, *, at: datetime, actor: Actor) -> Customer:
    """Remove what tells who a person is, from all records that ever were theirs.

    It cannot be undone. Erasing again changes nothing.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    at
        The present moment.
    actor
        Who does it.

    Raises
    ------
    CustomerUnknown
        If there is no such person.
    """
    with transaction.atomic():
        customer, all_records = lock_whole(customer_id)
        if customer.erased_at is not None:
            return customer
        for part in parts():
            if part.leave is not None:
                part.leave(all_records, at=at)
        for record in all_records:
            for part in parts():
                part.erase(record, at=at, actor=actor)
        facts = {"records": len(all_records)}
        wrote("member.erased", customer=customer.pk, actor=actor, facts=facts)
        customer.refresh_from_db()
    return customer
