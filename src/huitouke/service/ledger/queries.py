"""What the ledger says: balances now and earlier, history, lots, totals. Nothing is written."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.ledger.calling import AWAITED, AccountUnknown, ask, read_receipt
from huitouke.service.ledger.contract import Balance, Expiring, Line, LotView, Receipt

__all__ = [
    "account_of",
    "balance",
    "entries",
    "given_away",
    "lots",
    "receipt",
    "totals",
]


def account_of(customer: UUID, *, unit: int) -> int | None:
    """Return the account of a customer, or None.

    Parameters
    ----------
    customer
        Whose.
    unit
        What is counted.
    """
    # Of one customer the server keeps the plan; of an array it plans anew each time.
    rows = ask(
        "SELECT account FROM ledger.holder WHERE customer = %s AND unit = %s", [customer, unit]
    )
    return rows[0][0] if rows else None


def given_away(account: int, *, since: datetime) -> int:
    """Return how many points an account gave to others from a moment on.

    Parameters
    ----------
    account
        Its number.
    since
        The moment.
    """
    rows = ask(
        "SELECT coalesce(-sum(e.amount), 0)::bigint FROM ledger.entry e"
        " WHERE e.account = %s AND e.kind = 'transfer' AND e.amount < 0 AND e.seq > coalesce("
        "(SELECT x.seq FROM ledger.entry x WHERE x.account = %s AND x.created_at < %s"
        " ORDER BY x.seq DESC LIMIT 1), 0)",
        [account, account, since],
    )
    return int(rows[0][0])


def balance(account: int, *, as_of: datetime | None = None) -> Balance:
    """Return what a member has, in one statement.

    Lots and holds that are due count as activated, expired and released, whether or not a
    sweep came by.

    Parameters
    ----------
    account
        Its number.
    as_of
        What it would have said at this moment, by the times entries were written; None: now.

    Raises
    ------
    AccountUnknown
        If there is no such account.
    """
    row = ask(
        "SELECT b.*, EXISTS (SELECT FROM ledger.account WHERE account = %s)"
        " FROM ledger.balance(%s, %s::timestamptz) b",
        [account, account, as_of],
    )[0]
    if not row[9]:
        raise AccountUnknown(account=account)
    return Balance(
        active=row[0],
        pending=row[1],
        held=row[2],
        owed=row[3],
        at=row[4],
        expiring=_by_moment(row[5], points=row[6]),
        activating=_by_moment(row[7], points=row[8]),
    )


def _by_moment(
    moments: list[datetime | None] | None, *, points: list[int] | None
) -> tuple[Expiring, ...]:
    pairs = zip(moments or [], points or [], strict=True)
    return tuple(Expiring(expires_at=at, points=each) for at, each in pairs)


def entries(account: int, *, before: int | None = None, limit: int = 50) -> list[Line]:
    """Return an account's history, newest first.

    Parameters
    ----------
    account
        Its number.
    before
        Only entries before this one; None: from the last on.
    limit
        The most entries to return.
    """
    rows = ask(
        "SELECT e.seq, e.kind, e.contra, e.amount, e.pending, e.held, e.debt,"
        " e.available_after, e.pending_after, e.effective_at, e.created_at, e.op_key,"
        " o.reason::text, o.rule_version, o.actor"
        " FROM ledger.entry e JOIN ledger.op o ON o.account = e.account AND o.key = e.op_key"
        " WHERE e.account = %s AND e.seq < %s ORDER BY e.seq DESC LIMIT %s",
        [account, 2**63 - 1 if before is None else before, limit],
    )
    names = (
        "seq", "kind", "contra", "amount", "pending", "held", "debt", "available_after",
        "pending_after", "effective_at", "created_at", "op_key", "reason", "rule_version",
        "actor",
    )  # fmt: skip
    lines: list[Line] = []
    for row in rows:
        found: dict[str, Any] = dict(zip(names, row, strict=True))
        found["reason"] = json.loads(found["reason"])
        lines.append(Line(**found))
    return lines


def lots(account: int, *, open_only: bool = True) -> list[LotView]:
    """Return an account's lots as they are stored, in the order in which they will be used.

    Parameters
    ----------
    account
        Its number.
    open_only
        Whether to leave out the used up ones.
    """
    rows = ask(
        "SELECT lot, earned, remaining, active, nullif(available_at, 'infinity'),"
        " nullif(expires_at, 'infinity'), source_key FROM ledger.lot"
        " WHERE account = %s AND (open OR NOT %s)"
        " ORDER BY active DESC, ledger.lot.expires_at, ledger.lot.available_at, lot",
        [account, open_only],
    )
    return [
        LotView(
            lot=row[0],
            earned=row[1],
            remaining=row[2],
            active=row[3],
            available_at=row[4] or AWAITED,
            expires_at=row[5],
            source_key=row[6],
        )
        for row in rows
    ]


def receipt(account: int, key: str) -> Receipt | None:
    """Return what a posting was answered, or None if there is none under this key.

    Parameters
    ----------
    account
        Its number.
    key
        The key of the posting.
    """
    rows = ask(
        "SELECT k.* FROM ledger.op o, ledger.known(o.account, o.key, o.request_hash) k"
        " WHERE o.account = %s AND o.key = %s",
        [account, key],
    )
    return read_receipt(rows[0], account=account, key=key) if rows else None


def totals(
    unit: int, *, since: datetime | None = None, until: datetime | None = None
) -> dict[str, int]:
    """Return the trial balance: points given (+) and taken (-) by counter-account.

    Transfers and merges are summed as ``transfer`` and ``merge``; they come to nothing.

    Parameters
    ----------
    unit
        What is counted.
    since, until
        Entries written from (including) and to (excluding) these moments; None: no bound.
    """
    rows = ask(
        "SELECT split_part(e.contra, ':', 1),"
        " sum(e.amount + e.pending + e.held - e.debt)::bigint"
        " FROM ledger.entry e JOIN ledger.account a ON a.account = e.account"
        " WHERE a.unit = %s AND e.created_at >= coalesce(%s::timestamptz, '-infinity')"
        " AND e.created_at < coalesce(%s::timestamptz, 'infinity')"
        " GROUP BY 1 ORDER BY 1",
        [unit, since, until],
    )
    return dict(rows)
