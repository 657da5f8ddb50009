"""Words that can say themselves in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from huitouke.language import Language, words

__all__ = ["Message", "Speaks", "Text", "say"]


@runtime_checkable
class Speaks(Protocol):
    """Anything that can say itself in either language: a ``Message``, a note, an error."""

    def text(self, language: Language) -> str:
        """Return the words in a language."""


#: A string that needs no translation (a product's name), or something that speaks both.
Text = str | Speaks


@dataclass(frozen=True)
class Message:
    """An English message marked with ``N_`` and the values for its named places.

    Examples
    --------
    >>> Message("{n} customers", {"n": 3}).text("en")
    '3 customers'
    """

    says: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """Return the message in a language with its places filled."""
        return words(language).say(self.says, **self.values)


def say(text: Text, *, language: Language) -> str:
    """Return a text in a language; a plain string is returned as it is.

    Examples
    --------
    >>> say("Café Lu", language="zh")
    'Café Lu'
    """
    return text if isinstance(text, str) else text.text(language)
