"""Every sentence of the report has its Chinese."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import huitouke
from huitouke.insight.report.absences import gaps
from huitouke.insight.report.picture import Picture
from huitouke.insight.report.reader import Reader
from huitouke.insight.report.render import render
from huitouke.language import LANGUAGES, Language

PACKAGE = Path(huitouke.__file__).parent
REPORT = PACKAGE / "insight" / "report"
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "report.po"

#: English that stands in a Chinese page on purpose: names, letters, files, the shop's own text.
FOREIGN = re.compile(
    r"Huitouke|BG/NBD|MBG/NBD|Pareto/NBD|Gamma-Gamma|RFM|AUC|EMPC|RMSE|ECE|Brier|GitHub|"
    r"Apache|ECharts|Radix|Colors|zrender|BSD-3-Clause|MIT|Inter|OFL-1\.1|"
    r"customers\.parquet|quarantine\.csv|[nrab]\b|[pq]\b|Little Shop|a\.lin\+shop@example\.com|"
    r"C-0009+|\bC\b"
)


def messages() -> set[str]:
    """Every message marked for translation in the stage's code and templates."""
    found: set[str] = set()
    for path in sorted(REPORT.rglob("*")):
        if path.suffix == ".py":
            method, keywords = "python", {"N_": None}
        elif path.suffix == ".j2":
            method, keywords = "jinja2", {"_": None}
        else:
            continue
        for _, message, _, _ in extract(
            method, io.BytesIO(path.read_bytes()), keywords=keywords
        ):
            found.update([message] if isinstance(message, str) else message)
    return found


def catalogue() -> dict[str, Any]:
    return {
        message.id: message
        for message in read_po(io.BytesIO(CATALOGUE.read_bytes()), locale="zh_Hans")
        if message.id
    }


def test_every_message_of_the_report_has_its_chinese() -> None:
    known = catalogue()

    missing = sorted(message for message in messages() if not known.get(message))
    fuzzy = sorted(key for key, message in known.items() if message.fuzzy or not message.string)

    assert not missing
    assert not fuzzy


def test_the_catalogue_holds_no_message_that_nothing_says() -> None:
    assert sorted(set(catalogue()) - messages()) == []


def test_chinese_keeps_every_named_place_of_the_english() -> None:
    places = re.compile(r"\{(\w+)\}")
    wrong = [
        key
        for key, message in catalogue().items()
        if set(places.findall(key)) != set(places.findall(message.string))
    ]

    assert wrong == []


class Prose(HTMLParser):
    """The words a reader sees: text and labels, without styles, scripts and foreign phrases."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script", "bdi"}:
            self.skipped += 1
        for key, value in attrs:
            if key in {"aria-label", "title", "data-label"} and value:
                self.text.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script", "bdi"}:
            self.skipped -= 1

    def handle_data(self, data: str) -> None:
        if not self.skipped and data.strip():
            self.text.append(data.strip())


@pytest.mark.parametrize("language", ["zh", "zh-Hant"])
@pytest.mark.parametrize("which", ["full", "sparse"])
def test_no_english_sentence_is_left_in_a_chinese_page(
    which: str, language: Language, request: pytest.FixtureRequest
) -> None:
    picture: Picture = request.getfixturevalue(which)
    prose = Prose()

    prose.feed(render(picture, language=language))

    left = [text for text in prose.text if re.search(r"[A-Za-z]{2,}", FOREIGN.sub("", text))]
    assert left == []


def test_an_absent_part_is_explained_in_every_language(sparse: Picture) -> None:
    for language in LANGUAGES:
        told = gaps(sparse, reader=Reader(language, currency="GBP"))

        assert len(told) >= 8
        assert all(gap.what and gap.why and gap.needed and gap.verdict for gap in told)
