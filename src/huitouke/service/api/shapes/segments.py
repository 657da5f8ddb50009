"""Segments as answers show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from huitouke.service.core.ids import public_id
from huitouke.service.segments.models import Segment
from huitouke.service.segments.queries import People

__all__ = ["SegmentListOut", "SegmentOut", "SegmentPeopleOut"]


class SegmentOut(Schema):
    """A segment: its conditions (docs/segments.md), and what was counted last."""

    id: str
    name: str
    schema_version: int
    conditions: list[dict[str, Any]]
    revision: int
    made_at: datetime
    made_by: str
    changed_at: datetime
    changed_by: str
    archived: bool
    counted: int | None
    unknown: int | None
    counted_at: datetime | None

    @classmethod
    def of(cls, found: Segment) -> SegmentOut:
        """Return what is shown of a segment."""
        return cls(
            id=public_id("seg", found.id),
            name=found.name,
            schema_version=found.schema,
            conditions=found.conditions,
            revision=found.revision,
            made_at=found.made_at,
            made_by=found.made_by,
            changed_at=found.changed_at,
            changed_by=found.changed_by,
            archived=found.archived_at is not None,
            counted=found.counted,
            unknown=found.unknown,
            counted_at=found.counted_at,
        )


class SegmentListOut(Schema):
    """All segments in use, the one changed last first."""

    segments: list[SegmentOut]


class SegmentPeopleOut(Schema):
    """Ids of some customers of a segment, and the cursor of the next ones; null: no more."""

    customers: list[str]
    next: str | None

    @classmethod
    def of(cls, found: People) -> SegmentPeopleOut:
        """Return a page as it is shown."""
        ids = [public_id("cus", each) for each in found.customers]
        return cls(customers=ids, next=found.cursor or None)
