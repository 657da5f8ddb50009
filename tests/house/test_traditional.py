"""The Traditional Chinese is what the Simplified and our list of words give, and whole."""

from __future__ import annotations

import importlib.util
import io
import re
from string import Formatter

import opencc
import pytest
from babel.messages.pofile import read_po

HAN = re.compile("[\u3400-\u9fff]")
#: Written so in Traditional too, in the words where they stand: 平台, 游標.
SHARED = frozenset("台游")


@pytest.fixture(scope="module")
def docs_words(checkout):
    spec = importlib.util.spec_from_file_location("docs_words", checkout / "docs" / "words.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scripts(checkout):
    """Return both Chinese catalogues: file, script, message."""
    found = {}
    for script in ("zh_Hans", "zh_Hant"):
        folder = checkout / "src" / "huitouke" / "locale" / script
        found[script] = {
            path.name: read_po(io.BytesIO(path.read_bytes()), abort_invalid=True)
            for path in folder.glob("*.po")
        }
    return found


@pytest.fixture(scope="module")
def traditional(scripts):
    return [
        (name, message)
        for name, catalogue in scripts["zh_Hant"].items()
        for message in catalogue
        if message.id
    ]


def places(message):
    return {
        (name, spec, conversion)
        for _, name, spec, conversion in Formatter().parse(message)
        if name is not None
    }


def encodable(letter):
    try:
        letter.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def test_the_committed_catalogues_are_what_the_words_give(docs_words, checkout):
    folder = checkout / "src" / "huitouke" / "locale" / "zh_Hant"
    made = docs_words.catalogues()

    stale = [
        path.name
        for path, text in made.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]

    assert stale == [], "run `make words`"
    assert set(folder.iterdir()) == set(made), "run `make words`"


def test_both_scripts_say_the_same_messages(scripts):
    said = {
        script: {
            (name, message.id, message.fuzzy, bool(message.string))
            for name, catalogue in catalogues.items()
            for message in catalogue
            if message.id
        }
        for script, catalogues in scripts.items()
    }

    assert said["zh_Hans"] ^ said["zh_Hant"] == set()


def test_each_catalogue_names_its_script(scripts):
    wrong = [
        (script, name)
        for script, catalogues in scripts.items()
        for name, catalogue in catalogues.items()
        if str(catalogue.locale) != script or catalogue.charset.lower() != "utf-8"
    ]

    assert wrong == []


def test_no_place_is_lost_on_the_way(traditional):
    different = [
        f"{name}: {message.id!r}"
        for name, message in traditional
        if places(message.id) != places(message.string)
    ]

    assert different == []


def test_no_simplified_character_is_left(traditional):
    # Big5 has nearly no Simplified characters; those it has, OpenCC would still turn.
    turn = opencc.OpenCC("s2tw")
    left = [
        f"{name}: {message.string!r}: {letter}"
        for name, message in traditional
        for letter in HAN.findall(message.string)
        if not encodable(letter) or (turn.convert(letter) != letter and letter not in SHARED)
    ]

    assert left == []


def test_the_list_has_each_word_once_and_ours_are_traditional(docs_words):
    lines = docs_words.LIST.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]

    assert [pair for pair in pairs if len(pair) != 2 or not all(pair)] == []
    assert len({pair[0] for pair in pairs}) == len(pairs)
    assert [ours for _, ours in pairs if not all(map(encodable, HAN.findall(ours)))] == []


def test_the_longest_word_wins_and_places_stay(docs_words):
    assert docs_words.traditional("优惠券码“{code}”得 {points} 积分") == (
        "優惠碼「{code}」得 {points} 點"
    )


def test_a_string_broken_over_lines_is_one_before_it_is_turned(docs_words):
    text = 'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n\nmsgid "a"\nmsgstr ""\n"积"\n"分"\n'

    made = docs_words.traditional_catalogue(text)

    assert made.endswith('"Language: zh_Hant\\n"\n\nmsgid "a"\nmsgstr "點數"\n')
