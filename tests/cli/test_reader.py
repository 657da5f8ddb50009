"""In which language the command speaks, before and after its words are parsed."""

from __future__ import annotations

import pytest

from huitouke.cli.reader import reader_language, words_of
from huitouke.service.loop.imports.tables import language_named


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["analyze", "--lang", "zh-Hant"], "zh-Hant"),
        (["analyze", "--lang=zh-Hant"], "zh-Hant"),
        (["analyze", "--lang=zh"], "zh"),
        (["analyze", "--lang", "fr"], "en"),
        (["analyze", "--lang"], "zh-Hant"),
        (["analyze"], "zh-Hant"),
    ],
)
def test_the_option_goes_before_the_locale(arguments, language, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")

    assert reader_language(arguments) == language


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_HK.UTF-8", "zh-Hant"), ("zh_CN.UTF-8", "zh"), ("de_DE", "en"), ("C.UTF-8", "en")],
)
def test_the_locale_speaks_where_nothing_was_given(locale, language, monkeypatch):
    monkeypatch.setenv("LC_ALL", locale)

    assert words_of(None).language == language
    assert words_of("zh-Hant").language == "zh-Hant"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("繁體中文", "zh-Hant"),
        ("繁体", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("中文", "zh"),
        ("", "zh"),
        ("English", "en"),
        ("英文", "en"),
    ],
)
def test_a_file_names_a_customers_language_in_many_ways(text, language):
    assert language_named(text) == language
