"""Tiers while facts are worked on: the journal in hand, lifts at once, what is told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.programme.events.members import Member
from huitouke.service.programme.rules.calendar import start_of_day
from huitouke.service.programme.rules.cart import Outcome
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.standing import Change, Metric, Standing, Step
from huitouke.service.programme.rules.tier_shapes import Tiers
from huitouke.service.programme.rules.tier_windows import window_start
from huitouke.service.programme.rules.tiers import advance, begin, refunded

__all__ = [
    "NOTHING",
    "Days",
    "Gained",
    "due_on",
    "gained_by",
    "journals",
    "lose",
    "metric_of",
    "settle",
    "standing_kept",
    "standing_of",
    "touch",
]

_COLUMNS = {"spend": "spend_minor", "visits": "visits", "qualifying": "points"}
# The column is one of ours: nothing from outside enters the text.
_JOURNAL = """
SELECT q.membership_id, q."on", sum(q.{column})::bigint
FROM unnest(%b::uuid[]) AS k(id)
JOIN programme_qualifying q ON q.membership_id = k.id AND q."on" >= %b
GROUP BY q.membership_id, q."on"
"""
_SINCE_EVER = date(1900, 1, 1)
_DATES = frozenset(
    {
        "since",
        "review_on",
        "grace_until",
        "lifted_on",
        "before_review_on",
        "granted_through",
        "paid_through",
    }
)

Days = dict[date, int]


@dataclass(frozen=True, slots=True)
class Gained:
    """What a fact adds to the tiers' journal, or takes off it."""

    spend_minor: int = 0
    visits: int = 0
    points: int = 0

    def of(self, tiers: Tiers) -> int:
        """Return the part that these tiers count.

        Parameters
        ----------
        tiers
            The definition's.
        """
        parts = {"spend": self.spend_minor, "visits": self.visits}
        return parts.get(tiers.metric, self.points)

    def less(self, other: Gained) -> Gained:
        """Return the difference.

        Parameters
        ----------
        other
            What is taken off.
        """
        return Gained(
            self.spend_minor - other.spend_minor,
            self.visits - other.visits,
            self.points - other.points,
        )


NOTHING = Gained()


def gained_by(outcome: Outcome, *, tiers: Tiers | None) -> Gained:
    """Return what an outcome adds to the journal, whatever the tiers count today.

    Parameters
    ----------
    outcome
        Of a fact, or of what is kept of an order.
    tiers
        Say which unit qualifies.
    """
    points = 0 if tiers is None or tiers.unit is None else outcome.points(tiers.unit)
    return Gained(outcome.eligible_minor, int(outcome.eligible_minor > 0), points)


@cache
def _query(metric: str) -> str:
    return _JOURNAL.format(column=_COLUMNS[metric])


def journals(
    members: Iterable[Member], *, tiers: Tiers | None, day: date, since: date | None = None
) -> dict[UUID, Days]:
    """Read the tiers' journals by local day, as far back as decisions of today look.

    Parameters
    ----------
    members
        Whose; those not known yet have none.
    tiers
        The definition's; none: nothing is read.
    day
        Today, by the programme's calendar.
    since
        Earliest day that any fact in hand happened on.

    Returns
    -------
    dict
        By membership.
    """
    found: dict[UUID, Days] = {member.id: {} for member in members}
    known = [member for member in members if member.known]
    if tiers is None or not known:
        return found
    # What is due for review looks back from the day of the review, which may be long past.
    due = any(member.due_on is not None and member.due_on <= day for member in known)
    early = min(day, since or day) - timedelta(days=366)
    first = window_start(tiers.window, day=min(day, since or day), joined_on=early)
    if tiers.window.kind == "anniversary":
        first = early
    with connection.cursor() as cursor:
        begins = _SINCE_EVER if due or first is None else first
        cursor.execute(_query(tiers.metric), [[member.id for member in known], begins])
        for membership, on, amount in cursor.fetchall():
            found[membership][on] = amount
    return found


def standing_of(kept: str) -> Standing:
    """Return a standing as it was kept.

    Parameters
    ----------
    kept
        JSON text.

    Examples
    --------
    >>> standing_of('{"tier": "gold", "since": "2026-03-01"}').since
    datetime.date(2026, 3, 1)
    """
    given: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _DATES else value
        for name, value in json.loads(kept).items()
    }
    return Standing(**given)


