"""What staff do with a file: hand it in, say what its columns are, try it, bring it in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import list_currencies
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from huitouke.language import N_, Language
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.loop.imports import keeping
from huitouke.service.loop.imports.looking import missing_fields
from huitouke.service.loop.imports.models import Upload
from huitouke.service.loop.imports.opening import FIELDS
from huitouke.service.loop.imports.queries import UploadUnknown

__all__ = [
    "JOB",
    "Columns",
    "ColumnsLacking",
    "KindUnknown",
    "NotTried",
    "ReadingInvalid",
    "UploadBusy",
    "cancel",
    "check",
    "forget_old",
    "hand_in",
    "note_taken",
    "read_as",
    "ring",
    "start",
]

#: The name of the job that works on a file.
JOB = "imports.work"
_PLACES = re.compile(r"[1-9][0-9]{0,3}(\+[1-9][0-9]{0,3})*")


class KindUnknown(ServiceError):
    """Nothing of this kind can be brought in."""

    code = "imports.kind_unknown"
    says = N_("Files of the kind {kind!r} cannot be brought in.")
    remedy = N_("Choose among: {known}.")


class UploadBusy(ServiceError):
    """A job is at work on the file."""

    code = "imports.busy"
    status = 409
    says = N_("The file is being worked on.")
    remedy = N_("Wait until that is done, or cancel it.")


class ReadingInvalid(ServiceError):
    """What was said of a file cannot be."""

    code = "imports.reading_invalid"
    says = N_("{given!r} cannot be the {what}.")
    remedy = N_("Choose one of those that the form shows.")


class ColumnsLacking(ServiceError):
    """A column that is needed was not named."""

    code = "imports.columns_lacking"
    says = N_("No column is taken for: {fields}.")
    remedy = N_("Say which column it is.")


class NotTried(ServiceError):
    """The file was not tried as it would be brought in."""

    code = "imports.not_tried"
    status = 409
    says = N_("The file was not tried yet with these columns.")
    remedy = N_("Try it first; then you see what it would change.")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the columns of a file are, and how they are read.

    Parameters
    ----------
    mapping
        Field to positions of columns counted from 1, ``+`` between several.
    date_order
        ``dmy``, ``mdy``, ``ymd``; empty: the column decides.
    timezone
        IANA name; empty: the programme's.
    currency
        ISO 4217; empty: what the file says, else the programme's.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    date_order: str = ""
    timezone: str = ""
    currency: str = ""


def hand_in(
    blocks: Iterable[bytes],
    *,
    kind: str,
    name: str,
    language: Language,
    at: datetime,
    actor: Actor,
) -> Upload:
    """Keep a file, and have it looked into.

    Parameters
    ----------
    blocks
        Its content, part by part.
    kind
        ``customers``, ``orders`` or ``balances``.
    name
        What it is called.
    language
        In which its rows that are not brought in are explained.
    at, actor
        When, and who hands it in.

    Raises
    ------
    KindUnknown
        If there is no such kind.
    FileTooLarge, FolderUnusable
        If it cannot be kept.
    """
    if kind not in FIELDS:
        raise KindUnknown(kind=kind[:20], known=", ".join(FIELDS))
    stored, size = keeping.keep(blocks)
    try:
        with transaction.atomic():
            made = Upload.objects.create(
                id=new_id(),
                kind=kind,
                name=keeping.called(name),
                stored=stored,
                size_bytes=size,
                language=language,
                uploaded_at=at,
                uploaded_by=str(actor),
                asked_at=at,
                asked_by=str(actor),
            )
            _note("import.handed_in", made, actor=actor)
            ring(made)
    except BaseException:
        keeping.remove(stored)
        raise
    return made


def ring(found: Upload) -> None:
    """Call a worker for a file; calling twice changes nothing.

    Parameters
    ----------
    found
        Which.
    """
    name = public_id("imp", found.id)
    # What is written to the shop's books goes one file after the other.
    lock = "imports.run" if found.job == Upload.State.RUNNING else f"imports.{name}"
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(JOB, queueing_lock=f"imports.{name}", lock=lock).defer(
            upload=str(found.id)
        )


def _note(action: str, found: Upload, *, actor: Actor) -> None:
    facts = {"kind": found.kind}
    audit.note(action, actor=actor, target=public_id("imp", found.id), facts=facts)


def _locked(upload_id: UUID) -> Upload:
    found = Upload.objects.select_for_update().filter(id=upload_id).first()
    if found is None:
        raise UploadUnknown(upload=public_id("imp", upload_id))
    return found


def _free(upload_id: UUID) -> Upload:
    """Return the record, locked, of a file that is there and not at work."""
    found = _locked(upload_id)
    if found.removed_at is not None:
        raise keeping.FileGone(name=found.name)
    if found.busy:
        raise UploadBusy
    return found


def _ask(found: Upload, *, job: str, at: datetime, actor: Actor) -> Upload:
    found.state = found.job = job
    found.asked_at, found.asked_by = at, str(actor)
    found.started_at = found.ended_at = found.cancel_asked_at = None
    found.attempts = found.rows_done = 0
    found.error_code, found.error_says = "", {}
    found.save()
    ring(found)
    return found


def read_as(upload_id: UUID, *, columns: Columns, at: datetime, actor: Actor) -> Upload:
    """Say what the columns are, and have the file tried with that: nothing is written.

    Parameters
    ----------
    upload_id
        Which file.
    columns
        What they are; fields that are not named have no column.
    at, actor
        When, and who says it.

    Raises
    ------
    UploadUnknown, FileGone, UploadBusy
        If the file cannot be worked on.
    ReadingInvalid
        If a field, place, order, zone or currency cannot be.
    ColumnsLacking
        If a column that is needed is not named.
    """
    with transaction.atomic():
        found = _free(upload_id)
        known = FIELDS[found.kind].names
        _valid(columns, known=known, width=len(found.looked.get("headers", ())))
        lacking = missing_fields(found.kind, set(columns.mapping))
        if lacking:
            raise ColumnsLacking(fields=", ".join(group[0] for group in lacking))
        found.mapping = dict(columns.mapping)
        found.without = [name for name in known if name not in columns.mapping]
        found.date_order, found.timezone = columns.date_order, columns.timezone
        found.currency, found.tried = columns.currency, {}
        return _ask(found, job=Upload.State.CHECKING, at=at, actor=actor)


def _valid(columns: Columns, *, known: tuple[str, ...], width: int) -> None:
    taken: set[str] = set()
    for name, places in columns.mapping.items():
        each = places.split("+")
        fits = _PLACES.fullmatch(places) and all(int(place) <= width for place in each)
        if name not in known or not fits or not taken.isdisjoint(each):
            raise ReadingInvalid(given=f"{name}={places}"[:60], what="column")
        taken.update(each)
    if columns.date_order not in {"", "dmy", "mdy", "ymd"}:
        raise ReadingInvalid(given=columns.date_order[:20], what="date order")
    if columns.currency and columns.currency not in list_currencies():
        raise ReadingInvalid(given=columns.currency[:20], what="currency")
    if columns.timezone:
        try:
            ZoneInfo(columns.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ReadingInvalid(given=columns.timezone[:60], what="time zone") from error


def check(upload_id: UUID, *, at: datetime, actor: Actor) -> Upload:
    """Have a file tried once more, as it was read before.

    Parameters
    ----------
    upload_id
        Which file.
    at, actor
        When, and who asks.

    Raises
    ------
    UploadUnknown, FileGone, UploadBusy
        If the file cannot be worked on.
    """
    with transaction.atomic():
        found = _free(upload_id)
        job = Upload.State.CHECKING if found.mapping else Upload.State.LOOKING
        return _ask(found, job=job, at=at, actor=actor)


def start(upload_id: UUID, *, at: datetime, actor: Actor) -> Upload:
    """Bring a file in that was tried; one that was stopped goes on where it was.

    Parameters
    ----------
    upload_id
        Which file.
    at, actor
        When, and who asks.

    Raises
    ------
    UploadUnknown, FileGone, UploadBusy
        If the file cannot be worked on.
    NotTried
        If nobody has seen what it would change.
    """
    with transaction.atomic():
        found = _free(upload_id)
        if not found.tried:
            raise NotTried
        _note("import.started", found, actor=actor)
        return _ask(found, job=Upload.State.RUNNING, at=at, actor=actor)


def cancel(upload_id: UUID, *, at: datetime, actor: Actor) -> Upload:
    """Stop what is at work on a file; the parts that are in stay in. Again changes nothing.

    Parameters
    ----------
    upload_id
        Which file.
    at, actor
        When, and who asks.

    Raises
    ------
    UploadUnknown
        If there is none.
    """
    with transaction.atomic():
        found = _locked(upload_id)
        if not found.busy or found.cancel_asked_at is not None:
            return found
        found.cancel_asked_at = at
        if found.started_at is None:
            found.state, found.ended_at = Upload.State.CANCELLED, at
        found.save(update_fields=["cancel_asked_at", "state", "ended_at"])
        _note("import.cancelled", found, actor=actor)
    return found


def note_taken(found: Upload, *, actor: Actor) -> None:
    """Note that somebody takes the rows out that were not brought in: they name people.

    Parameters
    ----------
    found
        Which file.
    actor
        Who.
    """
    _note("import.quarantine_taken", found, actor=actor)


def forget_old(*, at: datetime) -> int:
    """Remove files that are older than they are kept, with all that was copied from them.

    Parameters
    ----------
    at
        The present moment.

    Returns
    -------
    int
        How many were removed.
    """
    kept = timedelta(days=settings.UPLOAD_DAYS)
    old = Upload.objects.filter(uploaded_at__lt=at - kept, removed_at__isnull=True)
    count = 0
    for found in old.exclude(state__in=Upload.BUSY):
        keeping.remove(found.stored)
        count += Upload.objects.filter(id=found.id).update(removed_at=at, looked={})
    return count
