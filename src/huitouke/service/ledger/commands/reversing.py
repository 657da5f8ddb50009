"""What undoes an earlier posting: a refunded order, a cancelled redemption."""

from __future__ import annotations

from collections.abc import Sequence
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
from huitouke.service.ledger.contract import DebtPolicy, Receipt

__all__ = ["claw_back", "restore"]


def claw_back(
    account: int,
    *,
    key: str,
    amount: int,
    earn_keys: Sequence[str],
    policy: DebtPolicy,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
    rule_version: int | None = None,
) -> Receipt:
    """Take earned points back: first from the lots they made, pending ones before active ones.

    What of these lots expired counts as taken. The rest was spent and goes by the policy:
    ``debt`` takes other spendable points and leaves the rest owed, ``within_balance`` takes
    other spendable points and forgives the rest, ``pending_only`` takes nothing but what is
    pending, ``absorb`` nothing but what is left of the lots. A debt above what the member
    used, or has set aside, is written off.

    Parameters
    ----------
    account, key, actor, reason, effective_at, rule_version
        As for every posting.
    amount
        Points to take back.
    earn_keys
        The keys of the postings that earned them.
    policy
        What happens to points that are spent.

    Returns
    -------
    Receipt
        ``done`` with detail ``taken``, ``expired``, ``owed``, ``forgiven`` (together the
        amount), ``written_off`` (of what is owed) and ``earn_keys``; ``seq`` is None when
        nothing changed. Or refused: ``reversed_already`` when less than the amount is left to
        take back (detail ``left``), ``account_closed``, ``too_much``.

    Raises
    ------
    PostingUnknown
        If one of the earn keys is unknown; nothing is kept under the key.
    """
    check(key)
    wanted = points(amount)
    keys = list(dict.fromkeys(earn_keys))
    known_by = request_hash(
        "claw_back", account, amount, sorted(keys), policy, moment(effective_at),
        reason.get("code"), rule_version,
    )  # fmt: skip
    rows = ask(
        "SELECT * FROM ledger.claw_back(%s, %s, %s, %s, %s::text[], %s, %s, %s, %s::jsonb, %s)",
        [
            account, key, known_by, wanted, keys, policy, effective_at, actor,
            reason_text(reason), rule_version,
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=account, key=key, refers_to=", ".join(keys))


def restore(
    account: int,
    *,
    key: str,
    spend_key: str,
    amount: int | None,
    grace_until: datetime | None,
    actor: str,
    reason: dict[str, Any],
    effective_at: datetime,
) -> Receipt:
    """Give spent points back to the lots they came from, the last taken first.

    Parameters
    ----------
    account, key, actor, reason, effective_at
        As for every posting.
    spend_key
        The key of a burn, a capture (or its hold) or a negative adjustment.
    amount
        Points; None: all that were not given back yet.
    grace_until
        How long points live whose lot has expired since; None: they expire at once, with an
        entry of their own.

    Returns
    -------
    Receipt
        ``done`` with detail ``restored`` (to living lots), ``regranted`` (as new lots),
        ``expired`` (together the amount), ``settled`` (part of it that paid what was owed)
        and ``spend_key``; ``seq`` is None when all came back as new lots. Or refused:
        ``reversed_already`` when less is left to give back (detail ``left``),
        ``account_closed``, ``too_much``.

    Raises
    ------
    PostingUnknown
        If there is no such spend; nothing is kept under the key.
    """
    check(key)
    wanted = None if amount is None else points(amount)
    known_by = request_hash(
        "restore", account, spend_key, amount, moment(grace_until), moment(effective_at),
        reason.get("code"),
    )  # fmt: skip
    rows = ask(
        "SELECT * FROM ledger.restore(%s, %s, %s, %s, %s, %s::timestamptz, %s, %s, %s::jsonb)",
        [
            account, key, known_by, spend_key,
            wanted, grace_until, effective_at, actor,
            reason_text(reason),
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=account, key=key, refers_to=spend_key)
