"""Parts of the pages of the counter: what may be lost, and what a code stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["PartShown", "ShownPage", "ShownRow", "Warning"]


@dataclass(frozen=True)
class Warning:
    """What is about to be lost: a sentence for staff, and words for the customer."""

    said: str
    words: str


@dataclass(frozen=True)
class PartShown:
    """What one member gives for a reward: who, masked, and how many points."""

    name: str
    note: str
    points: int
    url: str


@dataclass(frozen=True)
class ShownRow:
    """One of several things that a code may stand for."""

    url: str
    reward: str
    who: str
    state: str
    tone: str
    at: datetime


@dataclass(frozen=True)
class ShownPage:
    """What stands behind a code that a member shows.

    Parameters
    ----------
    reward, code
        What it is, and the letters by which it is read out.
    state, tone, says
        Where it stands in a word, and what that means here.
    parts
        Who gives how many points: one member, or two who share it.
    unit
        Name of the points.
    cash_minor
        What is to be paid beside points.
    until, made_at
        By when it is to be fetched, and when it was redeemed.
    coupon
        The code that it issued; empty: none.
    hand_over_url, give_back_url
        Where that is done; empty where it cannot be.
    gives, returns
        What handing over and giving back mean, in one sentence each.
    warnings
        What giving back would cost the member.
    next_url, next_says
        Where it goes on from here, and what that is called.
    key, wrong
        Of the forms, and why something was not done.
    """

    reward: str
    code: str
    state: str
    tone: str
    says: str
    parts: tuple[PartShown, ...]
    unit: str
    cash_minor: int
    until: datetime
    made_at: datetime
    coupon: str
    hand_over_url: str
    give_back_url: str
    gives: str
    returns: str
    warnings: tuple[Warning, ...]
    next_url: str
    next_says: str
    key: str
    wrong: str = ""

    @property
    def shared(self) -> bool:
        """Whether two members pay for it."""
        return len(self.parts) > 1
