"""What the templates of customers receive: typed, complete, written out as late as possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.forms import Form

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.filters import Asked
from huitouke.service.backoffice.customers.parts import (
    CouponShown,
    PointsShown,
    StampShown,
    TierShown,
)
from huitouke.service.backoffice.insight.profile import ProfileShown
from huitouke.service.orders.totals import Bought

__all__ = [
    "ActPage",
    "Consents",
    "Event",
    "HistoryPage",
    "Household",
    "Housemate",
    "IdentityShown",
    "ListPage",
    "MergeShown",
    "Notice",
    "Person",
    "PersonPage",
    "RowShown",
    "Said",
    "TimelinePart",
]


@dataclass(frozen=True)
class RowShown:
    """One customer of the list.

    Parameters
    ----------
    key, url
        Public id, and the page of the customer.
    name, note
        How they are called, and their phone or another identity.
    state
        ``fan``, ``customer`` or ``member``.
    tier
        Name of the tier; empty without one.
    points
        Spendable; none without an account.
    bought
        Orders, spend, last one.
    """

    key: str
    url: str
    name: str
    note: str
    state: str
    tier: str
    points: int | None
    bought: Bought


@dataclass(frozen=True)
class ListPage:
    """The list of customers.

    Parameters
    ----------
    asked
        Search and filters.
    rows
        Of this page.
    count, counted, more
        How many there are; whether that is known, and whether there are more than it says.
    next_url, first_url
        To the next page and back to the first; empty where there is none.
    clear_url
        Without any filter.
    exports, waiting
        Whether who reads may take the list out; adjustments that wait, none where they are
        none of the reader's business.
    too_wide
        What was wrong where the list could not be made in time; empty if it could.
    segment_url
        Where the filters are kept as a segment; empty where they cannot be.
    """

    asked: Asked
    rows: tuple[RowShown, ...]
    count: int
    counted: bool
    more: bool
    next_url: str
    first_url: str
    clear_url: str
    exports: bool
    waiting: int | None
    too_wide: str = ""
    segment_url: str = ""


@dataclass(frozen=True)
class Person:
    """Who a page is about.

    Parameters
    ----------
    key, url
        Public id, and the page of the customer.
    name, note
        How they are called, and by what they are known best.
    state
        ``fan``, ``customer`` or ``member``.
    tier
        Name of the tier; empty without one.
    """

    key: str
    url: str
    name: str
    note: str
    state: str
    tier: str


@dataclass(frozen=True)
class IdentityShown:
    """One identity: its kind in words, the value as it is read and as it is kept."""

    kind: str
    kind_key: str
    shown: str
    value: str
    verified_at: datetime | None


@dataclass(frozen=True)
class Said:
    """One word on consent.

    Parameters
    ----------
    channel, purpose
        English messages.
    given
        Yes or no.
    at, source, wording
        When, where and to which text.
    """

    channel: str
    purpose: str
    given: bool
    at: datetime
    source: str
    wording: str


@dataclass(frozen=True)
class Consents:
    """What holds now, and all that was ever said, newest first."""

    now: tuple[Said, ...]
    history: tuple[Said, ...]


@dataclass(frozen=True)
class MergeShown:
    """A merge that can still be undone: its id, who was merged, when, until when."""

    key: str
    merged: str
    at: datetime
    until: datetime
    undo_url: str


@dataclass(frozen=True)
class Housemate:
    """Who lives with a customer, and what they bought."""

    url: str
    name: str
    bought: Bought


@dataclass(frozen=True)
class Household:
    """Who lives together.

    Parameters
    ----------
    key
        Its number.
    others
        All but the customer the page is about, the longest known first.
    orders, spend_minor
        Of all of them, the customer included; none where there are more than are shown.
    """

    key: str
    others: tuple[Housemate, ...]
    orders: int | None
    spend_minor: int | None


@dataclass(frozen=True)
class Event:
    """One entry of the timeline as it is read; ``url`` leads to its order."""

    title: str
    at: datetime
    icon: str
    tone: str
    amount: str
    note: str
    who: str
    url: str = ""


@dataclass(frozen=True)
class TimelinePart:
    """A page of the timeline.

    Parameters
    ----------
    url
        Of the customer's page.
    kind
        Chosen kind; empty is all.
    kinds
        Kind and words.
    events
        Newest first.
    next_url
        Leads on; empty at the end.
    """

    url: str
    kind: str
    kinds: tuple[tuple[str, str], ...]
    events: tuple[Event, ...]
    next_url: str

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """All kinds to choose among, everything first."""
        return (("", say(N_("Everything"))), *self.kinds)


@dataclass(frozen=True)
class HistoryPage:
    """The timeline alone."""

    person: Person
    timeline: TimelinePart


@dataclass(frozen=True)
class Notice:
    """Something to know before going on."""

    tone: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ActPage:
    """One act on one customer: what it does, a form, and the way back.

    Parameters
    ----------
    person
        To whom it is done.
    title, lead, submit
        In the reader's words.
    form, key
        The form, and the key under which it counts once.
    notices
        What is to be known before.
    kind
        ``main``, or ``danger`` for what destroys something.
    """

    person: Person
    title: str
    lead: str
    submit: str
    form: Form
    key: str
    notices: tuple[Notice, ...] = ()
    kind: str = "main"


@dataclass(frozen=True)
class PersonPage:
    """All about one customer.

    Parameters
    ----------
    person
        Who.
    identities, tags, birthday_on, language, gender, brand, since_at, joined_at
        What is known of them.
    contact
        When and how often they want to be written to; empty: they did not say.
    consents, bought, currency, points, tier, coupons, cards, referrals
        See the parts.
    merges
        Merges into this record that can be undone.
    timeline
        The newest of all that happened.
    may
        What who reads may do: permissions by the part behind the dot.
    household
        With whom they live; none where no number of a household is known.
    profile
        What the analysis says of this customer; none before there is one.
    """

    person: Person
    identities: tuple[IdentityShown, ...]
    tags: tuple[str, ...]
    birthday_on: date | None
    language: str
    contact: tuple[str, ...]
    gender: str
    brand: str
    since_at: datetime
    joined_at: datetime | None
    consents: Consents
    bought: Bought
    currency: str
    points: PointsShown | None
    tier: TierShown | None
    coupons: tuple[CouponShown, ...]
    cards: tuple[StampShown, ...]
    referral_code: str
    brought: int
    brought_points: int
    brought_by_url: str
    merges: tuple[MergeShown, ...]
    timeline: TimelinePart
    may: Mapping[str, bool]
    household: Household | None = None
    profile: ProfileShown | None = None
