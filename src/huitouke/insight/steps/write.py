"""Files out, all or none: results appear in the folder only when every one is whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from huitouke.errors import HuitoukeError
from huitouke.language import N_, Language

__all__ = [
    "RESULTS",
    "OutputIsInput",
    "OutputUnwritable",
    "ParquetOut",
    "delivery",
    "protect",
    "write_csv",
    "write_json",
]

#: The names of everything an analysis writes.
RESULTS = (
    "customers.parquet",
    "customers.csv",
    "loyalty_reasons.parquet",
    "quarantine.csv",
    "summary.json",
    "validation.json",
    "report.html",
)


class OutputUnwritable(HuitoukeError):
    """The results cannot be written where they were asked for."""

    code = "steps.output_unwritable"
    says = N_("Cannot write results to {folder}: {reason}.")
    remedy = N_("Give --out a folder that you may write to.")


class OutputIsInput(HuitoukeError):
    """A result would overwrite a file that is being analysed."""

    code = "steps.output_is_input"
    says = N_("Writing to {folder} would overwrite {path}, which is being analysed.")
    remedy = N_("Give --out another folder.")


def protect(inputs: Sequence[Path], *, folder: Path) -> None:
    """Refuse a folder in which a result would replace an input.

    Parameters
    ----------
    inputs
        The files to analyse.
    folder
        Where results are to go.

    Raises
    ------
    OutputIsInput
        At the first such file.
    """
    for path in inputs:
        if path.name in RESULTS and os.path.realpath(path.parent) == os.path.realpath(folder):
            raise OutputIsInput(folder=folder, path=path)


@contextmanager
def delivery(folder: Path) -> Iterator[Path]:
    """Give a working folder whose files move to ``folder`` together at the end.

    Parameters
    ----------
    folder
        Where the results belong; made if need be. Results of an earlier run are replaced,
        other files are left alone. On any error nothing is moved.

    Yields
    ------
    Path
        The working folder, on the same file system.

    Raises
    ------
    OutputUnwritable
        If the folder is a file, or may not be written to.
    """
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=".huitouke-", dir=folder))
    except OSError as error:
        raise OutputUnwritable(folder=folder, reason=error.strerror or str(error)) from error
    try:
        yield working
        written = sorted(working.iterdir())
        # What an earlier run left and this one does not write would be taken for its own.
        for name in set(RESULTS) - {file.name for file in written}:
            (folder / name).unlink(missing_ok=True)
        for file in written:
            os.replace(file, folder / file.name)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(working, ignore_errors=True)


class ParquetOut:
    """A Parquet file written in parts, the same bytes for the same parts.

    Parameters
    ----------
    path
        The file.
    schema
        Its Arrow schema.
    """

    def __init__(self, path: Path, *, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", version="2.6")

    def add(self, part: pa.Table) -> None:
        """Write one part as a row group.

        Parameters
        ----------
        part
            Rows in the file's schema.
        """
        self._writer.write_table(part, row_group_size=max(part.num_rows, 1))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    if not pa.types.is_string(column.type):
        return column
    # A signed number, such as a phone with its country code, is harmless.
    danger = pc.match_substring_regex(column, r"^[=@\t\r+\-]")
    number = pc.match_substring_regex(column, r"^[+\-][0-9 ()\-]*$")
    run = pc.fill_null(pc.and_(danger, pc.invert(number)), False)
    return pc.if_else(run, pc.binary_join_element_wise("'", column, ""), column)


def write_csv(table: pa.Table, path: Path, *, language: Language) -> None:
    """Write a CSV that programs and spreadsheets both read.

    Text that a spreadsheet would run as a formula gets an apostrophe in front. For Chinese
    readers the file begins with a byte-order mark, without which Excel garbles it.

    Parameters
    ----------
    table
        The rows.
    path
        The file.
    language
        The reader's language.
    """
    safe = pa.table({name: _defused(table[name]) for name in table.column_names})
    with path.open("wb") as file:
        if language != "en":
            file.write(b"\xef\xbb\xbf")
        pyarrow.csv.write_csv(safe, file)


def write_json(content: Any, path: Path) -> None:
    """Write JSON for people and programs, keys in the order given.

    Parameters
    ----------
    content
        Plain values; NaN is refused, null says that a number does not exist.
    path
        The file.
    """
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
