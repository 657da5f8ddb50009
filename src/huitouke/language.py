"""The languages people read: messages, numbers, money and dates in English or Chinese.

Every sentence shown to a person is an English message marked with ``N_`` or passed to
``Words.say``; its Chinese stands in ``huitouke/locale/zh_Hans/<stage>.po``, from which
``make words`` makes the Traditional in ``zh_Hant``. The catalogues are read as text, so that
one file is both source and truth.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = [
    "LANGUAGES",
    "N_",
    "Language",
    "Words",
    "language_of_tag",
    "one_of",
    "preferred",
    "words",
]

#: English, Simplified Chinese (the default Chinese) and Traditional Chinese.
Language = Literal["en", "zh", "zh-Hant"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_LOCALES: dict[Language, str] = {"en": "en", "zh": "zh_Hans", "zh-Hant": "zh_Hant"}
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})
_WEIGHT = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_TAGS_MOST = 20


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
        ``"en"``, ``"zh"`` (Simplified Chinese) or ``"zh-Hant"`` (Traditional Chinese).
    """

    language: Language

    @property
    def locale(self) -> str:
        """The Babel locale that formats numbers, money and dates for this reader."""
        return _LOCALES[self.language]

    @property
    def tag(self) -> str:
        """The language as a page says it: ``en``, ``zh-Hans`` or ``zh-Hant``."""
        return self.locale.replace("_", "-")

    @property
    def gap(self) -> str:
        """What stands between two sentences: a space, which Chinese does without."""
        return " " if self.language == "en" else ""

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
        ``"en"``, ``"zh"`` or ``"zh-Hant"``.

    Examples
    --------
    >>> words("zh").locale, words("zh-Hant").tag
    ('zh_Hans', 'zh-Hant')
    """
    return Words(language)


def language_of_tag(tag: str) -> Language | None:
    """Return the language that a tag or a locale names; None if it is not one of ours.

    Chinese is Traditional where the script says so, or else the place.

    Parameters
    ----------
    tag
        As in ``zh-TW``, ``zh_Hant_HK`` or ``en_GB.UTF-8``.

    Examples
    --------
    >>> language_of_tag("zh-TW"), language_of_tag("zh-Hans-HK"), language_of_tag("zh_SG.UTF-8")
    ('zh-Hant', 'zh', 'zh')
    >>> language_of_tag("en-GB"), language_of_tag("fr")
    ('en', None)
    """
    first, *rest = re.split("[.@]", tag.strip())[0].replace("_", "-").lower().split("-")
    if first == "en":
        return "en"
    if first != "zh":
        return None
    return "zh-Hant" if _TRADITIONAL.intersection(rest) and "hans" not in rest else "zh"


def preferred(accept: str) -> Language:
    """Return the language that a reader likes best of ours; Simplified Chinese if none.

    Parameters
    ----------
    accept
        An ``Accept-Language`` header, with weights; it may be empty.

    Examples
    --------
    >>> preferred("zh-HK,en;q=0.8"), preferred("fr, en;q=0.5, zh;q=0.4"), preferred("")
    ('zh-Hant', 'en', 'zh')
    """
    liked: list[tuple[float, Language]] = []
    for part in accept.split(",")[:_TAGS_MOST]:
        tag, _, weight = part.partition(";")
        language = language_of_tag(tag)
        found = _WEIGHT.fullmatch(weight.strip())
        if language is not None and (found or not weight.strip()):
            liked.append((float(found[1]) if found else 1.0, language))
    # The first of equals wins, and a weight of nothing means never.
    best = max(liked, key=lambda one: one[0], default=(0.0, None))
    return best[1] if best[0] > 0 and best[1] is not None else "zh"


def one_of(texts: Mapping[str, Any], *, language: Language) -> str:
    """Return what a shop wrote in some languages in the one nearest to the reader's.

    Parameters
    ----------
    texts
        By language; a reader of one script gets the other before English.
    language
        The reader's.

    Examples
    --------
    >>> one_of({"zh": "金卡", "en": "Gold"}, language="zh-Hant"), one_of({}, language="en")
    ('金卡', '')
    """
    order = ("en", "zh", "zh-Hant") if language == "en" else (language, "zh", "zh-Hant", "en")
    return next((str(texts[each]) for each in order if texts.get(each)), "")
