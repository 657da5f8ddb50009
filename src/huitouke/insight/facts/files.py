"""From a path to a file whose kind and encoding are known, or one clear refusal.

The kind is told from the first bytes, never from the name. Encodings are decided strictly:
a byte order mark, then UTF-8 over the whole file, then GB18030 over the whole file.
"""

from __future__ import annotations

import codecs
import gzip
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huitouke.errors import HuitoukeError
from huitouke.language import N_, Language, words

__all__ = [
    "EncodingUnknown",
    "FileEmpty",
    "FileGivenTwice",
    "FileMissing",
    "FileUnreadable",
    "IsDirectory",
    "NoFiles",
    "NoPermission",
    "NotAFile",
    "NotATable",
    "Source",
    "open_sources",
]

_BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|meta|table|\?xml)", re.IGNORECASE
)
_PAIR = re.compile(rb"([\x81-\xfe])([\x40-\x7e\x80-\xfe])")
_CONTROLS = frozenset(range(32)) - {9, 10, 11, 12, 13, 26}


class NoFiles(HuitoukeError):
    """No file was named."""

    code = "facts.no_files"
    says = N_("No file was named.")
    remedy = N_("Name at least one CSV, TSV, Excel or Parquet file.")


class FileMissing(HuitoukeError):
    """A file that was named is not there."""

    code = "facts.file_missing"
    says = N_("There is no file {path}.")
    remedy = N_("Check the name and the folder.")


class IsDirectory(HuitoukeError):
    """A folder was named instead of files."""

    code = "facts.is_directory"
    says = N_("{path} is a directory.")
    remedy = N_("Name the files in it, for example {path}/*.csv.")


class NotAFile(HuitoukeError):
    """A pipe or a device was named: it cannot be read twice, and may never end."""

    code = "facts.not_a_file"
    says = N_("{path} is a pipe or a device, not a file.")
    remedy = N_("Save the data to a file and name that.")


class NoPermission(HuitoukeError):
    """The file may not be read."""

    code = "facts.no_permission"
    says = N_("{path} may not be read: permission denied.")
    remedy = N_("Give yourself the right to read it, or copy it elsewhere.")


class FileUnreadable(HuitoukeError):
    """The file or the disk gave an error while being read."""

    code = "facts.file_unreadable"
    says = N_("{path} cannot be read: {reason}.")
    remedy = N_("Copy the file to a local disk and try again.")


class FileEmpty(HuitoukeError):
    """The file holds nothing."""

    code = "facts.file_empty"
    says = N_("{path} is empty.")
    remedy = N_("Export the orders again and check that the file has rows.")


class FileGivenTwice(HuitoukeError):
    """The same file was named twice, which would count its orders twice."""

    code = "facts.file_given_twice"
    says = N_("{path} was named twice; its rows would count double.")
    remedy = N_("Name each file once.")


