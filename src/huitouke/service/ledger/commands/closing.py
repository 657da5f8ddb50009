"""The end of an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huitouke.service.ledger.calling import (
    ask,
    check,
    moment,
    read_receipt,
    reason_text,
    request_hash,
)
from huitouke.service.ledger.contract import Receipt

__all__ = ["close_account"]


def close_account(
    account: int,
    *,
    key: str,
    forfeit: bool,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
) -> Receipt:
    """Close an account for good: nothing is earned or spent any more.

    Parameters
    ----------
    account, key, actor, reason, effective_at
        As for every posting.
    forfeit
        True: what is left, also what was still to come, goes with it, as one entry of the
        kind ``forfeit``. False: it stays where it is and expires on its own days.

    Returns
    -------
    Receipt
        ``done`` with detail ``forfeited``, or refused: ``open_holds`` (release or capture
        them first), ``account_closed`` (closed or merged already).

    Raises
    ------
    AccountUnknown
        If there is no such account.
    """
    check(key)
    known_by = request_hash("close", account, forfeit, moment(effective_at), reason.get("code"))
    rows = ask(
        "SELECT * FROM ledger.close_account(%s, %s, %s, %s, %s, %s, %s::jsonb)",
        [account, key, known_by, forfeit, effective_at, actor, reason_text(reason)],
    )
    return read_receipt(rows[0], account=account, key=key)
