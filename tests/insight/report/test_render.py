"""The document: whole, offline, safe against what strangers' files contain, the same twice."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from huitouke.insight.report.picture import (
    Absent,
    Churn,
    Equity,
    Estimate,
    GroupPoint,
    Groups,
    ListRow,
    People,
    Picture,
    Rain,
)
from huitouke.insight.report.render import embed, render
from huitouke.insight.tables import Status
from huitouke.language import LANGUAGES, Language

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}",
    "line\u2028separator",
)


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["full", "sparse"])
def test_both_pictures_render_in_every_language(
    which: str, language: Language, request: pytest.FixtureRequest
) -> None:
    text = render(request.getfixturevalue(which), language=language)

    assert text.startswith("<!doctype html>")
    tag = {"en": "en", "zh": "zh-Hans", "zh-Hant": "zh-Hant"}[language]
    assert f'<html lang="{tag}">' in text
    assert "nan" not in re.sub(r"(?s)<script>.*?</script>", "", text).split()


def test_the_same_picture_gives_the_same_bytes(full: Picture) -> None:
    assert render(full, language="zh") == render(full, language="zh")


def test_nothing_is_fetched_from_elsewhere(full: Picture) -> None:
    for tag, attrs in Elements(render(full, language="en")).found:
        for name in ("src", "href", "action", "data", "poster"):
            value = attrs.get(name)
            assert value is None or value.startswith("#"), (tag, attrs)
        assert tag != "link"


def test_the_policy_names_exactly_the_scripts_and_the_style_inside(full: Picture) -> None:
    text = render(full, language="en")
    policy = next(
        str(attrs["content"]) for tag, attrs in Elements(text).found if "http-equiv" in attrs
    )
    inside = [
        *re.findall(r"(?s)<script>(.*?)</script>", text),
        *re.findall(r"(?s)<style>(.*?)</style>", text),
    ]

    named = set(re.findall(r"'(sha256-[^']+)'", policy))

    assert named == {
        "sha256-" + base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        for part in inside
    }
    assert "default-src 'none'" in policy
    assert "script-src 'unsafe" not in policy


def test_customer_ids_from_strangers_stay_text(full: Picture) -> None:
    assert isinstance(full.at_risk, People)
    shown = full.at_risk.rows
    rows = (
        *(replace(row, customer_id=name) for row, name in zip(shown, HOSTILE, strict=False)),
        *shown[len(HOSTILE) :],
    )
    plain = len(Elements(render(full, language="en")).found)

    text = render(replace(full, at_risk=replace(full.at_risk, rows=rows)), language="en")

    elements = Elements(text).found
    same = len(elements) == plain  # compared first: the lists are too long to print
    assert same
    assert not any(name.startswith("on") for _, attrs in elements for name in attrs)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7 * 7 }}" in text


def test_hostile_names_stay_text_in_the_shop_and_in_charts(full: Picture) -> None:
    assert isinstance(full.groups, Groups)
    hostile = replace(full.groups.groups[0], name=HOSTILE[1])  # type: ignore[arg-type]
    picture = replace(
        full,
        shop=HOSTILE[0],
        groups=replace(full.groups, groups=(hostile, *full.groups.groups[1:])),
    )

    text = render(picture, language="en")

    assert "alert(1)</script>" not in text
    assert not any("onerror" in attrs for _, attrs in Elements(text).found)


def test_json_cannot_end_its_script() -> None:
    text = embed({"</script>": "<!--\u2028&"})

    assert not set(text) & set("<>&\u2028\u2029")


def test_the_page_stays_under_two_megabytes_with_the_longest_lists(full: Picture) -> None:
    row = ListRow(
        "x" * 64,
        full.as_of,
        1,
        1.0,
        full.at_risk.rows[0].p_buy,  # type: ignore[union-attr]
    )
    many = People((row,) * 200, total=1_000_000)
    assert isinstance(full.groups, Groups)
    points = tuple(GroupPoint(0.123456, 1234.567, "stranger") for _ in range(3000))

    text = render(
        replace(
            full,
            customers=1_000_000,
            at_risk=many,
            likely_loyal=many,
            unlikely=many,
            groups=replace(full.groups, points=points),
        ),
        language="zh",
    )

    assert len(text.encode()) < 2_000_000


def test_an_absent_part_says_why_and_what_is_needed(sparse: Picture) -> None:
    picture = replace(
        sparse,
        equity=Absent(Status.INSUFFICIENT, why="Only 22 came back.", needed="Thirty."),
    )

    text = render(picture, language="en")

    assert "Only 22 came back." in text
    assert "Thirty." in text
    assert "too few to tell" in text


def test_a_shop_level_without_customers_says_why(full: Picture) -> None:
    assert isinstance(full.rain, Rain)
    picture = replace(
        full, rain=replace(full.rain, by_customer=Absent(Status.INSUFFICIENT, why="Too alike."))
    )

    text = render(picture, language="en")

    assert "Too alike." in text
    assert 'id="plot-rain"' not in text


def test_every_chart_has_its_numbers_as_a_table(full: Picture) -> None:
    text = render(full, language="en")

    assert text.count('<figure class="chart') == text.count("<summary>The numbers</summary>")


def test_rows_of_a_list_beyond_the_first_can_be_opened(full: Picture) -> None:
    assert "Show 17 more" in render(full, language="en")


PARTS = (
    "equity",
    "tracking",
    "cohorts",
    "groups",
    "types",
    "rain",
    "score",
    "churn",
    "at_risk",
    "likely_loyal",
    "unlikely",
)


@pytest.mark.parametrize("part", PARTS)
def test_any_part_may_be_absent(full: Picture, part: str) -> None:
    for status in Status:
        text = render(replace(full, **{part: Absent(status)}), language="zh")

        assert "还需要" in text


def test_numbers_that_cannot_be_told_never_reach_the_page(full: Picture) -> None:
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    assert isinstance(full.equity, Equity)
    assert isinstance(full.groups, Groups)
    assert isinstance(full.churn, Churn)
    picture = replace(
        full,
        equity=replace(full.equity, total=nothing, spread_customers=float("nan")),
        groups=replace(
            full.groups,
            groups=tuple(replace(group, share=nothing) for group in full.groups.groups),
            points=(GroupPoint(float("nan"), 1.0, "stranger"),),
            kappa=None,
        ),
        churn=replace(
            full.churn, scores=tuple(replace(one, auc=nothing) for one in full.churn.scores)
        ),
        candidates=tuple(replace(one, mae=float("nan")) for one in full.candidates),
        repeaters=None,
        median_gap_days=float("nan"),
    )

    text = re.sub(r"(?s)<(script|style)>.*?</\1>", "", render(picture, language="en"))

    assert not re.search(r"\bnan\b|\binf\b", text, re.IGNORECASE)


def test_numpy_numbers_are_written_as_numbers() -> None:
    assert embed([np.int64(3), np.float32(0.5), np.float64("nan"), True]) == "[3,0.5,null,true]"