def standing_kept(standing: Standing) -> str:
    """Return a standing as JSON text, empty members left out.

    Parameters
    ----------
    standing
        Any.

    Examples
    --------
    >>> standing_kept(Standing(tier="gold", since=date(2026, 3, 1)))
    '{"tier": "gold", "since": "2026-03-01"}'
    """
    given = ((each.name, getattr(standing, each.name)) for each in fields(standing))
    return json.dumps(
        {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in given
            if value is not None
        }
    )


def due_on(standing: Standing) -> date | None:
    """Return the local day on which the standing is to be looked at again, if any.

    Parameters
    ----------
    standing
        Any.
    """
    ends = [
        through + timedelta(days=1)
        for through in (standing.granted_through, standing.paid_through)
        if through is not None
    ]
    review = standing.grace_until or standing.review_on
    return min([*ends, review] if review is not None else ends, default=None)


def settle(member: Member, step: Step) -> None:
    """Give a member the standing that was decided.

    Parameters
    ----------
    member
        Whose.
    step
        The decision.
    """
    member.standing = standing_kept(step.standing)
    member.tier = step.standing.tier or ""
    member.due_on = due_on(step.standing)
    member.changed = True
    member.lifts.extend(step.changes)


def touch(
    member: Member,
    *,
    tiers: Tiers,
    day: date,
    joined_on: date,
    days: Days,
    also_on: date | None = None,
) -> tuple[Change, ...]:
    """Bring a member's standing up to a day, lifts included, and return what changed.

    Parameters
    ----------
    member
        Enrolled; gets the new standing.
    tiers
        The definition's.
    day
        Today.
    joined_on
        Local day of enrolment.
    days
        The member's journal.
    also_on
        Day of a late order.
    """

    standing = standing_of(member.standing)
    begun: tuple[Change, ...] = ()
    if standing == Standing():
        step = begin(tiers=tiers, day=joined_on)
        standing, begun = step.standing, step.changes
    step = advance(
        standing,
        tiers=tiers,
        day=day,
        joined_on=joined_on,
        metric=metric_of(days),
        also_on=also_on,
    )
    changes = begun + step.changes
    if changes or not member.standing.strip("{}"):
        settle(member, replace(step, changes=changes))
    return changes


_USED = """
SELECT EXISTS (
  SELECT FROM programme_purchase p
   WHERE p.membership_id = %b AND p.tier = %b AND p.paid_at >= %b AND p.order_id <> %b
     AND NOT p.returned
) OR EXISTS (
  SELECT FROM programme_redemption d JOIN programme_reward r ON r.id = d.reward_id
   WHERE d.customer_id = %b AND d.created_at >= %b AND d.state IN ('held', 'captured')
     AND %b = ANY (r.tiers)
)
"""


def _benefit_used(
    member: Member, *, definition: Definition, lifted_on: date, but: UUID
) -> bool:
    """Say whether an order earned, or a reward was had, by the tier since the lift."""
    since = start_of_day(lifted_on, definition.zone_info)
    with connection.cursor() as cursor:
        cursor.execute(
            _USED,
            [member.id, member.tier, since, but, member.person.id, since, member.tier],
        )
        found: tuple[bool] = cursor.fetchone()
    return found[0]


def lose(
    member: Member,
    *,
    definition: Definition,
    day: date,
    joined_on: date,
    days: Days,
    but: UUID,
) -> tuple[Change, ...]:
    """Look at a member's tier after a return, and return what changed.

    Parameters
    ----------
    member
        Enrolled; gets the new standing.
    definition
        In force today, with tiers.
    day
        Today.
    joined_on
        Local day of enrolment.
    days
        The member's journal, what came back taken off.
    but
        The order that came back: what it had of the tier was no benefit.
    """
    standing = standing_of(member.standing)
    tiers = definition.tiers
    if tiers is None or standing.lifted_on is None:
        return ()
    window = definition.return_days if tiers.refund_days is None else tiers.refund_days
    if day > standing.lifted_on + timedelta(days=window):
        return ()
    step = refunded(
        standing,
        tiers=tiers,
        day=day,
        joined_on=joined_on,
        metric=metric_of(days),
        benefit_used=_benefit_used(
            member, definition=definition, lifted_on=standing.lifted_on, but=but
        ),
        refund_days=window,
    )
    if step.changes:
        settle(member, step)
    return step.changes


def metric_of(days: Days) -> Metric:
    """Return a journal as decisions ask it.

    Parameters
    ----------
    days
        What counts, by local day.
    """

    def metric(first: date | None, last: date) -> int:
        return sum(n for on, n in days.items() if (first is None or first <= on) and on <= last)

    return metric
