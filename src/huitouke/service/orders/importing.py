"""How far an import is: a row per file and settings, written with each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from huitouke.service.core.actor import Actor
from huitouke.service.orders.models import Import

__all__ = ["Progress", "advance", "begin", "finish"]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Which import, and how far it was when it was stopped.

    Parameters
    ----------
    kind
        ``customers``, ``orders`` or ``balances``.
    file_hash, settings_hash
        SHA-256 of the file, and of everything that says how it is read; 32 bytes each.
    rows_done
        Rows to pass over: they were written before it was stopped.
    counts
        What was counted of them.
    """

    kind: str
    file_hash: bytes
    settings_hash: bytes
    rows_done: int
    counts: Mapping[str, int]


def begin(
    kind: str, *, file_hash: bytes, settings_hash: bytes, at: datetime, actor: Actor
) -> Progress:
    """Note that a file is brought in, or find where it was stopped.

    A file that was brought in whole begins anew: what is there is found to be the same.

    Parameters
    ----------
    kind, file_hash, settings_hash
        As in :class:`Progress`.
    at
        The present moment.
    actor
        Who imports.
    """
    row, _ = Import.objects.get_or_create(
        kind=kind,
        file_hash=file_hash,
        settings_hash=settings_hash,
        defaults={"started_at": at, "actor": str(actor)},
    )
    stopped = row.finished_at is None
    return Progress(
        kind=kind,
        file_hash=file_hash,
        settings_hash=settings_hash,
        rows_done=row.rows_done if stopped else 0,
        counts=row.counts if stopped else {},
    )


def advance(progress: Progress, *, rows_done: int, counts: Mapping[str, int]) -> None:
    """Note how far it is, in the transaction of the part that was written.

    Parameters
    ----------
    progress
        Which import.
    rows_done
        Rows written since the file's beginning.
    counts
        What was counted of them.
    """
    _row(progress).update(rows_done=rows_done, counts=dict(counts))


def finish(progress: Progress, *, at: datetime) -> None:
    """Note that the whole file is in.

    Parameters
    ----------
    progress
        Which import.
    at
        The present moment.
    """
    _row(progress).update(finished_at=at)


def _row(progress: Progress) -> QuerySet[Import]:
    return Import.objects.filter(
        kind=progress.kind,
        file_hash=progress.file_hash,
        settings_hash=progress.settings_hash,
    )
