"""Several words in one blank: commas between them, quotation marks around one with a comma."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["typed", "words_of"]

_MARKS = frozenset('",，、“”')
# A word ends at a comma of either script. Quotation marks count at its beginning only and
# where they are closed before a comma: a stray one is a letter like any other.
_WORD = re.compile(
    r'\s*(?:"(?P<straight>(?:[^"]|"")*)"|“(?P<curly>[^“”]*)”|(?P<plain>[^,，、]*))\s*(?:[,，、]|$)'
)


def typed(words: Iterable[object]) -> str:
    """Return words as somebody would type them into one blank.

    Parameters
    ----------
    words
        One that has a comma or quotation marks of its own is put into quotation marks.

    Examples
    --------
    >>> typed(["milk", "fruit, fresh"])
    'milk, "fruit, fresh"'
    """
    return ", ".join(_quoted(str(each)) for each in words)


def words_of(written: str) -> list[str]:
    """Return the words that somebody typed into one blank.

    Parameters
    ----------
    written
        Words with commas of either script between them.

    Examples
    --------
    >>> words_of('milk，"fruit, fresh"、 bread')
    ['milk', 'fruit, fresh', 'bread']
    """
    found = []
    for each in _WORD.finditer(written):
        straight = (each["straight"] or "").replace('""', '"')
        word = (straight or each["curly"] or each["plain"] or "").strip()
        if word:
            found.append(word)
    return found


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"' if _MARKS & set(word) else word
