"""What lists of customers and the page of one ask of the ledger. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.ledger.calling import AWAITED, ask
from huitouke.service.ledger.contract import Line

__all__ = [
    "LotStory",
    "Place",
    "Told",
    "accounts_of",
    "entries_before",
    "having_at_least",
    "lot_stories",
    "spendable",
]

_SPENDABLE = """
SELECT h.customer, (ledger.balance(h.account, NULL)).active
FROM ledger.holder h WHERE h.customer = ANY(%s::uuid[]) AND h.unit = %s
"""

# Read from the accounts themselves: what is due to lapse since the last touch still counts.
_HAVING = """
SELECT h.customer FROM ledger.account a JOIN ledger.holder h ON h.account = a.account
WHERE h.unit = %s AND a.unit = %s AND a.available >= %s
"""

_STORIES = """
SELECT l.lot, l.earned, l.remaining, l.available_at > core_now(),
  nullif(l.available_at, 'infinity'), nullif(l.expires_at, 'infinity'), o.reason::text
FROM ledger.lot l LEFT JOIN LATERAL (
  SELECT p.reason FROM ledger.op p WHERE p.key = l.source_key AND p.account IN (
    SELECT l.account UNION ALL SELECT a.account FROM ledger.account a
    WHERE a.merged_into = l.account)
  LIMIT 1) o ON true
WHERE l.account = %s AND l.open AND l.expires_at > core_now()
ORDER BY l.active DESC, l.expires_at, l.available_at, l.lot LIMIT %s
"""

# What left for the account that an account became part of is told where it arrived.
_BEFORE = """
SELECT e.account, a.unit, h.customer, e.seq, e.kind, e.contra, e.amount, e.pending, e.held,
  e.debt, e.available_after, e.pending_after, e.effective_at, e.created_at, e.op_key,
  o.reason::text, o.rule_version, o.actor
FROM ledger.entry e JOIN ledger.op o ON o.account = e.account AND o.key = e.op_key
JOIN ledger.account a ON a.account = e.account JOIN ledger.holder h ON h.account = e.account
WHERE e.account = ANY(%s::bigint[])
  AND (e.effective_at, e.account, e.seq) < (%s::timestamptz, %s, %s)
  AND e.kind <> ALL(%s::text[]) AND e.contra IS DISTINCT FROM 'merge:' || a.merged_into
  AND (cardinality(%s::text[]) = 0 OR o.reason ->> 'code' = ANY(%s::text[]))
  AND coalesce(o.reason ->> 'code', '') <> ALL(%s::text[])
ORDER BY e.effective_at DESC, e.account DESC, e.seq DESC LIMIT %s
"""
_ACCOUNTS = """
SELECT account FROM ledger.holder WHERE customer = ANY(%s::uuid[]) AND unit = ANY(%s::int[])
"""
_NAMES = (
    "seq", "kind", "contra", "amount", "pending", "held", "debt", "available_after",
    "pending_after", "effective_at", "created_at", "op_key", "reason", "rule_version", "actor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LotStory:
    """One open lot, and why it was credited.

    Parameters
    ----------
    lot
        Its number within the account.
    earned, remaining
        What it was, and what is left of it.
    pending
        Whether it cannot be spent yet.
    available_at
        Since or from when it can be; ``calling.AWAITED`` where that waits for something.
    expires_at
        First moment at which it is gone; none is never.
    reason
        Of the posting that first earned it.
    """

    lot: int
    earned: int
    remaining: int
    pending: bool
    available_at: datetime
    expires_at: datetime | None
    reason: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the history of some accounts: a moment, and what of it comes later."""

    at: datetime
    account: int
    seq: int


@dataclass(frozen=True, slots=True)
class Told:
    """An entry, with whose account it stands on and what that counts."""

    account: int
    unit: int
    customer: UUID
    line: Line


def spendable(customers: Collection[UUID], *, unit: int) -> dict[UUID, int]:
    """Return what customers can spend now; those without an account are left out.

    Parameters
    ----------
    customers
        Ids of records of today, a page of them.
    unit
        What is counted.
    """
    if not customers:
        return {}
    return dict(ask(_SPENDABLE, [list(customers), unit]))


def having_at_least(points: int, *, unit: int) -> tuple[str, list[Any]]:
    """Return a subquery of the customers who have so many spendable points, for a filter.

    Parameters
    ----------
    points
        How many.
    unit
        What is counted.

    Returns
    -------
    tuple[str, list[Any]]
        SQL that yields ids of customers, and its parameters.
    """
    return _HAVING, [unit, unit, points]


def lot_stories(account: int, *, limit: int = 200) -> list[LotStory]:
    """Return an account's open lots with why each was credited, in the order of their use.

    Parameters
    ----------
    account
        Its number.
    limit
        The most to return.
    """
    return [
        LotStory(
            lot=row[0],
            earned=row[1],
            remaining=row[2],
            pending=row[3],
            available_at=row[4] or AWAITED,
            expires_at=row[5],
            reason=json.loads(row[6]) if row[6] else {},
        )
        for row in ask(_STORIES, [account, limit])
    ]


def accounts_of(customers: Collection[UUID], *, units: Collection[int]) -> list[int]:
    """Return the accounts of customers, of records that were merged as well.

    Parameters
    ----------
    customers
        Ids of records.
    units
        What is counted.
    """
    rows = ask(_ACCOUNTS, [list(customers), list(units)])
    return [account for (account,) in rows]


def entries_before(
    accounts: Collection[int],
    *,
    place: Place,
    limit: int,
    but: Sequence[str] = (),
    only: Sequence[str] = (),
    without: Sequence[str] = (),
) -> list[Told]:
    """Return entries by when they happened in the shop, newest first.

    Parameters
    ----------
    accounts
        Their numbers.
    place
        Only entries before it.
    limit
        The most to return.
    but
        Kinds of entries that are left out.
    only, without
        Codes of reasons: these alone, or all but these.
    """
    found: list[Told] = []
    if not accounts:
        return found
    asked = [list(accounts), place.at, place.account, place.seq, list(but)]
    for row in ask(_BEFORE, [*asked, list(only), list(only), list(without), limit]):
        values: dict[str, Any] = dict(zip(_NAMES, row[3:], strict=True))
        values["reason"] = json.loads(values["reason"])
        found.append(Told(row[0], row[1], row[2], Line(**values)))
    return found
