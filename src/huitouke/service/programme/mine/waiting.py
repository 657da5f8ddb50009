"""Which entries of a member's history are still to come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from huitouke.service.customers import queries as customers
from huitouke.service.ledger import queries as ledger
from huitouke.service.programme.events.rulebook import Rulebook

__all__ = ["waiting"]


def waiting(customer: UUID, *, now: datetime, unit: str, programme: str) -> set[str]:
    """Return the keys of postings whose points may not be spent yet.

    Parameters
    ----------
    customer
        Whose.
    now
        The present moment; what is due by then counts as come.
    unit
        Code within the programme.
    programme
        Code of the programme.
    """
    number = Rulebook.open(programme, at=now).unit(unit)
    account = ledger.account_of(customers.record_of(customer), unit=number)
    if account is None:
        return set()
    return {
        each.source_key
        for each in ledger.lots(account)
        if not each.active and each.available_at > now
    }
