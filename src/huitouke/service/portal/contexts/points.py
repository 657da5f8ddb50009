"""What pages on points, rewards and friends show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from huitouke.service.portal.entries import Entry, Month

__all__ = [
    "Back",
    "Card",
    "Codes",
    "CouponLine",
    "Friend",
    "Friends",
    "History",
    "Home",
    "Near",
    "Offer",
    "Redeemed",
    "RewardPage",
    "Rewards",
    "StampLine",
    "Stamps",
]


@dataclass(frozen=True)
class Card:
    """A member's card.

    Parameters
    ----------
    shop, name, tier
        Whose it is, and of what tier; empty: none.
    number
        In groups, as it is read out.
    code
        A drawing that the till scans.
    """

    shop: str
    name: str
    tier: str
    number: str
    code: SafeString


@dataclass(frozen=True)
class Near:
    """The one reward to name first."""

    name: str
    cost: str
    url: str
    missing: str


@dataclass(frozen=True)
class Home:
    """The first page.

    Parameters
    ----------
    card
        The card.
    enrolled
        Whether this is a member; who is not is asked to join.
    points, unit
        What may be spent, and what it is called.
    lines
        What comes and what goes.
    money
        Stored value: what it is called, and minor units.
    loss
        What is about to be lost; empty: nothing.
    tier_lines
        How far it is, in sentences.
    promise
        What a member of this tier gets, in one breath.
    near
        The reward to name first.
    entries
        The last ones.
    stamps, friends
        Whether there are such pages.
    said
        What has just happened.
    """

    card: Card
    enrolled: bool
    points: str = ""
    unit: str = ""
    lines: tuple[str, ...] = ()
    money: tuple[tuple[str, int], ...] = ()
    loss: str = ""
    tier_lines: tuple[str, ...] = ()
    promise: str = ""
    near: Near | None = None
    entries: tuple[Entry, ...] = ()
    stamps: bool = False
    friends: bool = False
    said: str = ""


@dataclass(frozen=True)
class Offer:
    """One reward as the member sees it.

    Parameters
    ----------
    name, cost
        What it is, and for how many points.
    cash_minor
        What is paid beside points.
    url
        Its page.
    no
        What stands in the way; empty: nothing.
    share
        How much of its points are there, 0 to 100.
    shared
        Whether two members pay for it together.
    """

    name: str
    cost: str
    cash_minor: int
    url: str
    no: str
    share: int
    shared: bool


@dataclass(frozen=True)
class Rewards:
    """All rewards, by how near they are."""

    points: str
    now: tuple[Offer, ...]
    later: tuple[Offer, ...]
    closed: tuple[Offer, ...]
    waiting: int
    has_shared: bool
    said: str = ""


@dataclass(frozen=True)
class Back:
    """What becomes of points that are set aside, in sentences.

    Parameters
    ----------
    risk
        What giving up would lose; empty: nothing.
    late
        If they are not used in time.
    now
        If they are given up at this moment.
    done
        What came back of those that were given up or not used.
    """

    risk: str = ""
    late: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    done: tuple[str, ...] = ()


@dataclass(frozen=True)
class RewardPage:
    """One reward, before it is redeemed.

    Parameters
    ----------
    offer
        The reward.
    left
        What is left of the points afterwards.
    until
        By when it must be used, if it is redeemed now; none for a coupon.
    is_coupon
        Whether a coupon is issued at once.
    key
        Of the form: sent twice it is done once.
    no
        Why it was refused just now; empty: it was not.
    gives, gives_most, gives_wrong
        Of a shared one: points that the member gives, at most how many, and what is wrong
        with the number.
    warnings
        What redeeming it now costs beside its points, and which of them may lapse.
    late
        What becomes of the points if it is not used in time; empty where that is a warning.
    """

    offer: Offer
    left: str
    until: datetime | None
    hours: int
    is_coupon: bool
    key: str
    no: str
    gives: str
    gives_most: int
    gives_wrong: str
    warnings: tuple[str, ...]
    late: tuple[str, ...]


@dataclass(frozen=True)
class Redeemed:
    """One redemption.

    Parameters
    ----------
    name, cost, cash_minor
        What it is, and what it took.
    url
        Its page.
    state, tone
        Where it stands, in a word.
    waits, missing
        Whether it is still to be handed over, and whether a friend has to join before.
    until
        By when.
    at
        When it was redeemed.
    short
        The end of its id: letters to read out where nothing can be scanned.
    qr
        What the till scans; empty where nothing is to be shown.
    coupon
        The code that was issued; empty: none.
    back
        What becomes, or became, of its points where it is not used.
    """

    name: str
    cost: str
    cash_minor: int
    url: str
    state: str
    tone: str
    waits: bool
    missing: bool
    until: datetime | None
    at: datetime
    short: str
    qr: SafeString
    coupon: str
    back: Back = Back()


@dataclass(frozen=True)
class CouponLine:
    """One coupon: what it is, its code and where it stands."""

    name: str
    code: str
    qr: SafeString
    state: str
    tone: str
    until: datetime | None
    least_minor: int
    currency: str
    ready: bool


@dataclass(frozen=True)
class Codes:
    """What a member has: redemptions and coupons."""

    waiting: tuple[Redeemed, ...]
    ended: tuple[Redeemed, ...]
    coupons: tuple[CouponLine, ...]


@dataclass(frozen=True)
class History:
    """Some entries of a longer history.

    Parameters
    ----------
    months
        Newest first.
    first
        Whether this is the beginning of the list.
    older
        Where the next ones are; empty: these are the last.
    """

    months: tuple[Month, ...]
    first: bool
    older: str


@dataclass(frozen=True)
class StampLine:
    """One stamp card.

    Parameters
    ----------
    name
        What it is called.
    have, of
        Stamps on it, and how many fill it.
    marks
        True for each stamp that is there, False for each that is not; empty where they are
        too many to draw.
    present
        What a full card gives.
    full
        How many were filled so far.
    """

    name: str
    have: int
    of: int
    marks: tuple[bool, ...]
    present: str
    full: int

    @property
    def to_go(self) -> int:
        """How many are missing."""
        return max(0, self.of - self.have)


@dataclass(frozen=True)
class Stamps:
    """All stamp cards of the programme."""

    cards: tuple[StampLine, ...]


@dataclass(frozen=True)
class Friend:
    """What became of one invitation."""

    came_at: datetime
    due_at: datetime | None
    state: str
    tone: str
    points: str


@dataclass(frozen=True)
class Friends:
    """Bringing a friend.

    Parameters
    ----------
    code, link, qr
        The member's own code, the address that carries it, and a drawing of that.
    text
        What is sent to a friend, without the address.
    mine, theirs
        What the member and the friend get; empty: nothing.
    least_minor
        From which first order on.
    came
        What became of invitations.
    on
        Whether the programme rewards it at all.
    """

    on: bool
    code: str = ""
    link: str = ""
    qr: SafeString | None = None
    text: str = ""
    mine: str = ""
    theirs: str = ""
    least_minor: int = 0
    came: tuple[Friend, ...] = ()
