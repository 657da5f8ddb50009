"""Files that would harm whoever reads them are refused in words, before they are read."""

from __future__ import annotations

import gzip
import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huitouke.service.loop.imports.hazards import (
    HasMacros,
    HasNul,
    TooManyColumns,
    Unfolds,
    look_over,
)

SHEET = "xl/worksheets/sheet1.xml"


def workbook(parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def parquet(table, **how):
    stream = io.BytesIO()
    pq.write_table(table, stream, **how)
    return stream.getvalue()


@pytest.fixture
def over(tmp_path):
    def do(content):
        file = tmp_path / "file"
        file.write_bytes(content)
        look_over(file, name="file.xlsx")

    return do


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself(over):
    with pytest.raises(Unfolds, match=r"file\.xlsx would unfold"):
        over(workbook({SHEET: b" " * (80 << 20)}))


def test_two_cells_that_span_billions_are_refused(over):
    far = b'<c r="A1"><v>1</v></c><c r="A1048576"/><c r="JJ1048576"><v>1</v></c>'

    with pytest.raises(TooManyColumns, match="100,000,000 cells"):
        over(workbook({SHEET: far}))


def test_a_workbook_with_macros_is_refused(over):
    with pytest.raises(HasMacros, match="macros"):
        over(workbook({"xl/vbaProject.bin": b"x", SHEET: b"<row/>"}))
    with pytest.raises(HasMacros):
        over(b"\xd0\xcf\x11\xe0" + b"\0" * 100 + "_VBA_PROJECT".encode("utf-16-le"))


def test_a_packed_bomb_is_unpacked_no_further_than_the_limit(over):
    with pytest.raises(Unfolds):
        over(gzip.compress(b"a,b\n" * (40 << 20), compresslevel=1))


def test_a_parquet_of_repeated_values_is_refused_by_its_rows(over):
    same = pa.table({"a": pa.DictionaryArray.from_arrays(pa.array([0] * 200_000), ["x"])})

    over(parquet(same))
    wide = pa.table({f"c{n}": [1] for n in range(600)})
    with pytest.raises(TooManyColumns, match="500 columns"):
        over(parquet(wide))


def test_a_text_with_a_zero_byte_far_down_is_refused_with_its_place(over):
    with pytest.raises(HasNul, match="2,000,001"):
        over(b"a,b\n" * 500_000 + b"\0")


def test_a_line_that_never_ends_is_refused(over):
    with pytest.raises(TooManyColumns, match="letters in one line"):
        over(b"," * (5 << 20))


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n",
        "a,b\n1,2\n".encode("utf-16"),
        gzip.compress(b"a,b\n1,2\n", mtime=0),
        workbook({SHEET: b'<c r="A1"/>'}),
        b"PK\x03\x04 no archive",
        b"PAR1 damaged",
        b"",
    ],
)
def test_what_is_no_hazard_is_left_to_the_reader(over, content):
    over(content)


def test_what_there_is_too_much_of_is_told_in_the_readers_language():
    error = TooManyColumns(path="a.csv", most=500, what=TooManyColumns.columns)

    assert "500 列" in error.text("zh")
