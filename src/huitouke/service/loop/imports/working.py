"""The three jobs on a file, each from its beginning to the note of its end."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction

from huitouke.errors import HuitoukeError
from huitouke.language import LANGUAGES, N_
from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.customers.imports import Difference
from huitouke.service.loop.imports.hazards import look_over
from huitouke.service.loop.imports.keeping import quarantine_of
from huitouke.service.loop.imports.looking import look
from huitouke.service.loop.imports.models import Upload
from huitouke.service.loop.imports.queries import request_of
from huitouke.service.loop.imports.report import quarantine_table, write_quarantine
from huitouke.service.loop.imports.running import Result, run

__all__ = ["ProcessEnded", "RowsUnkept", "begin", "fail", "stopped", "work"]


class ProcessEnded(ServiceError):
    """The process that read the file ended in the middle."""

    code = "imports.import_process_ended"
    status = 500
    says = N_("Reading the file ended in the middle (code {code}).")
    remedy = N_(
        "Most often it takes too much memory. Save it as CSV, or split it, and hand it in "
        "again."
    )


class RowsUnkept(ServiceError):
    """The database would not keep what the file holds."""

    code = "imports.rows_unkept"
    status = 500
    says = N_("The database did not take the rows after the first {rows:,}.")
    remedy = N_("What came in before stays. Look into the service's log, then start again.")


_AFTER = {
    Upload.State.LOOKING: Upload.State.LOOKED,
    Upload.State.CHECKING: Upload.State.CHECKED,
    Upload.State.RUNNING: Upload.State.DONE,
}


def begin(upload_id: UUID, *, at: datetime, asked: datetime | None = None) -> Upload | None:
    """Mark a file as being worked on; None where nobody waits for it any more.

    Parameters
    ----------
    upload_id
        Which.
    at
        The present moment.
    asked
        When the job was asked for that is to be done; None: whichever waits.
    """
    with transaction.atomic():
        found = Upload.objects.select_for_update().filter(id=upload_id).first()
        if found is None or not found.busy or (asked and found.asked_at != asked):
            return None
        found.started_at = at
        found.attempts += 1
        found.save(update_fields=["started_at", "attempts"])
    return found


def work(upload_id: UUID, *, asked: datetime | None = None) -> None:
    """Do what was asked for with a file, and note how it ended.

    Parameters
    ----------
    upload_id
        Which.
    asked
        As for :func:`begin`.
    """
    found = begin(upload_id, at=clock.now(), asked=asked)
    if found is None:
        return
    try:
        facts = _looked(found) if found.job == Upload.State.LOOKING else _run(found)
    except HuitoukeError as error:
        fail(upload_id, error, at=clock.now())
    except DatabaseError as error:
        rows = Upload.objects.values_list("rows_done", flat=True).get(id=upload_id)
        fail(upload_id, RowsUnkept(rows=rows), at=clock.now())
        if "connection" in str(error).lower():
            raise
    else:
        _settle(upload_id, facts, at=clock.now())


def _looked(found: Upload) -> dict[str, Any]:
    seen = look(found.kind, request=request_of(found, dry_run=True))
    return {"looked": seen.stored(), "rows_total": seen.rows, "rows_done": seen.rows}


def _run(found: Upload) -> dict[str, Any]:
    dry = found.job == Upload.State.CHECKING
    request = request_of(found, dry_run=dry)
    look_over(request.file, name=request.name)

    def tell(rows: int) -> None:
        Upload.objects.filter(id=found.id).update(rows_done=rows)

    done = run(found.kind, request=request, tell=tell)
    refusals = done.difference.refusals
    table = quarantine_table(done.unread, refusals, reader=request.reader)
    place = quarantine_of(found.stored)
    if table.num_rows:
        write_quarantine(table, place, reader=request.reader)
        place.chmod(0o600)
    else:
        place.unlink(missing_ok=True)
    told = _told(done)
    return {"tried": told} if dry else {"result": told}


def _told(done: Result) -> dict[str, Any]:
    """Return counts, the first lines and the reasons of what was not brought in."""
    found: Difference = done.difference
    reasons = Counter(each.reason for each in found.refusals)
    reasons.update(done.unread["reason"].to_pylist())
    return {
        "counts": {name: number for name, number in found.counts.items() if number},
        "examples": found.examples,
        "reasons": dict(reasons.most_common()),
    }


def _settle(upload_id: UUID, facts: dict[str, Any], *, at: datetime) -> None:
    with transaction.atomic():
        found = Upload.objects.select_for_update().get(id=upload_id)
        if not found.busy:
            return
        for name, value in facts.items():
            setattr(found, name, value)
        if found.job == Upload.State.CHECKING:
            found.rows_total = found.rows_done
        found.state, found.ended_at = _AFTER[Upload.State(found.job)], at
        found.save()
        if found.job == Upload.State.RUNNING:
            counts = facts["result"]["counts"]
            name = public_id("imp", found.id)
            audit.note("import.finished", actor=SYSTEM, target=name, facts=counts)


def fail(upload_id: UUID, error: HuitoukeError, *, at: datetime) -> None:
    """Note that a job could not be done, and why, in every language.

    Parameters
    ----------
    upload_id
        Which file.
    error
        Why.
    at
        The present moment.
    """
    with transaction.atomic():
        found = Upload.objects.select_for_update().get(id=upload_id)
        if not found.busy:
            return
        if "path" in error.values:
            # Errors of reading name the file by its place, which is nobody's business.
            error.values["path"] = found.name
        found.state, found.ended_at = Upload.State.FAILED, at
        found.error_code = error.code
        found.error_says = {each: error.text(each) for each in LANGUAGES}
        found.save()


def stopped(upload_id: UUID, *, asked: datetime, code: int, at: datetime) -> None:
    """Note how a job ended whose process could not say it.

    Somebody may have asked for the next job while the process of this one was ending.

    Parameters
    ----------
    upload_id
        Which file.
    asked
        When the job was asked for.
    code
        What the process ended with.
    at
        The present moment.
    """
    with transaction.atomic():
        found = Upload.objects.select_for_update().get(id=upload_id)
        if not found.busy or found.asked_at != asked:
            return
        if found.cancel_asked_at is None:
            fail(upload_id, ProcessEnded(code=code), at=at)
            return
        found.state, found.ended_at = Upload.State.CANCELLED, at
        found.save(update_fields=["state", "ended_at"])
