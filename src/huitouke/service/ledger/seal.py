"""Seals the ledger: a chain of hashes over all operations, written after the fact.

The head of the chain, printed by ``huitouke ledger verify`` and kept outside the database,
proves later that nothing before it was changed, taken out or put in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from huitouke.service.core import audit
from huitouke.service.core.actor import SYSTEM

__all__ = ["SLACK", "Head", "head", "seal"]

SLACK = timedelta(hours=1)
_LEAVES = 50_000


@dataclass(frozen=True)
class Head:
    """The last block of the chain: its number and its hash in hexadecimal."""

    block: int
    hash: str


def seal(*, slack: timedelta | None = SLACK, leaves: int = _LEAVES) -> int:
    """Write blocks over every operation that is not yet sealed.

    Parameters
    ----------
    slack
        How long before the last cut to look for operations that were committed late. None
        looks from the beginning; run it once a night, after a check, which has looked at what
        this finds: what came after the slack is noted in the audit log.
    leaves
        Operations per block; more where one batch wrote more at the same moment.

    Returns
    -------
    int
        Blocks written; each is committed by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT since::text, until::text FROM ledger.seal_cuts(%s::interval, %s::integer)",
            [None if slack is None else f"{slack.total_seconds()} seconds", leaves],
        )
        stretches = cursor.fetchall()
    blocks = 0
    for stretch in stretches:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT leaves, late"
                " FROM ledger.seal_block(%s::text::timestamptz, %s::text::timestamptz)",
                stretch,
            )
            row: tuple[int, int] = cursor.fetchone()
            written, late = row
            if late:
                facts = {"operations": late}
                audit.note("ledger.sealed_late", actor=SYSTEM, target="ledger", facts=facts)
        blocks += 1 if written else 0
    return blocks


def head() -> Head | None:
    """Return the last block of the chain; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT block, encode(hash, 'hex') FROM ledger.seal ORDER BY block DESC LIMIT 1"
        )
        found = cursor.fetchone()
    return Head(*found) if found else None
