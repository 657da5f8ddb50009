"""A person gets another phone, shows a card, or gives an identity up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.customers.commands.creating import IdentityTaken
from huitouke.service.customers.following import lock_one
from huitouke.service.customers.identity import normalise
from huitouke.service.customers.journal import wrote
from huitouke.service.customers.models import Identity
from huitouke.service.customers.owning import take

__all__ = ["IdentityUnknown", "add_identity", "remove_identity", "show_address"]


class IdentityUnknown(ServiceError):
    """The customer is not known by this; the text itself is not repeated."""

    code = "customers.identity_unknown"
    status = 404
    says = N_("Customer {customer} has no such identity of the kind {kind}.")
    remedy = N_("Read the customer to see their identities.")


def add_identity(
    customer_id: UUID,
    *,
    kind: str,
    value: str,
    at: datetime,
    actor: Actor,
    verified_at: datetime | None = None,
) -> Identity:
    """Add an identity; one that the customer has already stays, and may become verified.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    kind, value
        As somebody wrote it.
    at
        The present moment.
    actor
        Who does it.
    verified_at
        When the person showed that it is theirs, e.g. by a code sent to it.

    Raises
    ------
    IdentityInvalid
        If the text cannot be an identity of this kind.
    IdentityTaken
        If it is another customer's.
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    pair = (kind, normalise(kind, value))
    with transaction.atomic():
        customer = lock_one(customer_id)
        new = take({pair: customer.pk}, at=at)
        identity = Identity.objects.select_for_update(no_key=True).get(
            kind=pair[0], value=pair[1]
        )
        if identity.customer_id != customer.pk:
            raise IdentityTaken(kind=kind, customer=public_id("cus", identity.customer_id))
        verified = verified_at is not None and identity.verified_at is None
        if verified:
            identity.verified_at = verified_at
            identity.save(update_fields=["verified_at"])
        if new or verified:
            facts = {"kind": kind, "verified": identity.verified_at is not None}
            wrote("customer.identity_added", customer=customer.pk, actor=actor, facts=facts)
    return identity


def remove_identity(
    customer_id: UUID, *, kind: str, value: str, at: datetime, actor: Actor
) -> None:
    """Take an identity away; it is free for another person at once.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    kind, value
        As somebody wrote it.
    at
        The present moment.
    actor
        Who does it.

    Raises
    ------
    IdentityUnknown
        If the customer has no such identity.
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    kept = normalise(kind, value)
    with transaction.atomic():
        customer = lock_one(customer_id)
        gone, _ = Identity.objects.filter(customer=customer, kind=kind, value=kept).delete()
        if not gone:
            raise IdentityUnknown(customer=public_id("cus", customer.pk), kind=kind)
        facts = {"kind": kind, "at": at.isoformat()}
        wrote("customer.identity_removed", customer=customer.pk, actor=actor, facts=facts)


def show_address(
    customer_id: UUID,
    *,
    kind: str,
    value: str,
    replaces: Identity | None,
    at: datetime,
    actor: Actor,
) -> Identity:
    """Add an address that the person has just shown to be theirs; another may go for it.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    kind, value
        As somebody wrote it.
    replaces
        An identity of theirs that the new one takes the place of; the same one stays.
    at
        The present moment.
    actor
        Who does it.

    Raises
    ------
    IdentityInvalid
        If the text cannot be an identity of this kind.
    IdentityTaken
        If it is another customer's; nothing goes then.
    IdentityUnknown
        If what it replaces is not theirs any more.
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    with transaction.atomic():
        found = add_identity(
            customer_id, kind=kind, value=value, at=at, actor=actor, verified_at=at
        )
        if replaces is not None and replaces.pk != found.pk:
            remove_identity(
                customer_id, kind=replaces.kind, value=replaces.value, at=at, actor=actor
            )
    return found
