"""A file that is not what it claims gets one clear sentence in either language."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huitouke.errors import HuitoukeError
from huitouke.insight.engine import Engine
from huitouke.insight.facts.files import (
    EncodingUnknown,
    FileEmpty,
    FileGivenTwice,
    FileMissing,
    FileUnreadable,
    IsDirectory,
    NoFiles,
    NoPermission,
    NotAFile,
    NotATable,
)
from huitouke.insight.facts.habits import DateOrderAmbiguous
from huitouke.insight.facts.read import (
    NobodyNamed,
    NoOrders,
    NoRows,
    NoUsableRows,
    Reading,
    read_orders,
)
from huitouke.insight.facts.reading import TimezoneUnknown

GOOD = "customer_id,date,amount\na,2024-03-05,1\n"


def write_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders.csv", GOOD)


def write_broken_workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "no workbook")


def write_broken_parquet(path: Path) -> None:
    pq.write_table(pa.table({"customer_id": ["a"]}), path)
    path.write_bytes(path.read_bytes()[:-20])


BROKEN: dict[str, tuple[Callable[[Path], Any], type[HuitoukeError]]] = {
    "nothing": (lambda path: path.write_bytes(b""), FileEmpty),
    "blanks": (lambda path: path.write_bytes(b" \r\n\r\n"), FileEmpty),
    "mark only": (lambda path: path.write_bytes(b"\xef\xbb\xbf"), FileEmpty),
    "packed nothing": (lambda path: path.write_bytes(gzip.compress(b"")), FileEmpty),
    "folder": (lambda path: path.mkdir(), IsDirectory),
    "image": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 9), NotATable),
    "controls": (lambda path: path.write_bytes(bytes(range(1, 32)) * 9), NotATable),
    "broken gzip": (
        lambda path: path.write_bytes(gzip.compress(GOOD.encode() * 99)[:60]),
        NotATable,
    ),
    "archive": (write_archive, NotATable),
    "broken archive": (lambda path: path.write_bytes(b"PK\3\4 broken"), NotATable),
    "broken workbook": (write_broken_workbook, NotATable),
    "broken parquet": (write_broken_parquet, NotATable),
    "latin": (lambda path: path.write_bytes("a,b\né,1\n".encode("latin-1")), EncodingUnknown),
    "western": (
        lambda path: path.write_bytes("customer_id,date\nMüller,1\n".encode("cp1252")),
        EncodingUnknown,
    ),
    "web page": (
        lambda path: path.write_text("\n<!DOCTYPE html><table><tr><td>1</td></tr></table>"),
        NotATable,
    ),
    "table of a web page": (lambda path: path.write_text("<TABLE><tr></tr>"), NotATable),
    "pdf": (lambda path: path.write_text("%PDF-1.4\ncustomer_id\n"), NotATable),
    "pipe": (os.mkfifo, NotAFile),
    "device": (lambda path: path.symlink_to("/dev/zero"), NotAFile),
    "link to itself": (lambda path: path.symlink_to(path), FileUnreadable),
    "header only": (lambda path: path.write_text(GOOD.splitlines()[0]), NoRows),
    "bad dates": (
        lambda path: path.write_text("customer_id,date,amount\na,x,1\n"),
        NoUsableRows,
    ),
    "nobody": (
        lambda path: path.write_text("customer_id,date,amount\n,2024-03-05,1\n"),
        NobodyNamed,
    ),
    "returns only": (
        lambda path: path.write_text("customer_id,date,amount\na,2024-03-05,-1\n"),
        NoOrders,
    ),
    "unclear dates": (
        lambda path: path.write_text("customer_id,date,amount\na,4/9/2012,1\n"),
        DateOrderAmbiguous,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_sentence(
    tmp_path: Path, duckdb_engine: Engine, name: str
) -> None:
    path = tmp_path / "orders.csv"
    make, error = BROKEN[name]
    make(path)

    with pytest.raises(error) as caught:
        read_orders([path], engine=duckdb_engine, reading=Reading())

    assert type(caught.value) is error
    english, chinese = caught.value.text("en"), caught.value.text("zh")
    assert str(path) in english
    assert str(path) in chinese
    assert "。" in chinese
    assert english != chinese
    assert "Traceback" not in english
    assert not [entry for entry in duckdb_engine.folder.iterdir() if entry.is_dir()]


def test_a_missing_file_no_file_and_a_file_twice_are_refused(
    tmp_path: Path, duckdb_engine: Engine
) -> None:
    with pytest.raises(FileMissing):
        read_orders([tmp_path / "no.csv"], engine=duckdb_engine, reading=Reading())
    with pytest.raises(NoFiles):
        read_orders([], engine=duckdb_engine, reading=Reading())
    path = tmp_path / "orders.csv"
    path.write_text(GOOD)
    with pytest.raises(FileGivenTwice):
        read_orders(
            [path, tmp_path / "." / "orders.csv"], engine=duckdb_engine, reading=Reading()
        )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_refused(tmp_path: Path, duckdb_engine: Engine) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(NoPermission):
        read_orders([path], engine=duckdb_engine, reading=Reading())


def test_permission_denied_by_the_system_is_told_as_such(
    tmp_path: Path, duckdb_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(GOOD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(NoPermission):
        read_orders([path], engine=duckdb_engine, reading=Reading())


def test_an_unknown_time_zone_is_refused_before_any_file_is_opened() -> None:
    for name in ("Asia/Peking", "../etc/passwd", ""):
        with pytest.raises(TimezoneUnknown):
            Reading(timezone=name)
