"""Questions about files that were handed in; nothing here writes."""

from __future__ import annotations

from uuid import UUID

from huitouke.language import N_, words
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.loop.imports.keeping import file_of, quarantine_of
from huitouke.service.loop.imports.models import Upload
from huitouke.service.loop.imports.opening import Request

__all__ = ["UploadUnknown", "has_quarantine", "past", "request_of", "upload"]


class UploadUnknown(ServiceError):
    """There is no such import."""

    code = "imports.unknown"
    status = 404
    says = N_("There is no import {upload}.")
    remedy = N_("Look for it in the list of imports.")


def upload(upload_id: UUID) -> Upload:
    """Return a file that was handed in.

    Parameters
    ----------
    upload_id
        Which.

    Raises
    ------
    UploadUnknown
        If there is none.
    """
    found = Upload.objects.filter(id=upload_id).first()
    if found is None:
        raise UploadUnknown(upload=public_id("imp", upload_id))
    return found


def past(
    *, kinds: tuple[str, ...], before: UUID | None = None, limit: int = 20
) -> list[Upload]:
    """Return files that were handed in, newest first.

    Parameters
    ----------
    kinds
        Only these.
    before
        Only older ones than this, to read on.
    limit
        Most of them.
    """
    found = Upload.objects.filter(kind__in=kinds).defer("looked").order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found[:limit])


def has_quarantine(found: Upload) -> bool:
    """Say whether the list of rows that were not brought in can be had.

    Parameters
    ----------
    found
        Which file.
    """
    return found.removed_at is None and quarantine_of(found.stored).exists()


def request_of(found: Upload, *, dry_run: bool) -> Request:
    """Return how a file is to be read, as the command line would have it.

    Parameters
    ----------
    found
        Which file, and what was said of it.
    dry_run
        Whether nothing is to be written.
    """
    kind, _, name = found.asked_by.partition(":")
    return Request(
        file=file_of(found.stored),
        name=found.name,
        reader=words(found.language),  # type: ignore[arg-type]
        actor=Actor(kind, name),  # type: ignore[arg-type]
        mapping=found.mapping,
        without=tuple(found.without),
        dry_run=dry_run,
        date_order=found.date_order or None,  # type: ignore[arg-type]
        timezone=found.timezone or None,
        currency=found.currency or None,
        programme=found.programme,
        unit=found.unit,
    )
