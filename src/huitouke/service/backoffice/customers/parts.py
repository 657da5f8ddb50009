"""Parts of the page of one customer: points by lot, tier, coupons, stamps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

__all__ = [
    "CouponShown",
    "LotShown",
    "PointsShown",
    "StampShown",
    "TierShown",
]


@dataclass(frozen=True)
class LotShown:
    """One lot: what is left, why it was given, from when and until when it is good."""

    points: int
    earned: int
    why: str
    from_on: datetime | None
    waits: bool
    through: date | None


@dataclass(frozen=True)
class PointsShown:
    """Points of one unit.

    Parameters
    ----------
    unit
        Its name.
    active, pending, held, owed
        As of the ledger.
    next_points, next_through
        What lapses first, and through which day it is good; none where nothing lapses.
    lots, waiting
        Spendable lots in the order of their use, and pending ones.
    """

    unit: str
    active: int
    pending: int
    held: int
    owed: int
    next_points: int
    next_through: date | None
    lots: tuple[LotShown, ...]
    waiting: tuple[LotShown, ...]


@dataclass(frozen=True)
class TierShown:
    """Where a member stands.

    Parameters
    ----------
    name, since
        The tier and since when; an empty name is none.
    says
        What it brings, in one breath.
    ways
        What keeps it and what reaches the next, in the programme's own words.
    pace
        Whether the present pace gets there, in a sentence; empty where that is not known.
    exist
        Whether the programme has tiers at all, so that one may be given.
    """

    name: str
    since: date | None
    says: str
    ways: tuple[str, ...]
    pace: str
    exist: bool


@dataclass(frozen=True)
class CouponShown:
    """One coupon: its campaign, the code, what it is worth, where it stands."""

    name: str
    code: str
    worth: str
    state: str
    tone: str
    expires_at: datetime | None


@dataclass(frozen=True)
class StampShown:
    """One stamp card: its name, how many of how many, how many were full."""

    name: str
    stamps: int
    of: int
    full: int
