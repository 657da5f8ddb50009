"""A card number for who has none: twelve digits that a till reads and a person can dictate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.crypto import get_random_string

from huitouke.service.core.actor import Actor
from huitouke.service.customers.following import lock_one
from huitouke.service.customers.journal import wrote
from huitouke.service.customers.models import Identity
from huitouke.service.customers.owning import take

__all__ = ["card_digits", "give_card"]

_DIGITS = "0123456789"


def card_digits(number: int) -> str:
    """Return a card number: eleven digits and one by which a mistyped one is found.

    Parameters
    ----------
    number
        0 to 8,999,999,999: what the first digits are made from.

    Examples
    --------
    >>> card_digits(0), card_digits(8_999_999_999)
    ('210000000005', '299999999996')

    References
    ----------
    ISO/IEC 7812-1:2017, annex B (the Luhn formula).
    """
    digits = f"2{number + 10**9:010d}"[:11]
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def give_card(customer_id: UUID, *, at: datetime, actor: Actor) -> str:
    """Return the customer's card number; who has none gets one.

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
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    with transaction.atomic():
        customer = lock_one(customer_id)
        own = Identity.objects.filter(customer=customer, kind="card")
        found = own.order_by("created_at", "pk").first()
        if found is not None:
            return found.value
        taken: set[tuple[str, str]] = set()
        while not taken:
            taken = take(
                {("card", card_digits(int(get_random_string(9, _DIGITS)))): customer.pk}, at=at
            )
        ((_, value),) = taken
        facts = {"kind": "card", "verified": False}
        wrote("customer.identity_added", customer=customer.pk, actor=actor, facts=facts)
    return value
