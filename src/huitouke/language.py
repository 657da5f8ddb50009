"""The languages people read: messages, numbers, money and dates in English or Chinese.

Every sentence shown to a person is an English message marked with ``N_`` or passed to
``Words.say``; its Chinese stands in ``huitouke/locale/zh_Hans/<stage>.po``. The catalogues
are read as text, so that one file is both source and truth.
"""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["N_", "Language", "Words", "words"]

Language = Literal["en", "zh"]

_LOCALES: dict[str, str] = {"en": "en", "zh": "zh_Hans"}


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a deferred message
    """Mark a message for translation and return it unchanged.

    Examples
    --------
    >>> N_("Customers")
    'Customers'
    """
    return message


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    merged = Catalog(locale=_LOCALES[language])
    folder = resources.files("huitouke") / "locale" / _LOCALES[language]
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".po"):
            for message in read_po(io.BytesIO(file.read_bytes()), locale=_LOCALES[language]):
                if message.id:
                    merged[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True)
class Words:
    """One reader's language.

    Parameters
    ----------
    language
        ``"en"`` or ``"zh"`` (Simplified Chinese).
    """

    language: Language

    @property
    def locale(self) -> str:
        """The Babel locale that formats numbers, money and dates for this reader."""
        return _LOCALES[self.language]

    def say(self, message: str, **values: Any) -> str:
        """Return the message in this language with its named places filled.

        Parameters
        ----------
        message
            The English message, with places in ``{braces}``.
        **values
            What goes into the places.

        Examples
        --------
        >>> Words("en").say("{n} customers", n=3)
        '3 customers'
        """
        return _translations(self.language).gettext(message).format(**values)


def words(language: Language) -> Words:
    """Return the words of a language.

    Parameters
    ----------
    language
        ``"en"`` or ``"zh"``.

    Examples
    --------
    >>> words("zh").locale
    'zh_Hans'
    """
    return Words(language)
