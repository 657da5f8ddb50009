"""Files that were handed in, on disk: under a random name, for this user only, for a time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.crypto import get_random_string

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = [
    "FileGone",
    "FileTooLarge",
    "FolderUnusable",
    "called",
    "file_of",
    "keep",
    "quarantine_of",
    "remove",
]

_LONGEST = 200
_LETTERS = 64  # of 16: 256 random bits
_HEX = "0123456789abcdef"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_STORED = re.compile(r"[0-9a-f]{64}")


class FileTooLarge(ServiceError):
    """The file is over the limit."""

    code = "imports.file_too_large"
    status = 413
    says = N_("The file is larger than {most_mb} MB.")
    remedy = N_(
        "Split it by month or by store; a part that is brought in twice does no harm. "
        "HUITOUKE_UPLOAD_BYTES sets the limit."
    )


class FolderUnusable(ServiceError):
    """The folder for files cannot be written."""

    code = "imports.folder_unusable"
    status = 503
    says = N_("The file cannot be kept: {why}.")
    remedy = N_(
        "Free disk space, or have HUITOUKE_UPLOAD_DIR name a folder that can be written."
    )


class FileGone(ServiceError):
    """The file was removed, as files are after a time."""

    code = "imports.file_gone"
    status = 410
    says = N_("The file {name} is no longer kept.")
    remedy = N_("Hand it in again; what is known already is found to be the same.")


def called(name: str) -> str:
    r"""Return what a file is called: its last part, without letters that cannot be seen.

    Parameters
    ----------
    name
        As the browser gives it.

    Examples
    --------
    >>> called("../../etc/orders.csv"), called("C:\\shop\\订单.xlsx"), called("")
    ('orders.csv', '订单.xlsx', '–')
    """
    last = re.split(r"[/\\]", _UNSEEN.sub("", name))[-1].strip()
    return last[-_LONGEST:] or "–"


def _folder() -> Path:
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def keep(blocks: Iterable[bytes]) -> tuple[str, int]:
    """Write a file to the folder and return its random name and its size.

    Parameters
    ----------
    blocks
        Its content, part by part.

    Raises
    ------
    FileTooLarge
        If it is over the limit; nothing of it is kept.
    FolderUnusable
        If it cannot be written.
    """
    stored, size = get_random_string(_LETTERS, _HEX), 0
    most: int = settings.UPLOAD_BYTES
    try:
        place = _folder() / stored
        with os.fdopen(
            os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as out:
            for block in blocks:
                size += len(block)
                if size > most:
                    break
                out.write(block)
    except OSError as error:
        remove(stored)
        raise FolderUnusable(why=error.strerror or "?") from error
    if size > most:
        remove(stored)
        raise FileTooLarge(most_mb=most // 1_000_000)
    return stored, size


def file_of(stored: str) -> Path:
    """Return where a file lies.

    Parameters
    ----------
    stored
        Its random name.
    """
    assert _STORED.fullmatch(stored)  # noqa: S101 - made by keep(), read from our own table
    return Path(settings.UPLOAD_DIR) / stored


def quarantine_of(stored: str) -> Path:
    """Return where the rows that were not brought in are listed.

    Parameters
    ----------
    stored
        Its random name.
    """
    return file_of(stored).with_suffix(".csv")


def remove(stored: str) -> None:
    """Remove a file and the list of what was not brought in; again changes nothing.

    Parameters
    ----------
    stored
        Its random name.
    """
    for each in (file_of(stored), quarantine_of(stored)):
        with suppress(FileNotFoundError):
            each.unlink()
