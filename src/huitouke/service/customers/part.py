"""What this app itself keeps of a person: names, identities, consents.

Identities move with a merge. Consents do not: their journal is never changed, and questions
about a person read it for all records that are merged into theirs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.person import Part
from huitouke.service.customers.models import (
    Consent,
    ConsentProof,
    Customer,
    Identity,
    Merge,
)

__all__ = ["PART"]

_DETAILS = ("name", "birthday_on", "gender", "brand", "household", "contact")
#: What a detail is that says nothing; all others are "" then.
_NOTHING: dict[str, Any] = {"birthday_on": None, "contact": {}}
_MOMENTS = ("first_bought_at", "enrolled_at")


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _consent(said: Consent) -> dict[str, Any]:
    proof: ConsentProof | None = getattr(said, "proof", None)
    return {
        "channel": said.channel,
        "purpose": said.purpose,
        "given": said.given,
        "wording_version": said.wording_version,
        "source": said.source,
        "proof": "" if proof is None else proof.text,
        "at": said.at.isoformat(),
        "actor": said.actor,
    }


def _merge_row(made: Merge) -> dict[str, Any]:
    return {
        "id": public_id("mrg", made.pk),
        "merged": public_id("cus", made.loser_id),
        "into": public_id("cus", made.winner_id),
        "at": made.at.isoformat(),
        "undone_at": _iso(made.undone_at),
    }


def _export(customer_id: UUID) -> dict[str, Any]:
    customer = Customer.objects.get(pk=customer_id)
    merges = Merge.objects.filter(Q(loser=customer) | Q(winner=customer)).order_by("at", "pk")
    born = customer.birthday_on
    return {
        "id": public_id("cus", customer.pk),
        "stage": customer.stage,
        "name": customer.name,
        "birthday_on": None if born is None else born.isoformat(),
        "language": customer.language,
        "gender": customer.gender,
        "brand": customer.brand,
        "household": customer.household,
        "contact": customer.contact,
        "attributes": customer.attributes,
        "created_at": customer.created_at.isoformat(),
        "first_bought_at": _iso(customer.first_bought_at),
        "enrolled_at": _iso(customer.enrolled_at),
        "identities": [
            {
                "kind": each.kind,
                "value": each.value,
                "verified_at": _iso(each.verified_at),
                "created_at": each.created_at.isoformat(),
            }
            for each in customer.identities.order_by("kind", "value")
        ],
        "consents": [
            _consent(said)
            for said in customer.consents.select_related("proof").order_by("at", "pk")
        ],
        "merges": [_merge_row(made) for made in merges],
    }


def _merge(loser: UUID, *, into: UUID, at: datetime, actor: Actor) -> dict[str, Any]:
    """Move identities, fill what the winner lacks; values stay with the loser as well."""
    del at, actor
    one, other = Customer.objects.get(pk=loser), Customer.objects.get(pk=into)
    moving = list(Identity.objects.filter(customer=one).order_by("pk"))
    Identity.objects.filter(customer=one).update(customer=other)
    filled = [name for name in _DETAILS if getattr(one, name) and not getattr(other, name)]
    added = sorted(one.attributes.keys() - other.attributes.keys())
    before = {name: _iso(getattr(other, name)) for name in _MOMENTS}
    for name in filled:
        setattr(other, name, getattr(one, name))
    other.attributes = {**other.attributes, **{name: one.attributes[name] for name in added}}
    for name in _MOMENTS:
        moments = [moment for moment in (getattr(one, name), getattr(other, name)) if moment]
        setattr(other, name, min(moments, default=None))
    other.save(update_fields=[*_DETAILS, *_MOMENTS, "attributes"])
    return {
        "identities": [str(identity.pk) for identity in moving],
        "filled": filled,
        "attributes": added,
        "before": before,
    }


def _unmerge(
    loser: UUID, *, winner: UUID, moved: dict[str, Any], at: datetime, actor: Actor
) -> None:
    """Move back what is still as the merge left it."""
    del at, actor
    one, other = Customer.objects.get(pk=loser), Customer.objects.get(pk=winner)
    Identity.objects.filter(pk__in=moved["identities"], customer=other).update(customer=one)
    for name in moved["filled"]:
        if getattr(other, name) == getattr(one, name):
            setattr(other, name, _NOTHING.get(name, ""))
    lent = {
        name
        for name in moved["attributes"]
        if name in other.attributes and other.attributes[name] == one.attributes.get(name)
    }
    other.attributes = {
        name: value for name, value in other.attributes.items() if name not in lent
    }
    for name in _MOMENTS:
        known = moved["before"][name]
        if getattr(other, name) == getattr(one, name):
            setattr(other, name, None if known is None else datetime.fromisoformat(known))
    other.save(update_fields=[*_DETAILS, *_MOMENTS, "attributes"])


def _erase(customer: UUID, *, at: datetime, actor: Actor) -> None:
    del actor
    Identity.objects.filter(customer=customer).delete()
    Customer.objects.filter(pk=customer).update(
        name="",
        birthday_on=None,
        language="",
        gender="",
        household="",
        contact={},
        attributes={},
        erased_at=at,
    )
    ConsentProof.objects.filter(consent__customer=customer).delete()
    # A merge of an erased person is never undone; what other parts noted is not needed.
    Merge.objects.filter(Q(loser=customer) | Q(winner=customer)).update(moved={})


PART = Part(
    name="customer", export=_export, merge=_merge, unmerge=_unmerge, erase=_erase, place=10
)
