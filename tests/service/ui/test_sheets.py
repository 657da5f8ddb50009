"""Sheets, scripts and templates keep the rules that no browser would tell of."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

import huitouke
from huitouke.service.ui.assets import SHEET, LookFinder

ROOT = Path(huitouke.__file__).parent
UI = ROOT / "service" / "ui"
TEMPLATES = sorted((ROOT / "service").rglob("templates/**/*.html"))
SCRIPTS = sorted((UI / "static").rglob("*.js"))
DRAWN = "{{ totp_svg|safe }}"  # a QR code that the library draws itself, from its own secret
SHEETS = sorted((UI / "sheet").glob("*.css"))


def test_the_sheet_of_the_service_is_under_forty_kilobytes():
    finder = LookFinder()

    with finder.storage.open("ui/sheet.css") as sheet:
        size = len(sheet.read())

    assert 20_000 < size < 40_000


def test_every_sheet_is_in_the_sheet():
    parts = {path.relative_to(ROOT).as_posix() for path in SHEETS}

    assert parts <= set(SHEET)
    assert all((resources.files("huitouke") / part).is_file() for part in SHEET)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_colours_stand_only_in_the_tokens(sheet):
    text = sheet.read_text(encoding="utf-8")

    loose = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|color-mix)\(", text)

    assert loose == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sides_are_named_by_the_direction_of_the_text(sheet):
    text = sheet.read_text(encoding="utf-8")

    physical = re.findall(
        r"(?m)^\s*(?:(?:margin|padding|border)-(?:left|right|top|bottom)"
        r"|left|right|top|bottom|(?:min-|max-)?(?:width|height))\s*:",
        text,
    )

    assert physical == []


def test_every_token_that_is_used_is_declared():
    text = "".join((ROOT / part).read_text(encoding="utf-8") for part in SHEET)
    places = {"--lo", "--hi", "--at"}  # set by the page that draws a range

    used = set(re.findall(r"var\((--[\w-]+)", text))

    assert used - set(re.findall(r"(--[\w-]+)\s*:", text)) - places == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_stands_inline_in_a_template(template):
    text = template.read_text(encoding="utf-8")

    assert (
        re.findall(
            r"<style|\sstyle=|\son(?!ce=)[a-z]+=|javascript:|\bhx-on\b|\bhx-confirm\b", text
        )
        == []
    )
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", text) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_written_unescaped(template):
    text = template.read_text(encoding="utf-8").replace(DRAWN, "")

    assert re.findall(r"\|\s*safe\b|autoescape off|{{\s*attrs\s*}}", text) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_words_for_people_are_said_not_typed(template):
    text = template.read_text(encoding="utf-8")
    bare = re.sub(r"{% block kind %}\w+{% endblock %}", "", text)
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", bare)
    bare = re.sub(r"<[^>]*>", "\n", bare)

    typed = [line.strip() for line in bare.splitlines() if re.search(r"[A-Za-z]{2}", line)]

    assert [line for line in typed if line != "Huitouke"] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_stay_small_and_plain(script):
    text = script.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 150
    assert (
        re.findall(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML", text) == []
    )
