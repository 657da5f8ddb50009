"""Points set aside, then captured or released."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huitouke.service.ledger.calling import (
    ask,
    check,
    moment,
    points,
    read_receipt,
    reason_text,
    request_hash,
)
from huitouke.service.ledger.contract import Receipt, Spend

__all__ = ["capture", "hold", "prolong", "release"]


def hold(posting: Spend, *, expires_at: datetime) -> Receipt:
    """Set points aside until captured, released or a moment.

    The lots are chosen now: a lot that expires between hold and capture is honoured.

    Parameters
    ----------
    posting
        What to set aside; its kind is always ``hold``, its counter-account that of the capture.
    expires_at
        From when on it can no longer be captured and the points are free again.

    Returns
    -------
    Receipt
        ``done``, or refused: ``insufficient_points``, ``account_closed``, ``hold_expired``.

    Raises
    ------
    KeyTaken
        If the key is known for another posting.
    AccountUnknown
        If there is no such account.
    """
    check(posting.key)
    wanted = points(posting.amount)
    known_by = request_hash(
        "hold", posting.account, posting.amount, moment(posting.effective_at),
        moment(expires_at), posting.contra, posting.reason.get("code"), posting.rule_version,
    )  # fmt: skip
    rows = ask(
        "SELECT * FROM ledger.hold_points(%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)",
        [
            posting.account, posting.key, known_by, wanted,
            posting.effective_at, posting.contra, expires_at, posting.actor,
            reason_text(posting.reason), posting.rule_version,
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=posting.account, key=posting.key)


def capture(
    account: int,
    *,
    key: str,
    hold_key: str,
    amount: int | None,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
) -> Receipt:
    """Spend what a hold set aside, all or a part; the rest returns to its lots.

    Parameters
    ----------
    account, key, actor, reason, effective_at
        As for every posting.
    hold_key
        The key of the hold.
    amount
        Points, at most those held; None: all.

    Returns
    -------
    Receipt
        ``done``, or refused: ``hold_expired``, ``hold_ended``, ``exceeds_hold``.

    Raises
    ------
    PostingUnknown
        If there is no such hold; nothing is kept under the key.
    """
    wanted = None if amount is None else points(amount)
    return _resolve(
        account, key=key, hold_key=hold_key, amount=wanted, actor=actor, reason=reason,
        effective_at=effective_at,
    )  # fmt: skip


def release(
    account: int,
    *,
    key: str,
    hold_key: str,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
) -> Receipt:
    """Give back what a hold set aside; what expired meanwhile expires now.

    Parameters
    ----------
    account, key, actor, reason, effective_at
        As for every posting.
    hold_key
        The key of the hold.

    Returns
    -------
    Receipt
        ``done``, or refused: ``hold_ended``, also where it ran out.

    Raises
    ------
    PostingUnknown
        If there is no such hold; nothing is kept under the key.
    """
    return _resolve(
        account, key=key, hold_key=hold_key, amount=0, actor=actor, reason=reason,
        effective_at=effective_at,
    )  # fmt: skip


def prolong(
    account: int,
    *,
    key: str,
    hold_key: str,
    expires_at: datetime,
    actor: str,
    reason: dict[str, Any],
) -> Receipt:
    """Keep what a hold set aside for longer, also what went out of date meanwhile.

    Parameters
    ----------
    account, key, actor, reason
        As for every posting.
    hold_key
        The key of the hold.
    expires_at
        When it ends unless captured or released before; an earlier end than it has changes
        nothing.

    Returns
    -------
    Receipt
        ``done``, or refused: ``hold_expired``, ``hold_ended``.

    Raises
    ------
    PostingUnknown
        If there is no such hold; nothing is kept under the key.
    """
    check(key)
    known_by = request_hash(
        "prolong", account, hold_key, moment(expires_at), reason.get("code")
    )
    rows = ask(
        "SELECT * FROM ledger.prolong_hold(%s, %s, %s, %s, %s, %s, %s::jsonb)",
        [account, key, known_by, hold_key, expires_at, actor, reason_text(reason)],
    )
    return read_receipt(rows[0], account=account, key=key, refers_to=hold_key)


def _resolve(
    account: int,
    *,
    key: str,
    hold_key: str,
    amount: int | None,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
) -> Receipt:
    check(key)
    known_by = request_hash(
        "resolve", account, hold_key, amount, moment(effective_at), reason.get("code")
    )
    rows = ask(
        "SELECT * FROM ledger.resolve_hold(%s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
        [
            account, key, known_by, hold_key,
            amount, effective_at, actor,
            reason_text(reason),
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=account, key=key, refers_to=hold_key)
