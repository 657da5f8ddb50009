"""Questions about segments: which there are, who is in one, how many. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from huitouke.language import N_
from huitouke.service.core.errors import CursorUnreadable, ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.core.patience import in_time
from huitouke.service.segments.compiling import compiled
from huitouke.service.segments.conditions import from_json
from huitouke.service.segments.fields import Condition, Ground
from huitouke.service.segments.models import Segment
from huitouke.service.segments.register import field

__all__ = [
    "GLANCE_MS",
    "LOOK_MS",
    "People",
    "SegmentUnknown",
    "TakesTooLong",
    "Tally",
    "as_of",
    "conditions_of",
    "counted",
    "get",
    "ground_of",
    "listed",
    "members",
    "people",
]

#: How long is counted while somebody writes conditions, and when they ask for it.
GLANCE_MS = 1_000
LOOK_MS = 10_000
_SHOWN_MOST = 200


class SegmentUnknown(ServiceError):
    """There is no such segment."""

    code = "segments.segment_unknown"
    status = 404
    says = N_("There is no segment {segment}.")
    remedy = N_("Use the id that the list of segments gives.")


class TakesTooLong(ServiceError):
    """The conditions look through too much to be answered in time."""

    code = "segments.takes_too_long"
    status = 503
    says = N_("Who is in this segment could not be told within {seconds} seconds.")
    remedy = N_("Add a condition that leaves fewer customers, such as a last order.")


@dataclass(frozen=True)
class Tally:
    """How many customers conditions name.

    Parameters
    ----------
    number
        Of whom all is known to be so.
    unknown
        Of whom it is not known, so that they are not in it.
    judged
        How many meet all conditions on which everything is known; the two above are of them.
    """

    number: int
    unknown: int
    judged: int


@dataclass(frozen=True)
class People:
    """Some customers of a segment; ``cursor`` leads on, empty at the end."""

    customers: tuple[UUID, ...]
    cursor: str


def ground_of(*, now: datetime, zone: str, currency: str) -> Ground:
    """Return what conditions need to know: the shop's days and money.

    Parameters
    ----------
    now
        The present moment.
    zone, currency
        Where the shop stands, and what it counts in.
    """
    return Ground(now, ZoneInfo(zone), currency)


def listed(*, archived: bool = False) -> list[Segment]:
    """Return segments, the one changed last first.

    Parameters
    ----------
    archived
        Those that were put away, instead of those in use.
    """
    found = Segment.objects.filter(archived_at__isnull=not archived)
    return list(found.order_by("-changed_at", "-pk"))


def get(key: str) -> Segment:
    """Return a segment by its public id, also one that was put away.

    Parameters
    ----------
    key
        ``seg_…``.

    Raises
    ------
    IdUnknown, SegmentUnknown
        If there is none.
    """
    found = Segment.objects.filter(pk=private_id("seg", key)).first()
    if found is None:
        raise SegmentUnknown(segment=key)
    return found


def conditions_of(segment: Segment) -> tuple[Condition, ...]:
    """Return the conditions of a segment.

    Parameters
    ----------
    segment
        Which.
    """
    return from_json(segment.conditions)


def members(conditions: Sequence[Condition], *, ground: Ground) -> tuple[str, list[Any]]:
    """Return a subquery of the customers that conditions name, and its parameters.

    Whoever asks may put more around it: those who may be reached, those not asked lately.
    Erased persons and records merged into others are never among them.

    Parameters
    ----------
    conditions
        All of them must hold.
    ground
        Of :func:`ground_of`.

    Raises
    ------
    FieldUnknown
        If a field is not there any more.
    """
    return compiled(conditions, ground=ground).members


def counted(
    conditions: Sequence[Condition], *, ground: Ground, milliseconds: int = LOOK_MS
) -> Tally | None:
    """Return how many customers conditions name; none where that takes too long.

    Parameters
    ----------
    conditions, ground
        As for :func:`members`.
    milliseconds
        How long to wait.

    Raises
    ------
    FieldUnknown
        If a field is not there any more.
    """
    asked = compiled(conditions, ground=ground).count
    return in_time(lambda: Tally(*_rows(asked)[0]), milliseconds=milliseconds)


def people(
    conditions: Sequence[Condition], *, ground: Ground, cursor: str = "", limit: int = 50
) -> People:
    """Return some customers that conditions name, in the order of their ids.

    Parameters
    ----------
    conditions, ground
        As for :func:`members`.
    cursor
        Of the page before; empty: from the start.
    limit
        How many at most, 1 to 200.

    Raises
    ------
    FieldUnknown
        If a field is not there any more.
    CursorUnreadable
        If the cursor is none.
    TakesTooLong
        If it takes longer than :data:`LOOK_MS`.
    """
    wanted = max(1, min(limit, _SHOWN_MOST))
    inner, params = members(conditions, ground=ground)
    after: list[Any] = []
    if cursor:
        inner, after = f"{inner} AND c.id > %s", [_after(cursor)]
    text = f"{inner} ORDER BY c.id LIMIT %s"
    found = in_time(lambda: _rows((text, [*params, *after, wanted + 1])), milliseconds=LOOK_MS)
    if found is None:
        raise TakesTooLong(seconds=LOOK_MS // 1000)
    ids = tuple(row[0] for row in found[:wanted])
    return People(ids, public_id("cus", ids[-1]) if len(found) > wanted else "")


def as_of(conditions: Sequence[Condition], *, ground: Ground) -> date | None:
    """Return the day up to which the facts of conditions are known; none: up to now.

    Parameters
    ----------
    conditions, ground
        As for :func:`members`.

    Raises
    ------
    FieldUnknown
        If a field is not there any more.
    """
    asked: list[Callable[[Ground], date | None] | None]
    asked = [field(each.field).as_of for each in conditions]
    days = [each(ground) for each in asked if each is not None]
    return min((each for each in days if each is not None), default=None)


def _after(cursor: str) -> UUID:
    try:
        return private_id("cus", cursor)
    except ServiceError as error:
        raise CursorUnreadable from error


def _rows(asked: tuple[str, list[Any]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(*asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
