"""Which language a reader gets: by tag, by header, and by what a shop has written."""

from __future__ import annotations

import pytest

from huitouke.language import LANGUAGES, language_of_tag, one_of, preferred, words


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN_us.UTF-8", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-SG", "zh"),
        ("zh-Hans", "zh"),
        ("zh-Hans-HK", "zh"),
        ("zh-TW", "zh-Hant"),
        ("zh-hk", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("zh_TW.UTF-8", "zh-Hant"),
        ("zh_HK@stroke", "zh-Hant"),
        ("fr", None),
        ("eng", None),
        ("*", None),
        ("", None),
    ],
)
def test_a_tag_names_a_language(tag, language):
    assert language_of_tag(tag) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("fr-FR,fr;q=0.9", "zh"),
        ("*", "zh"),
        ("en-US,en;q=0.9,zh-TW;q=0.8", "en"),
        ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", "zh-Hant"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr,en;q=0.3,zh-HK;q=0.6", "zh-Hant"),
        ("en;q=0.5, zh-MO ; q=0.9", "zh-Hant"),
        ("en;q=0.8,zh;q=0.8", "en"),
        ("en;q=0,fr", "zh"),
        ("zh-TW;q=0,en;q=0.1", "en"),
        ("en;q=abc,zh-TW;q=0.1", "zh-Hant"),
        ("en;q=2,zh-TW;q=0.1", "zh-Hant"),
        (";;,,=", "zh"),
    ],
)
def test_the_header_with_its_weights_chooses_the_language(header, language):
    assert preferred(header) == language


def test_a_shop_that_wrote_one_script_is_read_in_it_before_english():
    names = {"zh": "金卡", "en": "Gold"}

    assert [one_of(names, language=each) for each in LANGUAGES] == ["Gold", "金卡", "金卡"]
    assert one_of({"en": "Gold"}, language="zh-Hant") == "Gold"
    assert one_of({"zh": "金卡"}, language="en") == "金卡"
    assert one_of({"zh": "", "en": None}, language="zh") == ""


def test_each_language_says_a_message_in_its_own_words():
    said = [words(each).say("points") for each in LANGUAGES]

    assert said == ["points", "积分", "點數"]
    assert [words(each).tag for each in LANGUAGES] == ["en", "zh-Hans", "zh-Hant"]
    assert [words(each).gap for each in LANGUAGES] == [" ", "", ""]
