"""An import from beginning to end: read, compare, write part by part, tell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db import transaction

from huitouke.insight.engine import Engine
from huitouke.service.core import clock
from huitouke.service.customers.imports import Difference
from huitouke.service.loop.imports.opening import Importer, Request, open_file, settled
from huitouke.service.orders.importing import Progress, advance, begin, finish

__all__ = ["Result", "digest_of", "run"]

#: DuckDB may hold this much before it spills; the rest is the rows in hand.
_ENGINE_MEMORY_GB = 1.0
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Result:
    """What an import found and did, or would do.

    Parameters
    ----------
    difference
        Rows by what became of them; those that could not be read are among the refused.
    unread
        Rows that could not be read, ``tables.QUARANTINE``.
    written
        False for a dry run.
    """

    difference: Difference
    unread: pa.Table
    written: bool


def run(kind: str, *, request: Request, tell: Callable[[int], None]) -> Result:
    """Bring a file in, or say what that would change.

    Parameters
    ----------
    kind
        ``customers``, ``orders`` or ``balances``.
    request
        Which file, and how.
    tell
        Told the rows that are behind: 0 before the file is read, then after each part.

    Raises
    ------
    HuitoukeError
        If the file cannot be read; nothing is written then.
    """
    request = settled(request)
    with Engine(memory_gb=_ENGINE_MEMORY_GB) as engine:
        tell(0)
        file = open_file(kind, request=request, engine=engine)
        progress = None if request.dry_run else _begin(kind, request)
        if progress is not None:
            file.importer.difference.counts.update(progress.counts)
        done = 0
        for part in file.parts:
            done += len(part)
            _bring(file.importer, part, request=request, progress=progress, done=done)
            tell(done)
        if progress is not None:
            finish(progress, at=clock.now())
        found, unread = file.importer.difference, file.unread()
        found.counts.update(file.told.counts)
        found.refusals += file.told.refusals
        found.counts["refused"] += unread.num_rows
        return Result(found, unread, written=not request.dry_run)


def digest_of(file: Path) -> bytes:
    """Return the SHA-256 of a file; 32 bytes.

    Parameters
    ----------
    file
        Where it lies.
    """
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.digest()


def _begin(kind: str, request: Request) -> Progress:
    return begin(
        kind,
        file_hash=digest_of(request.file),
        settings_hash=request.settings_hash(),
        at=clock.now(),
        actor=request.actor,
    )


def _bring(
    importer: Importer,
    part: Sequence[Any],
    *,
    request: Request,
    progress: Progress | None,
    done: int,
) -> None:
    """Bring one part in, with the note of how far it is, in one transaction."""
    if progress is None:
        importer.bring(part, at=clock.now(), actor=request.actor)
    elif done <= progress.rows_done:
        importer.pass_over(part)
    else:
        with transaction.atomic():
            importer.bring(part, at=clock.now(), actor=request.actor)
            advance(progress, rows_done=done, counts=importer.difference.counts)
