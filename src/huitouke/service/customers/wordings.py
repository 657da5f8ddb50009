"""The words of consent at the till: those that are shown, and those that were before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huitouke.language import LANGUAGES, N_, words
from huitouke.service.customers.models import Wording

__all__ = ["STANDARD", "TILL", "WordingView", "in_force", "versions"]

#: Place of the words at the counter.
TILL = "till"


@dataclass(frozen=True, slots=True)
class WordingView:
    """One version of the words.

    Parameters
    ----------
    version
        Name that is kept with each yes.
    texts
        By language; ``zh`` and ``en`` are always there.
    since, actor
        From when on, and who wrote it; none and empty for the words that come along.
    """

    version: str
    texts: Mapping[str, str]
    since: datetime | None = None
    actor: str = ""


#: What is asked until the shop says it in its own words; other words get another name.
STANDARD = "till-standard-1"
_ASKS = N_(
    "May we tell you about offers and news? You choose how, and can stop it at any time, here"
    " or on your phone."
)


def _standard() -> WordingView:
    return WordingView(STANDARD, {each: words(each).say(_ASKS) for each in LANGUAGES})


def in_force(place: str = TILL) -> WordingView:
    """Return the words that are shown now.

    Parameters
    ----------
    place
        Where.
    """
    newest = Wording.objects.filter(place=place).order_by("-number").first()
    return _standard() if newest is None else _view(newest)


def versions(place: str = TILL) -> tuple[WordingView, ...]:
    """Return all words that ever were shown, newest first; the last came along.

    Parameters
    ----------
    place
        Where.
    """
    kept = Wording.objects.filter(place=place).order_by("-number")
    return (*map(_view, kept), _standard())


def _view(kept: Wording) -> WordingView:
    return WordingView(str(kept), kept.texts, kept.at, kept.actor)
