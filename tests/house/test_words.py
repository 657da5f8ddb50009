"""Everything people read is said in both languages, with the same places to fill."""

from __future__ import annotations

import ast
import io
import re
from dataclasses import dataclass
from string import Formatter

import jinja2
import pytest
from babel.messages.pofile import read_po

TEMPLATES = {".j2", ".jinja"}
PAGES = {".html"}
LITERAL = r""" (?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
SAY = re.compile(r"{%-?\s*say" + LITERAL)
COUNT = re.compile(r"{%-?\s*count\s+\S+" + LITERAL + LITERAL)
FILTERED = re.compile(LITERAL.replace(" ", r"[\s{]") + r"\|say\b")
TAG = re.compile(r"{%-?\s*(?:say|count)\b.*?%}")
MARKS = {"N_", "_", "gettext"}
HAN = "\u3400-\u9fff"
HALF_WIDTH_MARK = re.compile(rf"[{HAN}]\s*[,;:!?()]|[,;:!?()]\s*[{HAN}]")


@dataclass(frozen=True)
class Said:
    """One English message where it stands in the code."""

    message: str
    where: str


def is_mark(name):
    return name in MARKS or name.rpartition(".")[2] == "say"


def said_in_python(source):
    """Return the literal messages, and the places where N_ is given anything else."""
    found, unreadable = [], []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not is_mark(ast.unparse(node.func)):
            continue
        first = node.args[0] if node.args else None
        where = f"{source.place}:{node.lineno}"
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.append(Said(first.value, where))
        elif ast.unparse(node.func) in MARKS or isinstance(first, ast.JoinedStr | ast.BinOp):
            unreadable.append(where)
    return found, unreadable


def called_name(node):
    if isinstance(node, jinja2.nodes.Name):
        return node.name
    return node.attr if isinstance(node, jinja2.nodes.Getattr) else ""


def said_in_template(text, where):
    """Return the literal messages of a template: say("..."), words.say("..."), "..." | say."""
    found = []
    parsed = jinja2.Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(text)
    for node in parsed.find_all((jinja2.nodes.Call, jinja2.nodes.Filter)):
        name = node.name if isinstance(node, jinja2.nodes.Filter) else called_name(node.node)
        first = (
            node.node if isinstance(node, jinja2.nodes.Filter) else next(iter(node.args), None)
        )
        if (
            is_mark(name)
            and isinstance(first, jinja2.nodes.Const)
            and isinstance(first.value, str)
        ):
            found.append(Said(first.value, f"{where}:{node.lineno}"))
    return found


def said_in_page(text, where):
    """Return the messages of a Django template, and the tags that say no literal."""
    found, unreadable = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        matches = [each for mark in (SAY, COUNT, FILTERED) for each in mark.finditer(line)]
        found += [
            Said(message, f"{where}:{number}")
            for match in matches
            for message in match.groups()
            if message
        ]
        literal = {match.start() for match in matches}
        unreadable += [
            f"{where}:{number}" for tag in TAG.finditer(line) if tag.start() not in literal
        ]
    return found, unreadable


def places(message):
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def without_places(message):
    return "".join(before for before, _, _, _ in Formatter().parse(message))


@pytest.fixture(scope="module")
def said(sources, committed, checkout):
    found = [one for source in sources for one in said_in_python(source)[0]]
    for path in committed:
        place = path.relative_to(checkout).as_posix()
        if path.suffix in TEMPLATES and place.startswith("src/"):
            found += said_in_template(path.read_text(encoding="utf-8"), place)
        if path.suffix in PAGES and place.startswith("src/"):
            found += said_in_page(path.read_text(encoding="utf-8"), place)[0]
    return found


@pytest.fixture(scope="module")
def catalogues(committed):
    return {
        path.name: read_po(io.BytesIO(path.read_bytes()), abort_invalid=True)
        for path in committed
        if path.suffix == ".po" and path.parent.name == "zh_Hans"
    }


@pytest.fixture(scope="module")
def translations(catalogues):
    return [
        (name, message)
        for name, catalogue in catalogues.items()
        for message in catalogue
        if message.id
    ]


def test_every_marked_message_is_a_plain_literal(sources):
    unreadable = [where for source in sources for where in said_in_python(source)[1]]

    assert unreadable == []


def test_every_message_of_a_page_is_a_plain_literal_on_one_line(committed, checkout):
    unreadable = []
    for path in committed:
        place = path.relative_to(checkout).as_posix()
        if path.suffix in PAGES and place.startswith("src/"):
            unreadable += said_in_page(path.read_text(encoding="utf-8"), place)[1]

    assert unreadable == []


def strings(message):
    """The translations of a message, one for each number where it has several."""
    return message.string if isinstance(message.string, tuple) else [message.string]


def test_every_message_has_its_chinese(said, translations):
    known = {message.id for _, message in translations if message.string}

    missing = sorted(
        {f"{one.where}: {one.message!r}" for one in said if one.message not in known}
    )

    assert missing == []


def test_no_translation_is_left_over(said, translations):
    used = {one.message for one in said}

    assert [f"{name}: {m.id!r}" for name, m in translations if m.id not in used] == []


def test_chinese_and_latin_stand_apart(translations):
    """Between a Chinese character and a letter or digit is a space, and marks are Chinese."""
    close = re.compile(r"[\u4e00-\u9fff](?:[A-Za-z0-9]|[,;:!?])|[A-Za-z0-9%][\u4e00-\u9fff]")
    # A piece that goes between Chinese words and is written like its plural, which has a place.
    pieces = {"1笔订单"}
    written = [
        (name, text) for name, m in translations for text in strings(m) if text not in pieces
    ]

    assert len(written) > 1_000
    assert [f"{name}: {text!r}" for name, text in written if close.search(text)] == []


def test_no_translation_is_a_guess(translations):
    assert [f"{name}: {m.id!r}" for name, m in translations if m.fuzzy] == []


def test_no_translation_repeats_the_english(translations):
    repeated = [
        f"{name}: {message.id!r}"
        for name, message in translations
        if message.string == message.id
        and any(letter.isalpha() for letter in without_places(message.id))
    ]

    assert repeated == []


def test_both_languages_have_the_same_places(translations):
    different = [
        f"{name}: {message.id!r}: {sorted(places(message.id) ^ places(message.string))}"
        for name, message in translations
        if places(message.id) != places(message.string)
    ]

    assert different == []


def test_one_message_has_one_chinese(translations):
    strings = {}
    for name, message in translations:
        strings.setdefault(message.id, {}).setdefault(message.string, []).append(name)

    assert {message: each for message, each in strings.items() if len(each) > 1} == {}


def test_chinese_sentences_use_full_width_marks(translations):
    half_width = [
        f"{name}: {message.string!r}"
        for name, message in translations
        if HALF_WIDTH_MARK.search(without_places(message.string))
    ]

    assert half_width == []


def test_every_catalogue_names_its_language_and_encoding(catalogues):
    wrong = [
        name
        for name, catalogue in catalogues.items()
        if str(catalogue.locale) != "zh_Hans" or catalogue.charset.lower() != "utf-8"
    ]

    assert wrong == []


def test_messages_are_found_in_templates():
    text = '{{ say("Hello {n}", n=1) }}{{ words.say("There") }}{{ "You" | say }}{{ f("no") }}'

    found = {one.message for one in said_in_template(text, "page.html.j2")}

    assert found == {"Hello {n}", "There", "You"}


def test_messages_are_found_in_pages():
    text = """
    <c-x title="{% say "Hello {n}" n=1 %}" note='{% say 'Here' %}'>{{ "You"|say }}</c-x>
    {% count list|length "{n} day" "{n} days" %}{% say heading %}{{ item.label|say }}
    """

    found, unreadable = said_in_page(text, "page.html")

    assert {one.message for one in found} == {"Hello {n}", "Here", "You", "{n} day", "{n} days"}
    assert unreadable == ["page.html:3"]
