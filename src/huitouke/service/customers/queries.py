"""Questions about persons: who is it, what may we send them, what do we keep about them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from huitouke.service.core.ids import IdUnknown, private_id, public_id
from huitouke.service.core.person import parts
from huitouke.service.customers.following import (
    CustomerErased,
    CustomerUnknown,
    records,
    roots,
)
from huitouke.service.customers.identity import IdentityInvalid, normalise, readable, starts
from huitouke.service.customers.models import UNDO_DAYS, Consent, Customer, Identity, Merge
from huitouke.service.customers.owning import Pair, normalised, owners

__all__ = [
    "LIMIT_MAX",
    "MATCHES_MOST",
    "CustomerErased",
    "CustomerUnknown",
    "Page",
    "consent_journal",
    "consented",
    "consents",
    "everybody",
    "export",
    "few_said_yes",
    "find",
    "get",
    "meant",
    "merges_open",
    "record_of",
    "resolve",
    "search",
]

LIMIT_MAX = 200
#: How many are found at most by the beginning of a name or an identity.
MATCHES_MOST = 2_000
_FEW = 2_000

_PUBLIC = re.compile(r"cus_[0-9a-hjkmnp-tv-z]{26}")
_RECORD = "SELECT merged_into_id, erased_at, id FROM customers_customer WHERE id = %s"

# The newest word counts; said at the same moment, no counts more than yes.
_CONSENTED = """
WITH RECURSIVE person AS (
  SELECT c.id AS root, c.id FROM customers_customer c
   WHERE c.id = ANY(%s::uuid[]) AND c.erased_at IS NULL AND c.merged_into_id IS NULL
  UNION
  SELECT person.root, c.id FROM person JOIN customers_customer c ON c.merged_into_id = person.id
)
SELECT root FROM (
  SELECT DISTINCT ON (person.root) person.root, s.given
    FROM person JOIN customers_consent s ON s.customer_id = person.id
   WHERE s.channel = %s AND s.purpose = %s
   ORDER BY person.root, s.at DESC, s.given, s.id DESC
) AS last WHERE given
"""


@dataclass(frozen=True)
class Page:
    """Some customers of a longer list, newest first.

    Parameters
    ----------
    customers
        With their identities at hand.
    cursor
        What to send to get the next ones; empty at the end.
    """

    customers: tuple[Customer, ...]
    cursor: str


def get(customer_id: UUID) -> Customer:
    """Return the customer; an id that was merged leads to the person's record of today.

    Parameters
    ----------
    customer_id
        Any id the person ever had.

    Raises
    ------
    CustomerUnknown
        If there is none.
    CustomerErased
        If the person was erased.
    """
    return Customer.objects.prefetch_related("identities").get(pk=record_of(customer_id))


def record_of(customer_id: UUID) -> UUID:
    """Return the id of the person's record of today, for who needs no more than that.

    Parameters
    ----------
    customer_id
        Any id the person ever had.

    Raises
    ------
    CustomerUnknown
        If there is none.
    CustomerErased
        If the person was erased.
    """
    found = _record(customer_id)
    if found is not None and found[0] is not None:
        root = roots([customer_id]).get(customer_id)
        found = None if root is None else _record(root)
    if found is None:
        raise CustomerUnknown(customer=public_id("cus", customer_id))
    _, erased_at, key = found
    if erased_at is not None:
        raise CustomerErased(customer=public_id("cus", key))
    return key


def _record(customer_id: UUID) -> tuple[UUID | None, datetime | None, UUID] | None:
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [customer_id])
        row: tuple[UUID | None, datetime | None, UUID] | None = cursor.fetchone()
    return row


def find(kind: str, value: str) -> Customer | None:
    """Return the customer who has this identity, or None.

    Parameters
    ----------
    kind, value
        The identity as somebody wrote it.

    Raises
    ------
    IdentityInvalid
        If the text cannot be an identity of this kind.
    """
    pair = (kind, normalise(kind, value))
    owner = owners([pair]).get(pair)
    if owner is None:
        return None
    return Customer.objects.prefetch_related("identities").filter(pk=owner).first()


def resolve(identities: Sequence[Pair]) -> dict[Pair, UUID]:
    """Return whose these identities are, as many as are known, in one question.

    Parameters
    ----------
    identities
        Kind and value as somebody wrote them.

    Returns
    -------
    dict[Pair, UUID]
        By kind and value as given; identities of nobody are left out.

    Raises
    ------
    IdentityInvalid
        If one of the texts cannot be an identity of its kind.
    """
    kept = dict(zip(identities, normalised(identities), strict=True))
    found = owners(set(kept.values()))
    return {given: found[pair] for given, pair in kept.items() if pair in found}


def search(text: str = "", *, cursor: str = "", limit: int = 50) -> Page:
    """Return customers whose name or any identity starts with a text, newest first.

    Erased persons and records merged into others are not listed; what they were known by
    leads to the record of today.

    Parameters
    ----------
    text
        What was typed; empty: everybody.
    cursor
        Of the page before; empty: from the start.
    limit
        How many at most, 1 to 200.

    Raises
    ------
    IdUnknown, CustomerUnknown
        If the cursor is none that a page gave.
    """
    listed = everybody(text)
    if cursor:
        after = Customer.objects.filter(pk=private_id("cus", cursor)).first()
        if after is None:
            raise CustomerUnknown(customer=cursor)
        listed = listed.filter(
            Q(created_at__lt=after.created_at) | Q(created_at=after.created_at, pk__lt=after.pk)
        )
    wanted = max(1, min(limit, LIMIT_MAX))
    rows = list(
        listed.order_by("-created_at", "-pk").prefetch_related("identities")[: wanted + 1]
    )
    more = len(rows) > wanted
    return Page(
        customers=tuple(rows[:wanted]),
        cursor=public_id("cus", rows[wanted - 1].pk) if more else "",
    )


def everybody(text: str = "", *, most: int | None = None) -> QuerySet[Customer]:
    """Return all whose name or any identity starts with a text, without an order.

    Parameters
    ----------
    text
        What was typed, also a public id; empty: everybody.
    most
        How many are found by a text, where it is the beginning of very many: who looks for
        one person types on. None: all of them.
    """
    listed = Customer.objects.filter(merged_into__isnull=True, erased_at__isnull=True)
    if not text.strip():
        return listed
    if not readable(text):
        return listed.none()
    with suppress(IdUnknown):
        named = private_id("cus", text.strip().lower())
        return listed.filter(pk__in=roots([named]).values())
    return listed.filter(pk__in=_matching(text)[:most])


def _matching(text: str) -> QuerySet[Any, Any]:
    """Return ids of those who are meant; each branch goes through an index."""
    clean = text.strip().lower()
    found: QuerySet[Any, Any] = (
        Customer.objects.exclude(name="")
        .annotate(lower_name=Lower("name"))
        .filter(lower_name__startswith=clean)
        .values_list("pk")
    )
    beginnings = [Q(kind=kind, value__startswith=start) for kind, start in starts(text)]
    if beginnings:
        either = beginnings[0]
        for each in beginnings[1:]:
            either |= each
        found = found.union(Identity.objects.filter(either).values_list("customer"))
    return found


def consent_journal(customer_id: UUID) -> list[Consent]:
    """Return everything the person ever said yes or no to, newest first.

    Parameters
    ----------
    customer_id
        Any id the person ever had; what was said to a merged record counts.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    said = Consent.objects.filter(customer__in=records([record_of(customer_id)]))
    return list(said.order_by("-at", "given", "-pk"))


