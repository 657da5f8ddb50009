"""Where a person lives today: records that were merged lead to the one that was not.

Only whoever holds the rows' locks may change a person; they are taken in order of id, so
that two who want the same persons wait for one another instead of each for the other.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.customers.models import Customer

__all__ = [
    "CustomerBusy",
    "CustomerErased",
    "CustomerUnknown",
    "hold",
    "lock",
    "lock_one",
    "lock_whole",
    "records",
    "roots",
]

_TRIES = 10

_ROOTS = """
WITH RECURSIVE chain AS (
  SELECT id AS given, id, merged_into_id FROM customers_customer WHERE id = ANY(%s::uuid[])
  UNION
  SELECT chain.given, c.id, c.merged_into_id
    FROM chain JOIN customers_customer c ON c.id = chain.merged_into_id
)
SELECT given, id FROM chain WHERE merged_into_id IS NULL
"""

# Most records were never merged, and this is far cheaper.
_THEMSELVES = """
SELECT id, merged_into_id IS NOT NULL FROM customers_customer WHERE id = ANY(%b::uuid[])
"""

_RECORDS = """
WITH RECURSIVE person AS (
  SELECT unnest(%s::uuid[]) AS id
  UNION
  SELECT c.id FROM person JOIN customers_customer c ON c.merged_into_id = person.id
)
SELECT id FROM person ORDER BY id
"""

_HOLD = """
SELECT id FROM customers_customer WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""


class CustomerUnknown(ServiceError):
    """There is no such customer."""

    code = "customers.customer_unknown"
    status = 404
    says = N_("There is no customer {customer}.")
    remedy = N_("Look the customer up by phone, card or another identity.")


class CustomerErased(ServiceError):
    """The person asked to be forgotten, and was."""

    code = "customers.customer_erased"
    status = 410
    says = N_("Customer {customer} was erased.")
    remedy = N_("Make a new customer if the person comes back; what was erased is gone.")


class CustomerBusy(ServiceError):
    """Others merge these persons again and again at this moment."""

    code = "customers.customer_busy"
    status = 409
    says = N_("Customer {customer} is being merged by others.")
    remedy = N_("Try again in a moment.")


class _Moved(Exception):
    """A merge came in between; locks are let go and taken anew."""


def _named(customer: UUID) -> str:
    return public_id("cus", customer)


def roots(customers: Collection[UUID]) -> dict[UUID, UUID]:
    """Return for each record the one it leads to today; unknown ones are left out.

    Parameters
    ----------
    customers
        Ids of records, merged or not.
    """
    with connection.cursor() as cursor:
        cursor.execute(_THEMSELVES, [list(customers)])
        rows = cursor.fetchall()
        found = {given: given for given, merged in rows if not merged}
        if len(found) < len(rows):
            # All of them once more: what one statement sees is of one moment.
            cursor.execute(_ROOTS, [list(customers)])
            found = dict(cursor.fetchall())
    return found


def records(customers: Collection[UUID]) -> list[UUID]:
    """Return these records and all that were merged into them, in order of id.

    Parameters
    ----------
    customers
        Ids of records that were not merged.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, [list(customers)])
        return [row[0] for row in cursor.fetchall()]


def _hold_once(customers: Collection[UUID], whole: bool) -> dict[UUID, UUID]:
    found = roots(customers)
    for customer in customers:
        if customer not in found:
            raise CustomerUnknown(customer=_named(customer))
    wanted = records(found.values()) if whole else sorted(set(found.values()))
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [wanted])
    # New statements: they see what those before us committed while we waited.
    if roots(customers) != found or (whole and records(found.values()) != wanted):
        raise _Moved
    return found


def hold(customers: Collection[UUID], *, whole: bool = False) -> dict[UUID, UUID]:
    """Lock the records these persons live in, to the end of the transaction.

    Parameters
    ----------
    customers
        Ids of records, merged or not.
    whole
        Also lock all records that were merged into them.

    Returns
    -------
    dict[UUID, UUID]
        For each id given the locked record; true until the transaction ends.

    Raises
    ------
    CustomerUnknown
        If one of them is not there.
    CustomerBusy
        If merges came in between ten times.
    """
    for _ in range(_TRIES):
        # Going back to the savepoint lets go of the locks, so that all are asked for in order.
        with suppress(_Moved), transaction.atomic():
            return _hold_once(customers, whole)
    raise CustomerBusy(customer=_named(next(iter(customers))))


def lock(customers: Collection[UUID]) -> dict[UUID, Customer]:
    """Lock persons who are to be changed.

    Parameters
    ----------
    customers
        Ids of records, merged or not.

    Returns
    -------
    dict[UUID, Customer]
        For each id given the record the person lives in.

    Raises
    ------
    CustomerUnknown
        If one of them is not there.
    CustomerErased
        If one of them was erased.
    """
    held = hold(customers)
    rows = Customer.objects.in_bulk(set(held.values()))
    for row in rows.values():
        if row.erased_at is not None:
            raise CustomerErased(customer=_named(row.pk))
    return {given: rows[root] for given, root in held.items()}


def lock_one(customer: UUID) -> Customer:
    """Lock one person who is to be changed; see :func:`lock`.

    Parameters
    ----------
    customer
        Id of a record, merged or not.
    """
    return lock([customer])[customer]


def lock_whole(customer: UUID) -> tuple[Customer, list[UUID]]:
    """Lock a person with all records that were merged into theirs, erased or not.

    Parameters
    ----------
    customer
        Id of a record, merged or not.

    Returns
    -------
    tuple[Customer, list[UUID]]
        The record the person lives in, and the ids of all records in order.
    """
    root = hold([customer], whole=True)[customer]
    return Customer.objects.get(pk=root), records([root])
