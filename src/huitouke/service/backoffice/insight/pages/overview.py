"""What the analysis found, top to bottom: the sentence, the proof, the list, the act."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import may
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.insight.contexts import Overview
from huitouke.service.backoffice.insight.looking import day_of, nothing_yet, reader_at
from huitouke.service.backoffice.insight.reading import (
    findings_of,
    gaps_of,
    parts_of,
    rows_of,
    standing_of,
)
from huitouke.service.backoffice.insight.since import since_of
from huitouke.service.backoffice.ways import way
from huitouke.service.loop import lists, queries
from huitouke.service.ui.pages import show

__all__ = ["overview"]

_FIRST = 5


@needs("insight.read")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what the latest analysis found, or what was said as of a day.

    Parameters
    ----------
    request
        ``GET``; ``as_of`` goes back to a day.
    """
    try:
        latest = queries.latest()
        said = queries.latest(as_of=day_of(request))
    except queries.NoAnalysis:
        return nothing_yet(request, title=N_("Insight"), here="insight")
    frame = frame_of(request, here="insight")
    reader, is_past = reader_at(frame), said.id != latest.id
    story = queries.story(language=reader.language, of=said)
    standing = standing_of(
        said,
        findings=story["findings"],
        is_open=queries.open_analysis() is not None,
        is_past=is_past,
    )
    # Whom to look at first is asked of today, never of the past.
    first = (
        lists.page(lists.Asked("slipping"), of=said, limit=_FIRST)
        if said.profiles_kept and not is_past
        else None
    )
    findings = findings_of(story["findings"], reader=reader, then=standing.then)
    page = Overview(
        standing=standing,
        lead=findings[0] if findings else None,
        findings=findings[1:],
        since=since_of(said, reader=reader, is_past=is_past),
        slipping=()
        if first is None
        else rows_of(first.profiles, reader=reader, opens=may(request, "customers.read")),
        slipping_url=way("insight_list", "slipping"),
        parts=parts_of(story["sections"]),
        gaps=gaps_of(story["gaps"]),
        warnings=tuple(story["warnings"]),
        notes=tuple(story["notes"]),
        runs=may(request, "insight.run"),
    )
    template = "backoffice/insight/overview.html"
    return show(request, template=template, page=page, frame=frame)
