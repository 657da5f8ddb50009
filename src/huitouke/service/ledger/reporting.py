"""What accounts and controllers ask of the ledger: movements, cohorts, what is open.

Every question is one set-based statement over all accounts of a unit, as of the moment to
which entries were written; nothing is locked and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from huitouke.service.ledger.calling import ask

__all__ = [
    "CohortMove",
    "Movement",
    "OpenLots",
    "Position",
    "cohort_moves",
    "movements",
    "open_lots",
    "position",
    "snapshot",
]

_MOVEMENTS = """
SELECT e.kind, split_part(e.contra, ':', 1), count(*),
       sum(e.amount + e.pending + e.held - e.debt)::bigint
FROM ledger.entry e JOIN ledger.account a ON a.account = e.account
WHERE a.unit = %s AND e.created_at >= coalesce(%s::timestamptz, '-infinity')
  AND e.created_at < %s::timestamptz
GROUP BY 1, 2 ORDER BY 2, 1
"""

# The last entry before the moment carries the four balances; sums of entries are no part of it.
_POSITION = """
SELECT count(*), coalesce(sum(l.available_after), 0)::bigint,
       coalesce(sum(l.pending_after), 0)::bigint, coalesce(sum(l.held_after), 0)::bigint,
       coalesce(sum(l.debt_after), 0)::bigint
FROM ledger.account a
CROSS JOIN LATERAL (
  SELECT e.available_after, e.pending_after, e.held_after, e.debt_after FROM ledger.entry e
  WHERE e.account = a.account AND e.created_at < %s::timestamptz
  ORDER BY e.seq DESC LIMIT 1
) l
WHERE a.unit = %s
"""

# A lot that came from another account keeps its own dates; one that stands for an earlier lot
# belongs to that one's month.
_BORN = """
WITH born AS (
  SELECT l.account, l.lot, l.earned, l.expires_at, e.contra, e.effective_at,
         date_trunc('month', (CASE
           WHEN e.contra LIKE '%%:%%' AND isfinite(l.available_at) THEN l.available_at
           ELSE coalesce(o.effective_at, e.effective_at) END) AT TIME ZONE %s)::date AS month,
         coalesce(o.contra, e.contra) = 'import' AS imported
  FROM ledger.lot l
  JOIN ledger.account a ON a.account = l.account AND a.unit = %s
  JOIN ledger.entry e ON e.account = l.account AND e.seq = l.lot
  LEFT JOIN ledger.entry o ON o.account = l.account AND o.seq = nullif(l.origin, 0)
  WHERE e.created_at < %s::timestamptz
)
"""

_COHORTS = (
    _BORN  # noqa: S608 - both halves are ours
    + """
SELECT month, imported, contra, happened, sum(points)::bigint, count(*)
FROM (
  SELECT b.month, b.imported, split_part(b.contra, ':', 1) AS contra,
         date_trunc('month', b.effective_at AT TIME ZONE %s)::date AS happened,
         b.earned AS points
  FROM born b
  UNION ALL
  -- What pays a debt off at once was credited and taken by the same entry.
  SELECT b.month, b.imported,
         CASE WHEN e.kind IN ('earn', 'activate', 'import') THEN 'settle'
              ELSE split_part(e.contra, ':', 1) END,
         date_trunc('month', e.effective_at AT TIME ZONE %s)::date, -x.amount
  FROM born b
  JOIN ledger.alloc x ON x.account = b.account AND x.lot = b.lot
  JOIN ledger.entry e ON e.account = x.account AND e.seq = x.seq
  WHERE e.created_at < %s::timestamptz
) m
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
)

