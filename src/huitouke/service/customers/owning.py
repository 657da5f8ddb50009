"""Which person an identity belongs to, for many at once, and taking what nobody has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from huitouke.service.core.ids import new_id
from huitouke.service.customers.following import roots
from huitouke.service.customers.identity import normalise

__all__ = ["Pair", "normalised", "owners", "take"]

Pair = tuple[str, str]

_OWNERS = """
SELECT i.kind, i.value, i.customer_id, c.merged_into_id IS NOT NULL
  FROM unnest(%s::text[], %s::text[]) AS r(kind, value)
  JOIN customers_identity i ON i.kind = r.kind AND i.value = r.value
  JOIN customers_customer c ON c.id = i.customer_id
"""

# Rows come in order of kind and value: two batches with the same identities wait for one
# another in the same order. Customers may follow later; the reference is checked at the end.
_TAKE = """
INSERT INTO customers_identity (id, customer_id, kind, value, created_at)
SELECT r.id, r.customer, r.kind, r.value, %s
  FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[]) AS r(id, customer, kind, value)
    ON CONFLICT (kind, value) DO NOTHING
RETURNING kind, value
"""


def normalised(identities: Sequence[Pair]) -> list[Pair]:
    """Return identities as they are kept, in the order given.

    Parameters
    ----------
    identities
        Kind and value as somebody wrote them.

    Raises
    ------
    IdentityInvalid
        If one of them cannot be an identity of its kind.
    """
    return [(kind, normalise(kind, value)) for kind, value in identities]


def owners(pairs: Collection[Pair]) -> dict[Pair, UUID]:
    """Return whose these identities are today; those of nobody are left out.

    Parameters
    ----------
    pairs
        Kind and normalised value.
    """
    if not pairs:
        return {}
    kinds, values = (list(column) for column in zip(*pairs, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [kinds, values])
        rows = cursor.fetchall()
    led = roots({row[2] for row in rows if row[3]}) if any(row[3] for row in rows) else {}
    return {(kind, value): led.get(owner, owner) for kind, value, owner, _ in rows}


def take(wanted: Mapping[Pair, UUID], *, at: datetime) -> set[Pair]:
    """Give identities that nobody has to customers; wait for others who are taking them.

    Parameters
    ----------
    wanted
        For each kind and normalised value the customer who shall have it.
    at
        Since when it is known.

    Returns
    -------
    set[Pair]
        Those that were free and are taken now.
    """
    if not wanted:
        return set()
    pairs = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            [
                at,
                [new_id() for _ in pairs],
                [wanted[pair] for pair in pairs],
                [kind for kind, _ in pairs],
                [value for _, value in pairs],
            ],
        )
        return set(cursor.fetchall())
