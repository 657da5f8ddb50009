"""What accounts and controllers ask of the ledger: movements and balances of a period.

Every question is one set-based statement over all accounts of a unit, as of the moment to
which entries were written; nothing is locked and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from huitouke.service.ledger.calling import ask

__all__ = [
    "Movement",
    "Position",
    "movements",
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
