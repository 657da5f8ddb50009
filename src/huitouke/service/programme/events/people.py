"""Whose facts these are: customers found, made and locked, many by the same statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.customers import commands as customers
from huitouke.service.customers.following import CustomerErased, CustomerUnknown, roots
from huitouke.service.customers.identity import normalise
from huitouke.service.programme.events.facts import CustomerRef

__all__ = ["Moved", "Person", "lock_people", "lock_person", "whose"]

_LOCK = """
SELECT id, birthday_on, attributes -> 'tags', erased_at, merged_into_id
FROM customers_customer WHERE id = ANY(%b::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
# Of an array the server plans anew each time; of one id the plan is kept.
_LOCK_ONE = """
SELECT id, birthday_on, attributes -> 'tags', erased_at
FROM customers_customer WHERE id = %b AND merged_into_id IS NULL FOR NO KEY UPDATE
"""


class Moved(Exception):
    """A merge came in between finding a customer and locking it: begin again."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a customer whose row is locked."""

    id: UUID
    birthday_on: date | None
    tags: frozenset[str]


def _identities(
    refs: dict[int, CustomerRef], *, at: datetime, actor: Actor
) -> dict[int, UUID | ServiceError]:
    places = [place for place, ref in refs.items() if ref.identity is not None]
    pairs = [(found.kind, found.value) for place in places if (found := refs[place].identity)]
    if not pairs:
        return {}
    try:
        made = customers.find_or_create(pairs, at=at, actor=actor)
    except ServiceError:
        return _one_by_one(places, pairs, at=at, actor=actor)
    return dict(zip(places, made, strict=True))


def _one_by_one(
    places: Sequence[int], pairs: Sequence[tuple[str, str]], *, at: datetime, actor: Actor
) -> dict[int, UUID | ServiceError]:
    """Tell the identities that cannot be from the others."""
    answers: dict[int, UUID | ServiceError] = {}
    good: list[tuple[int, tuple[str, str]]] = []
    for place, (kind, value) in zip(places, pairs, strict=True):
        try:
            good.append((place, (kind, normalise(kind, value))))
        except ServiceError as error:
            answers[place] = error
    made = customers.find_or_create([pair for _, pair in good], at=at, actor=actor)
    answers.update(zip((place for place, _ in good), made, strict=True))
    return answers


def _ids(refs: dict[int, CustomerRef]) -> dict[int, UUID | ServiceError]:
    answers: dict[int, UUID | ServiceError] = {}
    given: dict[int, UUID] = {}
    for place, ref in refs.items():
        if ref.id is not None:
            try:
                given[place] = private_id("cus", ref.id)
            except ServiceError as error:
                answers[place] = error
    found = roots(set(given.values())) if given else {}
    for place, customer in given.items():
        unknown = CustomerUnknown(customer=public_id("cus", customer))
        answers[place] = found.get(customer, unknown)
    return answers


def whose(
    refs: dict[int, CustomerRef], *, at: datetime, actor: Actor
) -> dict[int, UUID | ServiceError]:
    """Return the customers that facts name; unknown identities become new customers.

    Parameters
    ----------
    refs
        By place of the fact.
    at
        When this is written.
    actor
        Who tells the facts.

    Returns
    -------
    dict
        By place: the customer's record today, or why there is none.
    """
    return {**_ids(refs), **_identities(refs, at=at, actor=actor)}


def lock_people(
    ids: Iterable[UUID],
) -> tuple[dict[UUID, Person], dict[UUID, ServiceError]]:
    """Lock customers in order of id, to the end of the transaction, and read them.

    Parameters
    ----------
    ids
        Records that are not merged.

    Returns
    -------
    tuple
        Persons by id, and errors by id for those that were erased.

    Raises
    ------
    Moved
        If one of them was merged meanwhile.
    """
    wanted = list(set(ids))
    people: dict[UUID, Person] = {}
    errors: dict[UUID, ServiceError] = {}
    if not wanted:
        return people, errors
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [wanted])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    for key, born_on, tags, erased_at, merged_into in rows:
        if merged_into is not None:
            raise Moved
        if erased_at is not None:
            errors[key] = CustomerErased(customer=public_id("cus", key))
        people[key] = Person(key, born_on, _labels(tags))
    return people, errors


def lock_person(customer: UUID) -> Person | None:
    """Lock one customer to the end of the transaction, unless the record is merged.

    Parameters
    ----------
    customer
        Id of a record.

    Returns
    -------
    Person or None
        None for a record that is merged, or not there.

    Raises
    ------
    CustomerErased
        If the person was erased.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ONE, [customer])
        row = cursor.fetchone()
    if row is None:
        return None
    key, born_on, tags, erased_at = row
    if erased_at is not None:
        raise CustomerErased(customer=public_id("cus", key))
    return Person(key, born_on, _labels(tags))


_NO_TAGS: frozenset[str] = frozenset()


def _labels(tags: str | None) -> frozenset[str]:
    """Return the labels of a customer: attribute ``tags``, a list of texts."""
    if tags is None:
        return _NO_TAGS
    found = json.loads(tags)
    if not isinstance(found, list):
        return _NO_TAGS
    return frozenset(each for each in found if isinstance(each, str))
