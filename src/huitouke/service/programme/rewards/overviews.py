"""Stamp cards and referrals of a whole programme: how many, where they stand, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.core.ids import public_id
from huitouke.service.programme.rewards.referrals import review_queue

__all__ = ["CardCount", "InReview", "in_review", "stamp_counts", "waiting_referrals"]

_CARDS = """
SELECT s.card, count(*) FILTER (WHERE s.stamps > 0), coalesce(sum(s.stamps), 0)::bigint,
       coalesce(sum(s."full"), 0)::bigint
FROM programme_stampstate s WHERE s.programme = %s GROUP BY s.card
"""
_GRANTS = """
SELECT g.card, count(*) FILTER (WHERE g.state = 'given'),
       count(*) FILTER (WHERE g.state = 'waiting'),
       count(*) FILTER (WHERE g.state = 'taken_back')
FROM programme_stampgrant g WHERE g.programme = %s GROUP BY g.card
"""
_FRIENDS = """
SELECT r.advocate_id, count(*), count(*) FILTER (WHERE r.state = 'rewarded')
FROM programme_referral r WHERE r.programme = %s AND r.advocate_id = ANY(%s::uuid[])
GROUP BY 1
"""
_ORDERS = """
SELECT o.id, o.number, o.total_minor - o.refunded_minor, o.currency
FROM orders_order o WHERE o.id = ANY(%s::uuid[])
"""
_WAITING = (
    "SELECT count(*) FROM programme_referral r WHERE r.programme = %s AND r.state = 'review'"
)


@dataclass(frozen=True)
class CardCount:
    """Where the cards of one kind stand.

    Parameters
    ----------
    card
        Id of the stamp card within the definition.
    open, stamps
        Cards with stamps on them, and those stamps.
    full
        Cards that were filled.
    given, waiting, taken_back
        Presents: given, waiting for stock, and taken back after a return.
    """

    card: str
    open: int = 0
    stamps: int = 0
    full: int = 0
    given: int = 0
    waiting: int = 0
    taken_back: int = 0


@dataclass(frozen=True)
class InReview:
    """A referral that waits for a person's decision.

    Parameters
    ----------
    referral
        Public id.
    advocate, friend
        Public ids of the two.
    flags
        Names of why it was flagged.
    created_at
        When the friend came.
    order, order_minor, currency
        Number and amount of the friend's first order; none where there is none yet.
    brought, rewarded
        Friends the advocate brought so far, and those that were paid.
    unit, advocate_points, friend_points
        What is at stake.
    """

    referral: str
    advocate: str
    friend: str
    flags: tuple[str, ...]
    created_at: datetime
    order: str
    order_minor: int | None
    currency: str
    brought: int
    rewarded: int
    unit: str
    advocate_points: int
    friend_points: int


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def stamp_counts(programme: str) -> dict[str, CardCount]:
    """Return where the stamp cards of a programme stand, by the card's id.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    states = {row[0]: row[1:] for row in _rows(_CARDS, [programme])}
    grants = {row[0]: row[1:] for row in _rows(_GRANTS, [programme])}
    return {
        card: CardCount(card, *states.get(card, (0, 0, 0)), *grants.get(card, (0, 0, 0)))
        for card in {**states, **grants}
    }


def waiting_referrals(programme: str) -> int:
    """Return how many referrals wait for a decision.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    found: int = _rows(_WAITING, [programme])[0][0]
    return found


def in_review(programme: str, *, limit: int = 50) -> list[InReview]:
    """Return the referrals that wait for a decision with what speaks for and against them.

    Parameters
    ----------
    programme
        Code of the programme.
    limit
        How many at most, oldest first.
    """
    queue = review_queue(programme, limit=limit)
    advocates = list({each.advocate_id for each in queue})
    friends: dict[UUID, tuple[int, int]] = {
        row[0]: (row[1], row[2]) for row in _rows(_FRIENDS, [programme, advocates])
    }
    bought = [each.order_id for each in queue if each.order_id is not None]
    orders = {row[0]: row[1:] for row in _rows(_ORDERS, [bought])}
    found = []
    for each in queue:
        number, amount, currency = orders.get(each.order_id, ("", None, ""))
        brought, rewarded = friends[each.advocate_id]
        found.append(
            InReview(
                referral=public_id("rfl", each.id),
                advocate=public_id("cus", each.advocate_id),
                friend=public_id("cus", each.friend_id),
                flags=tuple(each.flags),
                created_at=each.created_at,
                order=number,
                order_minor=amount,
                currency=currency,
                brought=brought,
                rewarded=rewarded,
                unit=each.unit,
                advocate_points=each.advocate_points,
                friend_points=each.friend_points,
            )
        )
    return found
