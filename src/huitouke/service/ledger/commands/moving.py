"""What moves lots: gifts, merged accounts, points that were waited for or live longer."""

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
from huitouke.service.ledger.contract import Receipt

__all__ = ["activate", "extend", "merge_accounts", "transfer", "unmerge_accounts"]


def transfer(
    from_account: int,
    *,
    to_account: int,
    key: str,
    amount: int,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
    available_at: datetime | None = None,
) -> Receipt:
    """Give points to another member; every point keeps its expiry.

    Parameters
    ----------
    from_account, to_account
        Of the giver, who has the key, and of the receiver, who gets an entry a lot with keys
        of the ledger's own (``part:<seq>``).
    key, actor, reason, effective_at
        As for every posting.
    amount
        Points.
    available_at
        From when the receiver may use them; none is at once.

    Returns
    -------
    Receipt
        The giver's: ``done``, or refused: ``not_allowed`` (the unit has transfers off, the
        accounts count different things or are one), ``insufficient_points``,
        ``expires_first`` (some would expire before they are available),
        ``account_closed``, ``too_much``.

    Raises
    ------
    AccountUnknown
        If one of them does not exist.
    """
    check(key)
    wanted = points(amount)
    known_by = request_hash(
        "transfer", from_account, to_account, amount, moment(effective_at), reason.get("code")
    )
    rows = ask(
        "SELECT * FROM ledger.transfer(%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
        [
            from_account, to_account, key, known_by, wanted, effective_at,
            available_at or effective_at, actor, reason_text(reason),
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=from_account, key=key)


def merge_accounts(
    loser: int, *, into: int, key: str, actor: str, effective_at: datetime
) -> Receipt:
    """Move all lots and debts of an account to another, intact, and close it as merged.

    Claw-backs and restores of what the loser earned and spent are asked of the winner from
    then on, under the keys they always had.

    Parameters
    ----------
    loser, into
        The account that goes, which has the key, and the one that stays, which gets an entry
        a lot and a debt with keys of the ledger's own (``part:<seq>``).
    key, actor, effective_at
        As for every posting.

    Returns
    -------
    Receipt
        The loser's: ``done``, or refused: ``open_holds`` (release or capture them first),
        ``account_closed``, ``not_allowed`` (one account, or different units), ``too_much``.

    Raises
    ------
    AccountUnknown
        If one of them does not exist.
    """
    check(key)
    reason = {"code": "accounts_merged"}
    rows = ask(
        "SELECT * FROM ledger.merge(%s, %s, %s, %s, %s, %s, %s::jsonb)",
        [
            loser, into, key, request_hash("merge", loser, into, moment(effective_at)),
            effective_at, actor, reason_text(reason),
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=loser, key=key)


def unmerge_accounts(
    loser: int, *, merge_key: str, key: str, actor: str, effective_at: datetime
) -> Receipt:
    """Undo a merge: what is left of the lots and debts that it moved goes back.

    Parameters
    ----------
    loser
        The account that was merged; it is open again and has the key.
    merge_key
        The key of the merge.
    key, actor, effective_at
        As for every posting.

    Returns
    -------
    Receipt
        The loser's: ``done``, or refused: ``not_merged``.

    Raises
    ------
    PostingUnknown
        If the account has no such merge; nothing is kept under the key.
    """
    check(key)
    reason = {"code": "merge_undone"}
    rows = ask(
        "SELECT * FROM ledger.unmerge(%s, %s, %s, %s, %s, %s, %s::jsonb)",
        [
            loser, merge_key, key,
            request_hash("unmerge", loser, merge_key, moment(effective_at)), effective_at,
            actor, reason_text(reason),
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=loser, key=key, refers_to=merge_key)


def activate(
    account: int,
    *,
    key: str,
    earn_key: str,
    expires_at: datetime | None,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
) -> Receipt:
    """Make pending points spendable now: what they waited for has happened.

    Parameters
    ----------
    account, key, actor, reason, effective_at
        As for every posting.
    earn_key
        The key of the posting that earned them, usually with ``available_at=AWAITED``.
    expires_at
        From when on they are gone; None: as they had it, or never.

    Returns
    -------
    Receipt
        ``done``, or refused: ``nothing_pending``, ``account_closed``.

    Raises
    ------
    PostingUnknown
        If there is no such earn; nothing is kept under the key.
    """
    check(key)
    known_by = request_hash(
        "activate", account, earn_key, moment(expires_at), moment(effective_at),
        reason.get("code"),
    )  # fmt: skip
    rows = ask(
        "SELECT * FROM ledger.activate(%s, %s, %s, %s, %s::timestamptz, %s, %s, %s::jsonb)",
        [
            account,
            key,
            known_by,
            earn_key,
            expires_at,
            effective_at,
            actor,
            reason_text(reason),
        ],
    )
    return read_receipt(rows[0], account=account, key=key, refers_to=earn_key)


def extend(
    account: int,
    *,
    key: str,
    earn_key: str,
    expires_at: datetime | None,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
) -> Receipt:
    """Let what is left of earned points live longer; they are never made to expire earlier.

    Parameters
    ----------
    account, key, actor, reason, effective_at
        As for every posting.
    earn_key
        The key of the posting that earned them.
    expires_at
        From when on they are gone; None: never.

    Returns
    -------
    Receipt
        ``done`` with detail ``points``; its entries, one a lot, have keys of the ledger's own
        (``part:<seq>``), so ``seq`` is None. Or refused: ``nothing_to_extend``,
        ``account_closed``.

    Raises
    ------
    PostingUnknown
        If there is no such earn; nothing is kept under the key.
    """
    check(key)
    known_by = request_hash(
        "extend", account, earn_key, moment(expires_at), moment(effective_at),
        reason.get("code"),
    )  # fmt: skip
    rows = ask(
        "SELECT * FROM ledger.extend(%s, %s, %s, %s, %s::timestamptz, %s, %s, %s::jsonb)",
        [
            account,
            key,
            known_by,
            earn_key,
            expires_at,
            effective_at,
            actor,
            reason_text(reason),
        ],
    )
    return read_receipt(rows[0], account=account, key=key, refers_to=earn_key)
