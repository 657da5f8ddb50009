"""What the ledger did that nobody asked for, and when points will go: for telling members.

Both are lists over all accounts, read page by page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.ledger.calling import ask, given_values
from huitouke.service.ledger.contract import Given

__all__ = ["ExpiringLot", "IdleAccount", "Settled", "expiring", "idle", "take_untold"]

# All three are read in the order of accounts from where the last page ended, which each of them
# is told; what does not expire in the span is passed over without looking at the lot.
_EXPIRING = """
SELECT l.account, h.customer, l.lot, l.remaining, l.expires_at, l.available_at
FROM ledger.lot l
JOIN ledger.holder h ON h.account = l.account
JOIN ledger.account a ON a.account = l.account AND a.status = 'open'
WHERE h.unit = %s AND l.open AND l.active
  AND l.expires_at >= %s::timestamptz AND l.expires_at < %s::timestamptz
  AND (l.account, l.expires_at, l.available_at, l.lot) > (%s, %s::timestamptz,
    %s::timestamptz, %s)
  AND h.account >= %s AND a.account >= %s
ORDER BY l.account, l.expires_at, l.available_at, l.lot LIMIT %s
"""
_IDLE = """
WITH touched AS (
  SELECT a.account FROM ledger.account a
  WHERE a.unit = %(unit)s AND a.active_at >= %(since)s AND a.active_at < %(until)s
  UNION
  SELECT e.account FROM ledger.entry e
  WHERE e.created_at >= %(since)s AND e.created_at < %(until)s
)
SELECT a.account, h.customer, sum(i.remaining)::bigint, max(greatest(a.active_at, i.held_since))
FROM touched s
JOIN ledger.account a ON a.account = s.account
JOIN ledger.holder h ON h.account = a.account
CROSS JOIN LATERAL ledger.idle_lots(a.account, %(versions)s::bigint[], %(spans)s::tstzrange[]) i
WHERE a.unit = %(unit)s AND a.status = 'open' AND a.available > 0 AND a.account > %(after)s
  AND greatest(a.active_at, i.held_since) >= %(since)s
  AND greatest(a.active_at, i.held_since) < %(until)s
GROUP BY a.account, h.customer ORDER BY a.account LIMIT %(limit)s
"""
_TAKE = """
WITH taken AS (
  DELETE FROM ledger.untold u USING (
    SELECT account, seq FROM ledger.untold ORDER BY account, seq LIMIT %s
    FOR UPDATE SKIP LOCKED
  ) t WHERE u.account = t.account AND u.seq = t.seq
  RETURNING u.account, u.seq
)
SELECT h.customer, n.code, e.account, e.seq, e.op_key, e.kind, e.amount, e.pending, e.held,
  e.debt, e.available_after, e.debt_after, e.effective_at, o.reason::text
FROM taken t
JOIN ledger.entry e ON e.account = t.account AND e.seq = t.seq
JOIN ledger.op o ON o.account = e.account AND o.key = e.op_key
JOIN ledger.account a ON a.account = e.account
JOIN ledger.unit n ON n.unit = a.unit
JOIN ledger.holder h ON h.account = e.account
ORDER BY e.account, e.seq
"""


_COLUMNS = (
    "customer", "unit", "account", "seq", "op_key", "kind", "amount", "pending", "held", "debt",
    "available_after", "debt_after", "effective_at", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExpiringLot:
    """What is left of one lot that will expire.

    Parameters
    ----------
    account, customer
        Whose.
    lot
        Its number within the account.
    points
        What is left of it.
    expires_at
        First moment at which it is gone.
    available_at
        Since when it may be spent.
    """

    account: int
    customer: UUID
    lot: int
    points: int
    expires_at: datetime
    available_at: datetime


@dataclass(frozen=True, slots=True)
class IdleAccount:
    """Points that go by inactivity, and the last earn or burn or moment they came after it."""

    account: int
    customer: UUID
    points: int
    active_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """One entry that nobody asked for, or that settled a debt beside what was asked for.

    Parameters
    ----------
    customer, unit
        Whose account, and the unit's code, e.g. ``"main.points"``.
    account, seq
        Which entry.
    own
        True: the clock made it; False: a command, and only its debt is untold.
    kind, amount, pending, held, debt, available_after, debt_after, effective_at
        As the entry says.
    reason
        Of its operation.
    """

    customer: UUID
    unit: str
    account: int
    seq: int
    own: bool
    kind: str
    amount: int
    pending: int
    held: int
    debt: int
    available_after: int
    debt_after: int
    effective_at: datetime
    reason: dict[str, Any]


def expiring(
    unit: int,
    *,
    since: datetime,
    until: datetime,
    after: ExpiringLot | None = None,
    limit: int = 1000,
) -> list[ExpiringLot]:
    """Return spendable lots of all open accounts that expire within a span.

    Parameters
    ----------
    unit
        What is counted.
    since, until
        From (including) and to (excluding) which moment of expiry.
    after
        The last of the page before; none is the first page.
    limit
        The most lots to return; fewer means that there are no more.
    """
    cursor: tuple[Any, ...] = (
        (0, "-infinity", "-infinity", 0)
        if after is None
        else (after.account, after.expires_at, after.available_at, after.lot)
    )
    rows = ask(_EXPIRING, [unit, since, until, *cursor, cursor[0], cursor[0], limit])
    return [ExpiringLot(*row) for row in rows]


def idle(
    unit: int,
    *,
    since: datetime,
    until: datetime,
    given: Given,
    after: int = 0,
    limit: int = 1000,
) -> list[IdleAccount]:
    """Return open accounts with points of a kind that nothing has held since a span of time.

    Parameters
    ----------
    unit
        What is counted.
    since, until
        From (including) and to (excluding) which moment: of the last earn or burn, or since
        when the points are held, whichever is later.
    given
        Which points.
    after
        Number of the last account of the page before.
    limit
        The most accounts to return; fewer means that there are no more.
    """
    versions, spans = given_values(given)
    asked = {
        "unit": unit, "since": since, "until": until, "versions": versions, "spans": spans,
        "after": after, "limit": limit,
    }  # fmt: skip
    return [IdleAccount(*row) for row in ask(_IDLE, asked)]


def take_untold(*, limit: int = 1000) -> list[Settled]:
    """Take entries off the list of those that nobody was told of.

    The caller tells them in the same transaction: then each is told once, and one whose
    transaction fails stands on the list again. Several may take at once, each gets others.

    Parameters
    ----------
    limit
        The most to take; fewer means that there are no more.
    """
    settled: list[Settled] = []
    for row in ask(_TAKE, [limit]):
        found: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
        own = found.pop("op_key").startswith("settle:")
        found["reason"] = json.loads(found["reason"])
        settled.append(Settled(own=own, **found))
    return settled
