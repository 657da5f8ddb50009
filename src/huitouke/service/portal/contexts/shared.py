"""What pages on rewards that two members share show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from huitouke.service.portal.contexts.points import Back

__all__ = ["FriendsCode", "SharedPage"]


@dataclass(frozen=True)
class FriendsCode:
    """Where the code is typed that a friend read out."""

    code: str
    wrong: str


@dataclass(frozen=True)
class SharedPage:
    """One shared reward, as one of the two sees it, or the friend who is invited.

    Parameters
    ----------
    name, cost
        What it is, and what both pay together.
    standing, state, tone
        Where it stands, in a word.
    friend
        How the other one is named here: a first letter; empty where nobody is there yet.
    mine, theirs
        What each gives, in words.
    left
        What the invited one keeps.
    until, made_at
        By when it is to be joined and fetched, and when it began.
    cash_minor
        What is paid at the till beside points.
    invited, began
        Whether who reads may join; whether they began it.
    link, share
        What is sent to a friend: an address, and words before it.
    code, qr
        Letters to read out, and a drawing: of the link as long as somebody is missing, of
        what the till scans once both are there.
    coupon
        The code that was issued to who began.
    url
        Of this page.
    back, friend_back
        What becomes, or became, of one's own points where it is given up or not used, and of
        the friend's.
    late, warnings
        Of the invited one: what becomes of the points if it is not used in time, and what
        joining now costs beside its points.
    key, no, may_join, not_enrolled
        Of the form, why it was or would be refused, and whether joining the shop comes first.
    """

    name: str
    cost: str
    standing: str
    state: str
    tone: str
    friend: str
    mine: str
    theirs: str
    left: str
    until: datetime
    made_at: datetime
    cash_minor: int
    invited: bool
    began: bool
    link: str
    share: str
    code: str
    qr: SafeString
    coupon: str
    url: str
    back: Back
    friend_back: str
    late: tuple[str, ...]
    warnings: tuple[str, ...]
    key: str
    no: str
    may_join: bool
    not_enrolled: bool
