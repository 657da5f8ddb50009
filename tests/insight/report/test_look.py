"""What the pages draw with: tokens, the chart bundle, the licences."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import huitouke

LOOK = Path(huitouke.__file__).parent / "look"
FRONTEND = Path(__file__).resolve().parents[3] / "frontend"


@pytest.mark.parametrize("sheet", ["base.css", "components.css", "report.css"])
def test_colours_stand_only_in_the_tokens(sheet: str) -> None:
    text = (LOOK / sheet).read_text(encoding="utf-8")

    found = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", text)

    assert found == []


def test_every_token_that_is_used_is_declared() -> None:
    sheets = {path.name: path.read_text(encoding="utf-8") for path in LOOK.glob("*.css")}
    report = Path(huitouke.__file__).parent / "insight" / "report"
    code = "".join(path.read_text(encoding="utf-8") for path in report.glob("*.py"))
    theme = (LOOK / "chart_theme.json").read_text(encoding="utf-8")
    places = {"--lo", "--hi", "--at", "--heat-"}  # set by the page, or finished in code

    used = set(re.findall(r"var\((--[\w-]+)", "".join(sheets.values()) + code + theme))
    declared = set(re.findall(r"(--[\w-]+)\s*:", "".join(sheets.values())))

    assert used - declared - places == set()


def test_the_sheets_are_small() -> None:
    own = ("tokens.css", "palette.css", "base.css", "components.css", "report.css")

    assert sum((LOOK / name).stat().st_size for name in own) < 40_000


@pytest.mark.parametrize(
    "licence",
    [
        "echarts-LICENSE.txt",
        "echarts-NOTICE.txt",
        "zrender-LICENSE.txt",
        "tslib-LICENSE.txt",
        "radix-colors-LICENSE.txt",
        "inter-LICENSE.txt",
    ],
)
def test_each_licence_travels_with_what_it_covers(licence: str) -> None:
    assert (LOOK / "licences" / licence).read_text(encoding="utf-8").strip()


def test_the_bundle_names_its_makers_and_never_ends_its_script() -> None:
    text = (LOOK / "charts.min.js").read_text(encoding="utf-8")

    assert text.startswith("/*! Apache ECharts 6.1.0")
    assert "</script" not in text.lower()
    assert len(text) < 700_000


def test_the_lock_file_names_no_address() -> None:
    assert "resolved" not in (FRONTEND / "package-lock.json").read_text(encoding="utf-8")


def test_the_build_gives_the_committed_bytes_again(tmp_path: Path) -> None:
    if not (FRONTEND / "node_modules" / "esbuild").is_dir():
        pytest.skip("the npm packages of frontend/ are not installed")

    subprocess.run(
        ["node", "build.mjs", str(tmp_path)], cwd=FRONTEND, check=True, capture_output=True
    )

    made = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) >= 9
    for path in made:
        assert path.read_bytes() == (LOOK / path.relative_to(tmp_path)).read_bytes(), path.name
