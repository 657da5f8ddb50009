"""Whose adjustments those are that wait for a second person."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from huitouke.service.customers.following import roots
from huitouke.service.customers.models import Customer
from huitouke.service.programme.models.members import Adjustment, Membership

__all__ = ["whose"]


def whose(adjustments: Collection[Adjustment]) -> dict[UUID, Customer]:
    """Return the customers of adjustments with their identities, in three questions at most.

    Parameters
    ----------
    adjustments
        A page of them; of erased persons nobody is returned.
    """
    members = Membership.objects.filter(id__in={each.membership_id for each in adjustments})
    owner = dict(members.values_list("id", "customer_id"))
    led = roots(set(owner.values())) if owner else {}
    people = Customer.objects.filter(id__in=set(led.values()), erased_at=None)
    found = {each.pk: each for each in people.prefetch_related("identities")}
    return {
        each.id: found[led[owner[each.membership_id]]]
        for each in adjustments
        if led.get(owner[each.membership_id]) in found
    }
