"""What pages on signing in, joining and oneself show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

__all__ = [
    "Analysed",
    "Choice",
    "Code",
    "Erasing",
    "Invited",
    "Joining",
    "Known",
    "MyPage",
    "NewAddress",
    "SignIn",
    "Wishes",
]


@dataclass(frozen=True)
class SignIn:
    """The first step.

    Parameters
    ----------
    label
        What is asked for; empty: nothing can be sent from here.
    address, wrong
        What was typed, and what is wrong with it.
    next
        Where to go afterwards.
    joins
        Whether who is no member yet may join.
    """

    label: str
    address: str
    wrong: str
    next: str
    joins: bool
    said: str


@dataclass(frozen=True)
class Code:
    """The second step.

    Parameters
    ----------
    to
        Where the code went, masked.
    wrong
        What is wrong with what was typed.
    next
        Where to go afterwards.
    """

    to: str
    minutes: int
    wrong: str
    next: str


@dataclass(frozen=True)
class Joining:
    """What somebody who joins is asked.

    Parameters
    ----------
    to
        Which address was shown to be theirs, masked; empty: signed in already.
    promise
        What a member gets, in one breath.
    channel
        By which way the shop could reach them.
    wording, version
        What the tick says yes to, and the name of these words.
    name, wrong, agreed_wrong
        What was typed, and what is wrong with it or with the tick.
    invited
        Whether a friend brought them.
    """

    to: str
    promise: str
    channel: str
    wording: str
    version: str
    name: str
    wrong: str
    agreed_wrong: str
    invited: bool


@dataclass(frozen=True)
class Invited:
    """What somebody sees whom a friend invited.

    Parameters
    ----------
    promise
        What a member gets, in one breath.
    present
        What the friend gets; empty: nothing, or the code is none.
    least_minor
        From which first order on.
    """

    promise: str
    present: str
    least_minor: int


@dataclass(frozen=True)
class Known:
    """One identity, masked."""

    kind: str
    shown: str
    verified: bool


@dataclass(frozen=True)
class Choice:
    """What a member said of one channel and purpose.

    Parameters
    ----------
    id
        Of the row on the page.
    channel, purpose
        As they are kept.
    title, way
        In the reader's words: for what, and how.
    given
        Yes or no.
    at, source
        When and where it was said; none: nothing was said yet.
    text
        The words that were, or will be, shown; empty: those of another place.
    version
        Name of the words.
    offered
        Whether a yes can be said here.
    """

    id: str
    channel: str
    purpose: str
    title: str
    way: str
    given: bool
    at: datetime | None
    source: str
    text: str
    version: str
    offered: bool


@dataclass(frozen=True)
class Analysed:
    """What a member said of being analysed.

    Parameters
    ----------
    objects
        Whether they do not want it.
    at, source
        When and where it was said; none: nothing was said yet.
    text, version
        What is done, and the name of these words.
    """

    objects: bool
    at: datetime | None
    source: str
    text: str
    version: str


@dataclass(frozen=True)
class NewAddress:
    """Another phone or e-mail.

    Parameters
    ----------
    label
        What is asked for; empty: nothing can be sent from here.
    typed, wrong
        What was typed, and what is wrong with it.
    to, minutes
        Where a code went, masked, and how long it is good; empty: to nobody yet.
    replaces
        What the new one may take the place of.
    code_wrong
        What is wrong with the code.
    """

    label: str
    typed: str
    wrong: str
    to: str
    minutes: int
    replaces: tuple[tuple[str, str], ...]
    code_wrong: str


@dataclass(frozen=True)
class Wishes:
    """When and how often a member wants to be written to, and in which language.

    Parameters
    ----------
    days, ways
        What is chosen, and what can be: name and words of each.
    earliest, latest
        Times of the day; empty: any.
    most, often
        How often at most in a month, and what can be chosen.
    language, languages
        Of what is written, and those there are.
    """

    days: str
    ways: tuple[tuple[str, str], ...]
    earliest: str
    latest: str
    most: str
    often: tuple[tuple[str, str], ...]
    language: str
    languages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MyPage:
    """Who the member is here.

    Parameters
    ----------
    name, birthday_on
        As known.
    identities
        Masked.
    choices, analysed
        Per channel and purpose, and of being analysed.
    wishes
        When and how often they want to be written to.
    said, tone
        What has just happened, and whether it is good.
    name_wrong, birthday_wrong
        What is wrong with what was typed.
    today
        No birthday is later.
    """

    name: str
    birthday_on: date | None
    identities: tuple[Known, ...]
    choices: tuple[Choice, ...]
    analysed: Analysed
    wishes: Wishes
    said: str
    tone: str
    name_wrong: str
    birthday_wrong: str
    today: date


@dataclass(frozen=True)
class Erasing:
    """What a member is told before they are forgotten.

    Parameters
    ----------
    lost
        Points that would be lost, one line per unit.
    to
        Where the code goes, masked.
    sent
        Whether it was sent from this browser.
    word
        What has to be typed.
    typed, wrong, code_wrong
        What was typed, and what is wrong.
    """

    lost: tuple[str, ...]
    to: str
    sent: bool
    word: str
    typed: str
    wrong: str
    code_wrong: str
