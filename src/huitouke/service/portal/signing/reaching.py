"""By which addresses of theirs a member can be sent something, the surest first."""

from __future__ import annotations

from uuid import UUID

from huitouke.service.customers import queries as customers
from huitouke.service.customers.models import Identity
from huitouke.service.outreach.senders.choosing import sender_for

__all__ = ["KINDS", "kinds_sent_to", "reachable"]

#: Kinds of addresses to which codes are sent at all.
KINDS = ("phone", "email")


def kinds_sent_to() -> tuple[str, ...]:
    """Return the kinds of addresses to which something can be sent from here."""
    return tuple(kind for kind in KINDS if sender_for(kind) is not None)


def reachable(customer: UUID) -> list[Identity]:
    """Return a member's addresses, those they have shown to be theirs before all others.

    Parameters
    ----------
    customer
        Whose.
    """
    kinds = kinds_sent_to()
    return sorted(
        (each for each in customers.get(customer).identities.all() if each.kind in kinds),
        key=lambda each: (each.verified_at is None, each.kind != "phone", each.created_at),
    )
