"""Which language and theme a request is answered in."""

from __future__ import annotations

from django.http import HttpRequest

from huitouke.language import LANGUAGES, N_, Language
from huitouke.service.core.reader import language_of
from huitouke.service.ui.reader import Reader

__all__ = [
    "LANGUAGE_COOKIE",
    "NAMES",
    "THEMES",
    "THEME_COOKIE",
    "THEME_NAMES",
    "django_code",
    "known_language",
    "reader_of",
]

LANGUAGE_COOKIE = "huitouke_language"
THEME_COOKIE = "huitouke_theme"
#: Each language in its own words.
NAMES: dict[str, str] = {"zh": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
THEMES = ("system", "light", "dark")
THEME_NAMES: dict[str, str] = {"system": N_("System"), "light": N_("Light"), "dark": N_("Dark")}

_DJANGO = {"zh": "zh-hans", "zh-Hant": "zh-hant"}


def known_language(given: str) -> Language | None:
    """Return a language the pages are written in, or None.

    Parameters
    ----------
    given
        From a cookie, a form or a staff record.

    Examples
    --------
    >>> known_language("en"), known_language("fr")
    ('en', None)
    """
    return next((each for each in LANGUAGES if each == given), None)


def django_code(language: Language) -> str:
    """Return Django's name of a language, for what Django itself says in forms.

    Parameters
    ----------
    language
        One of ours.

    Examples
    --------
    >>> django_code("zh"), django_code("en")
    ('zh-hans', 'en')
    """
    return _DJANGO.get(language, language)


def reader_of(request: HttpRequest, *, staff_language: str = "") -> Reader:
    """Return who reads: the switch's cookie, else the staff record, else the browser, else zh.

    Parameters
    ----------
    request
        Its cookies and ``Accept-Language`` are looked at, nothing else.
    staff_language
        What the signed-in person has chosen, if anybody is signed in.
    """
    language = (
        known_language(request.COOKIES.get(LANGUAGE_COOKIE, ""))
        or known_language(staff_language)
        or language_of(request)
    )
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return Reader(language, theme=theme if theme in THEMES else "system")
