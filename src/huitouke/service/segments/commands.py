"""Save a segment, change it, put it away and take it back, and note what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.segments.conditions import as_json, check_all
from huitouke.service.segments.fields import Condition, Ground
from huitouke.service.segments.models import NAME_MOST, SCHEMA, Segment
from huitouke.service.segments.queries import SegmentUnknown, Tally

__all__ = [
    "NameInvalid",
    "NameTaken",
    "SegmentArchived",
    "SegmentChanged",
    "archive",
    "change",
    "note_count",
    "restore",
    "save",
]


_NAME_ONCE = "segments_name_once"


class NameTaken(ServiceError):
    """Two segments of one name would be taken for each other."""

    code = "segments.name_taken"
    status = 409
    says = N_("There is a segment with the name {name} already.")
    remedy = N_("Choose another name, or change that segment.")


class NameInvalid(ServiceError):
    """A segment is called by a line of text."""

    code = "segments.name_invalid"
    says = N_("The name of a segment has 1 to {most} letters on one line.")
    remedy = N_("Write a name that says who is meant.")


class SegmentChanged(ServiceError):
    """Someone else changed the segment in the meantime."""

    code = "segments.segment_changed"
    status = 409
    says = N_("The segment is at revision {revision}, not {given}: someone has changed it.")
    remedy = N_("Read it again, and make your change on top of theirs.")


class SegmentArchived(ServiceError):
    """What was put away does not change."""

    code = "segments.segment_archived"
    status = 409
    says = N_("The segment {name} was put away.")
    remedy = N_("Take it back first.")


@transaction.atomic
def save(
    name: str,
    *,
    conditions: Sequence[Condition],
    ground: Ground,
    at: datetime,
    actor: Actor,
) -> Segment:
    """Keep a new segment.

    Parameters
    ----------
    name
        In whichever language the shop speaks.
    conditions
        All of them must hold.
    ground
        Of what can be chosen.
    at, actor
        When and by whom.

    Raises
    ------
    NameInvalid, NameTaken
        If it cannot be called so.
    ConditionsMissing, TooManyConditions, FieldUnknown, ConditionInvalid
        If the conditions cannot be a segment's.
    """
    called = _name(name)
    check_all(conditions, ground=ground)
    made = Segment(
        name=called,
        conditions=as_json(conditions),
        made_at=at,
        made_by=str(actor),
        changed_at=at,
        changed_by=str(actor),
    )
    _write(made)
    _note("segment.saved", made, actor=actor, facts={"conditions": made.conditions})
    return made


@transaction.atomic
def change(
    key: UUID,
    *,
    name: str,
    conditions: Sequence[Condition],
    revision: int,
    ground: Ground,
    at: datetime,
    actor: Actor,
) -> Segment:
    """Give a segment another name or other conditions; the log keeps those before.

    Parameters
    ----------
    key
        Which.
    name, conditions, ground
        As for :func:`save`.
    revision
        Of the segment that was read.
    at, actor
        When and by whom.

    Raises
    ------
    SegmentUnknown, SegmentArchived, SegmentChanged
        If it is not there, put away, or not as it was read.
    NameInvalid, NameTaken
        If it cannot be called so.
    ConditionsMissing, TooManyConditions, FieldUnknown, ConditionInvalid
        If the conditions cannot be a segment's.
    """
    found = _held(key)
    if found.archived_at is not None:
        raise SegmentArchived(name=found.name)
    if found.revision != revision:
        raise SegmentChanged(revision=found.revision, given=revision)
    called = _name(name)
    check_all(conditions, ground=ground)
    written = as_json(conditions)
    if (called, written) == (found.name, found.conditions):
        return found
    before = found.conditions
    if written != found.conditions:
        _set_count(found, None, at=at)
    found.name, found.conditions, found.schema = called, written, SCHEMA
    found.revision += 1
    found.changed_at, found.changed_by = at, str(actor)
    _write(found)
    facts = {"before": before, "conditions": written, "revision": found.revision}
    _note("segment.changed", found, actor=actor, facts=facts)
    return found


@transaction.atomic
def archive(key: UUID, *, at: datetime, actor: Actor) -> Segment:
    """Put a segment away; again changes nothing.

    Parameters
    ----------
    key
        Which.
    at, actor
        When and by whom.

    Raises
    ------
    SegmentUnknown
        If there is none.
    """
    found = _held(key)
    if found.archived_at is None:
        found.archived_at = at
        found.save(update_fields=["archived_at"])
        _note("segment.archived", found, actor=actor)
    return found


@transaction.atomic
def restore(key: UUID, *, at: datetime, actor: Actor) -> Segment:
    """Take a segment back that was put away; again changes nothing.

    Parameters
    ----------
    key
        Which.
    at, actor
        When and by whom.

    Raises
    ------
    SegmentUnknown
        If there is none.
    NameTaken
        If another one has its name meanwhile.
    """
    found = _held(key)
    if found.archived_at is not None:
        found.archived_at = None
        found.changed_at, found.changed_by = at, str(actor)
        _write(found)
        _note("segment.restored", found, actor=actor)
    return found


@transaction.atomic
def note_count(key: UUID, *, revision: int, tally: Tally | None, at: datetime) -> Segment:
    """Keep what was counted, unless the segment changed while it was.

    Parameters
    ----------
    key
        Which.
    revision
        Of the segment whose conditions were counted.
    tally
        The count; none where it took too long: nothing stays known then.
    at
        When.

    Raises
    ------
    SegmentUnknown
        If there is none.
    """
    found = _held(key)
    if found.revision == revision:
        _set_count(found, tally, at=at)
        found.save(update_fields=["counted", "unknown", "judged", "counted_at"])
    return found


def _set_count(segment: Segment, tally: Tally | None, *, at: datetime) -> None:
    segment.counted = None if tally is None else tally.number
    segment.unknown = None if tally is None else tally.unknown
    segment.judged = None if tally is None else tally.judged
    segment.counted_at = None if tally is None else at


def _held(key: UUID) -> Segment:
    found = Segment.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise SegmentUnknown(segment=public_id("seg", key))
    return found


def _name(given: str) -> str:
    called = " ".join(given.split())
    if not 0 < len(called) <= NAME_MOST or not called.isprintable():
        raise NameInvalid(most=NAME_MOST)
    return called


def _write(segment: Segment) -> None:
    """Write a segment; of two who take one name in the same moment one is refused."""
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError as error:
        if _NAME_ONCE not in str(error):
            raise
        raise NameTaken(name=segment.name) from error


def _note(
    action: str, segment: Segment, *, actor: Actor, facts: dict[str, Any] | None = None
) -> None:
    audit.note(
        action,
        actor=actor,
        target=public_id("seg", segment.id),
        facts={"name": segment.name, **(facts or {})},
    )