class NotATable(HuitoukeError):
    """The file is no table: binary, damaged, or another kind of file."""

    code = "facts.not_a_table"
    says = N_("{path} is not a table that can be read ({reason}).")
    remedy = N_("Save it as CSV (UTF-8), Excel .xlsx or Parquet.")
    binary = N_("binary data")
    page = N_("a web page")
    pdf = N_("a PDF")
    packed = N_("a damaged .gz")
    archive = N_("an archive; unpack it first")
    workbook = N_("a damaged or locked workbook")
    parquet = N_("a damaged Parquet file")

    def text(self, language: Language) -> str:
        """Return the sentence with its reason in the same language.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        reader = words(language)
        reason = reader.say(self.values["reason"])
        says = reader.say(self.says, path=self.values["path"], reason=reason)
        return reader.gap.join([says, reader.say(self.remedy)])


class EncodingUnknown(HuitoukeError):
    """The text is in none of the encodings that are read."""

    code = "facts.encoding_unknown"
    says = N_("The text of {path} is neither UTF-8 nor UTF-16 nor GB18030 (byte {position}).")
    remedy = N_("Save it again as UTF-8.")


@dataclass(frozen=True)
class Source:
    """One file, looked into.

    Parameters
    ----------
    name
        The path as it was given: what notes and the quarantine call it.
    path
        Where to read it (the unpacked copy of a .gz).
    kind
        How to read it.
    encoding
        The Python codec of a text; empty otherwise.
    """

    name: str
    path: Path
    kind: Literal["text", "workbook", "parquet"]
    encoding: str = ""


def open_sources(paths: Sequence[Path], *, folder: Path) -> list[Source]:
    """Look into every file before any is read, so that nothing partial happens.

    Parameters
    ----------
    paths
        The files in the order given.
    folder
        A working folder for unpacked copies.

    Returns
    -------
    list of Source
        One per path.

    Raises
    ------
    HuitoukeError
        At the first file that cannot be a table; see the errors of this module.
    """
    if not paths:
        raise NoFiles
    seen: set[Path] = set()
    found = []
    for number, path in enumerate(paths):
        with _obstacles(path):
            kind = path.stat().st_mode
            if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
                raise NotAFile(path=path)
            if path.resolve() in seen:
                raise FileGivenTwice(path=path)
            seen.add(path.resolve())
            found.append(_look_into(path, folder / f"unpacked{number}_{path.stem[:40]}"))
    return found


@contextmanager
def _obstacles(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissing(path=path) from error
    except IsADirectoryError as error:
        raise IsDirectory(path=str(path).rstrip("/")) from error
    except PermissionError as error:
        raise NoPermission(path=path) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise NotATable(path=path, reason=NotATable.packed) from error
    except OSError as error:
        raise FileUnreadable(path=path, reason=error.strerror or str(error)) from error


def _look_into(path: Path, unpacked: Path) -> Source:
    where = path
    head = _head(path)
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as packed, unpacked.open("wb") as plain:
            while block := packed.read(_BLOCK):
                plain.write(block)
        where, head = unpacked, _head(unpacked)
    if not head:
        raise FileEmpty(path=path)
    if head.startswith(b"PAR1"):
        return Source(str(path), where, "parquet")
    if head.startswith(b"PK"):
        _require_workbook(path, where)
        return Source(str(path), where, "workbook")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return Source(str(path), where, "workbook")
    _refuse_pages(path, head)
    encoding = _encoding_by_mark(head) or _encoding_by_trial(path, where)
    _require_text(path, where, encoding)
    return Source(str(path), where, "text", encoding)


def _refuse_pages(path: Path, head: bytes) -> None:
    if head.startswith(b"%PDF"):
        raise NotATable(path=path, reason=NotATable.pdf)
    if _PAGE.match(head):
        raise NotATable(path=path, reason=NotATable.page)


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1 << 16)


def _require_workbook(path: Path, where: Path) -> None:
    try:
        with zipfile.ZipFile(where) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise NotATable(path=path, reason=NotATable.archive) from error
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise NotATable(path=path, reason=NotATable.archive)


def _encoding_by_mark(head: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:4096]
    half = len(sample) // 2
    if half >= 2 and b"\0" in sample:
        if sample[1::2].count(0) > 0.3 * half and sample[0::2].count(0) < 0.05 * half:
            return "utf-16-le"
        if sample[0::2].count(0) > 0.3 * half and sample[1::2].count(0) < 0.05 * half:
            return "utf-16-be"
    return None


def _encoding_by_trial(path: Path, where: Path) -> str:
    if b"\0" in _head(where):
        raise NotATable(path=path, reason=NotATable.binary)
    position = 0
    for encoding in ("utf-8", "gb18030"):
        position = _first_bad_byte(where, encoding)
        if position < 0:
            break
    if position < 0 and encoding == "gb18030":
        position = _western(where)
    if position >= 0:
        raise EncodingUnknown(path=path, position=position)
    return encoding


def _western(where: Path) -> int:
    """Return the first accented letter if a text that reads as GB18030 is Western, else -1.

    In Latin-1 an accented letter mostly stands before a plain one, which GB18030 takes for a
    single rare character; Chinese text hardly ever has such pairs.
    """
    done = 0
    with where.open("rb") as stream:
        while (block := stream.read(_BLOCK)) and block.isascii():
            done += len(block)
    pairs = [found.start() for found in _PAIR.finditer(block)]
    letters = [at for at in pairs if block[at] >= 0xC0 and block[at + 1 : at + 2].isalpha()]
    return done + letters[0] if len(letters) > len(pairs) / 2 else -1


def _first_bad_byte(where: Path, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = 0
    with where.open("rb") as stream:
        while True:
            block = stream.read(_BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return done + error.start
            if not block:
                return -1
            done += len(block)


def _require_text(path: Path, where: Path, encoding: str) -> None:
    try:
        with where.open(encoding=encoding, newline="") as stream:
            sample = stream.read(1 << 16)
            while encoding.startswith("utf-16") and stream.read(_BLOCK):
                continue
    except UnicodeError as error:
        raise EncodingUnknown(path=path, position=getattr(error, "start", 0)) from error
    if not sample.strip("\ufeff\0 \t\r\n\x1a"):
        raise FileEmpty(path=path)
    strange = sum(ord(letter) in _CONTROLS for letter in sample)
    if strange > 0.01 * len(sample):
        raise NotATable(path=path, reason=NotATable.binary)
