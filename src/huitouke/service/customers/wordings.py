"""The words of consent, the same at the till and on the phone: those shown, those before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huitouke.language import LANGUAGES, N_, words
from huitouke.service.customers.models import Wording

__all__ = ["PURPOSES", "STANDARD", "WordingView", "in_force", "known", "place_of", "versions"]


@dataclass(frozen=True, slots=True)
class WordingView:
    """One version of the words.

    Parameters
    ----------
    version
        Name that is kept with each answer.
    texts
        By language; ``zh`` and ``en`` are always there.
    since, actor
        From when on, and who wrote it; none and empty for the words that come along.
    """

    version: str
    texts: Mapping[str, str]
    since: datetime | None = None
    actor: str = ""


#: For what the shop has words of its own.
PURPOSES = ("marketing", "survey", "profiling")
#: What is asked until the shop says it in its own words; other words get another name.
STANDARD = "till-standard-1"
# Words on offers were those of the till alone once, and are numbered on from there.
_PLACES = {"marketing": "till"}
_STANDARDS = {
    "marketing": (
        STANDARD,
        N_(
            "May we tell you about offers and news? You choose how, and can stop it at any"
            " time, here or on your phone."
        ),
    ),
    "survey": (
        "my-survey-2026-11",
        N_("The shop may ask me how it was. I can stop it here at any time."),
    ),
    "profiling": (
        "profiling-standard-1",
        N_(
            "From my purchases the shop works out how likely I am to come back, what may suit"
            " me and what I am worth to it. I can object: then nothing of that is worked out"
            " about me. Points, tier and rewards stay as they are."
        ),
    ),
}
#: Words that came along once and are shown no more, for those who said yes to them.
_EARLIER = (
    (
        "my-marketing-2026-11",
        N_("The shop may tell me about offers and news. I can stop it here at any time."),
    ),
)


def place_of(purpose: str) -> str:
    """Return under which name the words for a purpose are kept and numbered.

    Parameters
    ----------
    purpose
        One of :data:`PURPOSES`.
    """
    return _PLACES.get(purpose, purpose)


def _came_along(version: str, text: str) -> WordingView:
    return WordingView(version, {each: words(each).say(text) for each in LANGUAGES})


def in_force(purpose: str = "marketing") -> WordingView:
    """Return the words that are shown now.

    Parameters
    ----------
    purpose
        For what.
    """
    newest = Wording.objects.filter(place=place_of(purpose)).order_by("-number").first()
    return _came_along(*_STANDARDS[purpose]) if newest is None else _view(newest)


def versions(purpose: str = "marketing") -> tuple[WordingView, ...]:
    """Return all words that ever were shown, newest first; the last came along.

    Parameters
    ----------
    purpose
        For what.
    """
    kept = Wording.objects.filter(place=place_of(purpose)).order_by("-number")
    return (*map(_view, kept), _came_along(*_STANDARDS[purpose]))


def known() -> dict[str, WordingView]:
    """Return all words that ever were shown for anything, by version."""
    own = [_view(each) for each in Wording.objects.all()]
    along = [_came_along(*each) for each in (*_STANDARDS.values(), *_EARLIER)]
    return {each.version: each for each in (*along, *own)}


def _view(kept: Wording) -> WordingView:
    return WordingView(str(kept), kept.texts, kept.at, kept.actor)
