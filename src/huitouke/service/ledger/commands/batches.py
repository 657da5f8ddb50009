"""Many postings in one transaction, as sets; the same outcome as one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from huitouke.service.core.columns import columns
from huitouke.service.ledger.calling import (
    ask,
    earn_hash,
    points,
    read_receipt,
    reason_text,
    repeat,
    spend_hash,
)
from huitouke.service.ledger.contract import Earn, Receipt, Spend

__all__ = ["earn_batch", "spend_batch"]

_LABELS = "text text text text bigint"


def earn_batch(postings: Sequence[Earn]) -> list[Receipt]:
    """Credit many lots in one transaction; each posting is done, refused or a repeat by itself.

    Around 1,000 is a good size: the accounts stay locked for some tens of milliseconds.

    Parameters
    ----------
    postings
        What to credit; several of one account are posted in the order given.

    Returns
    -------
    list of Receipt
        In the order of the postings.

    Raises
    ------
    KeyTaken
        If a key is known for another posting; then nothing of the batch is posted.
    AccountUnknown
        If an account does not exist; then nothing of the batch is posted.
    """
    if not postings:
        return []
    rows = [
        (
            each.account,
            each.key,
            earn_hash(each),
            points(each.amount),
            each.effective_at,
            each.available_at,
            each.expires_at,
            *_labels(each),
        )
        for each in postings
    ]
    types = f"bigint text bytea bigint timestamptz timestamptz timestamptz {_LABELS}"
    sql = (
        "SELECT place, (x).* FROM ledger.earn_batch(%b::bigint[], %b::text[], %b::bytea[],"
        " %b::bigint[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::text[],"
        " %b::text[], %b::text[], %b::text[], %b::bigint[]) ORDER BY place"
    )
    given = columns(types, rows)
    return repeat(lambda: _post(sql, given=given, postings=postings))


def spend_batch(postings: Sequence[Spend]) -> list[Receipt]:
    """Take points many times in one transaction; each posting stands by itself.

    Parameters
    ----------
    postings
        What to take; several of one account are posted in the order given.

    Returns
    -------
    list of Receipt
        In the order of the postings.

    Raises
    ------
    KeyTaken
        If a key is known for another posting; then nothing of the batch is posted.
    AccountUnknown
        If an account does not exist; then nothing of the batch is posted.
    """
    if not postings:
        return []
    rows = [
        (
            each.account,
            each.key,
            spend_hash(each),
            points(each.amount),
            each.effective_at,
            *_labels(each),
        )
        for each in postings
    ]
    types = f"bigint text bytea bigint timestamptz {_LABELS}"
    sql = (
        "SELECT place, (x).* FROM ledger.spend_batch(%b::bigint[], %b::text[], %b::bytea[],"
        " %b::bigint[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::text[],"
        " %b::bigint[]) ORDER BY place"
    )
    given = columns(types, rows)
    return repeat(lambda: _post(sql, given=given, postings=postings))


def _labels(one: Earn | Spend) -> tuple[Any, ...]:
    return one.kind, one.contra, one.actor, reason_text(one.reason), one.rule_version


@transaction.atomic
def _post(sql: str, *, given: list[Any], postings: Sequence[Earn | Spend]) -> list[Receipt]:
    return [
        read_receipt(row[1:], account=each.account, key=each.key)
        for row, each in zip(ask(sql, given), postings, strict=True)
    ]
