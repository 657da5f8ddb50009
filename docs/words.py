"""Write the Traditional Chinese catalogues from the Simplified ones and a list of words.

Run by ``make words``; a test compares the catalogues with what this gives, so they cannot
fall behind. OpenCC turns characters and Taiwan's usual words; ``words_hant.txt``, which goes
first, holds what a shop in Taiwan or Hong Kong would say instead.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import opencc

import huitouke

__all__ = ["catalogues", "main", "traditional", "traditional_catalogue", "word_list"]

FOLDER = Path(__file__).resolve().parent
LOCALES = Path(huitouke.__file__).resolve().parent / "locale"
LIST = FOLDER / "words_hant.txt"
MADE = "# Made from zh_Hans by `make words`; do not edit.\n"
_STRING = re.compile(r'^(msgstr(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)
_REMARK = re.compile(r"^#(?: .*)?\n", re.MULTILINE)


@cache
def word_list() -> dict[str, str]:
    """Return our own words: the Simplified and what it becomes."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("\t") for line in lines if line and not line.startswith("#"))
    return {simplified: ours for simplified, _, ours in pairs}


@cache
def _listed() -> re.Pattern[str]:
    longest_first = sorted(word_list(), key=lambda word: (-len(word), word))
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")


@cache
def _opencc() -> opencc.OpenCC:
    return opencc.OpenCC("s2twp")


def traditional(text: str) -> str:
    """Return a Simplified text as Traditional.

    Parameters
    ----------
    text
        With its places in braces, which stay as they are.
    """
    ours = word_list()
    parts = (part for part in _listed().split(text) if part)
    return "".join(ours.get(part) or _opencc().convert(part) for part in parts)


def _turned(found: re.Match[str]) -> str:
    name, lines = found.groups()
    # A word may be broken over two lines of the file, so they are joined first.
    text = "".join(line[1:-1] for line in lines.splitlines())
    return f'{name} "{traditional(text)}"\n'


def traditional_catalogue(text: str) -> str:
    """Return a catalogue, as text, with the Traditional of every string.

    Parameters
    ----------
    text
        The Simplified catalogue; its remarks are left out.
    """
    head, gap, entries = _REMARK.sub("", text).partition("\n\n")
    return MADE + head.replace("zh_Hans", "zh_Hant") + gap + _STRING.sub(_turned, entries)


def catalogues() -> dict[Path, str]:
    """Return every Traditional catalogue by its place."""
    return {
        LOCALES / "zh_Hant" / path.name: traditional_catalogue(path.read_text(encoding="utf-8"))
        for path in sorted((LOCALES / "zh_Hans").glob("*.po"))
    }


def main() -> None:
    """Write every Traditional catalogue and remove those whose Simplified is gone."""
    made = catalogues()
    folder = LOCALES / "zh_Hant"
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.po"):
        if path not in made:
            path.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(LOCALES.parent))


if __name__ == "__main__":
    main()
