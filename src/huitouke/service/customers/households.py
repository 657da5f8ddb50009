"""Who lives together: the merchant says so by giving them the same number."""

from __future__ import annotations

from huitouke.service.customers.models import Customer

__all__ = ["living_with"]


def living_with(customer: Customer, *, most: int) -> list[Customer]:
    """Return who lives with a customer, with identities at hand, the longest known first.

    Parameters
    ----------
    customer
        One that carries no number of a household lives with nobody that is known.
    most
        So many at most.
    """
    if not customer.household:
        return []
    found = Customer.objects.filter(
        household=customer.household, merged_into=None, erased_at=None
    ).exclude(pk=customer.pk)
    return list(found.order_by("created_at", "pk").prefetch_related("identities")[:most])
