"""The tiers' own journal when two members are one, and when they part again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from huitouke.service.programme.models.members import Membership

__all__ = ["join_journals", "part_journals"]

# An imported order stays recognisable, so that it is not counted once more.
_COPY = """
INSERT INTO programme_qualifying (membership_id, "on", spend_minor, visits, points, unit,
  source, recorded_at)
SELECT %s, "on", spend_minor, visits, points, unit,
  %s || ':' || coalesce(substring(source FROM 'history:[0-9a-f-]{36}$'), id::text), %s
FROM programme_qualifying WHERE membership_id = %s
"""
_TAKE_OFF = """
INSERT INTO programme_qualifying (membership_id, "on", spend_minor, visits, points, unit,
  source, recorded_at)
SELECT membership_id, "on", -spend_minor, -visits, -points, unit, 'undone:' || source, %s
FROM programme_qualifying WHERE membership_id = %s AND starts_with(source, %s || ':')
"""
# Imported orders that were counted on the one who stayed and are the other's again: the other
# counts them anew.
_GIVE_BACK = """
INSERT INTO programme_qualifying (membership_id, "on", spend_minor, visits, points, unit,
  source, recorded_at)
SELECT q.membership_id, q."on", -q.spend_minor, -q.visits, -q.points, q.unit,
  'moved:' || q.source, %s
FROM programme_qualifying q
JOIN orders_order o ON 'history:' || o.id = q.source AND o.history AND o.customer_id = %s
WHERE q.membership_id = %s
ON CONFLICT DO NOTHING
"""
# What came back of orders meanwhile was taken off the one who stayed; it goes where they go.
_MOVE_RETURNS = """
INSERT INTO programme_qualifying (membership_id, "on", spend_minor, visits, points, unit,
  source, recorded_at)
SELECT who.id, q."on", who.sign * (p.spend_minor - n.spend), who.sign * (p.visits - n.visits),
  who.sign * (p.points - n.points), q.unit, 'undone:' || %s || ':' || p.fact_key, %s
FROM unnest(%s::uuid[], %s::bigint[], %s::integer[], %s::bigint[])
  AS n(number, spend, visits, points)
JOIN programme_purchase p ON p.order_id = n.number
  AND (p.spend_minor, p.visits, p.points) IS DISTINCT FROM (n.spend, n.visits, n.points)
JOIN programme_qualifying q ON q.membership_id = %s AND q.source = p.fact_key
CROSS JOIN (VALUES (%s::uuid, 1), (%s::uuid, -1)) AS who(id, sign)
"""


def join_journals(mine: Membership, *, into: Membership, name: str, at: datetime) -> None:
    """Count for the member who stays what counted for the other.

    Parameters
    ----------
    mine, into
        From whom, to whom.
    name
        Of the merge; all its entries begin with it.
    at
        When.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [into.id, name, at, mine.id])


def part_journals(
    mine: Membership,
    *,
    into: Membership,
    counted: Mapping[str, Sequence[int]],
    name: str,
    at: datetime,
) -> None:
    """Take off the member who stayed what came from the other, or is the other's again.

    Parameters
    ----------
    mine, into
        Who goes, who stayed; orders are with whom they belong to already.
    counted
        What each purchase that moved counted before: spend in minor units, visits, points.
    name
        Of the merge.
    at
        When.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OFF, [at, into.id, name])
        cursor.execute(_GIVE_BACK, [at, mine.customer_id, into.id])
        if counted:
            gained = [list(column) for column in zip(*counted.values(), strict=True)]
            cursor.execute(
                _MOVE_RETURNS, [name, at, list(counted), *gained, mine.id, mine.id, into.id]
            )
