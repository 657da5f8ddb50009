"""Who a member is when something is redeemed: the locked row, the tier, the account."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger import units
from huitouke.service.programme.rewards.refusals import NotEnrolled

__all__ = [
    "Member",
    "account_and_balance",
    "account_in",
    "counted_units",
    "lock_member",
    "lock_members",
    "member_of",
    "members_of",
    "unit_of",
]

# Persons are locked by their own row, as wherever facts are told, members are merged or a
# person is erased; the statement after it sees what the holder before us committed.
_LOCK = """
SELECT id FROM customers_customer WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
_MEMBERS = """
SELECT m.customer_id, m.tier
FROM programme_membership m JOIN programme_programme p ON p.id = m.programme_id
WHERE p.code = %s AND m.customer_id = ANY(%s::uuid[]) AND m.merged_into_id IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A customer who is enrolled, and the code of the tier (empty: none)."""

    customer: UUID
    tier: str


def members_of(programme: str, *, customers: Collection[UUID]) -> dict[UUID, Member]:
    """Return those of these customers who are members, without a lock.

    Parameters
    ----------
    programme
        Code of the programme.
    customers
        Whose.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [programme, list(customers)])
        return {row[0]: Member(customer=row[0], tier=row[1]) for row in cursor.fetchall()}


def lock_members(programme: str, *, customers: Collection[UUID]) -> dict[UUID, Member]:
    """Lock the rows of customers, always in the same order; return those who are members.

    Limits are counted and balances spent under this lock; it is taken before any other row
    of the programme or the ledger.

    Parameters
    ----------
    programme
        Code of the programme.
    customers
        Whose.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(customers)])
    return members_of(programme, customers=customers)


def lock_member(programme: str, *, customer: UUID) -> Member:
    """Lock one customer's row and return the member.

    Raises
    ------
    NotEnrolled
        If the customer is not a member.
    """
    found = lock_members(programme, customers=[customer])
    if customer not in found:
        raise NotEnrolled(programme=programme)
    return found[customer]


def member_of(programme: str, *, customer: UUID) -> Member | None:
    """Return a member without a lock, or none."""
    return members_of(programme, customers=[customer]).get(customer)


def unit_of(programme: str, *, unit: str) -> int:
    """Return the ledger's number of a programme's unit.

    Parameters
    ----------
    programme
        Code of the programme.
    unit
        Code within it, e.g. ``"points"``.
    """
    return units.unit(f"{programme}.{unit}").unit


def counted_units(programme: str) -> dict[str, int]:
    """Return the ledger's numbers of a programme's units that are spent, by their code.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    prefix = f"{programme}."
    return {
        each.code.removeprefix(prefix): each.unit
        for each in units.units()
        if each.code.startswith(prefix) and each.kind != "growth"
    }


def account_and_balance(programme: str, *, customer: UUID, unit: str) -> tuple[int | None, int]:
    """Return a customer's account and what is spendable on it; none and 0 without one."""
    return account_in(unit_of(programme, unit=unit), customer=customer)


def account_in(unit: int, *, customer: UUID) -> tuple[int | None, int]:
    """Return the same for a unit by its number in the ledger."""
    account = ledger_queries.account_of(customer, unit=unit)
    if account is None:
        return None, 0
    return account, ledger_queries.balance(account).active
