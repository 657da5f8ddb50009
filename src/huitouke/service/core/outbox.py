"""What happened, for strangers: a row in the same transaction, delivered by a worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from msgspec.json import encode

from huitouke.service.core.columns import columns
from huitouke.service.core.failpoints import failpoint
from huitouke.service.core.ids import new_id
from huitouke.service.core.webhooks.topics import Topic

__all__ = ["Happening", "Told", "hand_on", "tell"]

# One hands on at a time, so that what a subject is told keeps its order.
_HANDING_ON = 4_848_201_502


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    Parameters
    ----------
    topic
        What, e.g. ``"points.earned"``, ``"tier.upgraded"``.
    subject
        Public id of the customer (or other thing) it happened to; the order of happenings
        is kept per subject.
    body
        JSON-able facts.
    """

    topic: Topic
    subject: str
    body: dict[str, Any] = field(default_factory=dict)


def tell(happenings: Iterable[Happening]) -> None:
    """Write what happened beside the change itself: both are there, or neither.

    Parameters
    ----------
    happenings
        In the order in which they happened.
    """
    rows = [
        (new_id(), each.topic, each.subject, encode(each.body).decode()) for each in happenings
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_outbox (id, topic, subject, body, created_at)"
            " SELECT i, t, s, b::jsonb, core_now()"
            " FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[]) AS r(i, t, s, b)",
            columns("uuid text text text", rows),
        )


@dataclass(frozen=True)
class Told:
    """One thing that happened, as it is handed on; ``id`` stays the same on every try.

    Parameters
    ----------
    id
        Of the happening.
    position
        Later happenings of one subject have higher positions.
    topic, subject, body
        As for :class:`Happening`.
    created_at
        When it was written.
    """

    id: UUID
    position: int
    topic: str
    subject: str
    body: dict[str, Any]
    created_at: datetime


def hand_on(receive: Callable[[Sequence[Told]], None], *, limit: int = 500) -> int:
    """Hand on what has not been told yet, oldest first, each exactly once.

    What is open is found by ``told_at IS NULL`` and never by a position that was reached: a
    transaction that took its position early and commits late is not passed over. Receiving
    and marking are one transaction, and one process hands on at a time.

    Parameters
    ----------
    receive
        Keeps what it gets in the same database and the same transaction.
    limit
        Most happenings of one call.

    Returns
    -------
    int
        How many were handed on; 0 also when another process is at it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_HANDING_ON])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT id, position, topic, subject, body::text, created_at FROM core_outbox"
            " WHERE told_at IS NULL ORDER BY position LIMIT %s FOR UPDATE SKIP LOCKED",
            [limit],
        )
        open_ones = [
            Told(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5])
            for row in cursor.fetchall()
        ]
        if not open_ones:
            return 0
        receive(open_ones)
        cursor.execute(
            "UPDATE core_outbox SET told_at = core_now() WHERE id = ANY(%s)",
            [[each.id for each in open_ones]],
        )
        failpoint("before_told")
    return len(open_ones)