def consents(customer_id: UUID) -> list[Consent]:
    """Return what holds now: the newest word for each channel and purpose.

    Parameters
    ----------
    customer_id
        Any id the person ever had.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    newest: dict[tuple[str, str], Consent] = {}
    for said in consent_journal(customer_id):
        newest.setdefault((said.channel, said.purpose), said)
    return [newest[key] for key in sorted(newest)]


def consented(customers: Collection[UUID], *, channel: str, purpose: str) -> set[UUID]:
    """Return those who may be reached now: their newest word is yes.

    Parameters
    ----------
    customers
        Ids of records of today; merged, erased and unknown ones never consent.
    channel, purpose
        By which way and for what.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONSENTED, [list(customers), channel, purpose])
        return {cast("UUID", row[0]) for row in cursor.fetchall()}


def few_said_yes(channel: str, *, purpose: str) -> bool:
    """Say whether so few ever agreed that a search for them is quickest from their words.

    Parameters
    ----------
    channel, purpose
        By which way and for what.
    """
    merged = Customer.objects.filter(merged_into__isnull=False)
    said = Consent.objects.filter(channel=channel, purpose=purpose, given=True)
    return said[: _FEW + 1].count() + merged[: _FEW + 1].count() <= _FEW


def export(customer_id: UUID) -> dict[str, Any]:
    """Return everything that is kept about a person, by the part that keeps it.

    Parameters
    ----------
    customer_id
        Any id the person ever had.

    Returns
    -------
    dict[str, Any]
        JSON-able. ``customer``, ``orders`` …: one member per part; ``merged``: the same of
        each record that was merged into this one.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    root = record_of(customer_id)
    merged = [record for record in records([root]) if record != root]
    return {**_exported(root), "merged": [_exported(record) for record in merged]}


def _exported(record: UUID) -> dict[str, Any]:
    return {part.name: part.export(record) for part in parts()}


def merges_open(customer_id: UUID, *, at: datetime) -> list[Merge]:
    """Return merges into this person that can still be undone, the last one first.

    Parameters
    ----------
    customer_id
        Id of the record that stayed.
    at
        The present moment: what is older than ``UNDO_DAYS`` is over.
    """
    since = at - timedelta(days=UNDO_DAYS)
    made = Merge.objects.filter(winner=customer_id, undone_at__isnull=True, at__gte=since)
    return list(made.order_by("-at", "-pk"))


#: Kinds of identities that somebody says or shows at a counter, the most telling first.
_SHOWN = ("phone", "card", "email", "external", "wechat_unionid")


def meant(text: str) -> Customer | None:
    """Return the one who has exactly this phone, card, e-mail or number, in any spelling.

    Parameters
    ----------
    text
        As it was typed, or as a scanner read it; also a public id with something around it.
    """
    if named := _PUBLIC.search(text.lower()):
        found = roots([private_id("cus", named[0])])
        owner = next(iter(found.values()), None)
    else:
        pairs = []
        for kind in _SHOWN:
            with suppress(IdentityInvalid):
                pairs.append((kind, normalise(kind, text)))
        known = owners(pairs)
        owner = next((known[pair] for pair in pairs if pair in known), None)
    if owner is None:
        return None
    people = Customer.objects.filter(pk=owner, erased_at=None)
    return people.prefetch_related("identities").first()
