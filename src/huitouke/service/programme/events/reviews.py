"""Tiers on their day: reviews that are due, and a word ahead of time to those who may fall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.customers.following import roots
from huitouke.service.programme.events.changes import happening_of
from huitouke.service.programme.events.members import Member, load, save
from huitouke.service.programme.events.people import Moved, lock_people
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.events.standing import (
    journals,
    metric_of,
    standing_of,
    touch,
)
from huitouke.service.programme.rules.expiry import WARN_DAYS
from huitouke.service.programme.rules.forecast import forecast

__all__ = ["locked_members", "review_due", "touched", "warn_of_reviews"]

_PAGE = 500
_DUE = """
SELECT m.id, m.customer_id FROM programme_membership m
WHERE m.programme_id = %b AND m.due_on BETWEEN %b AND %b AND m.merged_into_id IS NULL
  AND m.id > %b
ORDER BY m.id LIMIT %b
"""
_FIRST = UUID(int=0)
_ONCE = """
INSERT INTO programme_notice (membership_id, topic, about, threshold, told_at)
VALUES (%b, %b, %b, %b, %b) ON CONFLICT DO NOTHING RETURNING 1
"""


def _pages(programme: UUID, *, since: date, until: date) -> Iterator[list[UUID]]:
    """Give the customers of members whose day is due, page by page."""
    last = _FIRST
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [programme, since, until, last, _PAGE])
            rows = cursor.fetchall()
        if not rows:
            return
        yield [row[1] for row in rows]
        last = rows[-1][0]


def locked_members(customers: list[UUID], *, programme: UUID) -> list[Member]:
    """Lock members and read them.

    Parameters
    ----------
    customers
        Whose; those who were merged lead to the record of today.
    programme
        Of which programme.
    """
    try:
        people, _ = lock_people(roots(customers).values())
    except Moved:
        people, _ = lock_people(roots(customers).values())
    return list(load(people, programme=programme).values())


def touched(members: list[Member], *, rulebook: Rulebook, on: date) -> list[Happening]:
    """Bring the tiers of locked members up to a day, save them, and return what to tell.

    Parameters
    ----------
    members
        Locked.
    rulebook
        Of the programme.
    on
        The local day.
    """
    rules, tiers = rulebook.now, rulebook.now.definition.tiers
    if tiers is None:
        return []
    days = journals(members, tiers=tiers, day=on)
    told: list[Happening] = []
    for member in members:
        if member.joined_at is None:
            continue
        changes = touch(
            member,
            tiers=tiers,
            day=on,
            joined_on=rules.day(member.joined_at),
            days=days[member.id],
        )
        each = (happening_of(one, customer=member.person.id) for one in changes)
        told += [one for one in each if one is not None]
    save(members, programme=rulebook.programme)
    return told


def review_due(rulebook: Rulebook, *, on: date) -> int:
    """Review all tiers whose day has come; twice, or late, comes to the same.

    Parameters
    ----------
    rulebook
        Of the programme.
    on
        The local day.

    Returns
    -------
    int
        How many members were looked at.
    """
    if rulebook.now.definition.tiers is None:
        return 0
    looked = 0
    for customers in _pages(rulebook.programme, since=date(1900, 1, 1), until=on):
        with transaction.atomic():
            members = locked_members(customers, programme=rulebook.programme)
            told = touched(members, rulebook=rulebook, on=on)
            tell(told)
        looked += len(members)
    return looked


def warn_of_reviews(rulebook: Rulebook, *, on: date, at: datetime) -> int:
    """Tell, 30, 7 and 1 days ahead, that a tier will not be kept as things stand; once each.

    Parameters
    ----------
    rulebook
        Of the programme.
    on
        The local day.
    at
        The present moment.

    Returns
    -------
    int
        How many were told.
    """
    told = 0
    for threshold in WARN_DAYS:
        day = on + timedelta(days=threshold)
        for customers in _pages(rulebook.programme, since=day, until=day):
            with transaction.atomic():
                members = locked_members(customers, programme=rulebook.programme)
                told += _warn(members, rulebook=rulebook, on=on, at=at, threshold=threshold)
    return told


def _warn(
    members: list[Member], *, rulebook: Rulebook, on: date, at: datetime, threshold: int
) -> int:
    rules, tiers = rulebook.now, rulebook.now.definition.tiers
    if tiers is None:
        return 0
    days = journals(members, tiers=tiers, day=on)
    happenings = []
    for member in members:
        standing = standing_of(member.standing)
        if member.joined_at is None or member.due_on is None:
            continue
        if standing.grace_until is not None and threshold == WARN_DAYS[0]:
            # The grace began with this very word.
            continue
        progress = forecast(
            standing,
            definition=rules.definition,
            day=on,
            joined_on=rules.day(member.joined_at),
            metric=metric_of(days[member.id]),
        )
        about = member.due_on.isoformat()
        if progress.to_keep and _once(member, about=about, threshold=threshold, at=at):
            body = {
                "tier": standing.tier,
                "days": threshold,
                "keep_by": None if progress.keep_by is None else progress.keep_by.isoformat(),
                "to_keep": progress.to_keep,
                "reason": next(iter(progress.reasons), None),
            }
            subject = public_id("cus", member.person.id)
            happenings.append(Happening("tier.will_downgrade", subject, body))
    tell(happenings)
    return len(happenings)


def _once(member: Member, *, about: str, threshold: int, at: datetime) -> bool:
    """Say whether this was not told yet, and note that it is."""
    with connection.cursor() as cursor:
        cursor.execute(_ONCE, [member.id, "tier.will_downgrade", about, threshold, at])
        return cursor.fetchone() is not None
