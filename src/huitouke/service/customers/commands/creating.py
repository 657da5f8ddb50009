"""A person becomes known: by a clerk, a sign-up, or an identity seen for the first time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.customers.details import checked
from huitouke.service.customers.journal import wrote, wrote_each
from huitouke.service.customers.models import Customer
from huitouke.service.customers.owning import Pair, normalised, owners, take

__all__ = ["IdentitiesContested", "IdentityTaken", "add_rows", "create", "find_or_create"]

_TRIES = 10

_ROWS = """
INSERT INTO customers_customer
       (id, name, birthday_on, language, gender, brand, household, attributes, created_at)
SELECT r.id, r.name, r.birthday_on, r.language, r.gender, r.brand, r.household,
       r.attributes::jsonb, %s
  FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::text[], %s::text[], %s::text[],
              %s::text[], %s::text[])
    AS r(id, name, birthday_on, language, gender, brand, household, attributes)
"""

_FANS = """
INSERT INTO customers_customer (id, name, language, gender, brand, attributes, created_at)
SELECT id, '', 'zh', '', '', '{}', %s FROM unnest(%s::uuid[]) AS r(id)
"""


class IdentityTaken(ServiceError):
    """The identity is another person's; the text itself is not repeated."""

    code = "customers.identity_taken"
    status = 409
    says = N_("An identity of the kind {kind} belongs to customer {customer} already.")
    remedy = N_("Use that customer, or merge the two if they are one person.")


class IdentitiesContested(ServiceError):
    """Others took these identities again and again while they were being written."""

    code = "customers.identities_contested"
    status = 409
    says = N_("Others are writing the same customers at this moment.")
    remedy = N_("Try again in a moment; nothing of this part was written.")


def create(
    identities: Sequence[Pair],
    *,
    at: datetime,
    actor: Actor,
    name: str = "",
    birthday_on: date | None = None,
    language: str = "zh",
    gender: str = "",
    brand: str = "",
    household: str = "",
    attributes: Mapping[str, Any] | None = None,
) -> Customer:
    """Make a customer with these identities; a fan until they buy or enrol.

    Parameters
    ----------
    identities
        Kind and value as somebody wrote them; none is allowed.
    at
        The present moment.
    actor
        Who does it.
    name, birthday_on, language, gender, brand, household, attributes
        What the person said of themselves.

    Raises
    ------
    IdentityInvalid
        If an identity cannot be used.
    IdentityTaken
        If an identity is another customer's.
    DetailInvalid
        If a detail cannot be kept.
    """
    details = checked(
        {
            "name": name,
            "birthday_on": birthday_on,
            "language": language,
            "gender": gender,
            "brand": brand,
            "household": household,
            "attributes": dict(attributes or {}),
        },
        at=at,
    )
    pairs = set(normalised(identities))
    made = new_id()
    with transaction.atomic():
        free = take(dict.fromkeys(pairs, made), at=at)
        for kind, value in sorted(pairs - free):
            owner = owners([(kind, value)]).get((kind, value), made)
            raise IdentityTaken(kind=kind, customer=public_id("cus", owner))
        add_rows({made: details}, at=at)
        kinds = sorted({kind for kind, _ in pairs})
        wrote("customer.created", customer=made, actor=actor, facts={"kinds": kinds})
        return Customer.objects.prefetch_related("identities").get(pk=made)


def add_rows(rows: Mapping[UUID, Mapping[str, Any]], *, at: datetime) -> None:
    """Write customers' own rows; part of a command, which writes the rest.

    Parameters
    ----------
    rows
        Checked details by new id.
    at
        Since when they are known.
    """
    columns = [
        list(rows),
        [row["name"] for row in rows.values()],
        [row["birthday_on"] for row in rows.values()],
        [row["language"] for row in rows.values()],
        [row["gender"] for row in rows.values()],
        [row["brand"] for row in rows.values()],
        [row["household"] for row in rows.values()],
        [json.dumps(row["attributes"]) for row in rows.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [at, *columns])


def find_or_create(
    identities: Sequence[Pair], *, at: datetime, actor: Actor, quiet: bool = False
) -> list[UUID]:
    """Return the customer of each identity; who is not known becomes a fan.

    Any number of callers may do this at once for the same identities: all get the same
    customers.

    Parameters
    ----------
    identities
        Kind and value as somebody wrote them; one identity may stand several times.
    at
        The present moment.
    actor
        Who brings them.
    quiet
        Tell strangers nothing of those who are new: for history that is read in.

    Returns
    -------
    list[UUID]
        In the order given.

    Raises
    ------
    IdentityInvalid
        If an identity cannot be used; then nothing is done.
    IdentitiesContested
        If others gave the same identities away ten times in between.
    """
    pairs = normalised(identities)
    wanted = set(pairs)
    with transaction.atomic():
        found = owners(wanted)
        for _ in range(_TRIES):
            missing = wanted - found.keys()
            if not missing:
                return [found[pair] for pair in pairs]
            found |= _new_fans(missing, at=at, actor=actor, quiet=quiet)
            # A new statement sees what others took while we waited for them.
            found |= owners(wanted - found.keys())
    raise IdentitiesContested


def _new_fans(
    missing: set[Pair], *, at: datetime, actor: Actor, quiet: bool
) -> dict[Pair, UUID]:
    made = {pair: new_id() for pair in missing}
    taken = {pair: made[pair] for pair in take(made, at=at)}
    fans = sorted(taken.values())
    with connection.cursor() as cursor:
        cursor.execute(_FANS, [at, fans])
    wrote_each("customer.created", customers=fans, actor=actor, quiet=quiet)
    return taken
