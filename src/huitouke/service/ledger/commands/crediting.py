"""Points in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huitouke.service.ledger.calling import (
    ask,
    earn_hash,
    points,
    read_receipt,
    reason_text,
    stored,
)
from huitouke.service.ledger.contract import Earn, Receipt

__all__ = ["earn", "open_accounts"]


def open_accounts(customers: Sequence[UUID], *, unit: int) -> list[int]:
    """Return the accounts of customers, opening those that are missing.

    Parameters
    ----------
    customers
        Whose; the same one may stand there twice.
    unit
        What is counted.

    Returns
    -------
    list of int
        In the order of the customers.
    """
    if len(customers) == 1:
        # The everyday case: one customer, whose account is there.
        known = ask(
            "SELECT account FROM ledger.holder WHERE customer = %s AND unit = %s",
            [customers[0], unit],
        )
        if known:
            return [known[0][0]]
    rows = ask(
        "SELECT customer, account FROM ledger.open_accounts(%s::uuid[], %s::smallint)",
        [list(customers), unit],
    )
    found = dict(rows)
    return [found[customer] for customer in customers]


def earn(posting: Earn) -> Receipt:
    """Credit points as one lot; what is owed is settled when they become spendable.

    Parameters
    ----------
    posting
        What to credit.

    Returns
    -------
    Receipt
        ``done``, or refused: ``account_closed``, ``too_much``.

    Raises
    ------
    KeyTaken
        If the key is known for another posting.
    AccountUnknown
        If there is no such account.
    """
    given = [
        posting.account, posting.key, earn_hash(posting), points(posting.amount),
        posting.effective_at, stored(posting.available_at), posting.expires_at, posting.kind,
        posting.contra, posting.actor, reason_text(posting.reason), posting.rule_version,
    ]  # fmt: skip
    rows = ask(
        "SELECT * FROM ledger.earn(%s, %s, %s, %s, %s, %s::timestamptz, %s::timestamptz,"
        " %s, %s, %s, %s::jsonb, %s)",
        given,
    )
    return read_receipt(rows[0], account=posting.account, key=posting.key)
