"""Points out."""

from __future__ import annotations

from huitouke.service.ledger.calling import ask, points, read_receipt, reason_text, spend_hash
from huitouke.service.ledger.contract import Receipt, Spend

__all__ = ["spend"]


def spend(posting: Spend) -> Receipt:
    """Take points, the ones that expire soonest first.

    Parameters
    ----------
    posting
        What to take.

    Returns
    -------
    Receipt
        ``done``, or refused: ``insufficient_points``, ``account_closed``.

    Raises
    ------
    KeyTaken
        If the key is known for another posting.
    AccountUnknown
        If there is no such account.
    """
    rows = ask(
        "SELECT * FROM ledger.spend(%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)",
        [
            posting.account, posting.key, spend_hash(posting), points(posting.amount),
            posting.effective_at, posting.kind, posting.contra, posting.actor,
            reason_text(posting.reason), posting.rule_version,
        ],
    )  # fmt: skip
    return read_receipt(rows[0], account=posting.account, key=posting.key)
