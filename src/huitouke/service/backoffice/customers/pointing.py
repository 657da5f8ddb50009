"""Whom a page of another part is about: by name to who may see customers, else by number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from huitouke.language import N_
from huitouke.service.backoffice.acts import may, say
from huitouke.service.backoffice.customers.naming import main_identity, name_of
from huitouke.service.core.ids import private_id
from huitouke.service.customers.following import roots
from huitouke.service.customers.models import Customer

__all__ = ["Pointed", "named", "pointed"]


@dataclass(frozen=True)
class Pointed:
    """A customer as a page points at them.

    Parameters
    ----------
    name, note
        How they are called, and by what they are known best; to who may not see customers,
        the end of their number, and nothing.
    url
        Of their page; empty where it does not open.
    """

    name: str
    note: str
    url: str


def named(keys: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return name and note of customers, in two questions however many they are.

    Parameters
    ----------
    keys
        Records of today; those of who was erased are left out.
    """
    found = Customer.objects.filter(id__in=keys, merged_into=None, erased_at=None)
    made = {}
    for each in found.prefetch_related("identities"):
        name, known = name_of(each), main_identity(each.identities.all())
        made[each.id] = (name, "" if known == name else known)
    return made


def pointed(request: HttpRequest, keys: Iterable[str]) -> dict[str, Pointed]:
    """Return customers as who reads may see them, in a few questions for all.

    Parameters
    ----------
    request
        Of who reads.
    keys
        Public ids, of records that were merged as well.
    """
    asked = set(keys)
    if not may(request, "customers.read"):
        return {key: Pointed(f"…{key[-8:]}", "", "") for key in asked}
    ids = {key: private_id("cus", key) for key in asked}
    today = roots(list(ids.values())) if ids else {}
    names = named(list(today.values()))
    return {key: _pointed(key, name=names.get(today.get(ids[key], ids[key]))) for key in asked}


def _pointed(key: str, *, name: tuple[str, str] | None) -> Pointed:
    if name is None:
        return Pointed(say(N_("A member who was forgotten")), f"…{key[-8:]}", "")
    return Pointed(*name, reverse("customer", args=[key]))