_OPEN = (
    _BORN  # noqa: S608 - both halves are ours
    + """
, rest AS (
  SELECT b.month, b.imported, b.expires_at, b.earned - coalesce(t.taken, 0) AS points
  FROM born b
  LEFT JOIN LATERAL (
    SELECT sum(x.amount)::bigint AS taken FROM ledger.alloc x
    JOIN ledger.entry e ON e.account = x.account AND e.seq = x.seq
    WHERE x.account = b.account AND x.lot = b.lot AND e.created_at < %s::timestamptz
  ) t ON true
)
SELECT month, imported,
       date_trunc('month', (nullif(expires_at, 'infinity') - interval '1 microsecond')
                           AT TIME ZONE %s)::date,
       expires_at <= %s::timestamptz, sum(points)::bigint, count(*)
FROM rest WHERE points <> 0 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
)


@dataclass(frozen=True, slots=True)
class Movement:
    """What entries of one kind and counter-account came to.

    Parameters
    ----------
    kind, contra
        As written; of a transfer or merge without the other account.
    entries
        How many.
    points
        What they gave the members: what is spendable, to come and set aside, less owed.
    """

    kind: str
    contra: str
    entries: int
    points: int


@dataclass(frozen=True, slots=True)
class Position:
    """What all accounts held at a moment.

    Parameters
    ----------
    accounts
        Those that had an entry by then.
    available, pending, held, owed
        Sums of the balances.
    """

    accounts: int
    available: int
    pending: int
    held: int
    owed: int

    @property
    def net(self) -> int:
        """Points that members have, less what they owe."""
        return self.available + self.pending + self.held - self.owed


@dataclass(frozen=True, slots=True)
class CohortMove:
    """What happened in one month to points that were issued in one month.

    Parameters
    ----------
    month
        First day of the local month of issue.
    imported
        True for balances that were brought in: what was used of them before is not known.
    contra
        ``issue``, ``import``, ``redeem``, ``expire``, ``claw_back``, ``adjust``, ``settle``
        (paid a debt off), ``transfer``, ``merge``.
    happened
        First day of the local month in which it happened.
    points
        Added to (+) or taken from (−) what is left of them.
    count
        How many lots or allocations.
    """

    month: date
    imported: bool
    contra: str
    happened: date
    points: int
    count: int


@dataclass(frozen=True, slots=True)
class OpenLots:
    """What is left of points of one month of issue that expire in one month.

    Parameters
    ----------
    month, imported
        As in :class:`CohortMove`.
    expires
        First day of the local month that holds their last day; none is never.
    overdue
        True where they are gone by now, but no expiry was written yet.
    points, lots
        How many.
    """

    month: date
    imported: bool
    expires: date | None
    overdue: bool
    points: int
    lots: int


@contextmanager
def snapshot() -> Iterator[None]:
    """Read several answers from one state of the ledger, whoever posts meanwhile.

    Inside a transaction that is open already, its own isolation holds.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def movements(unit: int, *, since: datetime | None, until: datetime) -> list[Movement]:
    """Return what entries of a period came to, by kind and counter-account.

    Parameters
    ----------
    unit
        What is counted.
    since, until
        Entries written from (including; None: the first) and to (excluding) these moments.
    """
    return [Movement(*row) for row in ask(_MOVEMENTS, [unit, since, until])]


def position(unit: int, *, at: datetime | None) -> Position:
    """Return what all accounts held just before a moment, from their last entries.

    Parameters
    ----------
    unit
        What is counted.
    at
        The moment; None: before everything.
    """
    if at is None:
        return Position(0, 0, 0, 0, 0)
    return Position(*ask(_POSITION, [at, unit])[0])


def cohort_moves(unit: int, *, until: datetime, zone: str) -> list[CohortMove]:
    """Return what happened to points by month of issue and month of happening.

    Per month of issue the points add up to what is open of it; a hold counts as redeemed
    until it is released.

    Parameters
    ----------
    unit
        What is counted.
    until
        Entries written before this.
    zone
        IANA zone whose calendar makes the months.
    """
    rows = ask(_COHORTS, [zone, unit, until, zone, zone, until])
    return [CohortMove(*row) for row in rows]


def open_lots(unit: int, *, until: datetime, zone: str) -> list[OpenLots]:
    """Return what is left, by month of issue and of expiry.

    Parameters
    ----------
    unit
        What is counted.
    until
        Entries written before this.
    zone
        IANA zone whose calendar makes the months.
    """
    rows = ask(_OPEN, [zone, unit, until, until, zone, until])
    return [OpenLots(*row) for row in rows]
