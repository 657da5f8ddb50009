"""Segments: which there are, and who is in one now."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from huitouke.service.api.answers import PROBLEMS, answer
from huitouke.service.api.keys import Scoped
from huitouke.service.api.shapes.fields import Limit
from huitouke.service.api.shapes.segments import SegmentListOut, SegmentOut, SegmentPeopleOut
from huitouke.service.core import clock
from huitouke.service.loop.place import settled
from huitouke.service.segments import queries

__all__ = ["router"]

router = Router(tags=["segments"])
_READ = Scoped("segments:read")


@router.get(
    "/segments",
    auth=_READ,
    response={200: SegmentListOut, **PROBLEMS},
    operation_id="listSegments",
)
def listed(request: HttpRequest) -> HttpResponse:
    """Return all segments in use."""
    found = [SegmentOut.of(each) for each in queries.listed()]
    return answer(SegmentListOut(segments=found))


@router.get(
    "/segments/{segment_id}",
    auth=_READ,
    response={200: SegmentOut, **PROBLEMS},
    operation_id="getSegment",
)
def get(request: HttpRequest, *, segment_id: str) -> HttpResponse:
    """Return a segment, also one that was put away."""
    return answer(SegmentOut.of(queries.get(segment_id)))


@router.get(
    "/segments/{segment_id}/customers",
    auth=_READ,
    response={200: SegmentPeopleOut, **PROBLEMS},
    operation_id="listSegmentCustomers",
)
def customers(
    request: HttpRequest,
    *,
    segment_id: str,
    cursor: Annotated[str, Query(max_length=40)] = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Return who is in a segment now, by id; of whom something is not known is not in it."""
    conditions = queries.conditions_of(queries.get(segment_id))
    place = settled()
    ground = queries.ground_of(now=clock.now(), zone=place.zone, currency=place.currency)
    found = queries.people(conditions, ground=ground, cursor=cursor, limit=limit)
    return answer(SegmentPeopleOut.of(found))
