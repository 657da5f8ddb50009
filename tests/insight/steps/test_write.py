"""Results arrive whole or not at all, and harm nobody who opens them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from huitouke.insight.steps.write import OutputUnwritable, delivery, write_csv, write_json


def test_files_arrive_together(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"

    with delivery(out) as folder:
        (folder / "a.txt").write_text("a")
        (folder / "b.txt").write_text("b")
        assert not (out / "a.txt").exists()

    assert sorted(file.name for file in out.iterdir()) == ["a.txt", "b.txt"]


def test_nothing_arrives_after_a_failure(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.txt").write_text("old")

    with pytest.raises(ZeroDivisionError), delivery(out) as folder:  # noqa: PT012 - half done
        (folder / "a.txt").write_text("new")
        (folder / "b.txt").write_text(str(1 // 0))

    assert [file.name for file in out.iterdir()] == ["a.txt"]
    assert (out / "a.txt").read_text() == "old"


def test_a_folder_made_for_a_failure_is_taken_away(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), delivery(tmp_path / "out"):
        _ = 1 // 0

    assert not (tmp_path / "out").exists()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")

    with pytest.raises(OutputUnwritable) as caught, delivery(tmp_path / "out"):
        pass

    assert str(tmp_path / "out") in caught.value.text("zh")


def test_a_spreadsheet_runs_nothing(tmp_path: Path) -> None:
    cells = ["=1+1", "+8613800138000", "-2", "@x", "+cmd|' /C calc'!A0", "plain", None, "\tx"]

    write_csv(pa.table({"value": cells}), tmp_path / "t.csv", language="en")

    lines = (tmp_path / "t.csv").read_text("utf-8").splitlines()
    assert lines[1:] == [
        '"\'=1+1"', '"+8613800138000"', '"-2"', '"\'@x"', '"\'+cmd|\' /C calc\'!A0"', '"plain"',
        "", '"\'\tx"',
    ]  # fmt: skip


def test_chinese_readers_get_a_byte_order_mark(tmp_path: Path) -> None:
    for language, begin in (("zh", b"\xef\xbb\xbf"), ("en", b'"na')):
        write_csv(pa.table({"name": ["王"]}), tmp_path / language, language=language)  # type: ignore[arg-type]
        assert (tmp_path / language).read_bytes()[:3] == begin


def test_numbers_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json({"a": float("nan")}, tmp_path / "x.json")
