"""The report in a real browser: offline, quiet, accessible, and never wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from huitouke.insight.report.picture import Picture
from huitouke.insight.report.render import render
from huitouke.language import Language

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.is_file():
        pytest.skip("there is no /usr/bin/chromium here")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(
    full: Picture, sparse: Picture, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("report")
    made = {}
    languages: tuple[Language, ...] = ("en", "zh", "zh-Hant")
    for which, picture in (("full", full), ("sparse", sparse)):
        for language in languages:
            path = folder / f"{which}-{language}.html"
            path.write_text(render(picture, language=language), encoding="utf-8")
            made[which, language] = path
    return made


@contextmanager
def opened(
    chromium: Any, path: Path, *, width: int = 1280, theme: str = "light"
) -> Iterator[tuple[Any, list[str]]]:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, offline=True
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:"))
            else complaints.append(f"request: {request.url}")
        ),
    )
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn]")
    yield page, complaints
    context.close()


@pytest.mark.parametrize("which", ["full", "sparse"])
@pytest.mark.parametrize("language", ["en", "zh", "zh-Hant"])
def test_the_file_opens_offline_without_a_complaint(
    chromium: Any, files: dict[tuple[str, str], Path], which: str, language: str
) -> None:
    with opened(chromium, files[which, language]) as (_, complaints):
        assert complaints == []


@pytest.mark.parametrize(
    ("language", "face"), [("zh", "PingFang SC"), ("zh-Hant", "PingFang TC")]
)
def test_each_script_of_chinese_has_its_faces(
    chromium: Any, files: dict[tuple[str, str], Path], language: str, face: str
) -> None:
    other = {"PingFang SC": "PingFang TC", "PingFang TC": "PingFang SC"}[face]
    with opened(chromium, files["full", language]) as (page, _):
        for place in ("body", "#plot-groups text"):
            faces = page.evaluate(
                f"getComputedStyle(document.querySelector('{place}')).fontFamily"
            )

            assert face in faces
            assert other not in faces


def test_every_chart_is_drawn_as_svg(chromium: Any, files: dict[tuple[str, str], Path]) -> None:
    with opened(chromium, files["full", "en"]) as (page, _):
        plots = page.locator(".plot").count()

        assert plots == 16
        assert page.locator(".plot svg").count() == plots
        assert page.locator(".plot canvas").count() == 0
        assert page.locator('.plot[role="img"][aria-label]').count() == plots


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing(
    chromium: Any, files: dict[tuple[str, str], Path], language: str, theme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(chromium, files["full", language], theme=theme) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")

        found = axe.Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [360, 390, 768, 1600])
@pytest.mark.parametrize("which", ["full", "sparse"])
def test_the_page_is_never_wider_than_the_screen(
    chromium: Any, files: dict[tuple[str, str], Path], which: str, width: int
) -> None:
    with opened(chromium, files[which, "en"], width=width) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")

        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_button_changes_the_theme_and_the_charts_with_it(
    chromium: Any, files: dict[tuple[str, str], Path]
) -> None:
    colour = "getComputedStyle(document.querySelector('#plot-groups text')).fill"
    with opened(chromium, files["full", "en"]) as (page, _):
        light = page.evaluate(colour)
        page.click("#theme")

        assert page.get_attribute("#theme", "aria-pressed") == "true"
        assert page.evaluate(colour) != light


def test_the_first_tab_leads_to_the_findings(
    chromium: Any, files: dict[tuple[str, str], Path]
) -> None:
    with opened(chromium, files["full", "en"]) as (page, _):
        page.keyboard.press("Tab")

        assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
        assert page.evaluate("document.activeElement.getBoundingClientRect().width") > 40


def test_print_is_light_and_without_buttons(
    chromium: Any, files: dict[tuple[str, str], Path]
) -> None:
    with opened(chromium, files["full", "en"], theme="dark") as (page, _):
        page.emulate_media(media="print")

        assert not page.is_visible("#theme")
        assert (
            page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
        )
