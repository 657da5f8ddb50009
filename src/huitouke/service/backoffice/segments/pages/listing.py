"""The list of segments: what each asks, and how many were in it when it was counted last."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from huitouke.service.backoffice.customers.naming import actor_names
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.segments.contexts import Listed, ListPage
from huitouke.service.backoffice.segments.grounding import ground_at
from huitouke.service.backoffice.segments.wording import sentences
from huitouke.service.core import clock
from huitouke.service.segments import queries
from huitouke.service.segments.fields import Ground
from huitouke.service.segments.models import Segment
from huitouke.service.ui.pages import show

__all__ = ["listed_as", "segments"]


def listed_as(segment: Segment, *, ground: Ground, names: Mapping[str, str]) -> Listed:
    """Return a segment as lists show it.

    Parameters
    ----------
    segment
        Which.
    ground
        Of what choices are called.
    names
        Of those who acted.
    """
    return Listed(
        url=reverse("segment", args=[str(segment)]),
        name=segment.name,
        sentences=sentences(queries.conditions_of(segment), ground=ground),
        number=segment.counted,
        unknown=segment.unknown,
        counted_at=segment.counted_at,
        by=names.get(segment.changed_by, ""),
        changed_at=segment.changed_at,
    )


@needs("segments.read")
@require_safe
def segments(request: HttpRequest) -> HttpResponse:
    """Show all segments in use; with ``archived`` those that were put away.

    Parameters
    ----------
    request
        ``GET``.
    """
    archived = bool(request.GET.get("archived"))
    found = queries.listed(archived=archived)
    others = len(queries.listed(archived=not archived))
    names = actor_names(each.changed_by for each in found)
    ground = ground_at(clock.now())
    page = ListPage(
        rows=tuple(listed_as(each, ground=ground, names=names) for each in found),
        archived=archived,
        others=others,
    )
    frame = frame_of(request, here="segments")
    return show(request, template="backoffice/segments/list.html", page=page, frame=frame)
