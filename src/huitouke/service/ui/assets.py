"""Static files without a step by hand: gathered, named by their content, compressed.

The first who needs them gathers them into a folder of this process alone, or into the one
that is set: ``huitouke serve`` makes one for all its processes.
"""

from __future__ import annotations

import fnmatch
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, get_finders
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

__all__ = [
    "SHEET",
    "VARIABLE",
    "Gathered",
    "LookFinder",
    "Static",
    "folder",
    "gather",
    "shared_folder",
]

#: What the sheet of the service is put together from, in this order.
SHEET = (
    "look/tokens.css",
    "look/palette.css",
    "look/base.css",
    "look/components.css",
    "service/ui/sheet/layout.css",
    "service/ui/sheet/parts.css",
    "service/ui/sheet/forms.css",
    "service/ui/sheet/lists.css",
    "service/ui/sheet/findings.css",
    "service/ui/sheet/member.css",
)
_LOOK = {
    "ui/sheet.css": SHEET,
    "ui/charts.js": ("look/charts.min.js",),
    "ui/inter.woff2": ("look/inter.woff2",),
}
# Parts of packages that no page loads.
_LEFT_OUT = ["*-4.js", "*-4.min.js", "*/htmx-2.js", "*/django-htmx.js", "*/ext/*"]
#: The setting that names the folder.
VARIABLE = "HUITOUKE_STATIC_DIR"
_lock = threading.Lock()
_kept: list[TemporaryDirectory[str]] = []


class _Look(Storage):
    """Files put together from the package's own; they are only read."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:  # noqa: ARG002
        root = resources.files("huitouke")
        parts = [(root / part).read_bytes() for part in _LOOK[name]]
        body = _tight(b"\n".join(parts)) if name.endswith(".css") else b"".join(parts)
        return ContentFile(body, name=name)


def _tight(sheet: bytes) -> bytes:
    """Return a sheet without its comments and the spaces that only people need."""
    lines = re.sub(rb"/\*.*?\*/", b"", sheet, flags=re.DOTALL).splitlines()
    plain = b"\n".join(line.strip() for line in lines if line.strip())
    # Only where a line begins with a property, or ends with a brace: never inside a text.
    plain = re.sub(rb"(?m)^([\w-]+): ", rb"\1:", plain)
    plain = re.sub(rb"(?m) \{$", b"{", plain)
    return re.sub(rb";?\n\}", b"}", plain)


class LookFinder(BaseFinder):
    """Finds the sheet, the face and the chart library of ``huitouke/look``."""

    storage = _Look()

    def find(self, path: str, **_: Any) -> Any:  # type: ignore[override]  # noqa: ARG002
        """Return nothing: these files are put together when they are gathered.

        Parameters
        ----------
        path
            What Django looks for.
        """
        return []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Return each file with the storage that gives it.

        Parameters
        ----------
        ignore_patterns
            Names to leave out.
        """
        for name in _LOOK:
            if not any(fnmatch.fnmatch(name, each) for each in ignore_patterns or ()):
                yield name, self.storage


class Gathered(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The gathered files; whoever asks for an address gathers them first.

    Parameters
    ----------
    location
        Folder; None: that of :func:`folder`.
    **options
        As Django has them.
    """

    keep_only_hashed_files = True

    def __init__(self, location: str | None = None, **options: Any) -> None:
        super().__init__(location or str(folder()), **options)


def gather(into: Path) -> None:
    """Put all static files into a folder, each named by its content, and compressed.

    Parameters
    ----------
    into
        An empty folder.
    """
    storage = Gathered(location=str(into))
    found: dict[str, Any] = {}
    for finder in get_finders():
        for name, source in finder.list(_LEFT_OUT):
            if name not in found:
                with source.open(name) as file:
                    storage.save(name, file)
                found[name] = (storage, name)
    for _, _, processed in storage.post_process(found):
        if isinstance(processed, Exception):
            raise processed


def folder() -> Path:
    """Return the folder of the gathered files, gathering them if nobody has yet."""
    with _lock:
        given = settings.STATIC_ROOT
        if given and (Path(given) / Gathered.manifest_name).is_file():
            return Path(given)
        if given:
            gather(Path(given))
            return Path(given)
        if not _kept:
            made = TemporaryDirectory(prefix="huitouke-static-")
            gather(Path(made.name))
            _kept.append(made)
        return Path(_kept[0].name)


@contextmanager
def shared_folder() -> Iterator[Path]:
    """Gather once for this process and its children, into a folder that goes afterwards.

    Yields
    ------
    Path
        Where the files lie; the variable names it, for the children, unless it is set.
    """
    if settings.STATIC_ROOT:
        yield folder()
        return
    with TemporaryDirectory(prefix="huitouke-static-") as made:
        gather(Path(made))
        os.environ[VARIABLE] = made
        try:
            yield Path(made)
        finally:
            del os.environ[VARIABLE]


class Static(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves the gathered files; a name with a hash is kept by browsers for ever.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        if not settings.STATIC_ROOT:
            self.add_files(str(folder()), prefix=self.static_prefix)
