"""Points that are about to lapse: whose, how many, when. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huitouke.service.ledger.calling import ask

__all__ = ["ACCOUNTS_MOST", "Lapse", "Lapsing", "lapses", "lapsing"]

#: Accounts that are looked into; past it, "more than" is said.
ACCOUNTS_MOST = 10_000

# An account falls due when its first lot lapses, or before: the index finds who to look at.
_SUM = """
WITH due AS (
  SELECT a.account FROM ledger.account a
  WHERE a.unit = %(unit)s AND a.next_due_at <= %(until)s
  ORDER BY a.next_due_at LIMIT %(most)s),
lapse AS (
  SELECT l.account, sum(l.remaining) AS points, min(l.expires_at) AS first_at
  FROM due JOIN ledger.lot l ON l.account = due.account AND l.open AND l.active
    AND l.expires_at > core_now() AND l.expires_at <= %(until)s
  GROUP BY l.account)
SELECT count(*), coalesce(sum(points), 0)::bigint, (SELECT count(*) FROM due) FROM lapse
"""
_WHOSE = """
WITH due AS (
  SELECT a.account FROM ledger.account a
  WHERE a.unit = %(unit)s AND a.next_due_at <= %(until)s
  ORDER BY a.next_due_at LIMIT %(most)s),
lapse AS (
  SELECT l.account, sum(l.remaining) AS points, min(l.expires_at) AS first_at
  FROM due JOIN ledger.lot l ON l.account = due.account AND l.open AND l.active
    AND l.expires_at > core_now() AND l.expires_at <= %(until)s
  GROUP BY l.account)
SELECT h.customer, lapse.points::bigint, lapse.first_at
FROM lapse JOIN ledger.holder h ON h.account = lapse.account
ORDER BY lapse.first_at, lapse.points DESC, h.customer LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Lapsing:
    """How many accounts lose how many points; ``more``: at least, there were too many."""

    accounts: int
    points: int
    more: bool


@dataclass(frozen=True, slots=True)
class Lapse:
    """Points of one customer that lapse, and the first moment at which some do."""

    customer: UUID
    points: int
    first_at: datetime


def lapsing(unit: int, *, until: datetime) -> Lapsing:
    """Return how many points lapse from now until a moment.

    Parameters
    ----------
    unit
        What is counted.
    until
        The last moment that counts.
    """
    given = {"unit": unit, "until": until, "most": ACCOUNTS_MOST + 1}
    accounts, points, looked_at = ask(_SUM, given)[0]
    return Lapsing(accounts, points, more=looked_at > ACCOUNTS_MOST)


def lapses(unit: int, *, until: datetime, limit: int = 100) -> list[Lapse]:
    """Return whose points lapse from now until a moment, the soonest first.

    Parameters
    ----------
    unit, until
        As for :func:`lapsing`.
    limit
        The most to return.
    """
    given = {"unit": unit, "until": until, "most": ACCOUNTS_MOST + 1, "limit": limit}
    return [Lapse(*row) for row in ask(_WHOSE, given)]
