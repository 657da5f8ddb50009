"""One timeline of all that happened with a customer, newest first, page by page.

Each source gives its next few moments; they are merged by when they happened. A page ends at
a moment and a name, so the next one begins right after it, whatever came in meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers import queries as customers
from huitouke.service.customers.following import records
from huitouke.service.programme.people import happenings, redeemed
from huitouke.service.programme.people.conditions import Ground
from huitouke.service.programme.people.moments import Asked, Moment

__all__ = ["KINDS", "CursorUnknown", "Moment", "Story", "timeline"]

_END = datetime.max.replace(tzinfo=UTC)
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NUMBER = "[0-8][0-9]{18}"
#: Keys begin with the letter of their source.
_KEY = re.compile(
    rf"[chjkmopstuvw]\.{_UUID}|i\.[0-9a-f]{{32}}|a\.{_NUMBER}|[eg]{_NUMBER}\.{_NUMBER}"
)


class CursorUnknown(ServiceError):
    """The address of a page of the timeline was cut off."""

    code = "programme.timeline_cursor_unknown"
    status = 404
    says = N_("This part of the timeline cannot be found.")
    remedy = N_("Begin at its newest entry.")


@dataclass(frozen=True, slots=True)
class Story:
    """A page of the timeline; ``cursor`` leads on, empty at the end."""

    moments: tuple[Moment, ...]
    cursor: str


_SOURCES: dict[str, tuple[Callable[[Asked], Iterator[Moment]], ...]] = {
    "orders": (happenings.orders, happenings.cancellations, happenings.refunds),
    "points": (happenings.entries,),
    "tier": (happenings.tiers,),
    "rewards": (*redeemed.STEPS, redeemed.given_back),
    "coupons": (redeemed.issued, redeemed.used, redeemed.returned),
    "consent": (happenings.consents,),
    "staff": (happenings.acts,),
}

#: Kinds of moments, and how they are called.
KINDS: dict[str, str] = {
    "orders": N_("Orders and returns"),
    "points": N_("Points"),
    "tier": N_("Tier"),
    "rewards": N_("Rewards"),
    "coupons": N_("Coupons"),
    "consent": N_("Consent"),
    "staff": N_("Acts of staff and systems"),
}


def timeline(
    customer: UUID, *, ground: Ground, kind: str = "", cursor: str = "", limit: int = 30
) -> Story:
    """Return what happened with a customer, newest first.

    Parameters
    ----------
    customer
        Any id the person ever had; what merged records said and did counts.
    ground
        Of ``listing.ground_of``.
    kind
        One of :data:`KINDS`; empty: all.
    cursor
        Of the page before; empty: from the newest.
    limit
        How many at most.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    CursorUnknown
        If the cursor is none that a page gave.
    """
    root = customers.record_of(customer)
    at, key = _place(cursor)
    asked = Asked(root, records([root]), ground, at, key, limit + 1)
    sources = _SOURCES.get(kind) or tuple(one for many in _SOURCES.values() for one in many)
    found = sorted(
        (moment for source in sources for moment in source(asked)),
        key=lambda each: (each.at, each.key),
        reverse=True,
    )
    shown = found[:limit]
    more = len(found) > limit
    return Story(tuple(shown), f"{shown[-1].at.isoformat()}~{shown[-1].key}" if more else "")


def _place(cursor: str) -> tuple[datetime, str]:
    """Return moment and key that a cursor names; the end of time for none."""
    if not cursor:
        return _END, "~"
    moment, _, key = cursor.partition("~")
    if not _KEY.fullmatch(key):
        raise CursorUnknown
    try:
        at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise CursorUnknown from error
    if at.tzinfo is None:
        raise CursorUnknown
    return at, key
